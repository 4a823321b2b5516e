"""The one place where numbers become text: as many figures as we can promise, in the reader's language."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache, lru_cache
from typing import Final

from babel import Locale
from babel.numbers import (
    NumberPattern,
    format_compact_decimal,
    format_decimal,
    format_percent,
    get_currency_symbol,
    parse_pattern,
)

from bot.i18n import Texts
from estimator.money import Money
from estimator.ranges import Range
from estimator.result import MoneyRange
from estimator.units import DAY_SECONDS, GIB, HOUR_SECONDS, MIB

_SPELLED: Final = {
    "pcie": "PCIe",
    "ti": "Ti",
    "quadro": "Quadro",
    "ada": "Ada",
    "gaudi2": "Gaudi 2",
    "gaudi3": "Gaudi 3",
    "ascend": "Ascend",
}
_WITHOUT_CENTS: Final = frozenset({"JPY", "KRW"})
MANY_TIMES: Final = 10
MOST_OFF: Final = 0.99
"""Less is never nothing."""
WHOLE_FROM: Final = 1_000
"""Money from here on has no cents."""
COMPACT_FROM: Final = 10_000
"""Smaller counts are short as they are; Chinese has no shorter form for them."""
_UP_TO_TWO: Final = parse_pattern("#,##0.##")
_PERCENT: Final = parse_pattern("#,##0%")
_TENTHS_OF_PERCENT: Final = parse_pattern("#,##0.0%")
_LOWER_CASE: Final = frozenset({"v3", "v4", "v5e", "v5p", "v6e"})


def money(amount: Money, texts: Texts) -> str:
    """An amount as people say it: `4 ¢`, `$11.42`, `¥1,234`; cents up to 1 000, whole above."""
    size, places = abs(amount.amount), money_decimals(amount)
    least = Decimal(1).scaleb(-places)
    if 0 < size <= least / 2:  # half a cent is rounded to the even one, which is none
        return texts(
            "number.under", number=_currency(Money(amount=least, currency=amount.currency), places, texts)
        )
    if amount.currency == "USD" and 0 < round(size, 2) < 1:
        cents = _written(str(round(size * 100)), None, texts.locale)
        return f"{'−' if amount.amount < 0 else ''}{cents} ¢"
    return _currency(amount, places if size else 0, texts)


def money_decimals(amount: Money) -> int:
    """Two, none from 1 000 on and for a currency that has none."""
    usual = 2 if amount.currency not in _WITHOUT_CENTS else 0
    return usual if round(abs(amount.amount), 2) < WHOLE_FROM else 0


def times(amount: Money, factor: float, exact: Money) -> Money:
    """`exact`, as the product of the amount that stands beside it: a reader multiplies what he sees."""
    shown = round(amount.amount, money_decimals(amount)) * Decimal(repr(factor))
    return Money(amount=shown, currency=exact.currency) if _near(shown, exact.amount) else exact


def _near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= abs(other) / 100


def exact_money(amount: Money, texts: Texts) -> str:
    """An amount that is known exactly, to the cent: `¥81.24`, `¥1,081.24`."""
    return _currency(amount, 2, texts) if abs(amount.amount) >= 1 else money(amount, texts)


def per_gpu(price: Money, num_gpus: int) -> Money:
    """The price of one of `num_gpus` GPUs."""
    return Money(amount=price.amount / num_gpus, currency=price.currency)


def money_range(amount: MoneyRange, texts: Texts) -> str:
    """Its two ends, the symbol said once: `¥102.20–139.40`, `4–6 ¢`."""
    low, high = money(amount.low, texts), money(amount.high, texts)
    if low.endswith(" ¢") and high.endswith(" ¢") and low != high:
        return span(low.removesuffix(" ¢"), high, texts)
    symbol = re.match(r"[^\d−<]*", low)
    shared = symbol[0] if symbol and high.startswith(symbol[0]) else ""
    return span(low, high if low == high else high.removeprefix(shared), texts)


def decimals_for(value: float) -> int:
    """Decimals that leave three significant figures, none from 100 on, never more than two."""
    size = abs(value)
    if round(size, 1) >= 100 or size == 0:
        return 0
    if round(size, 2) >= 10:
        return 1
    return 2


def _currency(amount: Money, decimals: int, texts: Texts) -> str:
    key = f"currency.{amount.currency}"
    symbol = texts(key) if key in texts else get_currency_symbol(amount.currency, texts.locale)
    number = _written(str(abs(amount.amount)), _pattern(decimals), texts.locale)
    gap = " " if symbol[-1].isalpha() else ""
    return f"{'−' if amount.amount < 0 else ''}{symbol}{gap}{number}"


@lru_cache(maxsize=8192)
def _written(digits: str, pattern: NumberPattern | str | None, locale: Locale) -> str:
    """The number of these digits; a card is made more than once to fit, and Babel takes 40 µs a number."""
    return format_decimal(Decimal(digits), format=pattern, locale=locale)


@cache
def _pattern(decimals: int) -> NumberPattern:
    return parse_pattern("#,##0." + "0" * decimals if decimals else "#,##0")


def number(value: float, texts: Texts, *, decimals: int | None = None) -> str:
    """A plain number: grouped, three significant figures unless `decimals` says otherwise."""
    places = decimals_for(value) if decimals is None else decimals
    return _written(repr(value), _pattern(places), texts.locale)


SMALLEST_FACTOR: Final = 0.01
"""Smaller ones would read 0 with two decimals."""


def factor(value: float, texts: Texts) -> str:
    """A factor, a rank, an epoch count: `3`, `2.5`, `0.001`; no decimal that says nothing."""
    if 0 < abs(value) < SMALLEST_FACTOR:
        return _written(f"{value:.1g}", "0.##########", texts.locale)
    return _written(repr(round(value, 2)), _UP_TO_TWO, texts.locale)


def count(value: int, texts: Texts) -> str:
    """An exact count: `10,000`, in Chinese `1 万` where no more than two decimals are needed."""
    for key, unit in (("count.hundred_million", 10**8), ("count.ten_thousand", 10**4)):
        if key in texts and value >= unit and value * 100 % unit == 0:
            return texts(key, number=factor(value / unit, texts))
    return _written(str(value), None, texts.locale)


def whole(value: float, texts: Texts) -> str:
    """A number of steps, ranks or GPUs: `30,000` in every language, for it stands in arithmetic."""
    return _written(str(int(value)), None, texts.locale)


def magnitude(value: float, texts: Texts) -> str:
    """A large count, roughly: `30.7M`, `1.23B`, in Chinese `3072万`."""
    if value < COMPACT_FROM:
        return number(value, texts, decimals=0)
    return format_compact_decimal(value, locale=texts.locale, fraction_digits=1)


def percent(fraction: float, texts: Texts) -> str:
    """A share: `81%`, `5.6%`; one decimal under ten per cent."""
    pattern = _TENTHS_OF_PERCENT if 0 < abs(round(fraction * 100, 1)) < 10 else _PERCENT
    return format_percent(fraction, format=pattern, locale=texts.locale)


def change(before: float, after: float, texts: Texts) -> str:
    """How much a quantity moved: `+5.6%`, `−57%`; beyond ten times as much, `×12`."""
    if before <= 0 or after <= 0:
        return "–"
    ratio = after / before
    if ratio >= MANY_TIMES:
        return texts("number.times", factor=factor(round(ratio), texts))
    if percent(abs(ratio - 1), texts) == percent(0, texts):
        return percent(0, texts)
    return f"{sign(ratio - 1)}{percent(abs(max(ratio - 1, -MOST_OFF)), texts)}"


def rate(value: float, texts: Texts) -> str:
    """An exchange rate: `6.653`, four figures."""
    return _written(f"{value:.4g}", "#,##0.########", texts.locale)


def sign(value: float) -> str:
    """`+`, `−`, or nothing for no change."""
    return "+" if value > 0 else "−" if value < 0 else ""


def span(low: str, high: str, texts: Texts) -> str:
    """Two ends of a range; one value where they read alike."""
    return low if low == high else texts("number.span", low=low, high=high)


def spread(quantity: Range, texts: Texts) -> str:
    """How far the ends are from the likely value: `−3%/+5%`."""
    low, high = (
        abs(end / quantity.likely - 1) if quantity.likely else 0.0 for end in (quantity.low, quantity.high)
    )
    return f"−{percent(round(low, 2), texts)}/+{percent(round(high, 2), texts)}".replace(".0%", "%")


def duration(seconds: float, texts: Texts) -> str:
    """`85 ms`, `13.1 s`, `23 min`, `3.4 h`, `5.2 days`: what the model can promise."""
    name, value, decimals = duration_unit(seconds)
    return texts(f"duration.{name}", number=number(value, texts, decimals=decimals))


def duration_range(seconds: Range, texts: Texts) -> str:
    """`3.5 h (3.0–4.1)`: the likely value and its ends in its unit, in their own where one would read 0.

    The value alone where the ends read alike.
    """
    _, value, places = duration_unit(seconds.likely)
    per_unit = seconds.likely / value if value else 1.0
    low, high = (number(end / per_unit, texts, decimals=places) for end in (seconds.low, seconds.high))
    if not round(seconds.low / per_unit, places):
        low, high = duration(seconds.low, texts), duration(seconds.high, texts)
    likely = duration(seconds.likely, texts)
    return likely if low == high else texts("number.likely", likely=likely, range=span(low, high, texts))


def duration_unit(seconds: float) -> tuple[str, float, int]:
    """The name of the unit, the value in it, its decimals."""
    if seconds < 0.995:
        return "milliseconds", seconds * 1000, 0
    if seconds < 99.5:
        return "seconds", seconds, 1
    if seconds < 59.5 * 60:
        return "minutes", seconds / 60, 1 if seconds < 9.95 * 60 else 0
    if seconds < 48 * HOUR_SECONDS:
        return "hours", seconds / HOUR_SECONDS, 1
    return "days", seconds / DAY_SECONDS, 1 if seconds < 100 * DAY_SECONDS else 0


def gib(size_bytes: float, texts: Texts) -> str:
    """`63.9 GiB`, under half of one `128 MiB`."""
    if 0 < abs(size_bytes) < GIB / 2:
        return texts("bytes.mib", number=number(size_bytes / MIB, texts, decimals=0))
    return texts("bytes.gib", number=gib_number(size_bytes, texts))


def gib_number(size_bytes: float, texts: Texts) -> str:
    """`63.9`: where the unit stands elsewhere."""
    size = size_bytes / GIB
    return number(size, texts, decimals=1 if abs(size) < 999.95 else 0)


def gib_shares(sizes_bytes: Sequence[float], total_bytes: float, texts: Texts) -> list[str]:
    """The parts of `total_bytes`, so rounded that what a reader adds up is the total that he sees.

    What rounding leaves over goes to the largest part, which hardly feels it.
    """
    places = 1 if abs(total_bytes / GIB) < 999.95 else 0
    shown = [round(Decimal(size / GIB), places) for size in sizes_bytes]
    left = round(Decimal(total_bytes / GIB), places) - sum(shown)
    if abs(left) > Decimal(len(shown)).scaleb(-places):
        left = Decimal(0)  # a part is missing, which rounding is not to hide
    largest = max(range(len(shown)), key=shown.__getitem__, default=None)
    return [
        number(float(each + left if at == largest else each), texts, decimals=places)
        for at, each in enumerate(shown)
    ]


def gib_short(size_bytes: float, texts: Texts) -> str:
    """`64`, under ten `6.2`: for the narrow columns of a table."""
    size = size_bytes / GIB
    return number(size, texts, decimals=0 if size >= 9.95 else 1)


def gib_range(size_bytes: Range, texts: Texts) -> str:
    """`62.1–66.8`: its two ends, the unit stands elsewhere."""
    return span(gib_number(size_bytes.low, texts), gib_number(size_bytes.high, texts), texts)


def whole_gb(size_gb: float, texts: Texts) -> str:
    """`65`: decimal gigabytes; to the tenth where they are few."""
    return number(size_gb, texts, decimals=0 if size_gb >= 0.95 else 1)


def gpu_name(key: str) -> str:
    """A key of the GPU catalog as people write it: `a100-80gb` is `A100 80GB`."""
    return " ".join(
        part if part in _LOWER_CASE else _SPELLED.get(part, part.upper()) for part in key.split("-")
    )


def gpus(key: str, num_gpus: int, texts: Texts) -> str:
    """A number of GPUs: `2× A100 80GB`."""
    return texts("number.gpus", count=count(num_gpus, texts), gpu=gpu_name(key))

"""The text of a value -> what it sets, or what is wrong with it."""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Final

from bot.language.kinds import (
    AUTO,
    AUTO_WORDS,
    COUNT_SUFFIXES,
    CURRENCY_CODES,
    CURRENCY_WORDS,
    DURATION_SECONDS,
    MONEY_SUFFIXES,
    PER_HOUR,
    Amount,
    Duration,
    Kind,
    Real,
    ValueFault,
    Whole,
    squash,
)
from bot.language.normalize import has_refused_digit
from bot.language.run_words import LENGTHS_OF_TIME
from estimator.spec import SaidMoney

SIZE = re.compile(
    r"(?P<experts>\d{1,4}x)?0*(?P<number>\d{1,12}(?:\.\d{1,6})?)(?P<unit>[mbt])", re.IGNORECASE | re.ASCII
)
"""`7b`, `8x7b`, `125m`: what a model's size looks like."""
HUB_NAME = re.compile(
    r"(?!.*\.(?:ya?ml|jsonl?|toml|py|ipynb|sh|txt|md|csv|parquet)$)[a-z0-9][\w.-]{1,95}/[a-z0-9][\w.-]{1,95}",
    re.IGNORECASE | re.ASCII,
)
"""`owner/model`: what a name on the hub looks like; `configs/zero2.yaml` and `data/train.jsonl` are files."""
GLUED = re.compile(r"(?P<number>\d[\d,._]*(?:k|m|w)?)-?(?P<noun>[a-z]+)", re.IGNORECASE | re.ASCII)
"""`3epochs`, `8-gpu`."""
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:_\d{3})+|\d+)(?:\.\d+)?|\.\d+"
_NUMBER = re.compile(rf"(?P<number>(?:{_DIGITS})(?:e[+-]?\d{{1,4}})?)(?P<unit>[^\d\s.,_+-][^\d]*)?", re.ASCII)
_STARTS_LIKE_NUMBER = re.compile(r"[+-]?\.?\d|[+-]?(?:nan|inf|infinity)$", re.ASCII)
_BAD_COMMA = re.compile(r"\d,\d", re.ASCII)
_CODES = "|".join(sorted((code.lower() for code in CURRENCY_CODES), key=str))
_SYMBOLS = "|".join(sorted((re.escape(word) for word in CURRENCY_WORDS), key=len, reverse=True))
_CURRENCY = rf"(?:{_SYMBOLS}|{_CODES})"
_MONEY = re.compile(
    rf"(?P<before>{_CURRENCY})?(?P<sign>[+-])?(?P<number>(?:{_DIGITS})(?:e[+-]?\d{{1,4}})?)"
    rf"(?P<scale>{'|'.join(MONEY_SUFFIXES)})?(?P<after>{_CURRENCY})?(?:/(?P<per>.+))?",
    re.ASCII,
)


def looks_like_number(text: str) -> bool:
    """Whether somebody meant a number: `10k`, `-5`, `nan`, `0x10`."""
    return _STARTS_LIKE_NUMBER.match(text.lower()) is not None or has_refused_digit(text)


def is_auto(text: str) -> bool:
    """Whether the value gives its field back: `auto`, `any`."""
    return squash(text) in AUTO_WORDS


def number_of(kind: Kind, text: str) -> object | ValueFault:
    """The value of a number, a duration or money."""
    return _number_of(kind, text) if len(text) <= _SHORT else _number_of.__wrapped__(kind, text)


_SHORT: Final = 24
"""Characters of a number whose value is kept: one place of a text is asked by many rules."""


@lru_cache(maxsize=4096, typed=True)
def _number_of(kind: Kind, text: str) -> object | ValueFault:
    if has_refused_digit(text):
        return ValueFault("refused_digits")
    if isinstance(kind, Whole):
        return _whole(kind, text.lower())
    if isinstance(kind, Real):
        return _real(kind, text.lower())
    if isinstance(kind, Duration):
        return _duration(kind, text.lower())
    if isinstance(kind, Amount):
        return _money(kind, text.lower())
    raise TypeError(kind)


_UNKNOWN_CURRENCY: Final = ValueFault("unknown_currency")


def currency_of(text: str) -> str | ValueFault:
    """The ISO code of `usd`, `¥` or `元`."""
    word = text.strip().lower()
    if word in CURRENCY_WORDS:
        return CURRENCY_WORDS[word]
    return word.upper() if word.upper() in CURRENCY_CODES else _UNKNOWN_CURRENCY


def _parts(text: str, *, unit_may_be: Mapping[str, object]) -> tuple[Decimal, str] | ValueFault:
    """The number and its unit; a sign makes it no number, or one below every range."""
    negative = text.startswith("-")
    found = _NUMBER.fullmatch(text[1:] if negative else text)
    if found is None:
        return _no_number(text)
    unit = (found["unit"] or "").strip()
    if unit and unit not in unit_may_be:
        return ValueFault("wrong_unit", {"unit": unit})
    number = Decimal(found["number"].replace(",", "").replace("_", ""))
    return (-number if negative else number), unit


def _no_number(text: str) -> ValueFault:
    if _BAD_COMMA.search(text):
        return ValueFault("bad_comma")
    return ValueFault("vague_number" if ends_of(text) else "not_a_number")


def ends_of(text: str) -> tuple[str, ...]:
    """Both numbers of `10k-20k`, `1-2万`: a scale at the end is that of both."""
    found = _BETWEEN_TWO.fullmatch(text)
    if found is None:
        return ()
    first, second = found["first"], found["second"]
    return first if first[-1:].isalpha() else f"{first}{found['scale']}", second


_BETWEEN_TWO: Final = re.compile(
    r"(?P<first>\d[\d.]{0,9}(?:[kmbw]|[百千万亿]{1,2})?)[-~](?P<second>\d[\d.]{0,9}(?P<scale>(?:[kmbw]|[百千万亿]{1,2})?))",
    re.IGNORECASE | re.ASCII,
)


def scale_of(number: str) -> int:
    """By how much the suffix of a number multiplies it."""
    found = _NUMBER.fullmatch(number.lower())
    return COUNT_SUFFIXES.get((found["unit"] or "") if found else "", 1)


def _whole(kind: Whole, text: str) -> object | ValueFault:
    parts = _parts(text, unit_may_be=kind.suffixes)
    if isinstance(parts, ValueFault):
        return parts
    number = parts[0] * kind.suffixes.get(parts[1], 1)
    if not kind.low <= number <= kind.high:
        return _out_of_range(kind.low, kind.high)
    return int(number) if number == number.to_integral_value() else ValueFault("not_whole")


def _real(kind: Real, text: str) -> object | ValueFault:
    parts = _parts(text, unit_may_be={"%": 1} if kind.percent else {"k": 1000})
    if isinstance(parts, ValueFault):
        return parts
    number = parts[0] * 1000 if parts[1] == "k" else parts[0]
    if kind.percent and (parts[1] == "%" or number > 1):
        number /= 100
    if not kind.low <= number <= kind.high or _at_open_end(kind, value := float(number)):
        return _out_of_range(kind.low, 100 if kind.percent else kind.high, is_open=kind.open_low)
    return int(value) if value.is_integer() and not (kind.percent or kind.open_high) else value


def _at_open_end(kind: Real, value: float) -> bool:
    return (kind.open_low and value <= kind.low) or (kind.open_high and value >= kind.high)


def _duration(kind: Duration, text: str) -> object | ValueFault:
    parts = _parts(LENGTHS_OF_TIME.get(text, text), unit_may_be=DURATION_SECONDS)
    if isinstance(parts, ValueFault):
        return parts
    number, unit = parts
    factor = DURATION_SECONDS[unit] if unit else Decimal(kind.bare_seconds)
    seconds = number * factor
    if not 0 < seconds <= kind.high_seconds or float(seconds) == 0:
        return ValueFault("out_of_range", {"low": "0 s", "high": f"{kind.high_seconds // 3600:,} h", **_OPEN})
    return float(seconds)


def _money(kind: Amount, text: str) -> object | ValueFault:
    found = _MONEY.fullmatch(text)
    if found is None or found["sign"] == "+":
        return _why_not_money(text)
    before, after = (found[side] and currency_of(found[side]) for side in ("before", "after"))
    if before and after and before != after:
        return ValueFault("two_currencies")
    if (per := found["per"]) and not (kind.per_hour and squash(per) in PER_HOUR):
        return ValueFault("wrong_unit", {"unit": f"/{per}"})
    number = Decimal(found["number"].replace(",", "").replace("_", ""))
    amount = number * MONEY_SUFFIXES.get(found["scale"] or "", 1)
    if found["sign"] or not kind.low <= amount <= kind.high:
        return _out_of_range("0", kind.high, is_open=kind.low > 0)
    return SaidMoney(amount=amount, currency=before or after or None)


def _why_not_money(text: str) -> ValueFault:
    if _BAD_COMMA.search(text):
        return ValueFault("bad_comma")
    parts = _parts(text, unit_may_be=COUNT_SUFFIXES)
    return parts if isinstance(parts, ValueFault) else ValueFault("wrong_unit", {"unit": parts[1]})


_OPEN: Final = {"bound": "above"}
"""The lower bound is out of the range itself: its sentence is `out_of_range_above`."""


def _out_of_range(low: object, high: object, *, is_open: bool = False) -> ValueFault:
    """`is_open`: the lower bound itself is out, too."""
    bounds = {"low": _shown(low), "high": _shown(high)}
    return ValueFault("out_of_range", {**bounds, **_OPEN} if is_open else bounds)


def _shown(bound: object) -> str:
    return f"{int(bound):,}" if isinstance(bound, int | Decimal) and bound == int(bound) else str(bound)


__all__ = ["AUTO", "SIZE", "currency_of", "is_auto", "looks_like_number", "number_of"]

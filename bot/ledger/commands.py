"""`set 5000 cny per month`, `4.2h 71gb ¥120`: the words after `budget` and `actual`, read into values."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from bot.language.kinds import Amount, ValueFault
from bot.language.ledger_words import CORRECTIONS, EVERYBODY, MINE, UNIT_SECONDS, VERBS, measured_words
from bot.language.values import number_of
from bot.ledger.bounds import MONEY, is_bytes, is_day, is_hours
from bot.ledger.entries import Period
from estimator.money import Money
from estimator.spec import SaidMoney

_START: Final = re.compile(
    r"(?:\bfrom\b|\bsince\b|自从|从|自)\s*(?P<start>\S+?)(?:起|开始|on)?(?=\s|$)", re.IGNORECASE
)
_PERIODS: Final[dict[str, Period]] = {
    **dict.fromkeys(
        ("a month", "per month", "monthly", "/month", "/mo", "month", "每个月", "每月", "/月", "按月"),
        "month",
    ),
    **dict.fromkeys(("in total", "total", "总计", "总共", "一共", "总额"), "total"),
}
_PERIOD: Final = re.compile(
    rf"(?:(?<![a-z])|(?=/))(?:{'|'.join(map(re.escape, _PERIODS))})(?![a-z])", re.IGNORECASE
)
_MEASURED: Final = re.compile(r"(\d+(?:\.\d+)?)([a-z]+|[\u4e00-\u9fff]+)", re.IGNORECASE)
_ANY_AMOUNT: Final = Amount(low=Decimal(0), high=Decimal("Infinity"))
_BYTES: Final = {"gib": 2**30, "gb": 2**30, "mib": 2**20, "mb": 2**20}
"""Of GPU memory, whose GB are GiB wherever a driver prints them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What `budget set` asks for."""

    money: Money
    period: Period = "total"
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What `actual` says of a run; None: not said."""

    hours: float | None = None
    process_bytes: int | None = None
    money: Money | None = None
    added: frozenset[str] = frozenset()
    """Of `hours` and `money`, what comes on top of what was measured before: `+$5`."""
    unmarked: "Unmarked | None" = None
    """The first number that does not say of what it is: hours, money and memory may all be meant."""
    unread: tuple[str, ...] = ()
    """Words that mean nothing here."""
    impossible: tuple[str, ...] = ()
    """Words that no run can have measured: nothing, or more than all bounds."""
    takes_back: bool = False
    """Whether what was measured of the run is to be as if it had not been said."""


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A number without a unit, as it was typed and as it is read."""

    word: str
    number: Decimal

    def marked(self, currency: str) -> list[str]:
        """The same as hours, as money, as memory, as far as a run can have it: `4h`, `4cny`, `4gb`."""
        sign = "+" if self.word.startswith("+") else ""
        words = [f"{sign}{self.number:f}{unit}" for unit in ("h", currency.lower(), "gb")]
        found = ((word, measured_in(word)) for word in words)
        return [word for word, read in found if not read.unread and not read.impossible]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryQuery:
    """What `history` asks for."""

    most: int
    is_mine: bool = False
    models: tuple[str, ...] = ()
    verb: str = ""
    """`correct`: see the channel's own ratios on its cards; `uncorrect`: no longer."""


HISTORY_ROWS: Final = 10
MOST_HISTORY_ROWS: Final = 50


def wanted_in(text: str) -> HistoryQuery:
    """`20 me qwen2.5-7b` in any order."""
    words = text.lower().split()
    numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
    other = [word for word in words if word not in MINE | EVERYBODY and not word.isdigit()]
    verb = CORRECTIONS.get(other[0], "") if len(other) == 1 else ""
    return HistoryQuery(
        most=max(1, min(numbers[0] if numbers else HISTORY_ROWS, MOST_HISTORY_ROWS)),
        is_mine=any(word in MINE for word in words),
        models=() if verb else tuple(other),
        verb=verb,
    )


def money_in(text: str, currency: str) -> Money | None:
    """`90 cny`, `¥90`, `90`, the last in `currency`; None where it is no amount."""
    said = _money(text)
    if not isinstance(said, SaidMoney):
        return None
    return Money(amount=said.amount, currency=said.currency or currency)


def begins_with_money(text: str) -> bool:
    """Whether an amount in a currency is said first, whatever comes after: `-20 usd`, `$20 for disks`."""
    first = next(iter(measured_words(text.lower())), "").lstrip("+-")
    said = number_of(_ANY_AMOUNT, first)
    return isinstance(said, SaidMoney) and said.currency is not None


def _money(text: str) -> SaidMoney | ValueFault:
    said = number_of(MONEY, text.replace(" ", "").lower())
    return said if isinstance(said, SaidMoney | ValueFault) else ValueFault("not_a_number")


def limit_in(text: str, currency: str) -> Limit | None:
    """`5000 cny per month from 2026-12-01`; None where it does not read so."""
    starts, periods = _START.findall(text), _PERIOD.findall(_START.sub(" ", text))
    money = money_in(_PERIOD.sub(" ", _START.sub(" ", text)), currency)
    if money is None or len(starts) > 1 or len(periods) > 1 or not all(map(_is_day, starts)):
        return None
    period = _PERIODS[periods[0].lower()] if periods else "total"
    return Limit(money=money, period=period, start=starts[0] if starts else "")


def _is_day(text: str) -> bool:
    try:
        day = date.fromisoformat(text)
        return day.isoformat() == text and is_day(day)
    except ValueError:
        return False


def measured_in(text: str, on_top_of: str = "") -> Measured:
    """`4.2h 71gb ¥120` in any order; of two of a kind the last counts.

    `on_top_of` is the currency of what was paid, in which `+20` is meant; empty: nothing was.
    """
    if text.strip().lower() in VERBS["drop"]:
        return Measured(takes_back=True)
    said: dict[str, Any] = {}
    added, unmarked, unread, impossible = set[str](), list[Unmarked](), list[str](), list[str]()
    for word in measured_words(text):
        is_added = word.startswith("+")
        name, value = _quantity(word.removeprefix("+"), on_top_of if is_added else "")
        if not name or (is_added and name == "process_bytes"):
            unread.append(word)
        elif value is None:
            impossible.append(word)
        elif isinstance(value, Decimal):
            unmarked.append(Unmarked(word, value))
        else:
            said[name] = value
            (added.add if is_added else added.discard)(name)
    return Measured(
        **said,
        added=frozenset(added),
        unmarked=unmarked[0] if unmarked else None,
        unread=tuple(unread),
        impossible=tuple(impossible),
    )


def _quantity(word: str, currency: str) -> tuple[str, float | Money | Decimal | None]:
    """What a word measures and how much of it: None where no run can have that, no name where it is none.

    A bare number is money in `currency`; without one nobody knows what it measures.
    """
    pairs = _MEASURED.findall(word)
    units = {unit.lower() for _, unit in pairs} if "".join(map("".join, pairs)) == word else set()
    if units and units <= UNIT_SECONDS.keys():
        hours = sum(float(number) * float(UNIT_SECONDS[unit.lower()]) for number, unit in pairs) / 3600
        return "hours", hours if is_hours(hours) else None
    if units and units <= _BYTES.keys():
        size = sum(float(number) * _BYTES[unit.lower()] for number, unit in pairs)
        return "process_bytes", round(size) if is_bytes(size) else None
    money = _money(word)
    if isinstance(money, SaidMoney):
        known = money.currency or currency
        return "money", Money(amount=money.amount, currency=known) if known else money.amount
    is_wrong_amount = money.code == "out_of_range" and not word.startswith("-")
    return ("money" if is_wrong_amount else ""), None

"""`set 5000 cny per month`, `4.2h 71gb ¥120`: the words after `budget` and `actual`, read into values."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bot.language.kinds import DURATION_SECONDS, Amount
from bot.language.values import number_of
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
_BYTES: Final = {"gib": 2**30, "gb": 2**30, "mib": 2**20, "mb": 2**20}
"""Of GPU memory, whose GB are GiB wherever a driver prints them."""
_MOST: Final = Amount(low=Decimal("0.01"), high=Decimal(10**9))


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
    unread: tuple[str, ...] = ()
    """Words that mean nothing here."""


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
_MINE: Final = frozenset({"me", "mine", "my", "我", "我的", "本人"})
_EVERYBODY: Final = frozenset({"channel", "all", "everybody", "频道", "本频道", "全部", "所有人"})
_CORRECTIONS: Final = {
    **dict.fromkeys(("correct", "校正", "启用校正"), "correct"),
    **dict.fromkeys(("uncorrect", "取消校正", "停用校正"), "uncorrect"),
}


def wanted_in(text: str) -> HistoryQuery:
    """`20 me qwen2.5-7b` in any order."""
    words = text.lower().split()
    numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
    other = [word for word in words if word not in _MINE | _EVERYBODY and not word.isdigit()]
    verb = _CORRECTIONS.get(other[0], "") if len(other) == 1 else ""
    return HistoryQuery(
        most=max(1, min(numbers[0] if numbers else HISTORY_ROWS, MOST_HISTORY_ROWS)),
        is_mine=any(word in _MINE for word in words),
        models=() if verb else tuple(other),
        verb=verb,
    )


def money_in(text: str, currency: str) -> Money | None:
    """`90 cny`, `¥90`, `90`, the last in `currency`; None where it is no amount."""
    said = number_of(_MOST, text.replace(" ", "").lower())
    if not isinstance(said, SaidMoney):
        return None
    return Money(amount=said.amount, currency=said.currency or currency)


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
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def measured_in(text: str, currency: str) -> Measured:
    """`4.2h 71gb ¥120` in any order; of two of a kind the last counts."""
    hours, size, money = None, None, None
    unread: list[str] = []
    for word in text.split():
        found = {unit.lower(): float(number) for number, unit in _MEASURED.findall(word)}
        is_whole = "".join(f"{number}{unit}" for number, unit in _MEASURED.findall(word)) == word
        if found and is_whole and found.keys() <= DURATION_SECONDS.keys():
            hours = sum(number * float(DURATION_SECONDS[unit]) for unit, number in found.items()) / 3600
        elif found and is_whole and found.keys() <= _BYTES.keys():
            size = round(sum(number * _BYTES[unit] for unit, number in found.items()))
        elif amount := money_in(word, currency):
            money = amount
        else:
            unread.append(word)
    return Measured(hours=hours, process_bytes=size, money=money, unread=tuple(unread))

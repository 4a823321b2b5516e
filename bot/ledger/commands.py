"""`set 5000 cny per month`, `4.2h 71gb ¥120`: the words after `budget` and `actual`, read into values."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from bot.language.kinds import Amount
from bot.language.values import number_of
from bot.ledger.entries import Period
from estimator.money import Money
from estimator.spec import SaidMoney

_SET: Final = re.compile(
    r"(?P<money>.+?)(?:\s+(?:per\s+)?(?P<period>month|total))?(?:\s+from\s+(?P<start>\S+))?", re.IGNORECASE
)
_MEASURED: Final = re.compile(r"(\d+(?:\.\d+)?)(min|m|h|d|gib|gb|mib|mb)", re.IGNORECASE)
_HOURS: Final = {"min": 1 / 60, "m": 1 / 60, "h": 1.0, "d": 24.0}
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


def money_in(text: str, currency: str) -> Money | None:
    """`90 cny`, `¥90`, `90`, the last in `currency`; None where it is no amount."""
    said = number_of(_MOST, text.replace(" ", "").lower())
    if not isinstance(said, SaidMoney):
        return None
    return Money(amount=said.amount, currency=said.currency or currency)


def limit_in(text: str, currency: str) -> Limit | None:
    """`5000 cny per month from 2026-12-01`; None where it does not read so."""
    found = _SET.fullmatch(text.strip())
    if found is None or (money := money_in(found["money"], currency)) is None:
        return None
    start = found["start"] or ""
    if start and not _is_day(start):
        return None
    period: Period = "month" if (found["period"] or "").lower() == "month" else "total"
    return Limit(money=money, period=period, start=start)


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
        found = _MEASURED.fullmatch(word)
        if found and (unit := found[2].lower()) in _HOURS:
            hours = float(found[1]) * _HOURS[unit]
        elif found:
            size = round(float(found[1]) * _BYTES[found[2].lower()])
        elif amount := money_in(word, currency):
            money = amount
        else:
            unread.append(word)
    return Measured(hours=hours, process_bytes=size, money=money, unread=tuple(unread))

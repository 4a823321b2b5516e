"""What can be true of a run and of a budget: as typed, in a table's cells, in entries that stand there."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Final, TypeGuard

from bot.language.kinds import Amount
from estimator.units import GIB

MONEY: Final = Amount(low=Decimal("0.01"), high=Decimal(10**9))
LEAST_RATE: Final = Decimal("1e-9")
"""Of any two currencies, either way; the most that one is of another is its inverse."""
MOST_ESTIMATED: Final = Decimal("1e18")
LEAST_HOURS: Final = 0.0001
"""What a log's hours are rounded to."""
MOST_HOURS: Final = 10 * 365.25 * 24
LEAST_BYTES: Final = 2**20
MOST_GIB: Final = 72 * 288
"""Of the largest machine: 72 of the largest GPUs of config/gpus.yaml, as a rack of GB300 NVL72 has."""
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)
FACTOR_NUMBERS: Final = 4


def is_hours(value: object) -> TypeGuard[float]:
    """Whether a run can have taken so long; neither nothing nor infinity is."""
    return isinstance(value, int | float) and LEAST_HOURS <= value <= MOST_HOURS


def is_bytes(value: object) -> TypeGuard[float]:
    """Whether a run can have held so much."""
    return isinstance(value, int | float) and LEAST_BYTES <= value <= MOST_GIB * GIB


def is_day(value: date) -> bool:
    """Whether something can have been booked on that day, or begin with it."""
    return FIRST_DAY <= value <= LAST_DAY


def is_rate(value: object) -> bool:
    """Whether it is how much of one money another is, as decimal text."""
    return _is_between(value, LEAST_RATE, 1 / LEAST_RATE)


def is_money(value: object) -> bool:
    """Whether somebody can have typed that amount, as decimal text."""
    return _is_between(value, MONEY.low, MONEY.high)


def is_estimate(value: object) -> bool:
    """Whether a card can say it of a run: nothing of a free one, more than all bounds of an absurd one."""
    return _is_between(value, Decimal(0), MOST_ESTIMATED)


def _is_between(value: object, low: Decimal, high: Decimal) -> bool:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return False
    return number.is_finite() and low <= number <= high


def is_factor(value: object) -> TypeGuard[Sequence[float]]:
    """Whether it is the middle, the ends and the number of some ratios, as an entry keeps them."""
    return (
        isinstance(value, Sequence)
        and len(value) == FACTOR_NUMBERS
        and all(isinstance(each, int | float) and isfinite(each) and each > 0 for each in value)
    )

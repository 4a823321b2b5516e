"""What can be true of a run and of a budget: as typed, in a table's cells, in entries that stand there."""

from datetime import date
from decimal import Decimal
from typing import Final, TypeGuard

from bot.language.kinds import Amount
from estimator.units import GIB

MONEY: Final = Amount(low=Decimal("0.01"), high=Decimal(10**9))
LEAST_HOURS: Final = 0.0001
"""What a log's hours are rounded to."""
MOST_HOURS: Final = 10 * 365.25 * 24
LEAST_BYTES: Final = 2**20
MOST_GIB: Final = 72 * 288
"""Of the largest machine: 72 of the largest cards of config/gpus.yaml, as a rack of GB300 NVL72 has."""
FIRST_DAY: Final = date(2000, 1, 1)
LAST_DAY: Final = date(2099, 12, 31)


def is_hours(value: object) -> TypeGuard[float]:
    """Whether a run can have taken so long; neither nothing nor infinity is."""
    return isinstance(value, int | float) and LEAST_HOURS <= value <= MOST_HOURS


def is_bytes(value: object) -> TypeGuard[float]:
    """Whether a run can have held so much."""
    return isinstance(value, int | float) and LEAST_BYTES <= value <= MOST_GIB * GIB


def is_day(value: date) -> bool:
    """Whether something can have been booked on that day, or begin with it."""
    return FIRST_DAY <= value <= LAST_DAY

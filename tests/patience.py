"""How tests wait: for an event, with more patience than any machine needs, and never for a duration."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from bot.prices.port import TimeLeft

T = TypeVar("T")

PATIENCE_SECONDS: Final = 60
"""What no machine is too busy for: whoever waits longer waits for something that does not come."""
LOOK_SECONDS: Final = 0.005


def until(claim: Callable[[], T]) -> T:
    """The first true value of the claim, for what nobody announces."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := claim()):
        assert time.monotonic() < deadline, "it never came"
        time.sleep(LOOK_SECONDS)
    return found


def was_quick(work: Callable[[], object], seconds: float) -> bool:
    """Whether one of three tries took less of a core: garbage of others may be collected in the first."""
    for _ in range(3):
        began = time.thread_time()
        work()
        if time.thread_time() - began < seconds:
            return True
    return False


def patient() -> TimeLeft:
    """What a source has that need not hurry."""
    return TimeLeft(PATIENCE_SECONDS)

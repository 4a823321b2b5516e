"""The first count at which a falling figure is not positive, in few questions."""

from collections.abc import Callable
from typing import Final

MOST_GUESSES: Final = 3
"""Straight-line guesses before halving: bytes fall nearly evenly with layers, but nobody promises it."""


def first_not_positive(figure: Callable[[int], float], *, before: int) -> int:
    """The least count from 1 whose `figure` is not positive; `before` where none below it is.

    `figure` falls with the count, so halving finds it; a line through both ends finds it in fewer questions.
    """
    low, high = 1, before - 1
    if high < 1 or (at_high := figure(high)) > 0:
        return before
    if high == 1 or (at_low := figure(low)) <= 0:
        return 1
    guesses = 0
    while high - low > 1:
        guesses += 1
        share = at_low / (at_low - at_high) if guesses <= MOST_GUESSES else 0.5
        middle = min(max(low + round((high - low) * share + 0.5), low + 1), high - 1)
        if (at_middle := figure(middle)) > 0:
            low, at_low = middle, at_middle
        else:
            high, at_high = middle, at_middle
    return high

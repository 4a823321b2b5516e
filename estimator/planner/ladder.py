"""The settings of one layout by growing micro batch: which of them is the largest that fits."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from estimator.planner.batch_split import BatchSplit
from estimator.planner.layouts import Layout
from estimator.ranges import Range
from estimator.spec import Checkpointing

LITTLE_LEFT: Final = 0.5
"""Share of a GPU that states take before it is worth asking whether anything fits beside them."""


class RunSetting(NamedTuple):
    """How one layout is run: what it recomputes, and how its batch is cut."""

    layout: Layout
    checkpointing: Checkpointing
    passes: BatchSplit
    recomputed_share: float = 1.0
    """Of the layers, where it recomputes any."""


class Ladder:
    """The settings of one layout and checkpointing by growing micro batch, each weighed at most once."""

    __slots__ = ("_find_least", "_least", "_needs", "_resting_bytes", "_settings", "_weigh")

    def __init__(
        self,
        settings: Sequence[RunSetting],
        resting_bytes: float,
        find_least: Callable[[RunSetting], Range],
        weigh: Callable[[RunSetting], Range],
    ) -> None:
        self._settings, self._resting_bytes = settings, resting_bytes
        self._find_least, self._weigh = find_least, weigh
        self._least: Range | None = None
        self._needs: list[Range | None] = [None] * len(settings)

    def largest_fitting(self, usable_bytes: int, *, tight: bool) -> RunSetting | None:
        """The largest that fits; the whole batch at once first, as it keeps no gradients."""
        if self._is_too_large(usable_bytes, tight=tight):
            return None
        last = len(self._settings) - 1
        if self._fits(last, usable_bytes, tight=tight):
            return self._settings[last]
        low, high = -1, last
        while high - low > 1:
            middle = (low + high) // 2
            if self._fits(middle, usable_bytes, tight=tight):
                low = middle
            else:
                high = middle
        return self._settings[low] if low >= 0 else None

    def _is_too_large(self, usable_bytes: int, *, tight: bool) -> bool:
        """Whether it is known unweighed that none fits; looked into where the states leave little room."""
        if self._resting_bytes > usable_bytes:
            return True
        if self._resting_bytes < LITTLE_LEFT * usable_bytes:
            return False
        if self._least is None:
            self._least = self._find_least(self._settings[0])
        return (self._least.likely if tight else self._least.high) > usable_bytes

    def _fits(self, at: int, usable_bytes: int, *, tight: bool) -> bool:
        """Whether the upper end of the range (the middle, if `tight`) is within the GPU."""
        needed = self._needs[at]
        if needed is None:
            needed = self._needs[at] = self._weigh(self._settings[at])
        return (needed.likely if tight else needed.high) <= usable_bytes

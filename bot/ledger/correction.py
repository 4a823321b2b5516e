"""What a channel's own runs say of our estimates: measured by estimated, for each quantity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median_high, median_low
from typing import Final

from bot.ledger.bounds import is_factor
from bot.ledger.entries import Entry

QUANTITIES: Final = ("time", "memory", "money")
LEAST_RUNS: Final = 3
"""Of fewer nothing is offered: one run is no rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """The median of some ratios, their ends and their number: one that is absurd moves an end alone."""

    middle: float
    low: float
    high: float
    count: int

    def kept(self) -> tuple[float, ...]:
        """As an entry has it."""
        return (round(self.middle, 4), round(self.low, 4), round(self.high, 4), self.count)


def ratios_of(entry: Entry) -> dict[str, float]:
    """Measured by estimated, for each quantity that has both."""
    pairs = {
        "time": (entry.hours, entry.estimated_hours),
        "memory": (entry.process_bytes, entry.estimated_bytes),
        "money": (float(entry.amount or 0), float(entry.estimated_amount or 0)),
    }
    return {
        name: measured / estimated for name, (measured, estimated) in pairs.items() if measured and estimated
    }


def factors_of(actuals: Iterable[Entry]) -> dict[str, Factor]:
    """For each quantity, of all runs that have both numbers."""
    found: dict[str, list[float]] = {}
    for entry in actuals:
        for name, ratio in ratios_of(entry).items():
            found.setdefault(name, []).append(ratio)
    return {
        name: Factor(middle=_median(each), low=min(each), high=max(each), count=len(each))
        for name, each in found.items()
    }


def _median(ratios: Sequence[float]) -> float:
    """Of an even number the geometric mean of the two in the middle: twice and half are 1."""
    return sqrt(median_low(ratios)) * sqrt(median_high(ratios))


def offered(factors: Mapping[str, Factor]) -> dict[str, Factor]:
    """Those of enough runs."""
    return {name: each for name, each in factors.items() if each.count >= LEAST_RUNS}


def correction_of(entries: Sequence[Entry]) -> dict[str, Factor]:
    """What the channel chose to see on its cards; empty where it chose nothing, or took it back."""
    said = [each for each in reversed(entries) if each.kind == "correction"]
    chosen = max(said, key=lambda each: each.at, default=None)
    kept = (chosen.factors if chosen else None) or {}
    return {name: found for name in QUANTITIES if (found := _factor(kept.get(name)))}


def _factor(kept: object) -> Factor | None:
    """What another version or a hand wrote otherwise is none."""
    if not is_factor(kept):
        return None
    middle, low, high, count = kept
    return Factor(middle=middle, low=low, high=high, count=int(count))

"""What a channel's own runs say of our estimates: measured by estimated, for each quantity."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import geometric_mean
from typing import Final

from bot.ledger.entries import Entry

QUANTITIES: Final = ("time", "memory", "money")
LEAST_RUNS: Final = 3
"""Of fewer nothing is offered: one run is no rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """The geometric middle of some ratios, their ends, and how many there are."""

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
        name: Factor(middle=geometric_mean(each), low=min(each), high=max(each), count=len(each))
        for name, each in found.items()
    }


def offered(factors: Mapping[str, Factor]) -> dict[str, Factor]:
    """Those of enough runs."""
    return {name: each for name, each in factors.items() if each.count >= LEAST_RUNS}


def correction_of(entries: Sequence[Entry]) -> dict[str, Factor]:
    """What the channel chose to see on its cards; empty where it chose nothing, or took it back."""
    chosen = next((each for each in reversed(entries) if each.kind == "correction"), None)
    kept = (chosen.factors if chosen else None) or {}
    return {name: found for name in QUANTITIES if (found := _factor(kept.get(name)))}


def _factor(kept: object) -> Factor | None:
    """What another version or a hand wrote otherwise is none."""
    if not isinstance(kept, Sequence) or len(kept) != 4 or not all(isinstance(n, int | float) for n in kept):
        return None
    middle, low, high, count = kept
    return Factor(middle=middle, low=low, high=high, count=int(count)) if middle > 0 else None

"""One GPU and count with its best plan: what is ranked."""

from typing import NamedTuple

from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.planner.layouts import Layout
from estimator.units import HOUR_SECONDS


class Candidate(NamedTuple):
    """The best plan of one GPU and count: its seconds, and its price in the common currency."""

    gpu: GPU
    plan: Plan
    seconds: float
    """One clean run."""
    price_per_hour: float
    """For all GPUs; the number of GPUs where nobody sells any, so that GPU-hours are compared."""
    is_sold: bool
    is_listed: bool
    """Somebody sells the machine itself; else its price is that of smaller ones, times."""
    as_asked: bool = True
    """It is sold in the market and the place that were asked for."""
    oddness: int = 0
    """0 what a person would take unasked: one machine of at most eight GPUs that many sell; else from 1."""
    tight: bool = False
    """Only the likely memory fits, not the upper end of its range."""
    lacks_host_memory: bool = False
    """All who sell it say that their machines have less memory beside the GPUs than the plan takes."""
    broken_limits: tuple[str, ...] = ()
    """The asker's limits that it breaks, by their codes."""
    layouts: tuple[Layout, ...] = ()
    """What of its GPU and count was looked through."""
    sure: "Candidate | None" = None
    """The plan of the same GPUs that surely fits, where that is so much slower that a tight one is taken."""

    @property
    def is_sound(self) -> bool:
        """Whether it surely fits and breaks no limit."""
        return self.is_sure and not self.broken_limits

    @property
    def is_sure(self) -> bool:
        """Whether it surely fits, on the GPU and beside it."""
        return not (self.tight or self.lacks_host_memory)

    @property
    def cost(self) -> float:
        """One clean run, in the common currency."""
        return self.price_per_hour * self.seconds / HOUR_SECONDS

"""The two models that judge a plan, as the rest of the core asks them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from estimator.catalog import Catalog
from estimator.hardware import GPU
from estimator.memory import memory_estimate
from estimator.memory.estimate import MemoryEstimate
from estimator.parallel import Plan
from estimator.settle import Settled
from estimator.time import time_estimate
from estimator.time.estimate import TimeEstimate
from estimator.workload import Schedule

MemoryModel = Callable[[Settled, Plan, GPU, Catalog], MemoryEstimate]
TimeModel = Callable[[Settled, Schedule, Plan, GPU, Catalog], TimeEstimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """How much a plan needs on its fullest card, and how long the run takes on it."""

    memory: MemoryModel
    time: TimeModel


def calibrated_memory(settled: Settled, plan: Plan, gpu: GPU, catalog: Catalog) -> MemoryEstimate:
    """Memory by phases, calibrated on the published runs of the catalog."""
    return memory_estimate(
        settled.workload, plan, gpu=gpu, stack=settled.stack, calibration=catalog.memory_calibration
    )


def calibrated_time(
    settled: Settled, schedule: Schedule, plan: Plan, gpu: GPU, catalog: Catalog
) -> TimeEstimate:
    """Time by roofline, calibrated on the published runs of the catalog."""
    return time_estimate(
        settled.workload,
        schedule,
        plan,
        gpu=gpu,
        stack=settled.stack,
        calibration=catalog.time_calibration,
    )


PHYSICS: Final = Physics(memory=calibrated_memory, time=calibrated_time)

"""What plans of one job need, remembered from one request to the next.

Memory and the seconds of a step depend on what is trained and who runs it, not on how much data there is,
what it may cost or who asks: most requests are about a job that was asked about a moment ago.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Final, Generic, TypeVar

from estimator.base import ByIdentity
from estimator.catalog import Catalog, Shelf
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.result import MemoryEstimate
from estimator.model.layers import HashedByKey
from estimator.plan import Plan
from estimator.time.calibration import TimeCalibration
from estimator.workload import Workload

MOST_JOBS: Final = 2048
MOST_PLANS: Final = 2_000
"""Remembered of a job; one search asks about some two hundred at most."""
Answer = TypeVar("Answer")


class ByPlan(Generic[Answer]):
    """Answers of a pure function of one plan; when there are too many, all are forgotten."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Plan, Answer] = {}

    def __len__(self) -> int:
        return len(self._known)

    def ask(self, plan: Plan, compute: Callable[[], Answer]) -> Answer:
        """The answer that is known, else the one that `compute` gives."""
        known = self._known.get(plan)
        if known is None:
            if len(self._known) >= MOST_PLANS:
                self._known.clear()
            known = self._known[plan] = compute()
        return known


class Job:
    """One workload under one framework, on the GPUs and with the calibration of one catalog."""

    __slots__ = ("memory", "step_seconds")

    def __init__(self) -> None:
        self.memory = ByPlan[MemoryEstimate]()
        self.step_seconds = ByPlan[float]()


_but_arch = attrgetter(*(each.name for each in fields(Workload) if each.name != "arch"))


def job_of(workload: Workload, framework: Framework, catalog: Catalog) -> Job:
    """What is remembered of `workload` under `framework`: the same for whatever request it is part of."""
    return _job_of(
        HashedByKey(workload.arch),
        _but_arch(workload),
        ByIdentity(framework),
        ByIdentity(catalog.gpus),
        ByIdentity(catalog.memory_calibration),
        ByIdentity(catalog.time_calibration),
    )


@lru_cache(MOST_JOBS)
def _job_of(
    _arch: HashedByKey,
    _but_arch: tuple[object, ...],
    _framework: ByIdentity[Framework],
    _gpus: ByIdentity[Shelf[GPU]],
    _memory: ByIdentity[MemoryCalibration],
    _time: ByIdentity[TimeCalibration],
) -> Job:
    return Job()

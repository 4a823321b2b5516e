"""One job on any GPU: settled once a stack and kind of GPU, its memory and time asked by plan."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from estimator.catalog import Catalog
from estimator.cost import quote
from estimator.defaults import ResolvedJob, has_bf16, said_runner, settle
from estimator.hardware import GPU
from estimator.memory import memory_estimate
from estimator.memory.result import MemoryEstimate
from estimator.plan import Plan, Runner
from estimator.price_book import PriceBook, PricedOffer
from estimator.result import Quote
from estimator.spec import TrainingSpec
from estimator.time import time_estimate
from estimator.time.result import TimeEstimate
from estimator.workload import Schedule

MemoryModel = Callable[[ResolvedJob, Plan, GPU, Catalog], MemoryEstimate]
TimeModel = Callable[[ResolvedJob, Schedule, Plan, GPU, Catalog], TimeEstimate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Physics:
    """How much a plan needs on its fullest GPU, and how long the run takes on it."""

    memory: MemoryModel
    time: TimeModel


def calibrated_memory(resolved: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> MemoryEstimate:
    """Memory by phases, calibrated on the published runs of the catalog."""
    return memory_estimate(
        resolved.workload, plan, gpu=gpu, stack=resolved.stack, calibration=catalog.memory_calibration
    )


def calibrated_time(
    resolved: ResolvedJob, schedule: Schedule, plan: Plan, gpu: GPU, catalog: Catalog
) -> TimeEstimate:
    """Time by roofline, calibrated on the published runs of the catalog."""
    return time_estimate(
        resolved.workload,
        schedule,
        plan,
        gpu=gpu,
        stack=resolved.stack,
        calibration=catalog.time_calibration,
    )


PHYSICS: Final = Physics(memory=calibrated_memory, time=calibrated_time)

QUOTES_SHOWN = 6
"""Sellers quoted for one option."""


class PlanEvaluator:
    """What the search asks about one spec; every answer depends on its arguments and the catalog alone."""

    def __init__(
        self, spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str, physics: Physics
    ) -> None:
        self.spec, self.catalog, self.book, self.currency = spec, catalog, book, currency
        self._physics = physics
        self._resolved: dict[tuple[bool, Runner], ResolvedJob] = {}

    @cached_property
    def runner(self) -> Runner:
        """The said or default framework and engine."""
        return said_runner(self.spec, self.catalog)

    def resolved(self, gpu: GPU | None, runner: Runner) -> ResolvedJob:
        """The spec as `runner` runs it on GPUs like `gpu`: whether it has bf16 is all that matters."""
        key = (has_bf16(gpu), runner)
        if key not in self._resolved:
            self._resolved[key] = settle(self.spec, self.catalog, gpu, runner)
        return self._resolved[key]

    def memory(self, gpu: GPU, plan: Plan) -> MemoryEstimate:
        """Memory of `plan` on its fullest GPU."""
        return self.memory_of(self.resolved(gpu, plan.runner), gpu, plan)

    def memory_of(self, resolved: ResolvedJob, gpu: GPU, plan: Plan) -> MemoryEstimate:
        """Memory of `plan` for a job that was settled otherwise."""
        return self._physics.memory(resolved, plan, gpu, self.catalog)

    def time(self, gpu: GPU, plan: Plan) -> TimeEstimate:
        """Time of the whole run on `plan`, at the batch that the plan makes."""
        resolved = self.resolved(gpu, plan.runner)
        schedule = resolved.schedule
        if schedule.global_batch_size != plan.sequences_per_step:
            schedule = replace(schedule, global_batch_size=plan.sequences_per_step)
        return self._physics.time(resolved, schedule, plan, gpu, self.catalog)

    def priced(self, plan: Plan) -> tuple[PricedOffer, ...]:
        """Sellers of the GPUs of `plan`, cheapest first."""
        return self.book.priced(self.spec, plan, currency=self.currency)

    def quotes(self, plan: Plan, time: TimeEstimate) -> tuple[Quote, ...]:
        """The run at the price of each of the cheapest sellers."""
        retries = self.resolved(self.catalog.gpu(plan.gpu), plan.runner).schedule.retries
        return tuple(
            quote(
                priced,
                plan,
                time.run_seconds,
                retries=retries,
                currency=self.currency,
                rates=self.book.rates,
            )
            for priced in self.priced(plan)[:QUOTES_SHOWN]
        )

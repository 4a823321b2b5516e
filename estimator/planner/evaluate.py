"""One job on any GPU: settled once a framework and kind of GPU, its memory and time asked by plan."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import Final, NamedTuple

from estimator.catalog import Catalog
from estimator.defaults import ResolvedJob, has_bf16, settle
from estimator.hardware import GPU
from estimator.memory import (
    host_memory_bytes,
    least_bytes,
    memory_estimate,
    process_bytes,
    resting_states_bytes,
)
from estimator.memory.result import MemoryEstimate
from estimator.plan import Plan, Runner
from estimator.planner.job import Job, job_of
from estimator.prices.book import PriceBook, PricedOffer, Size
from estimator.ranges import Range
from estimator.said import said_runner
from estimator.spec import RankBy, TrainingSpec
from estimator.time import (
    RunSeconds,
    RunTerms,
    checkpoint_writers,
    pinned_step_seconds,
    run_terms,
    step_seconds,
    time_estimate,
)
from estimator.time.result import TimeEstimate
from estimator.time.run import OF_STEPS
from estimator.workload import Schedule

MemoryModel = Callable[[ResolvedJob, Plan, GPU, Catalog], MemoryEstimate]
TimeModel = Callable[[ResolvedJob, Schedule, Plan, GPU, Catalog], TimeEstimate]
RestingModel = Callable[[ResolvedJob, Plan, Catalog], float]
ProcessModel = Callable[[ResolvedJob, Plan, GPU, Catalog], Range]
StepModel = Callable[[ResolvedJob, Plan, GPU, Catalog], float]


class Physics(NamedTuple):
    """How much a plan needs on its fullest GPU, and how long the run takes on it."""

    memory: MemoryModel
    time: TimeModel
    process_bytes: ProcessModel | None = None
    """`process_bytes` of `memory` alone, to the bit and in less time; None: `memory` is asked."""
    resting_bytes: RestingModel | None = None
    """What of it rests: `process_bytes` is not below it, whatever the cut and what is recomputed."""
    least_bytes: ProcessModel | None = None
    """What neither `process_bytes` nor that of any larger micro batch is below."""
    step_seconds: StepModel | None = None
    """Likewise the step of `time`, were it not pinned."""


def calibrated_memory(resolved: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> MemoryEstimate:
    """Memory by phases, calibrated on the published runs of the catalog."""
    return memory_estimate(
        resolved.workload, plan, gpu=gpu, framework=resolved.framework, calibration=catalog.memory_calibration
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
        framework=resolved.framework,
        calibration=catalog.time_calibration,
    )


def calibrated_process_bytes(resolved: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> Range:
    """The process peak of `calibrated_memory`."""
    return process_bytes(
        resolved.workload, plan, gpu=gpu, framework=resolved.framework, calibration=catalog.memory_calibration
    )


def calibrated_resting_bytes(resolved: ResolvedJob, plan: Plan, catalog: Catalog) -> float:
    """The states in the process peak of `calibrated_memory`."""
    return resting_states_bytes(
        resolved.workload, plan, framework=resolved.framework, calibration=catalog.memory_calibration
    )


def calibrated_least_bytes(resolved: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> Range:
    """What of the process peak of `calibrated_memory` is known without its backward pass."""
    return least_bytes(
        resolved.workload, plan, gpu=gpu, framework=resolved.framework, calibration=catalog.memory_calibration
    )


def calibrated_step_seconds(resolved: ResolvedJob, plan: Plan, gpu: GPU, catalog: Catalog) -> float:
    """The step of `calibrated_time`."""
    return step_seconds(
        resolved.workload, plan, gpu=gpu, framework=resolved.framework, calibration=catalog.time_calibration
    )


PHYSICS: Final = Physics(
    memory=calibrated_memory,
    time=calibrated_time,
    process_bytes=calibrated_process_bytes,
    resting_bytes=calibrated_resting_bytes,
    least_bytes=calibrated_least_bytes,
    step_seconds=calibrated_step_seconds,
)

NOTHING: Final = Range(0.0, 0.0, 0.0)


class PlanEvaluator:
    """What the search asks about one spec; every answer depends on its arguments and the catalog alone."""

    def __init__(
        self, spec: TrainingSpec, catalog: Catalog, book: PriceBook, *, currency: str, physics: Physics
    ) -> None:
        self.spec, self.catalog, self.book, self.currency = spec, catalog, book, currency
        self._physics = physics
        self._resolved: dict[tuple[bool, Runner], ResolvedJob] = {}
        self._jobs: dict[int, tuple[ResolvedJob, Job]] = {}
        self._priced: dict[Size, tuple[PricedOffer, ...]] = {}
        self._host_bytes: dict[Plan, int] = {}
        self._run_terms_of: dict[tuple[int, int, int], RunTerms] = {}

    def otherwise(self, **changes: object) -> "PlanEvaluator":
        """The same questions about the spec with `changes`."""
        spec = self.spec.model_copy(update=changes)
        return PlanEvaluator(spec, self.catalog, self.book, currency=self.currency, physics=self._physics)

    @cached_property
    def runner(self) -> Runner:
        """The said or default framework and engine."""
        return said_runner(self.spec, self.catalog)

    @property
    def rank_by(self) -> RankBy:
        """The said or default order of plans."""
        return self.spec.rank_by or self.catalog.defaults.rank_by

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
        memory = self._physics.memory
        if not self.remembers:
            return memory(resolved, plan, gpu, self.catalog)
        return self._job(resolved).memory.ask(plan, lambda: memory(resolved, plan, gpu, self.catalog))

    def process_bytes(self, gpu: GPU, plan: Plan) -> Range:
        """`process_bytes` of `memory`, without the rest."""
        resolved, light = self.resolved(gpu, plan.runner), self._physics.process_bytes
        if light is None:
            return self.memory_of(resolved, gpu, plan).process_bytes
        return light(resolved, plan, gpu, self.catalog)

    def resting_bytes(self, gpu: GPU, plan: Plan) -> float:
        """What `process_bytes` is not below, however `plan` cuts its batch and whatever it recomputes."""
        resting = self._physics.resting_bytes
        return 0.0 if resting is None else resting(self.resolved(gpu, plan.runner), plan, self.catalog)

    def least_bytes(self, gpu: GPU, plan: Plan) -> Range:
        """What neither `process_bytes` nor that of any larger micro batch of `plan` is below."""
        least = self._physics.least_bytes
        return NOTHING if least is None else least(self.resolved(gpu, plan.runner), plan, gpu, self.catalog)

    def time(self, gpu: GPU, plan: Plan) -> TimeEstimate:
        """Time of the whole run on `plan`, at the batch that the plan makes."""
        resolved = self.resolved(gpu, plan.runner)
        return self._physics.time(resolved, _schedule(resolved, plan), plan, gpu, self.catalog)

    def run_seconds(self, gpu: GPU, plan: Plan) -> RunSeconds:
        """The likely seconds of `time`, without the rest."""
        light = self._physics.step_seconds
        if light is None:
            time = self.time(gpu, plan)
            spent = {line.what: line.seconds for line in time.lines}
            of_steps = spent["training"] + sum(spent.get(what, 0.0) for what in OF_STEPS)
            return RunSeconds(of_steps, spent.get("checkpoints", 0.0), time.run_seconds.likely)
        resolved = self.resolved(gpu, plan.runner)
        step = pinned_step_seconds(resolved.workload, resolved.schedule, plan, gpu)
        if step is None:
            steps = self._job(resolved).step_seconds
            step = steps.ask(plan, lambda: light(resolved, plan, gpu, self.catalog))
        return self._run_terms(resolved, plan).seconds(step)

    def _run_terms(self, resolved: ResolvedJob, plan: Plan) -> RunTerms:
        asked = id(resolved), plan.sequences_per_step, checkpoint_writers(plan)  # `_resolved` keeps it
        terms = self._run_terms_of.get(asked)
        if terms is None:
            schedule, calibration = _schedule(resolved, plan), self.catalog.time_calibration
            terms = run_terms(resolved.workload, schedule, plan, resolved.framework, calibration)
            self._run_terms_of[asked] = terms
        return terms

    @property
    def remembers(self) -> bool:
        """Whether its answers are those of the calibrated physics, which all requests share."""
        return self._physics is PHYSICS

    def _job(self, resolved: ResolvedJob) -> Job:
        known = self._jobs.get(id(resolved))
        if known is None or known[0] is not resolved:
            known = (resolved, job_of(resolved.workload, resolved.framework, self.catalog))
            self._jobs[id(resolved)] = known
        return known[1]

    def host_bytes(self, plan: Plan) -> int:
        """Memory beside the GPUs of a machine; none where they share one memory: the estimate has it."""
        if plan not in self._host_bytes:
            self._host_bytes[plan] = self._host_bytes_of(plan)
        return self._host_bytes[plan]

    def _host_bytes_of(self, plan: Plan) -> int:
        gpu = self.catalog.gpu(plan.gpu)
        if gpu.unified_memory:
            return 0
        if not self.remembers:
            return self.memory(gpu, plan).host_bytes
        resolved = self.resolved(gpu, plan.runner)
        return host_memory_bytes(resolved.workload, plan, resolved.framework)

    def priced_size(self, size: Size) -> tuple[PricedOffer, ...]:
        """Likewise of so many GPUs in such machines."""
        if size not in self._priced:
            self._priced[size] = self.book.priced_size(self.spec, size, currency=self.currency)
        return self._priced[size]


def _schedule(resolved: ResolvedJob, plan: Plan) -> Schedule:
    """The schedule at the batch that the plan makes."""
    schedule = resolved.schedule
    if schedule.global_batch_size == plan.sequences_per_step:
        return schedule
    return replace(schedule, global_batch_size=plan.sequences_per_step)

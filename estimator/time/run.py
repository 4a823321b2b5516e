"""The whole run: how many steps, and the lines of its wall time."""

from math import ceil
from typing import Final, NamedTuple

from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.plan import Plan
from estimator.ranges import Basis, Range
from estimator.spec import Method, Precision
from estimator.time.calibration import TimeCalibration
from estimator.time.flops import model_flops_per_token
from estimator.time.layers import trained_params
from estimator.time.paging import paged_out_bytes
from estimator.time.result import TimeEstimate, TimeLine
from estimator.time.step import step_time
from estimator.units import GIGA
from estimator.workload import Schedule, Workload

EXPERTS_WIDENING = 2.5
"""In the logarithm: nobody published how fast many experts are, be they launched one by one or in groups."""
MEASURED_EXPERTS = 8
"""Of Mixtral, whose speed people published."""
NOT_MEASURED = "not measured: experts"
OFFLOAD_WIDENING = 2.0
"""In the logarithm: a step on the host, or from it, depends on its CPU and memory, which no spec says."""
CHECKPOINT_BYTES_PER_PARAM = {True: 12.0, False: 6.0}
"""Weights and two moments, in fp32 under mixed precision or in 16 bit."""


def time_estimate(
    workload: Workload,
    schedule: Schedule,
    plan: Plan,
    *,
    gpu: GPU,
    framework: Framework,
    calibration: TimeCalibration,
) -> TimeEstimate:
    """How long the run takes on `plan`: steps x step, evaluation, checkpoints, start-up and warm-up.

    A pinned `step_seconds` or `mfu` takes the place of the model's step; the schedule's batch is the plan's.
    Source: docs/formulas-time.md#run.
    """
    step = step_time(workload, plan, gpu=gpu, framework=framework, calibration=calibration)
    seconds, basis = _step_range(step.total_seconds, workload, plan, gpu, framework, calibration)
    known = has_published_speed(workload, plan, gpu, framework, calibration)
    if (pinned := pinned_step_seconds(workload, schedule, plan, gpu)) is not None:
        seconds, basis, known = Range(pinned, pinned, pinned), Basis(group="pinned", n=0), True
    run = run_terms(workload, schedule, plan, framework, calibration).run(seconds.likely)
    tokens = plan.sequences_per_step * workload.time_length / plan.num_gpus
    peak = sixteen_bit_peak(gpu, workload.precision)
    return TimeEstimate(
        step_seconds=seconds,
        tokens_per_second_per_gpu=Range(tokens / seconds.high, tokens / seconds.likely, tokens / seconds.low),
        num_steps=run.num_steps,
        run_seconds=seconds.map(run.seconds_at),
        mfu=step.model_flops / seconds.likely / peak,
        bound_by=step.bound_by,
        lines=(
            TimeLine(what="training", seconds=run.training_seconds),
            *(TimeLine(what=what, seconds=spent) for what, spent in run.beside.items()),
        ),
        step=step,
        basis=basis,
        is_published=known,
    )


OF_STEPS: Final = ("evaluation", "warm-up")
"""What of a run takes as long as so many of its steps; the rest takes as long on any number of GPUs."""


class RunSeconds(NamedTuple):
    """What a search reads of a `TimeEstimate`, to the bit."""

    of_steps: float
    """The steps and what takes as long as some of them: all that more GPUs shorten."""
    checkpoints: float
    """What more machines may shorten."""
    total: float
    """One clean run."""


class CleanRun(NamedTuple):
    """One run without retries."""

    num_steps: int
    step_seconds: float
    beside: dict[str, float]
    """Seconds that are no training, by what spends them."""

    @property
    def training_seconds(self) -> float:
        """The steps alone."""
        return self.num_steps * self.step_seconds

    def seconds_at(self, step_seconds: float) -> float:
        """All of it, if a step took `step_seconds`."""
        return self.num_steps * step_seconds + sum(self.beside.values())


class RunTerms(NamedTuple):
    """What a run is made of, whatever a step takes: the same for most plans of a job."""

    num_steps: int
    warmup_steps: float
    warmup_most_seconds: float
    evaluation_share: float
    checkpoint_seconds: float
    startup_seconds: float

    def run(self, step_seconds: float) -> CleanRun:
        """The run that steps of `step_seconds` make, with evaluation, checkpoints, start-up and warm-up.

        Source: docs/formulas-time.md#run.
        """
        beside = ("evaluation", "checkpoints", "start-up", "warm-up")
        return CleanRun(
            self.num_steps, step_seconds, dict(zip(beside, self._beside(step_seconds), strict=True))
        )

    def seconds(self, step_seconds: float) -> RunSeconds:
        """What a search reads of `run`.

        Source: `run`.
        """
        training, beside = self.num_steps * step_seconds, self._beside(step_seconds)
        evaluation, checkpoints, _, warmup = beside
        return RunSeconds(training + (evaluation + warmup), checkpoints, training + sum(beside))

    def _beside(self, step_seconds: float) -> tuple[float, float, float, float]:
        evaluation = self.num_steps * step_seconds * self.evaluation_share / 3
        warmup = min(self.warmup_steps * step_seconds, self.warmup_most_seconds)
        return evaluation, self.checkpoint_seconds, self.startup_seconds, warmup


def run_terms(
    workload: Workload, schedule: Schedule, plan: Plan, framework: Framework, calibration: TimeCalibration
) -> RunTerms:
    """The terms of a run on `plan`, of which its batch and who writes its checkpoints matter.

    Source: docs/formulas-time.md#run.
    """
    steps, value = num_steps(workload, schedule, framework), calibration.value
    return RunTerms(
        steps,
        warmup_steps=min(steps, value("run.warmup_steps")),
        warmup_most_seconds=value("run.warmup_most_seconds"),
        evaluation_share=value("run.evaluation_share"),
        checkpoint_seconds=_checkpoint_seconds(workload, schedule, plan, calibration),
        startup_seconds=_startup_seconds(workload, calibration),
    )


def checkpoint_writers(plan: Plan) -> int:
    """Machines that write a checkpoint: one, or side by side all that hold a shard.

    Source: `_checkpoint_seconds`.
    """
    return plan.num_nodes if plan.zero_stage else 1


def pinned_step_seconds(workload: Workload, schedule: Schedule, plan: Plan, gpu: GPU) -> float | None:
    """The step that was said, or that a said utilisation makes; None: as the model has it.

    Source: the definition of the utilisation: model FLOPs over peak FLOPs.
    """
    if schedule.step_seconds is None and schedule.mfu is not None:
        tokens = plan.sequences_per_step * workload.time_length / plan.num_gpus
        peak = sixteen_bit_peak(gpu, workload.precision)
        return model_flops_per_token(workload) * tokens / (schedule.mfu * peak)
    return schedule.step_seconds


def num_steps(workload: Workload, schedule: Schedule, framework: Framework) -> int:
    """Optimizer steps of the run.

    Pinned steps win; else epochs x steps of one epoch, rounded up; a last partial batch counts where the
    framework's loader keeps it.
    Source: `Trainer.set_initial_training_values` of transformers; `drop_last` of the other loaders.
    """
    if schedule.num_steps is not None:
        return schedule.num_steps
    full, rest = divmod(_num_sequences(workload, schedule), schedule.global_batch_size)
    kept = rest > 0 and (not framework.drops_last_batch or full == 0)
    return max(1, ceil((full + kept) * schedule.num_epochs))


def _num_sequences(workload: Workload, schedule: Schedule) -> int:
    """Of one epoch: tokens over those of a sequence (the remainder is dropped), else a sequence a sample.

    Samples with a mean that are packed fill fewer sequences.
    """
    if schedule.num_tokens is not None:
        return max(1, schedule.num_tokens // workload.time_length)
    if workload.packing:
        return ceil(schedule.num_examples * workload.sample_length / workload.sequence_length)
    return schedule.num_examples


def has_published_speed(
    workload: Workload, plan: Plan, gpu: GPU, framework: Framework, calibration: TimeCalibration
) -> bool:
    """Whether anybody published the speed of runs like this one; one that waits for the host nobody did.

    Source: the speed rows of tests/published/measurements.csv.
    """
    family = calibration.family(gpu.compute_capability, gpu.vendor)
    kind = {"framework": framework.measurements, "method": workload.method.value, "family": family}
    return (
        calibration.has_seen(**kind, gpu=gpu.key)
        and not plan.offload_params
        and not _waits_for_host(workload, plan, gpu, framework)
        and not has_unmeasured_experts(workload, framework)
    )


def _waits_for_host(workload: Workload, plan: Plan, gpu: GPU, framework: Framework) -> bool:
    """Whether the optimizer steps on the host, or its states come from there."""
    return plan.offload or paged_out_bytes(workload, plan, gpu, framework) > 0


def has_unmeasured_experts(workload: Workload, framework: Framework) -> bool:
    """Whether experts are launched one by one, more of them than in any run that was published, or in groups.

    Of frameworks that multiply the experts of a layer in one launch nobody published a speed, nor what it
    costs to share them over GPUs.

    Source: the published runs of Mixtral, with eight; people report that a model of 30B with 128 experts took
    1.6 times as long as a dense one of 32B.
    """
    num_experts = workload.arch.num_experts or 0
    return num_experts > (MEASURED_EXPERTS if framework.loops_over_experts else 0)


def sixteen_bit_peak(gpu: GPU, precision: Precision) -> float:
    """Dense FLOP/s of 16-bit products or, where a GPU has none, fp32: what a utilisation is a share of.

    In fp16 where that is said (an MI100 has twice its bf16), else in bf16.
    Source: the GPU's datasheet in config/gpus.yaml.
    """
    said = (Precision.FP16,) if precision is Precision.FP16 else ()
    for kind in (*said, Precision.BF16, Precision.FP16, Precision.FP32):
        if (peak := gpu.peak_flops_per_second(kind)) is not None:
            return peak
    return 1.0


def impossible_step(
    workload: Workload, plan: Plan, gpu: GPU, step_seconds: float
) -> tuple[float, float] | None:
    """FLOP/s that a step of `step_seconds` needs and the GPU's peak, where it needs more; else None.

    FLOPs a parameter and token: 6, with adapters 4, with most layers frozen 2; attention left out. Nobody can
    do with less.
    Source: Kaplan et al. 2020, arXiv:2001.08361, section 2.1.
    """
    tokens = plan.sequences_per_step * workload.time_length / plan.num_gpus
    a_param = 4 if workload.has_adapters else 2 if workload.method is Method.FREEZE else 6
    flops = a_param * workload.arch.num_active_params * tokens
    peak = gpu.peak_flops_per_second(workload.precision) or sixteen_bit_peak(gpu, workload.precision)
    needed = flops / step_seconds
    return (needed, peak) if needed > peak else None


def _step_range(
    seconds: float,
    workload: Workload,
    plan: Plan,
    gpu: GPU,
    framework: Framework,
    calibration: TimeCalibration,
) -> tuple[Range, Basis]:
    family = calibration.family(gpu.compute_capability, gpu.vendor)
    low, high, basis = calibration.scatter_of(
        framework=framework.measurements, method=workload.method.value, family=family
    )
    power = OFFLOAD_WIDENING if _waits_for_host(workload, plan, gpu, framework) else 1.0
    if has_unmeasured_experts(workload, framework):
        power, basis = power * EXPERTS_WIDENING, Basis(group=NOT_MEASURED, n=0)
    return Range.around(seconds, low**power, high**power), basis


def _checkpoint_seconds(
    workload: Workload, schedule: Schedule, plan: Plan, calibration: TimeCalibration
) -> float:
    """One checkpoint an epoch of all that trains; machines write their shards side by side."""
    size = trained_params(workload) * CHECKPOINT_BYTES_PER_PARAM[workload.mixed_precision]
    storage = calibration.value("run.storage_gb_per_second") * GIGA
    return ceil(schedule.num_epochs) * size / (storage * checkpoint_writers(plan))


def _startup_seconds(workload: Workload, calibration: TimeCalibration) -> float:
    """Start of the processes, reading the weights (every machine on its own), compilation."""
    reading = 2 * workload.arch.num_params / (calibration.value("run.storage_gb_per_second") * GIGA)
    compiling = calibration.value("run.compile_seconds") if workload.compile else 0.0
    return calibration.value("run.startup_seconds") + reading + compiling

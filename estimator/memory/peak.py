"""The memory of one plan: phases of the fullest rank, then allocator, process and verdict."""

from typing import NamedTuple

from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory.allocator import least_reserved_bytes, reserved_bytes, residuals
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.host import host_memory_bytes, resting_bytes
from estimator.memory.phases import LiveTensors, phase_tensors
from estimator.memory.rank import Rank, ranks, uncut_ranks
from estimator.memory.result import MemoryEstimate, MemoryParts, Phase, Verdict
from estimator.plan import Plan
from estimator.ranges import Range
from estimator.workload import Workload


def memory_estimate(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: MemoryCalibration
) -> MemoryEstimate:
    """What the fullest GPU of `plan` must hold, in three readings with their ranges, and whether it can.

    Source: docs/formulas.md#memory.
    """
    held = holdings(workload, plan, gpu=gpu, framework=framework, calibration=calibration)
    spread, basis = residuals(workload, plan, framework, calibration)
    process_range = Range.within(held.process_bytes, spread.process)
    return MemoryEstimate(
        allocated_bytes=Range.within(held.allocated_bytes, spread.allocated),
        reserved_bytes=Range.within(held.reserved_bytes, spread.reserved),
        process_bytes=process_range,
        usable_bytes=gpu.usable_memory_bytes,
        parts=_parts(held),
        phase=held.phase,
        verdict=verdict(process_range, gpu.usable_memory_bytes),
        basis=basis,
        host_bytes=host_memory_bytes(workload, plan, framework),
    )


def process_bytes(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: MemoryCalibration
) -> Range:
    """`process_bytes` of `memory_estimate` alone, to the bit: what a search reads of it."""
    held = holdings(workload, plan, gpu=gpu, framework=framework, calibration=calibration)
    spread, _ = residuals(workload, plan, framework, calibration)
    return Range.within(held.process_bytes, spread.process)


def resting_states_bytes(
    workload: Workload, plan: Plan, *, framework: Framework, calibration: MemoryCalibration
) -> float:
    """Weights and optimizer states: no process of `plan` is smaller, whatever it recomputes and keeps.

    The allocator may be short of room, but never holds less than the tensors or their `retry_floor`.
    """
    resting = (rank.states for rank in uncut_ranks(workload, plan, framework))
    most = max(states.weights_bytes + states.optimizer_bytes for states in resting)
    return min(1.0, calibration.retry_floor.value) * most


def least_bytes(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: MemoryCalibration
) -> Range:
    """`process_bytes` of `plan` is not less, nor with a larger micro batch, however many passes it takes."""
    once = plan if plan.gradient_accumulation_steps == 1 else plan._replace(gradient_accumulation_steps=1)
    context = calibration.context_bytes(once)
    usable = gpu.usable_memory_bytes - context
    reserved = max(
        least_reserved_bytes(rank, usable_bytes=usable, calibration=calibration)
        for rank in ranks(workload, once, framework)
    )
    spread, _ = residuals(workload, once, framework, calibration)
    return Range.within(reserved + context, spread.process)


class RankPeak(NamedTuple):
    """One rank of a plan, what is alive in each phase of its step, and where that is most."""

    rank: Rank
    phases: dict[Phase, LiveTensors]
    phase: Phase

    @property
    def peak(self) -> LiveTensors:
        """What is alive at the peak."""
        return self.phases[self.phase]


class PeakMemory(NamedTuple):
    """The three readings of a plan, each of the rank where it is highest, and the rank whose process is.

    Those differ where one stage of a pipeline holds more tensors, and another leaves more segments free.
    """

    fullest: RankPeak
    allocated_bytes: float
    """Peak of the tensors, on whichever rank it is highest: it can be above that of `fullest`."""
    reserved_bytes: float
    context_bytes: float
    host_bytes: float = 0.0
    """What the job keeps on the host, where that is the GPU's own memory."""

    @property
    def rank(self) -> Rank:
        """The fullest."""
        return self.fullest.rank

    @property
    def phase(self) -> Phase:
        """Where its tensors peak."""
        return self.fullest.phase

    @property
    def peak(self) -> LiveTensors:
        """What is alive on it then."""
        return self.fullest.peak

    @property
    def process_bytes(self) -> float:
        """What the driver shows, and what the host takes of the same memory."""
        return self.reserved_bytes + self.context_bytes + self.host_bytes


def holdings(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: MemoryCalibration
) -> PeakMemory:
    """The readings of `plan`."""
    context = calibration.context_bytes(plan)
    host = resting_bytes(workload, plan, framework) / plan.gpus_per_node if gpu.unified_memory else 0.0
    usable = gpu.usable_memory_bytes - context - host
    found = rank_peaks(workload, plan, framework)
    reserved = [
        reserved_bytes(each.rank, each.phases, usable_bytes=usable, calibration=calibration) for each in found
    ]
    most = max(reserved)
    return PeakMemory(
        fullest=found[reserved.index(most)],
        allocated_bytes=max(each.peak.total for each in found),
        reserved_bytes=most,
        context_bytes=context,
        host_bytes=host,
    )


def allocated_peak_bytes(workload: Workload, plan: Plan, *, framework: Framework) -> float:
    """Peak of the tensors alone: the cheap half of `memory_estimate`."""
    return max(each.peak.total for each in rank_peaks(workload, plan, framework))


def rank_peaks(workload: Workload, plan: Plan, framework: Framework) -> tuple[RankPeak, ...]:
    """The ranks that can be the fullest, by whichever reading."""
    return tuple([_peaking(rank) for rank in ranks(workload, plan, framework)])


def _peaking(rank: Rank) -> RankPeak:
    phases = phase_tensors(rank)
    totals = {phase: held.total for phase, held in phases.items()}
    return RankPeak(rank, phases, max(totals, key=totals.__getitem__))


def verdict(process: Range, usable_bytes: int) -> Verdict:
    """Whether the upper end fits, only the median, or neither."""
    if process.high <= usable_bytes:
        return Verdict.FITS
    return Verdict.TIGHT if process.likely <= usable_bytes else Verdict.DOES_NOT_FIT


def _parts(held: PeakMemory) -> MemoryParts:
    """By what they hold; what rests on the host are states above all."""
    tensors = held.peak
    return MemoryParts(
        weights_bytes=round(tensors.weights),
        gradients_bytes=round(tensors.gradients),
        optimizer_states_bytes=round(tensors.optimizer_states + held.host_bytes),
        activations_bytes=round(tensors.activations),
        logits_bytes=round(tensors.logits),
        temporary_bytes=round(tensors.temporary),
        overhead_bytes=round(held.process_bytes - tensors.total - held.host_bytes),
    )

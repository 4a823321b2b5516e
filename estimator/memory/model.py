"""The memory of one plan: phases of the fullest rank, then allocator, process and verdict."""

from estimator.hardware import GPU
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.estimate import MemoryEstimate, MemoryParts, Phase, Verdict
from estimator.memory.overhead import reserved_bytes, residuals
from estimator.memory.phases import Rank, Tensors, phase_tensors, ranks
from estimator.parallel import Plan
from estimator.ranges import Range
from estimator.stack import TrainingStack
from estimator.workload import Workload


def memory_estimate(
    workload: Workload, plan: Plan, *, gpu: GPU, stack: TrainingStack, calibration: MemoryCalibration
) -> MemoryEstimate:
    """What the fullest GPU of `plan` must hold, in three readings with their ranges, and whether it can.

    Source: docs/formulas.md#memory.
    """
    rank, phases, peak = fullest_rank(workload, plan, stack)
    allocated = phases[peak].total
    usable, context = gpu.usable_memory_bytes, calibration.context_bytes(plan.num_gpus)
    reserved = reserved_bytes(
        rank,
        phases,
        entry_bytes=0.0 if workload.fused_loss else stack.logits_bytes_per_entry,
        usable_bytes=usable - context,
        calibration=calibration,
    )
    process = reserved + context
    spread, basis = residuals(workload, plan.stack, calibration)
    process_range = Range.around(process, *spread.process)
    return MemoryEstimate(
        allocated_bytes=Range.around(allocated, *spread.allocated),
        reserved_bytes=Range.around(reserved, *spread.reserved),
        process_bytes=process_range,
        usable_bytes=usable,
        parts=_parts(phases[peak], process),
        phase=peak,
        verdict=verdict(process_range, usable),
        basis=basis,
        phase_bytes={phase: round(tensors.total) for phase, tensors in phases.items()},
    )


def allocated_peak_bytes(workload: Workload, plan: Plan, *, stack: TrainingStack) -> float:
    """Peak of the tensors alone: the cheap half of `memory_estimate`."""
    _, phases, peak = fullest_rank(workload, plan, stack)
    return phases[peak].total


def fullest_rank(
    workload: Workload, plan: Plan, stack: TrainingStack
) -> tuple[Rank, dict[Phase, Tensors], Phase]:
    """The rank with the highest peak, its phases, and the phase of the peak."""
    candidates = ((rank, phase_tensors(rank)) for rank in ranks(workload, plan, stack))
    rank, phases = max(candidates, key=lambda pair: max(tensors.total for tensors in pair[1].values()))
    return rank, phases, max(phases, key=lambda phase: phases[phase].total)


def verdict(process: Range, usable_bytes: int) -> Verdict:
    """Whether the upper end fits, only the median, or neither."""
    if process.high <= usable_bytes:
        return Verdict.FITS
    return Verdict.TIGHT if process.likely <= usable_bytes else Verdict.DOES_NOT_FIT


def _parts(tensors: Tensors, process_bytes: float) -> MemoryParts:
    parts = MemoryParts(
        weights_bytes=round(tensors.weights),
        gradients_bytes=round(tensors.gradients),
        optimizer_states_bytes=round(tensors.optimizer_states),
        activations_bytes=round(tensors.activations),
        logits_bytes=round(tensors.logits),
        temporary_bytes=round(tensors.temporary),
        overhead_bytes=round(process_bytes - tensors.total),
    )
    return parts

"""From the tensors' peak to what the driver shows: the allocator's segments and the process around them."""

from estimator.memory.calibration import MemoryCalibration, Residuals
from estimator.memory.estimate import Phase
from estimator.memory.phases import Rank, Tensors
from estimator.ranges import Basis
from estimator.workload import Workload


def reserved_bytes(
    rank: Rank, phases: dict[Phase, Tensors], *, chunked_loss: bool, calibration: MemoryCalibration
) -> float:
    """Peak of the caching allocator.

    Source: docs/formulas.md#reserved. With adapters each phase keeps its own free blocks; in full fine-tuning the
    step's temporaries do not reuse the segments of the activations.
    """
    loss, block, step = (phases[phase].total for phase in (Phase.LOSS, Phase.BLOCK, Phase.STEP))
    fixed = calibration.reserved_fixed_bytes
    allocated = max(tensors.total for tensors in phases.values())
    if rank.form.frozen:
        entries = 0.0 if chunked_loss else 4 * rank.workload.arch.vocab_size * rank.num_tokens
        slack = calibration.adapters_logits_share.value * entries
        grown = block * (1 + calibration.adapters_block_share.value)
        return max(loss + slack, grown, step, allocated) + fixed
    resting = phases[Phase.LOSS].weights + phases[Phase.LOSS].optimizer_states
    return max(step + max(loss, block) - resting, allocated) + fixed


def residuals(workload: Workload, stack: str, calibration: MemoryCalibration) -> tuple[Residuals, Basis]:
    """The spread of the nearest group of published runs that has enough of them."""
    for group in (f"{stack}/{workload.method}", str(workload.method), "all"):
        if found := calibration.residuals.get(group):
            return found, Basis(group, found.rows)
    raise KeyError("the calibration has no group `all`")

"""From the tensors' peak to what the driver shows: the allocator's segments and the process around them."""

from estimator.memory.calibration import MemoryCalibration, Residuals
from estimator.memory.phases import Tensors, dequantized_bytes
from estimator.memory.rank import Rank
from estimator.memory.result import Phase
from estimator.ranges import Basis
from estimator.workload import Workload


def reserved_bytes(
    rank: Rank,
    phases: dict[Phase, Tensors],
    *,
    entry_bytes: float,
    usable_bytes: float,
    calibration: MemoryCalibration,
) -> float:
    """Peak of the caching allocator for a loss of `entry_bytes` a logit, with `usable_bytes` to take.

    Source: docs/formulas.md#reserved. Near the end of the card a failed allocation empties the cache and the
    run goes on, as long as the tensors themselves fit.
    """
    allocated = max(tensors.total for tensors in phases.values())
    wanted = _wanted_bytes(rank, phases, entry_bytes, calibration)
    wanted += calibration.fixed_bytes(adapters=rank.form.frozen)
    ceiling = calibration.retry_share.value * usable_bytes
    if wanted <= ceiling:
        return wanted
    return min(wanted, max(calibration.retry_floor.value * allocated, ceiling))


def _wanted_bytes(
    rank: Rank, phases: dict[Phase, Tensors], entry_bytes: float, calibration: MemoryCalibration
) -> float:
    """What the allocator takes when nothing stops it.

    With adapters each phase keeps its own free blocks; in full fine-tuning the step's temporaries do not
    reuse the segments of the activations.
    """
    loss, block, step = (phases[phase].total for phase in (Phase.LOSS, Phase.BLOCK, Phase.STEP))
    weights, states = phases[Phase.STEP].weights, phases[Phase.STEP].optimizer_states
    if not rank.form.frozen:
        return max(step + max(loss, block) - weights - states, phases[Phase.EMBEDDING].total)
    entries = 4 * rank.workload.arch.vocab_size * rank.num_tokens * _fp32_share(entry_bytes)
    slack = calibration.adapters_logits_share.value * entries
    slack += dequantized_bytes(rank)
    return max(loss + slack, block + calibration.adapters_block_share.value * (block - weights), step)


def _fp32_share(entry_bytes: float) -> float:
    """How much of the free blocks of an fp32 loss a loss of `entry_bytes` a logit leaves."""
    return min(1.0, max(0.0, (entry_bytes - 4) / 8))


def residuals(workload: Workload, stack: str, calibration: MemoryCalibration) -> tuple[Residuals, Basis]:
    """The spread of the nearest group of published runs: the stack's own, else the method's.

    Source: docs/formulas.md#ranges.
    """
    for group in (f"{stack}/{workload.method}", stack, str(workload.method), "all"):
        if found := calibration.residuals.get(group):
            return found, Basis(group, found.rows)
    raise KeyError("the calibration has no group `all`")

"""From the tensors' peak to what the driver shows: the allocator's segments and the process around them."""

from estimator.framework.framework import Framework
from estimator.memory.buckets import buckets_bytes
from estimator.memory.calibration import UNPUBLISHED, MemoryCalibration, Residuals
from estimator.memory.phases import LiveTensors, last_block_tensors, outer_phases
from estimator.memory.rank import Rank
from estimator.memory.result import Phase
from estimator.plan import Plan
from estimator.ranges import Basis
from estimator.spec import Attention, Checkpointing, Engine, Method, Optimizer, Quantization
from estimator.workload import Workload


def reserved_bytes(
    rank: Rank, phases: dict[Phase, LiveTensors], *, usable_bytes: float, calibration: MemoryCalibration
) -> float:
    """Peak of the caching allocator with `usable_bytes` to take.

    Source: docs/formulas.md#reserved. Near the end of the GPU a failed allocation empties the cache and the
    run goes on, as long as the tensors themselves fit.
    """
    totals = {phase: tensors.total for phase, tensors in phases.items()}
    wanted = _wanted_bytes(rank, phases, totals, calibration)
    return _granted_bytes(rank, wanted, max(totals.values()), usable_bytes, calibration)


def least_reserved_bytes(rank: Rank, *, usable_bytes: float, calibration: MemoryCalibration) -> float:
    """`reserved_bytes` of the rank is not less, nor for more tokens or more passes."""
    totals = {phase: tensors.total for phase, tensors in outer_phases(rank).items()}
    peak = wanted = max(totals.values())
    if not (rank.formats.frozen or rank.framework.expandable_segments):
        states = rank.states.weights_bytes + rank.states.optimizer_bytes
        wanted = max(wanted, sum(totals.values()) - states)
    return _granted_bytes(rank, wanted, peak, usable_bytes, calibration)


def _granted_bytes(
    rank: Rank, wanted: float, peak: float, usable_bytes: float, calibration: MemoryCalibration
) -> float:
    """What of the `wanted` the allocator gets, beyond what no phase explains."""
    wanted += calibration.fixed_bytes(sharded=is_sharded(rank))
    ceiling = calibration.retry_share.value * usable_bytes
    return wanted if wanted <= ceiling else min(wanted, max(calibration.retry_floor.value * peak, ceiling))


def is_sharded(rank: Rank) -> bool:
    """Whether ranks gather and reduce parts of their states."""
    return rank.plan.zero_stage > 0 and rank.plan.shard_size > 1


def _wanted_bytes(
    rank: Rank, phases: dict[Phase, LiveTensors], totals: dict[Phase, float], calibration: MemoryCalibration
) -> float:
    """What the allocator takes when nothing stops it.

    What the loss and a block's backward pass need beyond what both hold lies in segments of its own but for
    a share; in full fine-tuning the step's temporaries do not reuse the segments of the activations either.
    """
    if rank.framework.expandable_segments:
        return max(totals.values())
    loss, block, step = totals[Phase.LOSS], totals[Phase.BLOCK], totals[Phase.STEP]
    states = phases[Phase.STEP].weights + phases[Phase.STEP].optimizer_states
    common = held_bytes(rank)
    ahead, behind = max(0.0, loss - common), max(0.0, block - common)
    wanted = common + max(ahead, behind) + calibration.apart_share.value * min(ahead, behind)
    wanted = max(wanted, step, totals[Phase.EMBEDDING])
    if rank.formats.frozen:
        return max(wanted, _ragged_bytes(rank, phases, calibration)) if varies(rank) else wanted
    return max(wanted, step + max(loss, block) - states)


def _ragged_bytes(rank: Rank, phases: dict[Phase, LiveTensors], calibration: MemoryCalibration) -> float:
    """What batches of another length each want in all.

    What is as long as the batch needs blocks of other sizes each time: neither loss nor backward pass reuses
    the other's, nor its own. Gradients of weights and their buckets are of one size.
    """
    loss, last = phases[Phase.LOSS], last_block_tensors(rank)
    buckets = buckets_bytes(rank, Phase.LOSS)
    held = held_bytes(rank)
    ahead, behind = loss.total - loss.gradients - buckets - held, last.total - held
    of_one_size = max(tensors.gradients for tensors in phases.values()) + buckets
    return held + of_one_size + calibration.unpacked_factor.value * (max(0.0, ahead) + max(0.0, behind))


def varies(rank: Rank) -> bool:
    """Whether each batch has a length of its own, and leaves free blocks that no later one fits."""
    return rank.workload.unpacked and not rank.workload.padded


def held_bytes(rank: Rank) -> float:
    """What both the loss and the blocks' backward pass hold: states, what blocks keep, logits held on to."""
    return (
        rank.states.weights_bytes
        + rank.states.optimizer_bytes
        + rank.blocks_bytes
        + rank.num_tokens * rank.loss.alive_token_bytes * rank.shard.has_head
        + rank.gathered_bytes
    )


def residuals(
    workload: Workload, plan: Plan, framework: Framework, calibration: MemoryCalibration
) -> tuple[Residuals, Basis]:
    """The spread of the nearest group of published runs: the framework's own, else the method's.

    Source: docs/formulas.md#ranges.
    """
    known = has_published_memory(workload, plan, framework)
    for group in (framework.measurements, str(workload.method), "all") if known else (UNPUBLISHED,):
        if found := calibration.residuals.get(group):
            return found, Basis(group, found.rows)
    raise KeyError("the calibration has no group `all`")


def has_published_memory(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether anybody published the memory of runs like this one.

    Of packed bases without checkpointing only where bitsandbytes is known to keep its inputs; of adapters
    whose graph holds eager scores two rows of one source stand in the table, which is too few. Experts under
    Megatron are shared over GPUs in what people publish, which is not counted here.
    """
    if workload.arch.num_experts and plan.engine is Engine.MEGATRON:
        return False
    graphed = workload.has_adapters and plan.activation_checkpointing is Checkpointing.NONE
    packed = workload.quantization is not None and not framework.keeps_quantized_inputs
    if graphed and (packed or plan.attention is Attention.EAGER):
        return False
    if plan.offload or plan.offload_params:
        return False
    return (
        workload.method in PUBLISHED_METHODS
        and workload.optimizer in PUBLISHED_OPTIMIZERS
        and workload.quantization in PUBLISHED_QUANTIZATIONS
    )


PUBLISHED_METHODS = frozenset({Method.FULL, Method.LORA, Method.QLORA})
PUBLISHED_OPTIMIZERS = frozenset({Optimizer.ADAMW, Optimizer.ADAMW_8BIT, Optimizer.PAGED_ADAMW})
PUBLISHED_QUANTIZATIONS = frozenset({None, Quantization.NF4, Quantization.GPTQ})
"""Of int8 one source knows a little."""

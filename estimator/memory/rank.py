"""One rank of a plan with all that its phases need, worked out once."""

from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, NamedTuple

from estimator.base import ByIdentity
from estimator.framework.framework import Framework
from estimator.memory.activations import AdapterChoice, SavedActivations, block_kept
from estimator.memory.block import norm_bytes
from estimator.memory.logits import LossBytes, loss_bytes
from estimator.memory.number_formats import NumberFormats, numerics
from estimator.memory.shard import Shard, shards
from estimator.memory.states import StateBytes, offloads_weights, quantized_bytes, states
from estimator.model.layers import model_shape
from estimator.model.params import FREEZE_TRAINED_LAYERS
from estimator.plan import Plan
from estimator.spec import Checkpointing, Method
from estimator.workload import Workload

SELECTIVE_KEPT_SHARE = 0.355
"""What selective checkpointing keeps of a block (torchtitan's list of operations); its reports and ao's."""
COMPILED_SHARE = {Checkpointing.NONE: 0.83, Checkpointing.SELECTIVE: 0.87, Checkpointing.FULL: 1.0}
"""What torch.compile's partitioner keeps of the activations; pytorch/ao float8 tables."""


HOST_BUFFERS = 3
"""Block inputs on the GPU while the others rest in host memory: the last one's and two on their way."""


class FixedParts(NamedTuple):
    """What of one rank is the same however its batch is cut and whatever is recomputed: worked out once."""

    formats: NumberFormats
    shard: Shard
    states: StateBytes
    loss: LossBytes
    blocks: tuple[tuple[int, SavedActivations], ...]
    """Layers of each kind on the rank, and what one keeps without checkpointing."""
    gathered_bytes: float
    """Unsharded weights beside the shards where all is recomputed: the root unit and one block."""
    graphed_bytes: float
    """Likewise where a graph keeps what it needs."""
    vocab_size: float
    """Entries of a logit row on this rank."""


class Rank(NamedTuple):
    """One rank with all that its phases need, worked out once."""

    workload: Workload
    plan: Plan
    framework: Framework
    formats: NumberFormats
    shard: Shard
    states: StateBytes
    loss: LossBytes
    num_tokens: float
    """Of one micro batch, on this rank."""
    blocks: tuple[tuple[int, SavedActivations], ...]
    """Layers of each kind on the rank, and what one keeps without checkpointing."""
    in_flight: int
    """Micro batches whose activations the stage holds (1F1B)."""
    boundary_bytes: float
    """The input of one checkpointed block."""
    blocks_bytes: float
    """What all blocks hold after forward, of every micro batch in flight."""
    gathered_bytes: float
    """Unsharded weights beside the shards: the root unit and one block."""
    vocab_size: float
    """Entries of a logit row on this rank."""


def ranks(workload: Workload, plan: Plan, framework: Framework) -> tuple[Rank, ...]:
    """The ranks that can be the fullest."""
    return tuple([_rank(workload, plan, framework, each) for each in uncut_ranks(workload, plan, framework)])


def uncut_ranks(workload: Workload, plan: Plan, framework: Framework) -> tuple[FixedParts, ...]:
    """What of them is the same however their batch is cut and whatever they recompute."""
    return fixed_parts(ByIdentity(workload), plan.uncut, ByIdentity(framework))


@lru_cache(maxsize=4096)
def fixed_parts(
    workload_key: ByIdentity[Workload], uncut: tuple[Any, ...], framework_key: ByIdentity[Framework]
) -> tuple[FixedParts, ...]:
    """The fixed parts of the ranks that can be the fullest; `uncut` is that of a plan."""
    workload, framework = workload_key.value, framework_key.value
    plan = Plan.of_uncut(uncut)
    formats, loss, vocab_size, slices = _slices(workload_key, _sliced(plan), framework_key)
    return tuple(
        FixedParts(
            formats=formats,
            shard=shard,
            states=states(workload, plan, framework, shard, formats),
            loss=loss,
            blocks=blocks,
            gathered_bytes=_gathered_bytes(workload, plan, framework, formats, shard),
            graphed_bytes=_gathered_bytes(
                workload, plan, framework, formats, shard, graphed=framework.graph_keeps_weights
            ),
            vocab_size=vocab_size,
        )
        for shard, blocks in slices
    )


class Slices(NamedTuple):
    """What of the fixed parts is the same for any number of replicas, whatever they recompute."""

    formats: NumberFormats
    loss: LossBytes
    vocab_size: float
    slices: tuple[tuple[Shard, tuple[tuple[int, SavedActivations], ...]], ...]
    """Each with its blocks."""


_SLICED: Final = ("zero_stage", "tensor_parallel_size", "pipeline_parallel_size", "attention", "stack")
_sliced = attrgetter(*_SLICED)
"""What of a plan decides them."""


@lru_cache(maxsize=512)
def _slices(
    workload_key: ByIdentity[Workload], sliced_key: tuple[Any, ...], framework_key: ByIdentity[Framework]
) -> Slices:
    workload, framework = workload_key.value, framework_key.value
    plan = Plan(gpu="", **dict(zip(_SLICED, sliced_key, strict=True)))
    formats = numerics(workload, plan, framework)
    logit_ranks = 1 if framework.gathers_logits else plan.tensor_parallel_size
    vocab_size = workload.arch.vocab_size / logit_ranks
    kept = _layers_kept(workload, formats)
    slices = (
        (shard, tuple(zip(_graphed_layers(workload, shard), kept, strict=True)))
        for shard in shards(workload, plan, framework)
    )
    return Slices(formats, loss_bytes(workload, framework, formats, vocab_size), vocab_size, tuple(slices))


def _layers_kept(workload: Workload, formats: NumberFormats) -> tuple[SavedActivations, ...]:
    choice = AdapterChoice(
        rank=workload.lora_rank or 0,
        targets=workload.lora_targets,
        dropout=workload.lora_dropout > 0,
        magnitudes=workload.method is Method.DORA,
    )
    layers = model_shape(workload.arch).layers
    return tuple(block_kept(workload.arch, index, formats, choice) for index in range(len(layers)))


def _rank(workload: Workload, plan: Plan, framework: Framework, fixed: FixedParts) -> Rank:
    formats, shard = fixed.formats, fixed.shard
    recomputes = plan.activation_checkpointing is Checkpointing.FULL
    tokens = plan.micro_batch_size * workload.sequence_length / plan.context_parallel_size
    in_flight = max(1, min(plan.pipeline_parallel_size - shard.stage, plan.gradient_accumulation_steps))
    boundary = tokens * formats.residual_bytes * workload.arch.hidden_size / plan.tensor_parallel_size
    resting = _resting_boundary_bytes(workload, plan, framework, boundary)
    kept_bytes = sum(
        count * kept_block_bytes(workload, plan, framework, block, tokens, resting)
        for count, block in fixed.blocks
    )
    return Rank(
        workload=workload,
        plan=plan,
        framework=framework,
        formats=formats,
        shard=shard,
        states=fixed.states,
        loss=fixed.loss,
        num_tokens=tokens,
        blocks=fixed.blocks,
        in_flight=in_flight,
        boundary_bytes=boundary,
        blocks_bytes=in_flight * (kept_bytes - _unneeded_first_norm(workload, plan, formats, tokens)),
        gathered_bytes=fixed.gathered_bytes if recomputes else fixed.graphed_bytes,
        vocab_size=fixed.vocab_size,
    )


HOST_CHECKPOINT_TOKENS = 512
"""Shorter samples keep checkpointed inputs on the GPU (unsloth/models/_utils.py, since 2026-02)."""


def keeps_checkpoints_on_host(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether inputs of checkpointed blocks go to the host."""
    checkpointed = plan.activation_checkpointing is Checkpointing.FULL
    return framework.host_checkpoints and checkpointed and workload.sequence_length >= HOST_CHECKPOINT_TOKENS


def _resting_boundary_bytes(
    workload: Workload, plan: Plan, framework: Framework, boundary_bytes: float
) -> float:
    """What of a checkpointed block's input stays on the GPU: all, or its share of the buffers.

    Not less than of the longest samples that stay whole, so that more tokens never need less.
    """
    if not keeps_checkpoints_on_host(workload, plan, framework):
        return boundary_bytes
    staying = min(1.0, HOST_BUFFERS / workload.arch.num_layers)
    return boundary_bytes * max(staying, min(1.0, HOST_CHECKPOINT_TOKENS / workload.sequence_length))


def _graphed_layers(workload: Workload, shard: Shard) -> tuple[int, ...]:
    """Layers of each kind that the backward pass visits: only the top ones where only they train."""
    if workload.method is not Method.FREEZE:
        return shard.layer_counts
    *others, last = shard.layer_counts
    return (*(0 for _ in others), min(last, FREEZE_TRAINED_LAYERS))


def whole_block_bytes(workload: Workload, plan: Plan, kept: SavedActivations, tokens: float) -> float:
    """One block without checkpointing; tensor-parallel ranks share it (sequence parallelism)."""
    per_token = kept.token_bytes + kept.score_bytes * workload.sequence_length
    return (tokens * per_token + kept.fixed_bytes) / plan.tensor_parallel_size


def kept_block_bytes(
    workload: Workload,
    plan: Plan,
    framework: Framework,
    kept: SavedActivations,
    tokens: float,
    boundary: float,
) -> float:
    """What one block holds between forward and backward, on average."""
    checkpointing = plan.activation_checkpointing
    whole = whole_block_bytes(workload, plan, kept, tokens)
    if checkpointing is Checkpointing.FULL:
        return boundary + (1 - plan.recomputed_share) * whole
    if framework.selective_is_attention:
        checkpointing = Checkpointing.NONE
    if workload.compile:
        whole *= COMPILED_SHARE[checkpointing]
    if checkpointing is Checkpointing.NONE:
        return whole
    return SELECTIVE_KEPT_SHARE * whole + (1 - SELECTIVE_KEPT_SHARE) * boundary


def _unneeded_first_norm(workload: Workload, plan: Plan, formats: NumberFormats, tokens: float) -> float:
    """A frozen embedding's output needs no gradient, so the first norm keeps nothing of it."""
    if not formats.frozen or plan.activation_checkpointing is Checkpointing.FULL:
        return 0.0
    return tokens * norm_bytes(workload.arch, formats) / plan.tensor_parallel_size


def layer_weights_bytes(workload: Workload, formats: NumberFormats, shard: Shard) -> float:
    """The largest block as FSDP gathers it: in compute precision, or packed."""
    if workload.quantization is not None:
        return shard.largest_layer_params * quantized_bytes(workload.quantization)
    return shard.largest_layer_params * formats.product_bytes


def _gathered_bytes(
    workload: Workload,
    plan: Plan,
    framework: Framework,
    formats: NumberFormats,
    shard: Shard,
    *,
    graphed: bool = False,
) -> float:
    if plan.zero_stage != 3 or (plan.shard_size == 1 and not offloads_weights(plan, framework)):
        return 0.0
    if framework.pipeline_stays_gathered and plan.pipeline_parallel_size > 1:
        return formats.product_bytes * shard.base_params
    gathered = formats.product_bytes * shard.root_params + layer_weights_bytes(workload, formats, shard)
    pooled = _pooled_bytes(framework, formats, shard, graphed=graphed)
    return min(gathered + pooled, formats.product_bytes * shard.base_params) if pooled else gathered


def _pooled_bytes(framework: Framework, formats: NumberFormats, shard: Shard, *, graphed: bool) -> float:
    """What DeepSpeed lets stay gathered: its pool of live parameters; all that a graph saves.

    Source: microsoft/DeepSpeed deepspeed/runtime/zero/config.py, stage3_max_live_parameters.
    """
    if graphed:
        return formats.product_bytes * shard.matrix_params
    return formats.product_bytes * min(framework.live_params, shard.matrix_params)

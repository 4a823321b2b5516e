"""One rank of a plan with all that its phases need, worked out once."""

from dataclasses import dataclass
from typing import NamedTuple

from estimator.framework import TrainingStack
from estimator.memory.activations import AdapterChoice, Kept, block_kept
from estimator.memory.logits import LossBytes, loss_bytes
from estimator.memory.norms import norm_bytes
from estimator.memory.numerics import Numerics, numerics
from estimator.memory.sharding import Share, shares
from estimator.memory.states import States, quantized_bytes, states
from estimator.parallel import Plan
from estimator.params import FREEZE_TRAINED_LAYERS
from estimator.shape import model_shape
from estimator.spec import Checkpointing, Method
from estimator.workload import Workload

SELECTIVE_KEPT_SHARE = 0.355
"""What selective checkpointing keeps of a block (torchtitan's list of operations); its reports and ao's."""
COMPILED_SHARE = {Checkpointing.NONE: 0.83, Checkpointing.SELECTIVE: 0.87, Checkpointing.FULL: 1.0}
"""What torch.compile's partitioner keeps of the activations; pytorch/ao float8 tables."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """One rank with all that its phases need, worked out once."""

    workload: Workload
    plan: Plan
    stack: TrainingStack
    form: Numerics
    share: Share
    states: States
    loss: LossBytes
    num_tokens: float
    """Of one micro batch, on this rank."""
    blocks: tuple[tuple[int, Kept], ...]
    """Layers of each kind on the rank, and what one keeps without checkpointing."""
    in_flight: int
    """Micro batches whose activations the stage holds (1F1B)."""
    boundary_bytes: float
    """The input of one checkpointed block."""
    blocks_bytes: float
    """What all blocks hold after forward, of every micro batch in flight."""
    gathered_bytes: float
    """Unsharded weights beside the shards: the root unit and one block."""


class _Common(NamedTuple):
    """What all ranks of a plan share."""

    workload: Workload
    plan: Plan
    stack: TrainingStack
    form: Numerics
    loss: LossBytes
    kept: tuple[Kept, ...]
    """By a layer of each kind, without checkpointing."""


def ranks(workload: Workload, plan: Plan, stack: TrainingStack) -> tuple[Rank, ...]:
    """The ranks that can be the fullest."""
    form = numerics(workload, plan, stack)
    loss = loss_bytes(workload, stack, form, workload.arch.vocab_size / plan.tensor_parallel_size)
    common = _Common(workload, plan, stack, form, loss, _layers_kept(workload, form))
    return tuple(_rank(common, share) for share in shares(workload, plan, stack))


def _layers_kept(workload: Workload, form: Numerics) -> tuple[Kept, ...]:
    choice = AdapterChoice(
        rank=workload.lora_rank or 0,
        targets=workload.lora_targets,
        dropout=workload.lora_dropout > 0,
        magnitudes=workload.method is Method.DORA,
    )
    layers = model_shape(workload.arch).layers
    return tuple(block_kept(workload.arch, index, form, choice) for index in range(len(layers)))


def _rank(common: _Common, share: Share) -> Rank:
    workload, plan, stack, form, loss, kept = common
    tokens = plan.micro_batch_size * workload.sequence_length / plan.context_parallel_size
    in_flight = max(1, min(plan.pipeline_parallel_size - share.stage, plan.gradient_accumulation_steps))
    blocks = tuple(zip(_graphed_layers(workload, share), kept, strict=True))
    boundary = tokens * form.residual_bytes * workload.arch.hidden_size / plan.tensor_parallel_size
    kept_bytes = sum(
        count * kept_block_bytes(workload, plan, stack, block, tokens, boundary) for count, block in blocks
    )
    return Rank(
        workload=workload,
        plan=plan,
        stack=stack,
        form=form,
        share=share,
        states=states(workload, plan, stack, share, form),
        loss=loss,
        num_tokens=tokens,
        blocks=blocks,
        in_flight=in_flight,
        boundary_bytes=boundary,
        blocks_bytes=in_flight * (kept_bytes - _unneeded_first_norm(workload, plan, form, tokens)),
        gathered_bytes=_gathered_bytes(workload, plan, form, share),
    )


def _graphed_layers(workload: Workload, share: Share) -> tuple[int, ...]:
    """Layers of each kind that the backward pass visits: only the top ones where only they train."""
    if workload.method is not Method.FREEZE:
        return share.layer_counts
    *others, last = share.layer_counts
    return (*(0 for _ in others), min(last, FREEZE_TRAINED_LAYERS))


def whole_block_bytes(workload: Workload, plan: Plan, kept: Kept, tokens: float) -> float:
    """One block without checkpointing; tensor-parallel ranks share it (sequence parallelism)."""
    per_token = kept.token_bytes + kept.score_bytes * workload.sequence_length
    return (tokens * per_token + kept.fixed_bytes) / plan.tensor_parallel_size


def kept_block_bytes(
    workload: Workload, plan: Plan, stack: TrainingStack, kept: Kept, tokens: float, boundary: float
) -> float:
    """What one block holds between forward and backward, on average."""
    checkpointing = plan.activation_checkpointing
    if checkpointing is Checkpointing.FULL:
        return boundary
    whole = whole_block_bytes(workload, plan, kept, tokens)
    if stack.selective_is_free:
        checkpointing = Checkpointing.NONE
    if workload.compile:
        whole *= COMPILED_SHARE[checkpointing]
    if checkpointing is Checkpointing.NONE:
        return whole
    return SELECTIVE_KEPT_SHARE * whole + (1 - SELECTIVE_KEPT_SHARE) * boundary


def _unneeded_first_norm(workload: Workload, plan: Plan, form: Numerics, tokens: float) -> float:
    """A frozen embedding's output needs no gradient, so the first norm keeps nothing of it."""
    if not form.frozen or plan.activation_checkpointing is Checkpointing.FULL:
        return 0.0
    return tokens * norm_bytes(workload.arch, form) / plan.tensor_parallel_size


def layer_weights_bytes(workload: Workload, form: Numerics, share: Share) -> float:
    """The largest block as FSDP gathers it: in compute precision, or packed."""
    if workload.quantization is not None:
        return share.largest_layer_params * quantized_bytes(workload.quantization)
    return share.largest_layer_params * form.compute_bytes


def _gathered_bytes(workload: Workload, plan: Plan, form: Numerics, share: Share) -> float:
    if plan.zero_stage != 3 or plan.shard_size == 1:
        return 0.0
    return form.compute_bytes * share.root_params + layer_weights_bytes(workload, form, share)

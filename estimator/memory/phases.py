"""The tensors alive in each phase of a step: memory is a peak over phases, not a sum of maxima.

loss       everything that forward kept, and the logits with their gradients
block      a block recomputed (or the last one), its widest gradients, the weight gradients so far
embedding  the last gradients of the backward pass
step       the optimizer's temporaries
"""

from typing import NamedTuple

from estimator.framework.engine import Sharing
from estimator.memory.activations import SavedActivations
from estimator.memory.buckets import ddp_bucket_bytes, held_buckets, reduce_bucket_bytes
from estimator.memory.rank import Rank, kept_block_bytes, layer_weights_bytes, whole_block_bytes
from estimator.memory.result import Phase
from estimator.memory.states import clears_gradients_late, steps_in_backward
from estimator.spec import Checkpointing, Method

LAST_GRADIENT_BYTES = 2
"""Of the 12 bytes a logit, those that only the backward pass takes."""


class LiveTensors(NamedTuple):
    """Bytes alive at one moment, by what they are."""

    weights: float
    gradients: float
    optimizer_states: float
    activations: float
    logits: float = 0.0
    temporary: float = 0.0

    @property
    def total(self) -> float:
        """All of them."""
        states_bytes = self.weights + self.gradients + self.optimizer_states
        return states_bytes + self.activations + self.logits + self.temporary


def phase_tensors(rank: Rank) -> dict[Phase, LiveTensors]:
    """What is alive at the worst moment of each phase.

    Source: docs/formulas.md#phases; the phases of simulated execution, reproduced within 1 %.
    """
    return _with_buckets(
        rank,
        {
            Phase.LOSS: loss_tensors(rank),
            Phase.BLOCK: block_tensors(rank),
            Phase.EMBEDDING: embedding_tensors(rank),
            Phase.STEP: step_tensors(rank),
        },
    )


def outer_phases(rank: Rank) -> dict[Phase, LiveTensors]:
    """Those before and after the backward pass, which are worked out quickly."""
    return _with_buckets(rank, {Phase.LOSS: loss_tensors(rank), Phase.STEP: step_tensors(rank)})


def _with_buckets(rank: Rank, phases: dict[Phase, LiveTensors]) -> dict[Phase, LiveTensors]:
    """`phases` with flat copies of gradients, and without those that are gone as soon as they come."""
    if steps_in_backward(rank.workload, rank.plan, rank.framework):
        one = rank.states.gradient_bytes * rank.shard.largest_matrix_params
        phases = {phase: held._replace(gradients=min(held.gradients, one)) for phase, held in phases.items()}
    copies, buffer = ddp_bucket_bytes(rank), reduce_bucket_bytes(rank)
    if not (copies or buffer):
        return phases
    return {
        phase: held._replace(temporary=held.temporary + held_buckets(phase, copies, buffer))
        for phase, held in phases.items()
    }


def accumulated_gradients(rank: Rank) -> float:
    """Gradients alive before the backward pass of the last micro batch.

    Where FSDP reduces with the last micro batch only, they are whole until then: of all trained weights, in
    the type of compute (huggingface/accelerate PR 2531), or in fp32 where a pipeline stays gathered.
    """
    framework = rank.framework
    keeps = rank.plan.gradient_accumulation_steps > 1 or framework.fp32_gradient_buffer
    if not keeps:
        return 0.0
    if not _waits_for_last_pass(rank):
        return rank.states.gradients_bytes
    whole_bytes = 4 if framework.pipeline_stays_gathered else rank.formats.product_bytes
    return rank.states.trained_params * (rank.formats.adapter_bytes or whole_bytes)


def _waits_for_last_pass(rank: Rank) -> bool:
    """Whether FSDP reduces gradients with the last micro batch only."""
    plan, framework = rank.plan, rank.framework
    if plan.offload or plan.shard_size == 1 or not plan.zero_stage:
        return False
    staged = framework.pipeline_stays_gathered and plan.pipeline_parallel_size > 1
    return framework.sharing(plan.zero_stage) is Sharing.FSDP and (framework.defers_reduction or staged)


def loss_tensors(rank: Rank) -> LiveTensors:
    """The end of forward and the start of backward: activations, logits and their gradients.

    Autocast drops its 16-bit copies of trained weights when the forward pass ends, where two bytes a logit
    are yet to come.
    """
    tail = rank.num_tokens * rank.loss.tail_token_bytes / rank.plan.tensor_parallel_size
    backward = LiveTensors(
        weights=rank.states.weights_bytes,
        gradients=accumulated_gradients(rank),
        optimizer_states=rank.states.optimizer_bytes,
        activations=rank.blocks_bytes + tail * rank.shard.has_head + rank.loss.head_fixed_bytes,
        logits=rank.loss.peak_bytes(rank.num_tokens) * rank.shard.has_head,
        temporary=rank.gathered_bytes + arriving_gradient_bytes(rank) * rank.shard.has_head,
    )
    copies = _cast_copies_bytes(rank)
    if not copies:
        return backward
    last_gradient = rank.num_tokens * min(LAST_GRADIENT_BYTES * rank.vocab_size, rank.loss.peak_token_bytes)
    forward = backward._replace(
        logits=backward.logits - last_gradient * rank.shard.has_head,
        temporary=backward.temporary + copies,
    )
    return max(forward, backward, key=lambda held: held.total)


def _cast_copies_bytes(rank: Rank) -> float:
    """16-bit copies of the blocks' weights that autocast holds but no graph does."""
    checkpointed = rank.plan.activation_checkpointing is Checkpointing.FULL
    if not checkpointed or not rank.formats.casts_weights or rank.formats.frozen:
        return 0.0
    return 2.0 * rank.shard.matrix_params


def arriving_gradient_bytes(rank: Rank) -> float:
    """The largest weight gradient in fp32, on its way into the gradient buffer."""
    if not rank.framework.fp32_gradient_buffer or rank.formats.frozen:
        return 0.0
    return 4.0 * rank.shard.largest_matrix_params


def block_tensors(rank: Rank) -> LiveTensors:
    """The backward pass of one block: the last, or the first, whichever needs more."""
    kept = _heaviest(rank)
    one, held = _one_block(rank, kept), accumulated_gradients(rank)
    last, first = (_block_at(rank, kept, one, held, last=last) for last in (True, False))
    return last if last.total > first.total else first


def last_block_tensors(rank: Rank) -> LiveTensors:
    """Of the backward pass of the last block, without gradients of weights."""
    kept = _heaviest(rank)
    return _block_at(rank, kept, _one_block(rank, kept), 0.0, last=True)._replace(gradients=0.0)


def _one_block(rank: Rank, kept: SavedActivations) -> LiveTensors:
    """A block's backward pass, without gradients of weights and without the other blocks."""
    return LiveTensors(
        weights=rank.states.weights_bytes,
        gradients=0.0,
        optimizer_states=rank.states.optimizer_bytes,
        activations=whole_block_bytes(rank.workload, rank.plan, kept, rank.num_tokens) + rank.boundary_bytes,
        logits=rank.num_tokens * rank.loss.alive_token_bytes * rank.shard.has_head,
        temporary=_block_temporary_bytes(rank, kept),
    )


def _block_at(
    rank: Rank, kept: SavedActivations, one: LiveTensors, held: float, *, last: bool
) -> LiveTensors:
    """Of `one` block while its MLP runs backward, or its eager attention, whichever needs more."""
    weights, _, states, whole, logits, temporary = one
    gradients = _gradients_at_block(rank, kept, held, last=last)
    activations = _other_blocks_bytes(rank, kept, last=last) + whole
    mlp = LiveTensors(weights, gradients, states, activations, logits, temporary)
    scores = attention_backward_bytes(rank, kept)
    if not scores:
        return mlp
    widest = rank.num_tokens * kept.gradient_width_bytes / rank.plan.tensor_parallel_size
    attention = mlp._replace(
        activations=activations - whole + rank.boundary_bytes + scores,
        temporary=temporary - widest,
    )
    return max(mlp, attention, key=lambda held: held.total)


def attention_backward_bytes(rank: Rank, kept: SavedActivations) -> float:
    """What a block holds while its eager attention runs backward; 0 where no scores are kept."""
    if not kept.attention_score_bytes:
        return 0.0
    scores = kept.attention_score_bytes * rank.workload.sequence_length
    return rank.num_tokens * (kept.attention_token_bytes + scores) / rank.plan.tensor_parallel_size


def _heaviest(rank: Rank) -> SavedActivations:
    if len(rank.blocks) == 1:
        return rank.blocks[0][1]
    return max((kept for count, kept in rank.blocks if count), key=lambda block: block.token_bytes)


def _other_blocks_bytes(rank: Rank, kept: SavedActivations, *, last: bool) -> float:
    """What the other blocks hold: all of them before the last one's backward, other micro batches' later."""
    held = _undropped_gradients_bytes(rank)
    if not last:
        return held + rank.blocks_bytes * (1 - 1 / rank.in_flight)
    checkpointed = rank.plan.activation_checkpointing is Checkpointing.FULL
    own = rank.blocks_bytes / max(rank.shard.num_layers, 1) / rank.in_flight
    if not checkpointed:
        own = kept_block_bytes(
            rank.workload, rank.plan, rank.framework, kept, rank.num_tokens, rank.boundary_bytes
        )
    return held + rank.blocks_bytes - own


def _block_temporary_bytes(rank: Rank, kept: SavedActivations) -> float:
    """The widest gradients, gathered weights and their gradients, and one matrix unpacked."""
    widest = rank.num_tokens * kept.gradient_width_bytes / rank.plan.tensor_parallel_size
    arriving = 0.0
    if rank.gathered_bytes and not rank.formats.frozen:
        arriving = layer_weights_bytes(rank.workload, rank.formats, rank.shard)
    return widest + rank.gathered_bytes + arriving + dequantized_bytes(rank) + kept.work_bytes


def _undropped_gradients_bytes(rank: Rank) -> float:
    """FSDP1's hooks keep the gradient of every block's input alive where nothing before it is trained.

    Where the checkpoint wraps the unit (transformers), not where the unit wraps the checkpoint.
    """
    plan = rank.plan
    checkpointed = plan.activation_checkpointing is Checkpointing.FULL
    fsdp = plan.zero_stage == 3 and plan.shard_size > 1 and rank.framework.checkpoints_units
    if not (rank.formats.frozen and checkpointed and fsdp):
        return 0.0
    return rank.boundary_bytes * (rank.shard.num_layers - 2)


def _gradients_at_block(rank: Rank, kept: SavedActivations, held: float, *, last: bool) -> float:
    """What is `held` anyway; else the head's and the down projection's in the last block.

    In the first block all but what it has yet to make.
    """
    whole = _every_gradient_bytes(rank)
    if held:
        return max(held, whole) if last else whole
    if rank.formats.frozen:
        return whole / max(rank.shard.num_layers, 1) if last else whole
    if rank.workload.method is Method.FREEZE:
        return whole
    per_param = whole / max(rank.states.trained_params, 1.0)
    head = rank.shard.head_params or rank.shard.embedding_params
    down = kept.down_params / rank.plan.tensor_parallel_size
    if last:
        return per_param * (head + down)
    embedding = 0.0 if rank.shard.head_is_embedding else rank.shard.embedding_params
    return whole - per_param * (rank.shard.largest_layer_params - down + embedding)


def _every_gradient_bytes(rank: Rank) -> float:
    """Of the weights, as the end of a pass has them on the GPU."""
    if clears_gradients_late(rank.plan, rank.framework):
        return rank.states.gradient_bytes * rank.states.trained_params / rank.plan.shard_size
    return rank.states.gradients_bytes


def dequantized_bytes(rank: Rank) -> float:
    """One matrix unpacked as work space."""
    if rank.workload.quantization is None:
        return 0.0
    shard, formats = rank.shard, rank.formats
    packed = shard.largest_layer_params - shard.largest_layer_expert_params * (not formats.packs_experts)
    return formats.product_bytes * packed / 4


def embedding_tensors(rank: Rank) -> LiveTensors:
    """The end of backward: every gradient, and the embedding's on its way."""
    shard, arch = rank.shard, rank.workload.arch
    trains_embedding = not rank.formats.frozen and rank.workload.method is not Method.FREEZE
    tied = shard.head_is_embedding and trains_embedding
    arriving = 2 * rank.states.gradient_bytes * shard.embedding_params if tied else 0.0
    return LiveTensors(
        weights=rank.states.weights_bytes,
        gradients=_every_gradient_bytes(rank),
        optimizer_states=rank.states.optimizer_bytes,
        activations=rank.num_tokens
        * rank.formats.residual_bytes
        * arch.hidden_size
        / rank.plan.tensor_parallel_size,
        temporary=arriving / (rank.plan.shard_size if rank.plan.zero_stage == 3 else 1) + rank.gathered_bytes,
    )


def step_tensors(rank: Rank) -> LiveTensors:
    """The optimizer's step."""
    return LiveTensors(
        weights=rank.states.weights_bytes,
        gradients=rank.states.gradients_bytes,
        optimizer_states=rank.states.optimizer_bytes,
        activations=0.0,
        temporary=rank.states.step_temporary_bytes,
    )

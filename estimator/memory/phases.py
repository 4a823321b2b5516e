"""The tensors alive in each phase of a step: memory is a peak over phases, not a sum of maxima.

loss       everything that forward kept, and the logits with their gradients
block      a block recomputed (or the last one), its widest gradients, the weight gradients so far
embedding  the last gradients of the backward pass
step       the optimizer's temporaries
"""

from dataclasses import dataclass, replace

from estimator.memory.activations import Kept
from estimator.memory.estimate import Phase
from estimator.memory.rank import Rank, kept_block_bytes, layer_weights_bytes, whole_block_bytes
from estimator.spec import Checkpointing, Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
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


def phase_tensors(rank: Rank) -> dict[Phase, Tensors]:
    """What is alive at the worst moment of each phase.

    Source: docs/formulas.md#phases; the phases of simulated execution, reproduced within 1 %.
    """
    phases = {
        Phase.LOSS: loss_tensors(rank),
        Phase.BLOCK: block_tensors(rank),
        Phase.EMBEDDING: embedding_tensors(rank),
        Phase.STEP: step_tensors(rank),
    }
    buckets = ddp_bucket_bytes(rank)
    if not buckets:
        return phases
    return {phase: replace(held, temporary=held.temporary + buckets) for phase, held in phases.items()}


def ddp_bucket_bytes(rank: Rank) -> float:
    """Flat copies of all gradients that the reducer of replicas holds for as long as it lives.

    Source: pytorch/pytorch torch/nn/parallel/distributed.py, `gradient_as_bucket_view=False` by default.
    """
    plan = rank.plan
    if plan.zero_stage or plan.data_parallel_size == 1 or not rank.stack.ddp_buckets:
        return 0.0
    return rank.states.trained_params * rank.states.gradient_bytes


def accumulated_gradients(rank: Rank) -> float:
    """Gradients alive before the backward pass of the last micro batch."""
    keeps = rank.plan.gradient_accumulation_steps > 1 or rank.stack.fp32_gradient_buffer
    return rank.states.gradients_bytes if keeps else 0.0


def saves_by_sharding(rank: Rank) -> bool:
    """Whether sharding the weights surely saves more than what it gathers and keeps alive."""
    saved = rank.states.weights_bytes * (rank.plan.shard_size - 1)
    arriving = layer_weights_bytes(rank.workload, rank.form, rank.share)
    return saved >= 1.5 * (rank.gathered_bytes + arriving + _undropped_gradients_bytes(rank))


def loss_tensors(rank: Rank) -> Tensors:
    """The end of forward and the start of backward: activations, logits and their gradients."""
    tail = rank.num_tokens * rank.loss.tail_token_bytes / rank.plan.tensor_parallel_size
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=accumulated_gradients(rank),
        optimizer_states=rank.states.optimizer_bytes,
        activations=rank.blocks_bytes + tail * rank.share.has_head + rank.loss.head_fixed_bytes,
        logits=rank.num_tokens * rank.loss.peak_token_bytes * rank.share.has_head,
        temporary=rank.gathered_bytes + arriving_gradient_bytes(rank) * rank.share.has_head,
    )


def arriving_gradient_bytes(rank: Rank) -> float:
    """The largest weight gradient in fp32, on its way into the gradient buffer."""
    if not rank.stack.fp32_gradient_buffer or rank.form.frozen:
        return 0.0
    return 4.0 * rank.share.largest_matrix_params


def block_tensors(rank: Rank) -> Tensors:
    """The backward pass of one block: the last, or the first, whichever needs more."""
    last, first = _block_at(rank, last=True), _block_at(rank, last=False)
    return last if last.total > first.total else first


def _block_at(rank: Rank, *, last: bool) -> Tensors:
    kept = _heaviest(rank)
    whole = whole_block_bytes(rank.workload, rank.plan, kept, rank.num_tokens) + rank.boundary_bytes
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=_gradients_at_block(rank, last=last),
        optimizer_states=rank.states.optimizer_bytes,
        activations=_other_blocks_bytes(rank, kept, last=last) + whole,
        logits=rank.num_tokens * rank.loss.alive_token_bytes * rank.share.has_head,
        temporary=_block_temporary_bytes(rank, kept),
    )


def _heaviest(rank: Rank) -> Kept:
    if len(rank.blocks) == 1:
        return rank.blocks[0][1]
    return max((kept for count, kept in rank.blocks if count), key=lambda block: block.token_bytes)


def _other_blocks_bytes(rank: Rank, kept: Kept, *, last: bool) -> float:
    """What the other blocks hold: all of them before the last one's backward, other micro batches' later."""
    held = _undropped_gradients_bytes(rank)
    if not last:
        return held + rank.blocks_bytes * (1 - 1 / rank.in_flight)
    own = kept_block_bytes(rank.workload, rank.plan, rank.stack, kept, rank.num_tokens, rank.boundary_bytes)
    return held + rank.blocks_bytes - own


def _block_temporary_bytes(rank: Rank, kept: Kept) -> float:
    """The widest gradients, gathered weights and their gradients, and one matrix unpacked."""
    widest = rank.num_tokens * kept.gradient_width_bytes / rank.plan.tensor_parallel_size
    arriving = 0.0
    if rank.gathered_bytes and not rank.form.frozen:
        arriving = layer_weights_bytes(rank.workload, rank.form, rank.share)
    return widest + rank.gathered_bytes + arriving + dequantized_bytes(rank) + kept.work_bytes


def _undropped_gradients_bytes(rank: Rank) -> float:
    """FSDP1's hooks keep the gradient of every block's input alive where nothing before it is trained."""
    plan = rank.plan
    checkpointed = plan.activation_checkpointing is Checkpointing.FULL
    if not (rank.form.frozen and checkpointed and plan.zero_stage == 3 and rank.stack.fsdp1):
        return 0.0
    return rank.boundary_bytes * (rank.share.num_layers - 2)


def _gradients_at_block(rank: Rank, *, last: bool) -> float:
    """The head's and the down projection's in the last block; all but the rest of the first block in it."""
    whole = rank.states.gradients_bytes
    if accumulated_gradients(rank) or rank.form.frozen or rank.workload.method is Method.FREEZE:
        return whole
    per_param = whole / max(rank.states.trained_params, 1.0)
    head = rank.share.head_params or rank.share.embedding_params
    down = _heaviest(rank).down_params / rank.plan.tensor_parallel_size
    if last:
        return per_param * (head + down)
    embedding = 0.0 if rank.share.head_is_embedding else rank.share.embedding_params
    return whole - per_param * (rank.share.largest_layer_params - down + embedding)


def dequantized_bytes(rank: Rank) -> float:
    """One matrix unpacked as work space."""
    if rank.workload.quantization is None:
        return 0.0
    return rank.form.compute_bytes * rank.share.largest_layer_params / 4


def embedding_tensors(rank: Rank) -> Tensors:
    """The end of backward: every gradient, and the embedding's on its way."""
    share, arch = rank.share, rank.workload.arch
    trains_embedding = not rank.form.frozen and rank.workload.method is not Method.FREEZE
    tied = share.head_is_embedding and trains_embedding
    arriving = 2 * rank.states.gradient_bytes * share.embedding_params if tied else 0.0
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=rank.states.gradients_bytes,
        optimizer_states=rank.states.optimizer_bytes,
        activations=rank.num_tokens
        * rank.form.residual_bytes
        * arch.hidden_size
        / rank.plan.tensor_parallel_size,
        temporary=arriving / (rank.plan.shard_size if rank.plan.zero_stage == 3 else 1) + rank.gathered_bytes,
    )


def step_tensors(rank: Rank) -> Tensors:
    """The optimizer's step."""
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=rank.states.gradients_bytes,
        optimizer_states=rank.states.optimizer_bytes,
        activations=0.0,
        temporary=rank.states.step_temporary_bytes,
    )

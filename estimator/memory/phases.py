"""The tensors alive in each phase of a step: memory is a peak over phases, not a sum of maxima.

loss       everything that forward kept, and the logits with their gradients
block      a block recomputed (or the last one), its widest gradients, the weight gradients so far
embedding  the last gradients of the backward pass
step       the optimizer's temporaries
"""

from dataclasses import dataclass

from estimator.memory.activations import Kept, block_kept, norm_bytes
from estimator.memory.estimate import Phase
from estimator.memory.logits import LossBytes, loss_bytes
from estimator.memory.numerics import Numerics, numerics
from estimator.memory.sharding import Share, shares
from estimator.memory.states import States, quantized_bytes, states
from estimator.parallel import Plan
from estimator.shape import model_shape
from estimator.spec import Checkpointing
from estimator.stack import TrainingStack
from estimator.workload import Workload

SELECTIVE_KEPT_SHARE = 0.355
"""What selective checkpointing keeps of a block (torchtitan's list of operations); torchtitan and ao reports."""
FSDP1_STACKS = ("hf", "fsdp-qlora", "litgpt")
COMPILED_SHARE = {Checkpointing.NONE: 0.83, Checkpointing.SELECTIVE: 0.87, Checkpointing.FULL: 1.0}
"""What torch.compile's partitioner keeps of the activations; pytorch/ao float8 tables."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Rank:
    """One rank with all that its phases need, worked out once."""

    workload: Workload
    plan: Plan
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


def ranks(workload: Workload, plan: Plan, stack: TrainingStack) -> tuple[Rank, ...]:
    """The ranks that can be the fullest."""
    form = numerics(workload, plan)
    lora_rank = workload.lora_rank or 0
    blocks = tuple(
        block_kept(
            workload.arch, index, form, lora_rank, workload.lora_targets, dropout=workload.lora_dropout > 0
        )
        for index in range(len(model_shape(workload.arch).layers))
    )
    vocab_size = workload.arch.vocab_size / plan.tensor_parallel_size
    loss = loss_bytes(workload, stack, form, vocab_size)
    tokens = plan.micro_batch_size * workload.sequence_length / plan.context_parallel_size
    return tuple(
        Rank(
            workload=workload,
            plan=plan,
            form=form,
            share=share,
            states=states(workload, plan, share, form),
            loss=loss,
            num_tokens=tokens,
            blocks=tuple(zip(share.layer_counts, blocks, strict=True)),
            in_flight=max(
                1, min(plan.pipeline_parallel_size - share.stage, plan.gradient_accumulation_steps)
            ),
        )
        for share in shares(workload, plan)
    )


def phase_tensors(rank: Rank) -> dict[Phase, Tensors]:
    """What is alive at the worst moment of each phase.

    Source: docs/formulas.md#phases; the phases of simulated execution, reproduced within 1 %.
    """
    return {
        Phase.LOSS: loss_tensors(rank),
        Phase.BLOCK: block_tensors(rank),
        Phase.EMBEDDING: embedding_tensors(rank),
        Phase.STEP: step_tensors(rank),
    }


def boundary_bytes(rank: Rank) -> float:
    """The input of one checkpointed block."""
    return rank.num_tokens * rank.form.residual_bytes * rank.workload.arch.hidden_size / _slices(rank)


def _slices(rank: Rank) -> int:
    """Tensor-parallel ranks that share the activations too (sequence parallelism)."""
    return rank.plan.tensor_parallel_size


def whole_block_bytes(rank: Rank, kept: Kept) -> float:
    """One block without checkpointing."""
    tokens = rank.num_tokens
    per_batch = tokens * (kept.token_bytes + kept.score_bytes * rank.workload.sequence_length)
    return (per_batch + kept.fixed_bytes) / _slices(rank)


def kept_block_bytes(rank: Rank, kept: Kept) -> float:
    """What one block holds between forward and backward, on average."""
    checkpointing = rank.plan.activation_checkpointing
    if checkpointing is Checkpointing.FULL:
        return boundary_bytes(rank)
    whole = whole_block_bytes(rank, kept)
    if rank.workload.compile:
        whole *= COMPILED_SHARE[checkpointing]
    if checkpointing is Checkpointing.NONE or rank.plan.stack == "megatron":
        return whole
    return SELECTIVE_KEPT_SHARE * whole + (1 - SELECTIVE_KEPT_SHARE) * boundary_bytes(rank)


def blocks_bytes(rank: Rank) -> float:
    """What all blocks hold after forward, of every micro batch in flight."""
    one = sum(count * kept_block_bytes(rank, kept) for count, kept in rank.blocks)
    return rank.in_flight * (one - _unneeded_first_norm(rank))


def _unneeded_first_norm(rank: Rank) -> float:
    """A frozen embedding's output needs no gradient, so the first norm keeps nothing of it."""
    if not rank.form.frozen or rank.plan.activation_checkpointing is not Checkpointing.NONE:
        return 0.0
    arch = rank.workload.arch
    return rank.num_tokens * norm_bytes(arch, rank.form, arch.hidden_size) / _slices(rank)


def accumulated_gradients(rank: Rank) -> float:
    """Gradients alive before the backward pass of the last micro batch."""
    keeps = rank.plan.gradient_accumulation_steps > 1 or rank.plan.stack == "megatron"
    return rank.states.gradients_bytes if keeps else 0.0


def layer_weights_bytes(rank: Rank) -> float:
    """The largest block as FSDP gathers it: in compute precision, or packed."""
    workload, share = rank.workload, rank.share
    per_param = rank.form.compute_bytes
    if workload.quantization is not None:
        return share.largest_layer_params * quantized_bytes(workload.quantization)
    return share.largest_layer_params * per_param


def gathered_bytes(rank: Rank) -> float:
    """Unsharded weights beside the shards: the root unit and one block."""
    if rank.plan.zero_stage != 3 or rank.plan.shard_size == 1:
        return 0.0
    return rank.form.compute_bytes * rank.share.root_params + layer_weights_bytes(rank)


def loss_tensors(rank: Rank) -> Tensors:
    """The end of forward and the start of backward: activations, logits and their gradients."""
    tail = rank.num_tokens * rank.loss.tail_token_bytes / _slices(rank)
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=accumulated_gradients(rank),
        optimizer_states=rank.states.optimizer_bytes,
        activations=blocks_bytes(rank) + tail * rank.share.has_head + rank.loss.head_fixed_bytes,
        logits=rank.num_tokens * rank.loss.peak_token_bytes * rank.share.has_head,
        temporary=gathered_bytes(rank) + arriving_gradient_bytes(rank) * rank.share.has_head,
    )


def arriving_gradient_bytes(rank: Rank) -> float:
    """Megatron's largest weight gradient in fp32, on its way into the gradient buffer."""
    if rank.plan.stack != "megatron" or rank.form.frozen:
        return 0.0
    return 4.0 * rank.share.largest_matrix_params


def block_tensors(rank: Rank) -> Tensors:
    """The backward pass of one block: the last, or the first, whichever needs more."""
    last, first = _block_at(rank, last=True), _block_at(rank, last=False)
    return last if last.total > first.total else first


def _block_at(rank: Rank, *, last: bool) -> Tensors:
    kept = max((kept for _, kept in rank.blocks), key=lambda block: block.token_bytes)
    whole = whole_block_bytes(rank, kept)
    share = kept_block_bytes(rank, kept)
    others = blocks_bytes(rank) - share if last else blocks_bytes(rank) * (1 - 1 / rank.in_flight)
    others += _undropped_gradients_bytes(rank)
    if rank.plan.activation_checkpointing is Checkpointing.FULL:
        whole += boundary_bytes(rank)
    gathered = gathered_bytes(rank)
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=_gradients_at_block(rank, last=last),
        optimizer_states=rank.states.optimizer_bytes,
        activations=others + max(whole, share),
        logits=rank.num_tokens * rank.loss.alive_token_bytes * rank.share.has_head,
        temporary=rank.num_tokens * kept.gradient_width_bytes / _slices(rank)
        + gathered
        + (layer_weights_bytes(rank) if gathered and not rank.form.frozen else 0.0)
        + _dequantized_bytes(rank),
    )


def _undropped_gradients_bytes(rank: Rank) -> float:
    """FSDP1's hooks keep the gradient of every block's input alive where nothing before it is trained."""
    plan = rank.plan
    checkpointed = plan.activation_checkpointing is Checkpointing.FULL
    if not (rank.form.frozen and checkpointed and plan.zero_stage == 3 and plan.stack in FSDP1_STACKS):
        return 0.0
    return boundary_bytes(rank) * (rank.share.num_layers - 2)


def _gradients_at_block(rank: Rank, *, last: bool) -> float:
    """Head and final norm only before the last block; all but the first block and the embedding before it."""
    whole = rank.states.gradients_bytes
    if accumulated_gradients(rank) or rank.form.frozen:
        return whole
    per_param = whole / max(rank.states.trained_params, 1.0)
    head = rank.share.head_params or rank.share.embedding_params
    if last:
        return per_param * head
    embedding = 0.0 if rank.share.head_is_embedding else rank.share.embedding_params
    return whole - per_param * (rank.share.largest_layer_params + embedding)


def _dequantized_bytes(rank: Rank) -> float:
    """One matrix unpacked as work space."""
    if rank.workload.quantization is None:
        return 0.0
    return rank.form.compute_bytes * rank.share.largest_layer_params / 4


def embedding_tensors(rank: Rank) -> Tensors:
    """The end of backward: every gradient, and the embedding's on its way."""
    share, arch = rank.share, rank.workload.arch
    tied = share.head_is_embedding and not rank.form.frozen
    arriving = 2 * rank.states.gradient_bytes * share.embedding_params if tied else 0.0
    return Tensors(
        weights=rank.states.weights_bytes,
        gradients=rank.states.gradients_bytes,
        optimizer_states=rank.states.optimizer_bytes,
        activations=rank.num_tokens * rank.form.residual_bytes * arch.hidden_size / _slices(rank),
        temporary=arriving / (rank.plan.shard_size if rank.plan.zero_stage == 3 else 1)
        + gathered_bytes(rank),
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

"""Show the maths: every part of the process peak with its formula, its numbers and its source."""

from collections.abc import Iterator

from estimator.framework import TrainingStack
from estimator.hardware import GPU
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.estimate import Phase, Term
from estimator.memory.model import Holdings, holdings
from estimator.memory.phases import ddp_bucket_bytes
from estimator.memory.rank import Rank, whole_block_bytes
from estimator.parallel import Plan
from estimator.spec import Checkpointing
from estimator.workload import Workload

FORMULAS = "docs/formulas.md"
ZERO = "Rajbhandari et al. 2020, arXiv:1910.02054"
TRANSFORMERS = "transformers 5.23, run on tensors without data"
PAIRS = "config/overhead.yaml: pairs of allocated and nvidia-smi readings"


def memory_terms(
    workload: Workload, plan: Plan, *, gpu: GPU, stack: TrainingStack, calibration: MemoryCalibration
) -> tuple[Term, ...]:
    """The parts of the likely process peak, one line each; their sizes sum to it.

    Source: docs/formulas.md#memory.
    """
    held = holdings(workload, plan, gpu=gpu, stack=stack, calibration=calibration)
    lines = (*_state_terms(held), *_live_terms(held, stack), *_overhead_terms(held))
    shown = tuple(term for term in lines if term.size_bytes)
    return _summing_to(shown, round(held.process_bytes))


def _summing_to(terms: tuple[Term, ...], total_bytes: int) -> tuple[Term, ...]:
    """The terms with the rounding of a few bytes put into the largest."""
    rest = total_bytes - sum(term.size_bytes for term in terms)
    largest = max(terms, key=lambda term: term.size_bytes)
    return tuple(
        Term(
            part=term.part,
            formula=term.formula,
            numbers=term.numbers,
            size_bytes=term.size_bytes + (rest if term is largest else 0),
            source=term.source,
        )
        for term in terms
    )


def _term(part: str, formula: str, numbers: str, size_bytes: float, source: str) -> Term:
    return Term(part=part, formula=formula, numbers=numbers, size_bytes=round(size_bytes), source=source)


def _over(ranks: int) -> str:
    return f" / {ranks}" if ranks > 1 else ""


def _shards(plan: Plan, from_stage: int) -> int:
    """Ranks that share what is sharded from this ZeRO stage on."""
    return plan.shard_size if plan.zero_stage >= from_stage else 1


def _state_terms(held: Holdings) -> Iterator[Term]:
    """Weights, gradients and optimizer states."""
    rank, peak = held.rank, held.peak
    share, plan, form = rank.share, rank.plan, rank.form
    adapters = share.adapter_params * form.adapter_bytes
    adapters = min(adapters / _shards(plan, 3), peak.weights)
    yield _term(
        "weights",
        "base parameters x bytes each / shards",
        f"{share.base_params:,.0f}{_over(_shards(plan, 3))}, {_stored(rank)}",
        peak.weights - adapters,
        f"{FORMULAS}#parameters",
    )
    yield _term(
        "weights",
        "adapter parameters x bytes each",
        f"{share.adapter_params:,.0f} x {form.adapter_bytes}",
        adapters,
        "PEFT 0.21 tuners/lora/layer.py",
    )
    trained = rank.states.trained_params
    yield _term(
        "gradients",
        "trained parameters with a gradient at this moment x bytes each / shards",
        f"of {trained:,.0f} x {rank.states.gradient_bytes}{_over(_shards(plan, 2))}",
        peak.gradients,
        ZERO,
    )
    yield _term(
        "optimizer_states",
        f"{rank.workload.optimizer}: states of each trained parameter / shards",
        f"{trained:,.0f}{_over(_shards(plan, 1))}",
        peak.optimizer_states,
        f"{FORMULAS}#optimizers",
    )


def _stored(rank: Rank) -> str:
    quantization = rank.workload.quantization
    if quantization is None:
        return f"{rank.form.weight_bytes} bytes each"
    return f"matrices in {quantization}, the rest {rank.form.weight_bytes} bytes each"


def _live_terms(held: Holdings, stack: TrainingStack) -> Iterator[Term]:
    """Activations, logits and temporaries of the phase of the peak."""
    yield from _activation_terms(held)
    entry_bytes = 0.0 if held.rank.workload.fused_loss else stack.logits_bytes_per_entry
    yield _term(
        "logits",
        "bytes a token and vocabulary entry x tokens x vocabulary / tensor-parallel ranks",
        f"{entry_bytes:g} x {held.rank.num_tokens:,.0f} x {held.rank.workload.arch.vocab_size:,}"
        f"{_over(held.rank.plan.tensor_parallel_size)}",
        held.peak.logits,
        stack.source,
    )
    buckets = ddp_bucket_bytes(held.rank)
    yield _term("temporary", *_TEMPORARIES[held.phase], held.peak.temporary - buckets, TRANSFORMERS)
    yield _term(
        "temporary",
        "flat copies of the gradients in the buckets of DistributedDataParallel",
        f"{held.rank.states.trained_params:,.0f} x {held.rank.states.gradient_bytes}",
        buckets,
        "pytorch torch/nn/parallel/distributed.py: gradient_as_bucket_view=False",
    )


_TEMPORARIES = {
    Phase.LOSS: (
        "weights gathered from other ranks, the head's gradient on its way",
        "root unit and a block",
    ),
    Phase.BLOCK: ("3 inner widths and the hidden width of gradients x tokens, gathered weights", "one block"),
    Phase.EMBEDDING: ("the embedding's gradient on its way, gathered weights", "root unit"),
    Phase.STEP: ("what the optimizer's implementation copies", "foreach: one more of the trained weights"),
}


def _activation_terms(held: Holdings) -> Iterator[Term]:
    rank = held.rank
    blocks = min(rank.blocks_bytes, held.peak.activations) if held.phase is Phase.LOSS else 0.0
    num_blocks = sum(count for count, _ in rank.blocks)
    yield _term(
        "activations",
        _block_formula(rank),
        f"{num_blocks} blocks x {rank.num_tokens:,.0f} tokens x {rank.in_flight} in flight",
        blocks,
        TRANSFORMERS,
    )
    label = (
        "final norm and the head's input"
        if held.phase is Phase.LOSS
        else f"what the {held.phase} phase holds"
    )
    yield _term(
        "activations",
        label,
        f"{rank.num_tokens:,.0f} tokens x {rank.workload.arch.hidden_size:,} wide",
        held.peak.activations - blocks,
        TRANSFORMERS,
    )


def _block_formula(rank: Rank) -> str:
    kept = rank.blocks[-1][1]
    whole = whole_block_bytes(rank.workload, rank.plan, kept, rank.num_tokens) / max(rank.num_tokens, 1)
    if rank.plan.activation_checkpointing is Checkpointing.FULL:
        return f"{rank.form.residual_bytes} x hidden size a token and block (the rest is recomputed)"
    return f"{whole:,.0f} bytes a token and block"


def _overhead_terms(held: Holdings) -> Iterator[Term]:
    """From tensors to the process."""
    yield _term(
        "overhead",
        "free blocks and rounding of the caching allocator",
        f"reserved {held.reserved_bytes / 2**30:.2f} GiB - allocated {held.allocated_bytes / 2**30:.2f} GiB",
        held.reserved_bytes - held.allocated_bytes,
        PAIRS,
    )
    yield _term(
        "overhead",
        "CUDA context, libraries, NCCL with several GPUs",
        f"{held.rank.plan.num_gpus} GPU(s)",
        held.context_bytes,
        PAIRS,
    )

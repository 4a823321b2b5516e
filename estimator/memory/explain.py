"""Show the maths: every part of the process peak with its formula, its numbers and its source."""

from collections.abc import Iterator
from dataclasses import replace

from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.memory.buckets import buckets_bytes
from estimator.memory.calibration import MemoryCalibration
from estimator.memory.logits import logit_bytes
from estimator.memory.peak import PeakMemory, holdings
from estimator.memory.rank import whole_block_bytes
from estimator.memory.result import Phase, Term
from estimator.plan import Plan
from estimator.spec import Checkpointing
from estimator.units import GIB
from estimator.workload import Parameter, Workload

FORMULAS = "docs/formulas.md"
ZERO = "Rajbhandari et al. 2020, arXiv:1910.02054"
TRANSFORMERS = "shapes"
"""Named in the locales, `source.shapes`: the model classes of transformers, run without data."""
PAIRS = "pairs"
"""Likewise: the readings of config/calibration/memory.yaml."""


def memory_terms(
    workload: Workload, plan: Plan, *, gpu: GPU, framework: Framework, calibration: MemoryCalibration
) -> tuple[Term, ...]:
    """The parts of the likely process peak, one line each; their sizes sum to it.

    Source: docs/formulas.md#memory.
    """
    held = holdings(workload, plan, gpu=gpu, framework=framework, calibration=calibration)
    lines = (*_state_terms(held), *_host_terms(held), *_live_terms(held, framework), *_overhead_terms(held))
    shown = tuple(term for term in lines if term.size_bytes)
    return _summing_to(shown, round(held.process_bytes))


def _summing_to(terms: tuple[Term, ...], total_bytes: int) -> tuple[Term, ...]:
    """The terms with the rounding of a few bytes put into the largest."""
    rest = total_bytes - sum(term.size_bytes for term in terms)
    largest = max(terms, key=lambda term: term.size_bytes)
    return tuple(
        replace(term, size_bytes=term.size_bytes + rest) if term is largest else term for term in terms
    )


def _term(part: str, code: str, size_bytes: float, source: str, **parameters: Parameter) -> Term:
    return Term(part=part, code=code, parameters=parameters, size_bytes=round(size_bytes), source=source)


def _shards(plan: Plan, from_stage: int) -> int:
    """Ranks that share what is sharded from this ZeRO stage on."""
    return plan.shard_size if plan.zero_stage >= from_stage else 1


def _state_terms(held: PeakMemory) -> Iterator[Term]:
    """Weights, gradients and optimizer states."""
    yield from _weight_terms(held)
    rank, peak = held.rank, held.peak
    trained, sharing = round(rank.states.trained_params), _shards(rank.plan, 2)
    yield _term(
        "gradients",
        "gradients",
        peak.gradients,
        ZERO,
        held_params=round(peak.gradients * sharing / rank.states.gradient_bytes),
        gradient_each=rank.states.gradient_bytes,
        ranks=sharing,
    )
    sharing = _shards(rank.plan, 1)
    yield _term(
        "optimizer_states",
        "optimizer_states",
        peak.optimizer_states,
        f"{FORMULAS}#optimizers",
        optimizer=rank.workload.optimizer,
        trained_params=trained,
        state_each=peak.optimizer_states * sharing / max(trained, 1),
        ranks=sharing,
    )


def _host_terms(held: PeakMemory) -> Iterator[Term]:
    """What rests on the host, where that is the GPU's own memory."""
    yield _term("optimizer_states", "unified_memory", held.host_bytes, f"{FORMULAS}#host-memory")


def _weight_terms(held: PeakMemory) -> Iterator[Term]:
    """The base, experts of it that are not packed, and the adapters on it."""
    shard, formats, ranks = held.rank.shard, held.rank.formats, _shards(held.rank.plan, 3)
    adapters = min(shard.adapter_params * formats.adapter_bytes / ranks, held.peak.weights)
    quantization = held.rank.workload.quantization
    unpacked_params = shard.expert_params if quantization and not formats.packs_experts else 0.0
    unpacked = min(unpacked_params * formats.weight_bytes / ranks, held.peak.weights - adapters)
    yield _term(
        "weights",
        "weights_quantized" if quantization else "weights",
        held.peak.weights - adapters - unpacked,
        f"{FORMULAS}#parameters",
        base_params=round(shard.base_params - unpacked_params),
        ranks=ranks,
        weight_each=formats.weight_bytes,
        quantization=quantization or "",
    )
    yield _term(
        "weights",
        "weights_unpacked",
        unpacked,
        held.rank.framework.source,
        expert_params=round(unpacked_params),
        ranks=ranks,
        weight_each=formats.weight_bytes,
    )
    yield _term(
        "weights",
        "adapters",
        adapters,
        "PEFT 0.21 tuners/lora/layer.py",
        adapter_params=round(shard.adapter_params),
        adapter_each=formats.adapter_bytes,
        ranks=ranks,
    )


def _live_terms(held: PeakMemory, framework: Framework) -> Iterator[Term]:
    """Activations, logits and temporaries of the phase of the peak."""
    rank, phase = held.rank, held.phase
    yield from _activation_terms(held)
    yield _term(
        "logits",
        "logits",
        held.peak.logits,
        framework.source,
        entry_each=logit_bytes(rank.workload, framework, rank.formats),
        num_tokens=round(rank.num_tokens),
        vocab_size=rank.workload.arch.vocab_size,
        ranks=rank.plan.tensor_parallel_size,
    )
    buckets = buckets_bytes(rank, phase)
    yield _term("temporary", f"temporary_{phase}", held.peak.temporary - buckets, TRANSFORMERS)
    yield _term(
        "temporary",
        "reduce_bucket" if framework.reduce_bucket_bytes else "buckets",
        buckets,
        "pytorch/pytorch torch/nn/parallel; deepspeedai/DeepSpeed deepspeed/runtime/zero/config.py",
        held_params=round(buckets / rank.states.gradient_bytes),
        gradient_each=rank.states.gradient_bytes,
    )


def _activation_terms(held: PeakMemory) -> Iterator[Term]:
    rank = held.rank
    blocks = min(rank.blocks_bytes, held.peak.activations) if held.phase is Phase.LOSS else 0.0
    whole = whole_block_bytes(rank.workload, rank.plan, rank.blocks[-1][1], rank.num_tokens)
    recomputed = rank.plan.activation_checkpointing is Checkpointing.FULL
    yield _term(
        "activations",
        "blocks_recomputed" if recomputed else "blocks",
        blocks,
        TRANSFORMERS,
        block_size=round(whole / max(rank.num_tokens, 1)),
        residual_each=rank.formats.residual_bytes,
        num_blocks=sum(count for count, _ in rank.blocks),
        num_tokens=round(rank.num_tokens),
        in_flight=rank.in_flight,
        ranks=rank.plan.tensor_parallel_size,
    )
    yield _term(
        "activations",
        f"activations_{held.phase}",
        held.peak.activations - blocks,
        TRANSFORMERS,
        num_tokens=round(rank.num_tokens),
        hidden_size=rank.workload.arch.hidden_size,
    )


def _overhead_terms(held: PeakMemory) -> Iterator[Term]:
    """From tensors to the process."""
    yield _term(
        "overhead",
        "allocator",
        held.reserved_bytes - held.peak.total,
        PAIRS,
        reserved_gib=held.reserved_bytes / GIB,
        allocated_gib=held.peak.total / GIB,
    )
    yield _term("overhead", "context", held.context_bytes, PAIRS, gpus=held.rank.plan.num_gpus)

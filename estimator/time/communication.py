"""Communication on the critical path: sharding, gradients, tensor and context parallelism."""

from math import sqrt

from estimator.spec import Precision
from estimator.time.layers import computed_bytes, trained_params, travelling_bytes
from estimator.time.micro_batch import MicroBatch

FP8_GATHER = 0.5
"""Gathered tensors travel in fp8 under fp8 recipes; reductions stay in 16 bit."""
GAP_LIMIT = 0.6
"""Share of the kernels that gaps between FSDP's units last at most."""
TENSOR_PARALLEL_REDUCTIONS = 2
"""All-reduces a layer and pass: after attention and after the MLP; arXiv:1909.08053."""


def exposed_seconds(traffic: float, compute: float, *, exposed: float, hiding: float) -> float:
    """What of `traffic` seconds lengthens the step when it runs beside `compute` seconds.

    The share `exposed` always does: copies take bandwidth and multiprocessors from the kernels. What is left
    hides behind `hiding` x compute, and sticks out smoothly beyond it.
    Source: fitted on pairs of one and several GPUs in the published runs.
    """
    cover = hiding * compute
    rest = traffic * (1 - exposed)
    return traffic * exposed + sqrt(sqrt(rest**4 + cover**4)) - cover


def ring_seconds(one: MicroBatch, size_bytes: float, num_ranks: int, ranks_in_domain: int) -> float:
    """One all-gather or reduce-scatter of `size_bytes` in full: (n - 1) / n of them through the slowest link.

    A ring that leaves the machine shares its network GPUs with the rings of the other local ranks. A
    collective has a latency, and each rank adds one. Source: Thakur et al. 2005, ring algorithms; alpha-beta
    model; NVIDIA/nccl src/graph/tuning.cc for the first.
    """
    if num_ranks <= 1:
        return 0.0
    rates = one.rates
    bandwidth = rates.links.link_bytes_per_second
    if num_ranks > ranks_in_domain:
        rings = one.plan.gpus_per_node / min(ranks_in_domain, one.plan.gpus_per_node)
        bandwidth = min(bandwidth, rates.links.node_bytes_per_second / rings)
    latency = rates.links.collective_seconds + rates.links.rank_seconds * (num_ranks - 1)
    return size_bytes * (num_ranks - 1) / num_ranks / bandwidth + latency


def _ranks_in_domain(one: MicroBatch) -> int:
    """Sharding ranks that reach each other without a network: tensor-parallel ranks come first."""
    domain = min(one.rates.links.domain_gpus, one.plan.num_gpus)
    return max(1, domain // one.plan.tensor_parallel_size)


def sharding_seconds(one: MicroBatch, compute: float) -> float:
    """FSDP and ZeRO-3, one micro batch of a stage: weights gathered twice, gradients scattered, by layer.

    ZeRO-2 scatters gradients in every micro batch too. Source: Rajbhandari et al. 2020, arXiv:1910.02054;
    Zhao et al. 2023, arXiv:2304.11277. Both travel as they compute, quantised weights packed.
    """
    plan = one.plan
    if plan.zero_stage < 2 or plan.shard_size <= 1:
        return 0.0
    layers = one.cost.num_layers / plan.pipeline_parallel_size
    ring = _ring_of_sharding(one, layers)
    exposed = exposed_seconds(ring, compute, exposed=one.rates.links.exposed, hiding=one.rates.links.hiding)
    return exposed + unit_gap_seconds(one, compute)


def unit_gap_seconds(one: MicroBatch, compute: float) -> float:
    """Gaps at FSDP's units: a layer is one, and PEFT's policy wraps both halves of every adapter.

    A gather waits until an earlier unit is freed, so that kernels run dry; a gap is no longer than the share
    GAP_LIMIT of the kernels that it waits for.
    Source: torch `FullyShardedDataParallel`, `limit_all_gathers`; PEFT `fsdp_auto_wrap_policy`.
    """
    layers = one.cost.num_layers / one.plan.pipeline_parallel_size
    units = (1 + 2 * one.adapters.num_adapters) * one.passes.sweeps * layers
    gaps, limit = one.rates.links.unit_seconds * units, GAP_LIMIT * compute
    return gaps * limit / sqrt(sqrt(gaps**4 + limit**4)) if gaps else 0.0


def _ring_of_sharding(one: MicroBatch, layers: float) -> float:
    plan, ranks = one.plan, _ranks_in_domain(one)
    gathers = 2 if plan.zero_stage == 3 else 0
    entry = travelling_bytes(one.workload, one.framework) * _gather_share(one)
    weights = one.cost.total_params * entry / plan.tensor_parallel_size
    gradients = computed_bytes(one.workload) * trained_params(one.workload) / one.cost.num_layers
    gradients /= plan.tensor_parallel_size
    gather = ring_seconds(one, weights, plan.shard_size, ranks)
    scatter = ring_seconds(one, gradients, plan.shard_size, ranks)
    return layers * (gathers * gather + scatter)


def _gather_share(one: MicroBatch) -> float:
    return FP8_GATHER if one.workload.precision is Precision.FP8 else 1.0


def gradient_seconds(one: MicroBatch, compute: float) -> float:
    """DDP and ZeRO-1, once a step: all-reduce of the gradients, beside the backward of the last micro batch.

    An all-reduce is a reduce-scatter and an all-gather; ZeRO-1 gathers weights instead of gradients.
    Source: Rajbhandari et al. 2020, arXiv:1910.02054, section 7.
    """
    plan = one.plan
    if plan.zero_stage > 1 or plan.shard_size <= 1:
        return 0.0
    size = computed_bytes(one.workload) * trained_params(one.workload)
    size /= plan.tensor_parallel_size * plan.pipeline_parallel_size
    ring = 2 * ring_seconds(one, size, plan.shard_size, _ranks_in_domain(one))
    return exposed_seconds(ring, compute, exposed=one.rates.links.exposed, hiding=one.rates.links.hiding)


def tensor_parallel_seconds(one: MicroBatch) -> float:
    """All-reduces of one layer in all passes of a micro batch: two a pass, of every token's hidden state.

    Nothing hides them: the next kernel waits.
    Source: Shoeybi et al. 2019, arXiv:1909.08053, section 3.
    """
    plan = one.plan
    if plan.tensor_parallel_size <= 1:
        return 0.0
    size = computed_bytes(one.workload) * one.num_tokens * one.cost.hidden_size
    size *= (1 + _gather_share(one)) / 2
    domain = min(one.rates.links.domain_gpus, plan.num_gpus)
    ring = 2 * ring_seconds(one, size, plan.tensor_parallel_size, domain)
    return TENSOR_PARALLEL_REDUCTIONS * one.passes.sweeps * ring


def context_parallel_seconds(one: MicroBatch) -> float:
    """Keys and values of one layer go round the context-parallel ranks; their gradients too in backward.

    Source: Liu et al. 2023, ring attention, arXiv:2310.01889.
    """
    plan = one.plan
    if plan.context_parallel_size <= 1:
        return 0.0
    size = (
        2.0
        * computed_bytes(one.workload)
        * one.num_tokens
        * one.cost.key_value_width
        * plan.context_parallel_size
        / plan.tensor_parallel_size
    )
    domain = max(1, min(one.rates.links.domain_gpus, plan.num_gpus) // plan.tensor_parallel_size)
    ring = ring_seconds(one, size, plan.context_parallel_size, domain)
    return (one.passes.sweeps + 1) * ring * one.rates.links.cp_exposed

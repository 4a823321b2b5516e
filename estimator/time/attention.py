"""Seconds of one layer's attention, in all passes of one micro batch."""

from estimator.memory.families import CAPPED_SCORES
from estimator.spec import Attention
from estimator.time.flops import attended_tokens
from estimator.time.micro_batch import MicroBatch
from estimator.time.numerics import runs_in_fp32

SCORES_BACK, SCORES_IN_FP32 = 4 / 3, 4 / 3
"""Traffic of a score in backward against forward, and in fp32 against 16 bit: 24, 32, 32 and 36 bytes, by the
kernels of transformers' `eager_attention_forward` and their gradients."""
SOFT_CAP = 1.5
"""Dividing, bending and multiplying the scores: three kernels that read and write 4 bytes more each."""


WIDE_HEAD = 128
"""Features of a head at which the calibrated rate of attention holds."""
MASKED_TILES = (64, 128)
"""Head widths for which torch's memory-efficient kernel is built; others are padded to the next.
Source: torch aten/src/ATen/native/transformers/cuda/mem_eff_attention/kernels/generate_kernels.py."""


def attention_seconds(one: MicroBatch) -> float:
    """Attention: fused kernels by their FLOPs; eager ones compute all scores and move each several times.

    A padding mask keeps torch's dispatcher from skipping the upper half.
    Source: Dao 2023, arXiv:2307.08691.
    """
    cost, kernels, sequence = one.cost, one.rates.kernels, one.workload.time_length
    share = one.num_tokens / one.plan.tensor_parallel_size
    in_fp32 = runs_in_fp32(one.workload, one.plan, one.framework)
    if one.plan.attention is Attention.EAGER:
        flops = 4 * cost.attention_width * sequence * one.passes.attention
        traffic = _score_bytes(one) * cost.num_heads * sequence
        rate = kernels.fp32_gemm_flops_per_second if in_fp32 else kernels.eager_flops_per_second
        return share * (flops / rate + traffic / kernels.memory_bytes_per_second)
    flops = 4 * cost.attention_width * _positions(one, 1.0 if in_fp32 else kernels.masked_attention)
    rate = kernels.fp32_attention_flops_per_second if in_fp32 else kernels.attention_flops_per_second
    slowed = (1 + kernels.attention_half_length / sequence) * _narrow_heads(one)
    return share * flops * one.passes.attention / rate * slowed


def _narrow_heads(one: MicroBatch) -> float:
    """How much longer heads of this width take a FLOP than those of WIDE_HEAD features.

    Source: FlashAttention at 32, 64 and 128 features, apache/tvm tl_doc/flash_perf.md (RTX 4090).
    """
    half = one.rates.kernels.attention_half_head
    return (1 + half / one.workload.arch.head_dim) / (1 + half / WIDE_HEAD)


def _positions(one: MicroBatch, masked_rate: float) -> float:
    """Positions that a token is computed against, those behind a mask at `masked_rate` of the others' speed.

    `scaled_dot_product_attention` skips the upper half only without a mask, and neither padding nor a sliding
    window can be said in another way. The mask of a window costs in full from twice its length on.
    Source: torch/nn/functional.py; transformers/masking_utils.py.
    """
    cost, sequence = one.cost, one.workload.time_length
    needed = attended_tokens(cost, sequence)
    masked = sequence / masked_rate * _padded_head(one.workload.arch.head_dim)
    if one.plan.attention is not Attention.SDPA:
        return needed
    if one.workload.padded:
        return masked
    if not cost.local_share or cost.window >= sequence:
        return needed
    windowed = cost.local_share * min(1.0, sequence / cost.window - 1)
    return (1 - windowed) * needed + windowed * masked


def _padded_head(head_dim: int) -> float:
    """Width of the tile that a head is computed in, over its own; wider heads than any tile take several."""
    return next((tile for tile in MASKED_TILES if tile >= head_dim), head_dim) / head_dim


def _score_bytes(one: MicroBatch) -> float:
    """Traffic of one score in all passes.

    Kernel by kernel a score is fp32 around the softmax only, else as its stream; backward moves a third more
    than forward. A fused softmax moves its scores as they come, backward twice.
    """
    traffic, workload = one.rates.traffic, one.workload
    again = one.passes.elementwise - 1 - 2
    wide = workload.computes_in_fp32 or runs_in_fp32(workload, one.plan, one.framework)
    if one.framework.fused_softmax:
        return traffic.fused_score_bytes * (3 + again) * (2 if wide else 1)
    capped = SOFT_CAP if workload.arch.family in CAPPED_SCORES else 1.0
    return traffic.score_bytes * capped * (1 + SCORES_BACK + again) * (SCORES_IN_FP32 if wide else 1)

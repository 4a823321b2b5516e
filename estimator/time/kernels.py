"""Seconds of one layer and of the loss on one GPU, for all passes of one micro batch."""

from math import sqrt
from typing import NamedTuple

from estimator.memory.number_formats import casts_weights
from estimator.spec import Attention, Checkpointing, Engine, Method, Precision, Quantization
from estimator.time.attention import attention_seconds
from estimator.time.flops import head_flops_per_token, weight_gradient_passes
from estimator.time.layers import packs_experts
from estimator.time.micro_batch import MicroBatch
from estimator.time.numerics import has_fp32_stream, runs_in_fp32

WEIGHT_CAST_BYTES = 6.0
"""Autocast reads a weight in fp32 and writes it in 16 bit; its gradient, if it has one, goes the way back."""
SIXTEEN_BIT_ADAPTER = ((2, 12), (10, 8), 5)
FP32_ADAPTER = ((10, 28), (20, 28), 9)
FP32_STREAM_ADAPTER = ((4, 24), (14, 24), 9)
"""Bytes an adapter moves a feature in and out: forward, backward, dropout."""

INT8_FEATURE_BYTES = 7.0
"""LLM.int8 in a forward pass: an input is read and written as codes (3), an output written in int32, read and
written again (10), of about as many inputs as outputs. Its products are not faster for it: each also unpacks
and multiplies outliers (bitsandbytes/autograd/_functions.py, MatMul8bitLt). Nobody published such a run."""


class LayerSeconds(NamedTuple):
    """One layer in all passes of a micro batch; `launches` is what the CPU adds."""

    gemm: float
    attention: float
    elementwise: float
    lora: float
    dequantization: float
    launches: float

    @property
    def total_seconds(self) -> float:
        """Sum of the parts."""
        return self.gemm + self.attention + self.elementwise + self.lora + self.dequantization + self.launches


def layer_seconds(one: MicroBatch) -> LayerSeconds:
    """All kernels of one layer, and what the launches of the CPU add to them.

    GPU and CPU work side by side; the slower one decides: (GPU^4 + CPU^4)^(1/4), smooth where they meet. The
    gaps of a stock run come on top.
    Source: a maximum made smooth; the power is that of the published floors.
    """
    gemm, attention = gemm_seconds(one), attention_seconds(one)
    elementwise, lora = elementwise_seconds(one), lora_seconds(one)
    dequantization = dequantization_seconds(one)
    gpu = gemm + attention + elementwise + lora + dequantization
    cpu = launch_seconds(one)
    return LayerSeconds(
        gemm=gemm,
        attention=attention,
        elementwise=elementwise,
        lora=lora,
        dequantization=dequantization,
        launches=sqrt(sqrt(gpu**4 + cpu**4)) - gpu + gpu * _gap_share(one),
    )


def _gap_share(one: MicroBatch) -> float:
    """Time between kernels of a stock full fine-tune: ragged batches, no FlashAttention, no packing."""
    workload = one.workload
    stock = one.framework.leaves_gaps and one.plan.attention is Attention.SDPA
    if not stock or workload.packing or workload.fused_loss or workload.compile or workload.has_adapters:
        return 0.0
    return one.rates.kernels.stock_gaps


def gemm_seconds(one: MicroBatch) -> float:
    """Matrix products: FLOPs over their rate, not less than reading the weights once a sweep; and walks.

    2 FLOPs a weight and token; experts at a lower rate, being many products; fp8 faster, plus its casts.
    Source: Williams et al. 2009, roofline.
    """
    cost, rates, shards = one.cost, one.rates, one.plan.tensor_parallel_size
    slowed = cost.active_weights + cost.expert_weights * (rates.kernels.expert_slowdown - 1)
    rate = rates.kernels.gemm_flops_per_second * rates.kernels.fp8_gain
    passes = one.passes.gemm - one.passes.recompute * (1 - _recomputed_share(one))
    compute = 2 * slowed * one.num_tokens * passes / rate
    reading = 2 * cost.total_params * one.passes.sweeps / rates.kernels.memory_bytes_per_second
    walking = _walked_steps(one, passes) * rates.kernels.walk_step_seconds
    return max(compute, reading) / shards + walking + _fp8_cast_seconds(one)


def _walked_steps(one: MicroBatch, passes: float) -> float:
    """Steps down inner dimensions that the products of a layer wait for, in `passes` over its weights.

    A product is cut into tiles, and each multiprocessor walks down the inner dimension of one. The last round
    of tiles leaves most of them idle, however large the others were: it costs a walk. Forward and the
    gradient of inputs walk down features, the gradient of weights down tokens.
    Source: NVIDIA, Matrix Multiplication Background User's Guide, "Wave Quantization".
    """
    of_weights = weight_gradient_passes(one.workload)
    down_features = _walked_features(one) * (passes - of_weights)
    return down_features + _token_walks(one) * one.num_tokens * of_weights


def _walked_features(one: MicroBatch) -> float:
    """Of one pass: inputs and outputs of a product are taken as alike wide.

    Experts in a group walk side by side; one by one each is a product of its own. Of two tensor-parallel
    products in a row one keeps its inner dimension.
    """
    cost = one.cost
    groups = max(1, cost.num_experts) if one.framework.loops_over_experts else 1
    both = cost.dense_features + cost.expert_features * groups
    return both / 2 * (1 + 1 / one.plan.tensor_parallel_size) / 2


def _token_walks(one: MicroBatch) -> float:
    """Walks down all tokens in the pass that makes gradients of weights; an expert has its share of them."""
    cost, experts = one.cost, max(1, one.cost.num_experts)
    in_a_row = experts if one.framework.loops_over_experts else 1
    return cost.dense_products + cost.expert_products * in_a_row * _visited_experts(one) / experts


def _visited_experts(one: MicroBatch) -> int:
    return one.workload.arch.num_experts_per_tok or 1


def _recomputed_share(one: MicroBatch) -> float:
    """Of the products: a non-reentrant checkpoint stops when it has what backward needs: before the last."""
    if one.framework.reentrant_checkpointing or one.plan.activation_checkpointing is not Checkpointing.FULL:
        return 1.0
    return 1 - one.cost.last_product_weights / one.cost.active_weights


def _fp8_cast_seconds(one: MicroBatch) -> float:
    """Inputs are cast in forward, gradients of outputs in backward; inputs again when recomputed."""
    if one.workload.precision is not Precision.FP8 or one.rates.kernels.fp8_gain <= 1:
        return 0.0
    traffic = one.rates.traffic.fp8_cast_bytes * one.cost.product_features * one.num_tokens
    traffic *= 1 + one.passes.recompute / 2
    return traffic / one.plan.tensor_parallel_size / one.rates.kernels.memory_bytes_per_second


def elementwise_seconds(one: MicroBatch) -> float:
    """Norms, residuals, rotary embedding, activation: bytes over bandwidth; backward moves twice as much.

    Twice the bytes in fp32. Liger's kernels fuse more than the loss. Beside a quantised base an fp32 stream
    is cast for every product and back.
    Source: the counts of `layers._elementwise_bytes`; `numerics.has_fp32_stream`.
    """
    wide = has_fp32_stream(one.workload, one.plan, one.framework)
    fused = one.rates.kernels.has_fused_kernels or one.workload.fused_loss
    layer = one.cost.fused_elementwise_bytes if fused else one.cost.elementwise_bytes
    traffic = layer * one.rates.kernels.elementwise * (2 if wide else 1)
    if wide and one.workload.quantization is not None:
        traffic += one.rates.traffic.kbit_cast_bytes * one.cost.product_features
    traffic *= one.num_tokens * one.passes.elementwise / one.elementwise_shards
    if casts_weights(one.workload, one.plan, one.framework):
        sweeps = one.passes.sweeps - (1 if one.workload.has_adapters else 0)
        traffic += WEIGHT_CAST_BYTES * one.cost.total_params * sweeps
    return traffic / one.rates.kernels.memory_bytes_per_second


def lora_seconds(one: MicroBatch) -> float:
    """Adapters: what their kernels read and write; fp32 ones also multiply in fp32.

    DoRA also norms the merged weight each pass: about the adapter's own traffic again.
    Source: the counts of `_adapter_bytes`.
    """
    adapters, workload = one.adapters, one.workload
    if not adapters.num_adapters:
        return 0.0
    tokens = one.num_tokens / one.plan.tensor_parallel_size
    in_fp32 = workload.adapter_precision is Precision.FP32 and not workload.autocast
    in_fp32 = in_fp32 or runs_in_fp32(workload, one.plan, one.framework)
    traffic = one.rates.traffic.lora_traffic * _adapter_bytes(one, in_fp32=in_fp32)
    seconds = traffic * tokens / one.rates.kernels.memory_bytes_per_second
    if in_fp32:
        flops = 2 * adapters.params * tokens * one.passes.elementwise
        seconds += flops / one.rates.kernels.fp32_gemm_flops_per_second
    return seconds * (2 if workload.method is Method.DORA else 1)


def _adapter_bytes(one: MicroBatch, *, in_fp32: bool) -> float:
    """Bytes a token and layer in all passes: an input is read (and dropped out), an output scaled and added.

    16 bit: forward 2 an input and 12 an output, backward 10 and 8, dropout 5 each way. fp32 beside a 16-bit
    base, casts included: 10 and 28, 20 and 28, dropout 9.
    Source: the kernels of PEFT's `Linear.forward` (0.21) and their gradients, counted read and write.
    """
    again = one.passes.sweeps - 1
    kind = FP32_ADAPTER if in_fp32 else SIXTEEN_BIT_ADAPTER
    if runs_in_fp32(one.workload, one.plan, one.framework):
        kind = FP32_STREAM_ADAPTER
    (read, written), (read_back, written_back), dropped = kind
    if one.workload.lora_dropout:
        read, read_back = read + dropped, read_back + dropped
    return (read * again + read_back) * one.adapters.inputs + (
        written * again + written_back
    ) * one.adapters.outputs


def dequantization_seconds(one: MicroBatch) -> float:
    """Unpacking the base in every sweep: bytes a weight over bandwidth, of all experts where they are packed.

    A large second-level cache keeps what one kernel writes for the next. int8 also codes what goes into a
    product and decodes what comes out.

    Source: Dettmers et al. 2023, arXiv:2305.14314: weights are unpacked to 16 bit before each product.
    """
    if not one.dequantization_bytes:
        return 0.0
    cost, experts = one.cost, 1 - packs_experts(one.workload, one.framework)
    traffic = (
        one.dequantization_bytes * (cost.total_params - experts * cost.expert_params) * one.passes.sweeps
    )
    traffic *= one.rates.traffic.cached_unpacking
    if one.workload.quantization is Quantization.INT8:
        forward = one.passes.sweeps - 1
        coded = cost.product_features - experts * cost.expert_features * _visited_experts(one)
        traffic += INT8_FEATURE_BYTES * coded * one.num_tokens * forward
    return traffic / one.plan.tensor_parallel_size / one.rates.kernels.memory_bytes_per_second


def launch_seconds(one: MicroBatch) -> float:
    """CPU time of launches: a layer, its adapters, quantised products and looped experts, each sweep.

    Source: floors of published steps at 256 tokens (Qwen) and of small models under FSDP (fms-acceleration).
    """
    launches = one.rates.launches
    seconds = launches.layer_seconds + launches.adapter_seconds * one.adapters.num_adapters
    if one.dequantization_bytes:
        unpacked = one.cost.expert_products * (not packs_experts(one.workload, one.framework))
        seconds += launches.quantized_seconds * (one.cost.num_products - unpacked)
    seconds += launches.expert_seconds * one.cost.num_experts + _hook_seconds(one)
    return seconds * one.passes.sweeps


def _hook_seconds(one: MicroBatch) -> float:
    """DeepSpeed's ZeRO-3 fetches and releases around every module of a layer."""
    if one.plan.zero_stage < 3 or one.framework.engine is not Engine.DEEPSPEED:
        return 0.0
    return one.rates.launches.hook_seconds * (one.cost.num_products + 2 * one.adapters.num_adapters)


def loss_seconds(one: MicroBatch) -> float:
    """Output head and loss: its products, and the traffic of the logits in 16 and 32 bit.

    A head is so wide that its tiles fill many rounds: no walk is counted.
    Source: 2 h V FLOPs a token forward, twice that backward (once frozen); logits as counted for memory.
    """
    vocabulary = one.workload.arch.vocab_size
    share = one.num_tokens / one.plan.tensor_parallel_size
    backward = 2 if one.workload.method is Method.FULL else 1
    kernels = one.rates.kernels
    in_fp32 = runs_in_fp32(one.workload, one.plan, one.framework)
    rate = kernels.fp32_gemm_flops_per_second if in_fp32 else kernels.gemm_flops_per_second
    products = head_flops_per_token(one.workload.arch) * (1 + backward) / rate
    known = one.rates.traffic
    a_logit = known.fused_logits_bytes if one.workload.fused_loss else known.logits_bytes
    traffic = a_logit * vocabulary / kernels.memory_bytes_per_second
    return share * (products + traffic)

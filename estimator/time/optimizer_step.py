"""The optimizer's step, on the GPU or on the host."""

from estimator.spec import Optimizer, OptimizerImplementation
from estimator.time.calibration import TimeCalibration
from estimator.time.layers import trained_params, travelling_bytes
from estimator.time.micro_batch import MicroBatch
from estimator.units import MICRO

STATE_COPIES: dict[Optimizer, float] = {
    Optimizer.ADAMW: 2.0,
    Optimizer.PAGED_ADAMW: 2.0,
    Optimizer.ADAMW_8BIT: 0.5,
    Optimizer.PAGED_ADAMW_8BIT: 0.5,
    Optimizer.ADAFACTOR: 1.0,
    Optimizer.SGD: 0.0,
    Optimizer.SGD_MOMENTUM: 1.0,
    Optimizer.LION: 1.0,
    Optimizer.GALORE: 1.0,
    Optimizer.APOLLO: 0.5,
    Optimizer.MUON: 1.0,
}
"""Moments read and written, in copies of the trained weights; Adafactor and GaLore build theirs anew."""
MUON_ITERATIONS = 5
"""Newton-Schulz steps, each of three products; Jordan et al. 2024."""
CPU_STEP_BYTES = {True: 44.0, False: 18.0}
"""Traffic of a step on the host a parameter. With fp32 states (DeepSpeed's CPU Adam): weights, moments and
gradients, read and written, and the 16-bit copy; in pure 16 bit weights and moments both ways, gradients, and
clipping."""


def optimizer_bytes_per_param(one: MicroBatch) -> float:
    """Traffic of one step: weights, gradients, clipping 18 (fp32) or 14 (16 bit), and the moments both ways.

    AdamW: 34 in fp32 and under mixed precision, 22 in pure 16 bit.
    Source: the tensors that torch's AdamW and clip_grad_norm_ read and write.
    """
    base, entry_bytes = (18.0, 4) if one.workload.trains_in_fp32 else (14.0, 2)
    return base + 2 * entry_bytes * STATE_COPIES[one.workload.optimizer]


def params_on_gpu(one: MicroBatch) -> float:
    """Trained parameters whose states this GPU holds.

    Source: ZeRO shards them over data and context parallel ranks; arXiv:1910.02054.
    """
    plan = one.plan
    shards = plan.shard_size if plan.zero_stage else 1
    return trained_params(one.workload) / (plan.tensor_parallel_size * plan.pipeline_parallel_size * shards)


def optimizer_seconds(one: MicroBatch, calibration: TimeCalibration) -> float:
    """Bytes over bandwidth, times what the implementation costs; Muon adds its products.

    Source: `optimizer_bytes_per_param`.
    """
    if one.plan.offload and not one.workload.has_adapters:
        return 0.0
    implementation = one.workload.optimizer_implementation
    factor = calibration.value(f"optimizer.{implementation.value}")
    params = params_on_gpu(one)
    seconds = params * optimizer_bytes_per_param(one) * factor / one.rates.kernels.memory_bytes_per_second
    if one.workload.optimizer is Optimizer.MUON:
        seconds += (
            params * MUON_ITERATIONS * 6 * one.cost.hidden_size / one.rates.kernels.gemm_flops_per_second
        )
    if implementation is OptimizerImplementation.LOOP:
        seconds += _loop_seconds(one, calibration)
    return seconds


def _loop_seconds(one: MicroBatch, calibration: TimeCalibration) -> float:
    """A launch after another for every tensor."""
    tensors = one.cost.num_layers * (2 * one.adapters.num_adapters or one.cost.num_products)
    return tensors * calibration.value("optimizer_tensor_microseconds") * MICRO


def accumulation_seconds(one: MicroBatch) -> float:
    """Adding one micro batch's gradients to those before it: read twice, written once.

    Sharded gradients are added as they arrive, those of a buffer within the product.
    Source: torch's AccumulateGrad.
    """
    plan = one.plan
    if plan.gradient_accumulation_steps == 1 or plan.zero_stage == 3 or one.framework.fp32_gradient_buffer:
        return 0.0
    params = trained_params(one.workload) / (plan.tensor_parallel_size * plan.pipeline_parallel_size)
    entry_bytes = 4 if one.workload.trains_in_fp32 else 2
    return 3 * entry_bytes * params / one.rates.kernels.memory_bytes_per_second


def offload_seconds(one: MicroBatch) -> float:
    """States on the host: weights come over in both directions of a micro batch, the step runs on the CPU.

    Adapters' states are small and stay where they are.
    Source: Ren et al. 2021, ZeRO-Offload, arXiv:2101.06840.
    """
    if not one.plan.offload:
        return 0.0
    weight_bytes = (
        travelling_bytes(one.workload, one.framework) * one.workload.arch.num_params / one.plan.shard_size
    )
    passes = one.plan.gradient_accumulation_steps * 2
    streamed = (
        weight_bytes * passes / one.rates.links.host_link_bytes_per_second
        if one.plan.zero_stage == 3
        else 0.0
    )
    if one.workload.has_adapters:
        return streamed
    params = params_on_gpu(one)
    link = 4 * params / one.rates.links.host_link_bytes_per_second
    memory = (
        CPU_STEP_BYTES[one.workload.trains_in_fp32]
        * params
        * one.plan.gpus_per_node
        / one.rates.links.host_memory_bytes_per_second
    )
    return streamed + link + memory


def paging_seconds(one: MicroBatch) -> float:
    """States that found no room on the GPU, over the host link and back.

    Source: `paged_out_bytes`.
    """
    return 2 * one.paged_out_bytes / one.rates.links.host_link_bytes_per_second

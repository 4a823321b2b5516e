"""How fast one GPU runs one framework's kernels: the calibration applied to a datasheet, once per pair."""

from functools import lru_cache
from typing import NamedTuple

from estimator.base import ByIdentity
from estimator.framework.framework import Framework
from estimator.hardware import GPU
from estimator.spec import Precision
from estimator.time.calibration import TimeCalibration
from estimator.time.flops import Selective
from estimator.units import GIGA, MICRO


class LinkRates(NamedTuple):
    """Bytes/s, latencies in seconds, and the shares of traffic on the critical path."""

    link_bytes_per_second: float
    """Within a machine, one direction."""
    node_bytes_per_second: float
    """All network GPUs of a machine."""
    domain_gpus: int
    """GPUs that reach each other by the fast link."""
    rank_seconds: float
    collective_seconds: float
    """Of one collective, however small and between however few."""
    unit_seconds: float
    exposed: float
    hiding: float
    cp_exposed: float
    host_link_bytes_per_second: float
    host_memory_bytes_per_second: float


def link_rates(gpu: GPU, family: str, framework: Framework, known: TimeCalibration) -> LinkRates:
    """Links of `gpu` as `framework` uses them.

    Source: config/gpus.yaml for the datasheet, config/calibration/time.yaml for the rest.
    """
    value = known.value
    return LinkRates(
        link_bytes_per_second=_link(gpu, known),
        node_bytes_per_second=value(f"node_gb_per_second.{family}", "node_gb_per_second.other") * GIGA,
        domain_gpus=gpu.nvlink_domain_gpus or gpu.max_gpus_per_node,
        rank_seconds=value("rank_microseconds") * MICRO,
        collective_seconds=value("collective_microseconds") * MICRO,
        unit_seconds=value("unit_microseconds") * MICRO if framework.wraps_adapters else 0.0,
        exposed=value(f"comm_exposed.{framework.measurements}", "comm_exposed"),
        hiding=value("comm_hiding"),
        cp_exposed=value("cp_exposed"),
        host_link_bytes_per_second=value("host_link_gb_per_second") * GIGA,
        host_memory_bytes_per_second=value("host_memory_gb_per_second") * GIGA,
    )


def _link(gpu: GPU, known: TimeCalibration) -> float:
    """One direction between GPUs of a machine; bridges of single GPUs are not counted on."""
    for kind in ("nvlink", "xgmi", "hccs"):
        if gpu.interconnect.startswith(kind) and gpu.nvlink_gb_per_second:
            return gpu.nvlink_gb_per_second / 2 * known.value(f"link_share.{kind}") * GIGA
    generation = gpu.interconnect.split("+")[0]
    return known.value(f"link_gb_per_second.{generation}", "link_gb_per_second.other") * GIGA


NARROW_FP32_FAMILIES = ("volta", "turing", "ampere")
"""64 fp32 lanes a multiprocessor; later ones have twice as many behind the same shared memory, which bounds
attention without tensor cores."""


MOST_UTILIZATION = 0.75
"""Of the dense peak: the best published step reaches 0.68 (fms-fsdp, 7B on 128 A100)."""


class KernelRates(NamedTuple):
    """Attainable FLOP/s and bytes/s, and the traffic of kernels in bytes or as a factor on a count."""

    most_flops_per_second: float
    """No step comes nearer to the peak than this, whatever its kernels reach alone."""
    gemm_flops_per_second: float
    """Of products in 16 bit (or the precision), a walk of each apart."""
    fp8_gain: float
    fp32_gemm_flops_per_second: float
    attention_flops_per_second: float
    attention_half_head: float
    """Features of a head at which fused attention runs half as fast as on an endlessly wide one."""
    attention_half_length: float
    """Tokens of a sequence at which fused attention runs half as fast as on a long one."""
    masked_attention: float
    """Rate of the kernel that reads a mask against the one that skips the upper half."""
    fp32_attention_flops_per_second: float
    """Fused attention in fp32, which no tensor core runs."""
    eager_flops_per_second: float
    memory_bytes_per_second: float
    walk_step_seconds: float
    """Of one step down the inner dimension of a product, however few its outputs and whatever its numbers."""
    expert_slowdown: float
    selective: Selective
    elementwise: float
    has_fused_kernels: bool
    stock_gaps: float


class Traffic(NamedTuple):
    """Bytes that kernels move, or factors on what a count of their reads and writes says."""

    fp8_cast_bytes: float
    kbit_cast_bytes: float
    score_bytes: float
    fused_score_bytes: float
    lora_traffic: float
    cached_unpacking: float
    """Share of the traffic of unpacking that reaches memory."""
    logits_bytes: float
    fused_logits_bytes: float
    """In a fused or chunked loss."""


class LaunchRates(NamedTuple):
    """CPU seconds of one pass."""

    layer_seconds: float
    adapter_seconds: float
    quantized_seconds: float
    expert_seconds: float
    hook_seconds: float
    """Of one module under DeepSpeed's ZeRO-3."""


class GpuRates(NamedTuple):
    """Everything that a GPU and a framework decide."""

    kernels: KernelRates
    traffic: Traffic
    launches: LaunchRates
    links: LinkRates


def rates(
    gpu: GPU, framework: Framework, precision: Precision, calibration: TimeCalibration, *, compiled: bool
) -> GpuRates:
    """Rates of `gpu` under `framework`; cached by identity of the GPU, the framework and the calibration."""
    return _rates(
        ByIdentity(gpu), ByIdentity(framework), precision, ByIdentity(calibration), compiled=compiled
    )


@lru_cache(maxsize=4096)
def _rates(
    gpu_key: ByIdentity[GPU],
    framework_key: ByIdentity[Framework],
    precision: Precision,
    known_key: ByIdentity[TimeCalibration],
    *,
    compiled: bool,
) -> GpuRates:
    gpu, framework, known = gpu_key.value, framework_key.value, known_key.value
    family = known.family(gpu.compute_capability, gpu.vendor)
    return GpuRates(
        kernels=_kernel_rates(gpu, family, framework, precision, known, compiled=compiled),
        traffic=_traffic(family, framework, known),
        launches=_launch_rates(gpu, family, framework, known, compiled=compiled),
        links=link_rates(gpu, family, framework, known),
    )


def _kernel_rates(
    gpu: GPU,
    family: str,
    framework: Framework,
    precision: Precision,
    known: TimeCalibration,
    *,
    compiled: bool,
) -> KernelRates:
    value = known.value
    gemm = _gemm(gpu, family, framework, precision, known)
    fp32_peak = gpu.peak_flops_per_second(Precision.FP32) or _peak(gpu, precision) / 16
    gain = _fp8_gain(gpu, precision, known)
    return KernelRates(
        most_flops_per_second=MOST_UTILIZATION * gain * _peak(gpu, precision),
        gemm_flops_per_second=gemm,
        fp8_gain=gain,
        fp32_gemm_flops_per_second=fp32_peak * value("gemm_share.ampere"),
        attention_flops_per_second=gemm * _attention_share(family, framework, known),
        fp32_attention_flops_per_second=fp32_peak * _fp32_attention_share(family, known),
        attention_half_head=value("attention_half_head"),
        attention_half_length=value("attention_half_length"),
        masked_attention=value("attention_masked"),
        eager_flops_per_second=gemm * value("attention_share.eager"),
        memory_bytes_per_second=gpu.memory_bytes_per_second * value("memory_share"),
        walk_step_seconds=value("gemm_walk_cycles") / (_clock_ghz(gpu, family, known) * GIGA),
        expert_slowdown=value("gemm_experts"),
        selective=_selective(framework, known),
        elementwise=value("elementwise"),
        has_fused_kernels=compiled or framework.fused_kernels,
        stock_gaps=value("stock_gaps"),
    )


def _clock_ghz(gpu: GPU, family: str, known: TimeCalibration) -> float:
    return known.value(f"clock_ghz.{gpu.key}", f"clock_ghz.{family}", "clock_ghz.other")


def _selective(framework: Framework, known: TimeCalibration) -> Selective:
    if framework.selective_is_attention:
        return Selective(layer=0.0, attention=1.0)
    return Selective(layer=known.value("selective_recompute"), attention=0.0)


def _traffic(family: str, framework: Framework, known: TimeCalibration) -> Traffic:
    value = known.value
    fused_casts = ("fp8_cast_bytes.tuned",) if framework.tuned_products else ()
    return Traffic(
        fp8_cast_bytes=value(*fused_casts, "fp8_cast_bytes"),
        kbit_cast_bytes=value("kbit_cast_bytes"),
        score_bytes=value("score_bytes"),
        fused_score_bytes=value("score_bytes.fused"),
        lora_traffic=value("lora_traffic") * framework.adapter_traffic_share,
        cached_unpacking=value(f"dequantization_cached.{family}", "dequantization_cached"),
        logits_bytes=value("logits_bytes"),
        fused_logits_bytes=value("logits_bytes.fused"),
    )


def _launch_rates(
    gpu: GPU, family: str, framework: Framework, known: TimeCalibration, *, compiled: bool
) -> LaunchRates:
    value = known.value
    micro = MICRO * value(f"host_slowness.{gpu.key}", f"host_slowness.{family}", "host_slowness")
    layer = value(f"launch.{framework.measurements}", "launch") * (
        value("launch_compiled") if compiled else 1.0
    )
    expert = value("launch_expert") if framework.loops_over_experts else 0.0
    return LaunchRates(
        layer_seconds=layer * micro,
        adapter_seconds=value("launch_adapter") * micro,
        quantized_seconds=value("launch_quantized") * micro,
        expert_seconds=expert * micro,
        hook_seconds=value("launch_hook") * micro,
    )


def _peak(gpu: GPU, precision: Precision) -> float:
    """The dense peak that matrix products of `precision` run on; fp8's is 16 bit's times a gain.

    A GPU without bf16 multiplies it in fp32; one without 16-bit products as well.
    """
    sixteen_bit = Precision.BF16 if precision in (Precision.BF16, Precision.FP8) else precision
    peak = gpu.peak_flops_per_second(sixteen_bit) or gpu.peak_flops_per_second(Precision.FP32)
    return peak or gpu.peak_flops_per_second(Precision.FP16) or gpu.memory_bytes_per_second


def _gemm(gpu: GPU, family: str, framework: Framework, precision: Precision, known: TimeCalibration) -> float:
    share = known.value(f"gemm_share.{gpu.key}", f"gemm_share.{family}", "gemm_share.other")
    if not framework.tuned_products and (outside := f"gemm_outside_megatron.{family}") in known.values:
        share *= known.value(outside)
    if framework.early_products and (early := f"gemm_early.{family}") in known.values:
        share *= known.value(early)
    return _peak(gpu, precision) * share


def _fp8_gain(gpu: GPU, precision: Precision, known: TimeCalibration) -> float:
    fp8 = gpu.peak_flops_per_second(Precision.FP8)
    if precision is not Precision.FP8 or fp8 is None:
        return 1.0
    return min(known.value("fp8_gain"), fp8 / _peak(gpu, precision))


def _fp32_attention_share(family: str, known: TimeCalibration) -> float:
    narrow = ("attention_share.fp32.narrow",) if family in NARROW_FP32_FAMILIES else ()
    return known.value(*narrow, "attention_share.fp32")


def _attention_share(family: str, framework: Framework, known: TimeCalibration) -> float:
    """FlashAttention 1 is nowhere faster than the kernel that came after it."""
    tuned = (f"attention_share.{family}.tuned",) if framework.tuned_attention else ()
    newer = known.value(*tuned, f"attention_share.{family}", "attention_share")
    if not framework.first_flash:
        return newer
    return min(newer, known.value(f"attention_share.{family}.first", "attention_share.first"))

"""How fast one card runs one stack's kernels: the calibration applied to a datasheet, once per pair."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache

from estimator.hardware import GPU
from estimator.spec import Attention, Precision
from estimator.time.calibration import TimeCalibration
from estimator.units import GIGA, MICRO

RACK_SCALE_DOMAIN = 72
"""Cards that share NVLink in an NVL72 rack, whatever a machine holds."""
FUSED_ADAPTERS = 0.5
"""Unsloth computes an adapter and its base in one kernel: about half of the traffic."""
FUSED_KERNEL_STACKS = ("megatron", "unsloth")
"""Stacks that bring fused norms, rotary embedding and activations."""
TUNED_STACKS = ("megatron", "torchtitan", "torchtune", "unsloth")
"""Stacks whose attention runs cuDNN or newer kernels on Hopper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Attainable rates of one card under one stack; FLOP/s, bytes/s, seconds."""

    family: str
    peak_flops_per_second: float
    """Dense, of the precision; the 16-bit one under fp8."""
    gemm_flops_per_second: float
    """Of 4096-wide products in 16 bit (or the precision)."""
    fp8_gain: float
    fp32_gemm_flops_per_second: float
    attention_flops_per_second: float
    eager_flops_per_second: float
    memory_bytes_per_second: float
    gemm_half_width: float
    expert_slowdown: float
    fp8_cast_bytes: float
    score_bytes: float
    elementwise: float
    has_fused_kernels: bool
    recompute: float
    kbit_cast_bytes: float
    layer_launch_seconds: float
    compiled_launch: float
    adapter_launch_seconds: float
    quantized_launch_seconds: float
    expert_launch_seconds: float
    lora_traffic: float
    logits_bytes: float
    logits_fused: float
    link_bytes_per_second: float
    """Within a machine, one direction."""
    node_bytes_per_second: float
    """All network cards of a machine."""
    domain_gpus: int
    """Cards that reach each other by the fast link."""
    rank_seconds: float
    unit_seconds: float
    comm_exposed: float
    comm_hiding: float
    cp_exposed: float
    interleave: float
    host_link_bytes_per_second: float
    host_memory_bytes_per_second: float
    selective_recompute: float
    stock_gaps: float


class _Same(Hashable):
    """A value equal to itself only: identity is what a cache of frozen models needs, and it is fast."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value


def rates(
    gpu: GPU,
    stack: str,
    precision: Precision,
    attention: Attention,
    *,
    compiled: bool,
    calibration: TimeCalibration,
) -> Rates:
    """Rates of `gpu` under `stack`; cached by identity of the card and the calibration."""
    return _rates(_Same(gpu), stack, precision, attention, compiled, _Same(calibration))


@lru_cache(maxsize=4096)
def _rates(
    gpu_key: _Same,
    stack: str,
    precision: Precision,
    attention: Attention,
    compiled: bool,
    calibration_key: _Same,  # noqa: FBT001
) -> Rates:
    gpu, known = gpu_key.value, calibration_key.value
    if not isinstance(gpu, GPU) or not isinstance(known, TimeCalibration):
        raise TypeError
    family = known.family(gpu.compute_capability, gpu.vendor)
    value = known.value
    memory = gpu.memory_bytes_per_second * value("memory_share")
    gemm = _gemm(gpu, family, stack, precision, known)
    launch = value(f"launch.{stack}", "launch.hf") * MICRO
    return Rates(
        family=family,
        peak_flops_per_second=_peak(gpu, precision),
        gemm_flops_per_second=gemm,
        fp8_gain=_fp8_gain(gpu, precision, known),
        fp32_gemm_flops_per_second=(gpu.peak_flops_per_second(Precision.FP32) or _peak(gpu, precision) / 16)
        * value("gemm_share.ampere"),
        attention_flops_per_second=gemm * _attention_share(family, stack, known),
        eager_flops_per_second=gemm * value("attention_share.eager"),
        memory_bytes_per_second=memory,
        gemm_half_width=value("gemm_width"),
        expert_slowdown=value("gemm_experts"),
        fp8_cast_bytes=value("fp8_cast_bytes"),
        score_bytes=value("score_bytes"),
        elementwise=value("elementwise"),
        has_fused_kernels=compiled or stack in FUSED_KERNEL_STACKS,
        recompute=value("recompute"),
        kbit_cast_bytes=value("kbit_cast_bytes"),
        layer_launch_seconds=launch,
        compiled_launch=value("launch_compiled") if compiled else 1.0,
        adapter_launch_seconds=value("launch_adapter") * MICRO,
        quantized_launch_seconds=value("launch_quantized") * MICRO,
        expert_launch_seconds=value("launch_expert") * MICRO if stack in ("hf", "deepspeed") else 0.0,
        lora_traffic=value("lora_traffic") * (FUSED_ADAPTERS if stack == "unsloth" else 1),
        logits_bytes=value("logits_bytes"),
        logits_fused=value("logits_fused"),
        link_bytes_per_second=_link(gpu, known),
        node_bytes_per_second=value(f"node_gb_per_second.{family}", "node_gb_per_second.other") * GIGA,
        domain_gpus=RACK_SCALE_DOMAIN if gpu.key.startswith("gb") else gpu.max_gpus_per_node,
        rank_seconds=value("rank_microseconds") * MICRO,
        unit_seconds=value("unit_microseconds.hf") * MICRO if stack == "hf" else 0.0,
        comm_exposed=value(f"comm_exposed.{stack}", "comm_exposed"),
        comm_hiding=value("comm_hiding"),
        cp_exposed=value("cp_exposed"),
        interleave=value("pipeline_interleave") if stack == "megatron" else 1.0,
        host_link_bytes_per_second=value("host_link_gb_per_second") * GIGA,
        host_memory_bytes_per_second=value("host_memory_gb_per_second") * GIGA,
        selective_recompute=0.0 if stack == "megatron" else value("selective_recompute"),
        stock_gaps=value("stock_gaps"),
    )


def _peak(gpu: GPU, precision: Precision) -> float:
    """The dense peak that matrix products of `precision` run on; fp8's is 16 bit's times a gain.

    A card without bf16 multiplies it in fp32; one without 16-bit products as well.
    """
    sixteen_bit = Precision.BF16 if precision in (Precision.BF16, Precision.FP8) else precision
    peak = gpu.peak_flops_per_second(sixteen_bit) or gpu.peak_flops_per_second(Precision.FP32)
    return peak or gpu.peak_flops_per_second(Precision.FP16) or 1e12


def _gemm(gpu: GPU, family: str, stack: str, precision: Precision, known: TimeCalibration) -> float:
    share = known.value(f"gemm_share.{gpu.key}", f"gemm_share.{family}", "gemm_share.other")
    if stack != "megatron" and family in ("hopper", "blackwell"):
        share *= known.value("gemm_outside_megatron")
    return _peak(gpu, precision) * share


def _fp8_gain(gpu: GPU, precision: Precision, known: TimeCalibration) -> float:
    fp8 = gpu.peak_flops_per_second(Precision.FP8)
    if precision is not Precision.FP8 or fp8 is None:
        return 1.0
    return min(known.value("fp8_gain"), fp8 / _peak(gpu, precision))


def _attention_share(family: str, stack: str, known: TimeCalibration) -> float:
    tuned = (f"attention_share.{family}.tuned",) if stack in TUNED_STACKS else ()
    return known.value(*tuned, f"attention_share.{family}", f"attention_share.{stack}", "attention_share")


def _link(gpu: GPU, known: TimeCalibration) -> float:
    """One direction between cards of a machine; bridges of single cards are not counted on."""
    for kind in ("nvlink", "xgmi"):
        if gpu.interconnect.startswith(kind) and gpu.nvlink_gb_per_second:
            return gpu.nvlink_gb_per_second / 2 * known.value(f"link_share.{kind}") * GIGA
    generation = gpu.interconnect.split("+")[0]
    return known.value(f"link_gb_per_second.{generation}", "link_gb_per_second.other") * GIGA

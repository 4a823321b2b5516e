"""The number formats of a run: what autograd keeps depends on them more than on anything else."""

from typing import NamedTuple

from estimator.framework.engine import ALL_SHARED
from estimator.framework.framework import Framework
from estimator.memory.families import local_share
from estimator.plan import Plan
from estimator.spec import Attention, Precision, Quantization
from estimator.workload import Workload


class NumberFormats(NamedTuple):
    """Bytes of one number, by where it lives, and how linear layers come by their input."""

    compute_bytes: int
    """Inputs of the matrix multiplications."""
    residual_bytes: int
    """The stream between the blocks."""
    weight_bytes: int
    """An unquantised parameter of the base at rest."""
    product_bytes: int
    """A weight of the base as a matrix product reads it: gathered from shards or unpacked."""
    frozen: bool
    """The base has no gradients."""
    autocast: bool
    adapter_bytes: int
    """A parameter of the adapters; 0 without adapters."""
    casts_weights: bool = False
    """Autocast keeps a 16-bit copy of every fp32 weight in the graph."""
    kbit_layers: bool = False
    """bitsandbytes layers: they pass the input of an adapter on as it is."""
    prepared: bool = False
    """Unquantised parameters and the residual stream in fp32 (`prepare_model_for_kbit_training`)."""
    keeps_frozen_inputs: bool = False
    """Matrix multiplications of a quantised base keep their input (bitsandbytes up to 0.42)."""
    fused_kernels: bool = False
    gates_in_place: bool = False
    """The gradients of a gated MLP's halves are written over what was kept of them."""
    fused_adapters: bool = False
    """Matrices with one input and their adapters are one function."""
    adapter_addends: int = 0
    """Outputs of an adapter as wide as its matrix, alive while added."""
    one_qkv: bool = False
    """One matrix for queries, keys and values, and rotary embeddings that concatenate."""
    repeats_keys: bool = False
    """Keys and values are expanded to the query heads before attention."""
    keeps_unpacked: bool = False
    """The graph holds the unpacked weights of a GPTQ base."""
    groups_experts: bool = False
    """Experts run as one grouped product, not one after the other."""
    mlp_extra_bytes: float = 0.0
    """Bytes an inner entry of the MLP that a framework keeps beyond autograd's need."""
    attention: Attention = Attention.SDPA
    masked_share: float = 0.0
    """Share of the layers that a mask reaches: keys and values are repeated to the query heads."""


MASK_RAMP = 5
"""One over the share of a window within which its mask is phased in."""


def is_16bit(precision: Precision) -> bool:
    """Whether tensors of this compute precision have two bytes; fp8 casts on the fly."""
    return precision in (Precision.BF16, Precision.FP16, Precision.FP8)


def has_fp32_weights(workload: Workload, framework: Framework) -> bool:
    """Whether the trained (or frozen) weights themselves are kept in fp32, not masters beside them."""
    if not is_16bit(workload.precision):
        return True
    return workload.mixed_precision and not framework.master_copy


def is_gathered(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether weights are gathered from shards for each pass; some frameworks shard on one GPU too."""
    return plan.zero_stage == ALL_SHARED or workload.method in framework.shards_alone


def is_prepared(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether a quantised base was prepared for training; sharding leaves the preparation out."""
    return workload.prepares_kbit and not is_gathered(workload, plan, framework)


def casts_weights(workload: Workload, plan: Plan, framework: Framework) -> bool:
    """Whether autocast turns fp32 weights into 16 bit in every pass, as a `Trainer` without shards does.

    A frozen base that was loaded in fp32 is cast likewise; a packed one is unpacked instead. Shards are
    gathered in 16 bit, and engines with master copies compute from their 16-bit weights.
    Source: torch/amp/autocast_mode.py (the cache of casts ends with the forward pass).
    """
    if workload.quantization is not None or not is_16bit(workload.precision):
        return False
    return has_fp32_weights(workload, framework) and not is_gathered(workload, plan, framework)


def numerics(workload: Workload, plan: Plan, framework: Framework) -> NumberFormats:
    """The formats of `workload` under `plan` as `framework` runs it.

    Source: docs/formulas.md#numerics. FSDP computes in 16 bit from fp32 shards, so nothing is cast under it.
    A prepared base without autocast hands fp32 on everywhere: bitsandbytes returns what it was given.
    """
    fp32_weights = has_fp32_weights(workload, framework)
    product_bytes = 2 if is_16bit(workload.precision) else 4
    sharded = is_gathered(workload, plan, framework)
    mixes = fp32_weights and (workload.has_adapters or not sharded)
    autocast = product_bytes == 2 and (workload.autocast or mixes)
    prepared = is_prepared(workload, plan, framework)
    compute_bytes = 4 if prepared and not autocast else product_bytes
    liger = workload.fused_loss and framework.liger_kernels and not workload.fused_loss_only
    fp32_stream = prepared or compute_bytes == 4 or (fp32_weights and autocast and not sharded)
    return NumberFormats(
        compute_bytes=compute_bytes,
        residual_bytes=4 if fp32_stream else 2,
        weight_bytes=4 if fp32_weights or prepared else 2,
        product_bytes=product_bytes,
        frozen=workload.has_adapters,
        autocast=autocast,
        adapter_bytes=_adapter_bytes(workload),
        casts_weights=casts_weights(workload, plan, framework),
        kbit_layers=workload.quantization in (Quantization.NF4, Quantization.INT8),
        prepared=prepared,
        keeps_frozen_inputs=workload.quantization is Quantization.NF4 and framework.keeps_quantized_inputs,
        one_qkv=framework.one_qkv,
        keeps_unpacked=workload.quantization is Quantization.GPTQ and framework.keeps_unpacked_weights,
        groups_experts=framework.groups_experts,
        repeats_keys=_repeats_keys(workload, plan, framework),
        fused_kernels=framework.fused_kernels or liger,
        gates_in_place=liger and workload.arch.is_gated,
        fused_adapters=workload.arch.family in framework.fused_adapters,
        adapter_addends=framework.adapter_addends,
        mlp_extra_bytes=_mlp_extra_bytes(workload, framework),
        attention=plan.attention,
        masked_share=masked_share(workload, plan),
    )


def _repeats_keys(workload: Workload, plan: Plan, framework: Framework) -> bool:
    listed = workload.arch.family in framework.repeats_keys_without_flash
    return framework.repeats_keys or (listed and plan.attention is not Attention.FLASH)


def _mlp_extra_bytes(workload: Workload, framework: Framework) -> float:
    if not workload.has_adapters:
        return 0.0
    return framework.mlp_extra_bytes if workload.quantization is None else framework.quantized_mlp_extra_bytes


def masked_share(workload: Workload, plan: Plan) -> float:
    """Share of the layers that need more than the causal rule: padding, or a window below the sequence.

    A window's mask is phased in over the last fifth before it, so that one token more is no jump.
    """
    if plan.attention is Attention.FLASH:
        return 0.0
    if workload.padded:
        return 1.0
    window = workload.arch.sliding_window
    if not window:
        return 0.0
    within = min(1.0, max(0.0, 1 - MASK_RAMP * (1 - workload.sequence_length / window)))
    return local_share(workload.arch) * within


def _adapter_bytes(workload: Workload) -> int:
    if not workload.has_adapters:
        return 0
    return 2 if is_16bit(workload.adapter_precision) else 4

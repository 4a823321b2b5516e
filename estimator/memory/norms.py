"""What the norms of a block keep, a token."""

from estimator.arch import ModelArch, Norm, QkNorm
from estimator.matrices import attention_widths
from estimator.memory.families import NORMS_OF, NormStyle
from estimator.memory.numerics import Numerics
from estimator.shape import Layer


def norm_style(arch: ModelArch, form: Numerics) -> NormStyle:
    """How the norms of `arch` are written in the stack's code."""
    if form.fused_kernels or (arch.norm is Norm.LAYERNORM and arch.family not in NORMS_OF):
        return NormStyle.FUSED
    return NORMS_OF.get(arch.family, NormStyle.RMS)


def entry_bytes(arch: ModelArch, form: Numerics) -> int:
    """Bytes an entry of one norm: its input, and x-hat where its scale has a gradient."""
    style, trained = norm_style(arch, form), not form.frozen
    if style is NormStyle.FUSED:
        autocast_copy = form.autocast and arch.norm is Norm.LAYERNORM
        return 4 if autocast_copy else form.residual_bytes
    kept = {
        NormStyle.RMS: 4 + trained * form.residual_bytes,
        NormStyle.RMS_FP32: 4 + trained * 4,
        NormStyle.PLAIN_FP32: 4,
        NormStyle.CENTERED_FP32: 8 + trained * 4,
    }
    return kept[style]


def norm_bytes(arch: ModelArch, form: Numerics) -> float:
    """One norm of the residual stream, with its one or two fp32 scalars a token.

    Source: docs/formulas.md#activations.
    """
    scalars = 8 if arch.norm is Norm.LAYERNORM else 4
    return entry_bytes(arch, form) * arch.hidden_size + scalars


def norms_bytes(arch: ModelArch, layer: Layer, form: Numerics) -> float:
    """All norms of a block: of the stream, and of queries and keys where the model has them."""
    count = (arch.norms_per_layer or 2) + (layer.kind == "decoder")
    total = count * norm_bytes(arch, form)
    if arch.parallel_block and count > 1 and norm_style(arch, form) is NormStyle.FUSED:
        total -= (count - 1) * form.residual_bytes * arch.hidden_size
    return total + _qk_norms_bytes(arch, form) + _latents_bytes(arch, form)


def _latents_bytes(arch: ModelArch, form: Numerics) -> float:
    """The norms of MLA's low-rank queries and keys."""
    return entry_bytes(arch, form) * ((arch.q_lora_rank or 0) + (arch.kv_lora_rank or 0))


def _qk_norms_bytes(arch: ModelArch, form: Numerics) -> float:
    if arch.qk_norm is QkNorm.NONE:
        return 0
    by_head = arch.num_attention_heads + arch.num_key_value_heads
    rows = by_head if arch.qk_norm is QkNorm.HEAD else 2
    return entry_bytes(arch, form) * sum(attention_widths(arch)) + 4 * rows

"""What attention keeps, a token: queries, keys, values and output; scores where the kernel keeps them."""

from estimator.memory.families import (
    CAPPED_SCORES,
    CONCATENATED_ROTARY,
    DROPPED_SCORES,
    EXPANDED_KEYS,
    FP32_QUERIES,
    FUSED_ROTARY,
    NORMS_OF,
    POSITION_BIAS,
    SIXTEEN_BIT_SCORES,
    WITHOUT_SDPA,
    NormStyle,
)
from estimator.memory.number_formats import NumberFormats
from estimator.model.arch import ModelArch, Norm, QkNorm
from estimator.model.layers import Layer
from estimator.model.linears import attention_widths
from estimator.spec import Attention


def is_eager(arch: ModelArch, formats: NumberFormats) -> bool:
    """Whether the scores are materialised by the model's own code."""
    if formats.attention is Attention.SDPA and not formats.one_qkv:
        return arch.family in WITHOUT_SDPA
    return formats.attention is Attention.EAGER


def attention_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats) -> float:
    """Queries, keys, values, output and log-sum-exp of the attention, a token.

    Source: docs/formulas.md#activations.
    """
    c, (q, k) = formats.compute_bytes, attention_widths(arch)
    if layer.mixes != "attention":
        return c * _recurrent_entries(layer)
    times = 2 if layer.kind == "decoder" else 1
    repeated = _repeated_share(arch, formats)
    keys = 2 * (q * repeated + k * (1 - repeated))
    if is_eager(arch, formats):
        widened = (4 - c) * 2 * q if arch.family in FP32_QUERIES else 0
        return times * (c * (q + keys) + widened)
    return times * (c * (2 * q + keys + _layout_entries(arch, formats)) + 4 * arch.num_attention_heads)


def _recurrent_entries(layer: Layer) -> int:
    """A recurrent mixer keeps its projections, those after the convolution, and its gated output twice."""
    if layer.mixes == "nothing":
        return 0
    inner, outer = layer.linears[0].out_features, layer.linears[-1].in_features
    return 2 * inner + 2 * outer


def _repeated_share(arch: ModelArch, formats: NumberFormats) -> float:
    """Share of the layers that repeat keys and values to the query heads."""
    grouped = arch.num_key_value_heads < arch.num_attention_heads
    everywhere = formats.repeats_keys or is_eager(arch, formats) or (formats.compute_bytes == 4 and grouped)
    if everywhere or (arch.family in EXPANDED_KEYS and arch.num_key_value_heads > 1):
        return 1.0
    return formats.masked_share


def _layout_entries(arch: ModelArch, formats: NumberFormats) -> int:
    """Entries kept because values are a view of a fused matrix's output while queries and keys are new."""
    q, k = attention_widths(arch)
    if formats.one_qkv:
        return 2 * q if q == k else 0
    return q + k if arch.family in FUSED_ROTARY else 0


def keeps_output(arch: ModelArch, formats: NumberFormats) -> bool:
    """Whether the output matrix reads the very tensor that the kernel keeps, and not a copy of it."""
    if is_eager(arch, formats):
        return False
    if formats.one_qkv:
        return False
    return arch.family not in CONCATENATED_ROTARY or formats.masked_share >= 1


def scores_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats) -> float:
    """Attention probabilities where the kernel keeps them, a token and key position.

    Source: docs/formulas.md#activations.
    """
    times, n = (2 if layer.kind == "decoder" else 1), arch.num_attention_heads
    if layer.mixes != "attention":
        return 0.0
    if is_eager(arch, formats):
        return times * n * _eager_score_bytes(arch, formats)
    if formats.attention is Attention.FLASH:
        return 0.0
    if arch.family in POSITION_BIAS:
        return 2 * n if formats.frozen else times * 4 * n
    grouped = arch.num_key_value_heads < n
    if grouped and (
        formats.product_bytes == 4 or (arch.family == "falcon" and arch.num_key_value_heads == 1)
    ):
        return times * 4 * n
    return times * 2 * formats.masked_share


def scores_backward_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats) -> float:
    """Scores alive while the softmax of eager attention is differentiated, a token and key position.

    The probabilities, their gradient, its product with them (the kernel's work space), the result; and what
    capping keeps. Source: pytorch aten/src/ATen/native/cuda/SoftMax.cu; 14 and 16 bytes measured.
    """
    if layer.mixes != "attention" or not is_eager(arch, formats):
        return 0.0
    c = formats.compute_bytes
    wide = c if arch.family in SIXTEEN_BIT_SCORES else 4
    capped = c * (arch.family in CAPPED_SCORES)
    return (2 if layer.kind == "decoder" else 1) * arch.num_attention_heads * (3 * wide + c + capped)


def _eager_score_bytes(arch: ModelArch, formats: NumberFormats) -> int:
    """fp32 probabilities and their cast; some families stay in 16 bit, drop a share, or cap the scores."""
    c = formats.compute_bytes
    dropped = arch.family in DROPPED_SCORES
    if arch.family in SIXTEEN_BIT_SCORES:
        return c + (c + 1) * dropped
    return 4 + (2 if c == 2 else 0) + (c if arch.family in CAPPED_SCORES else 0) + dropped


def norm_style(arch: ModelArch, formats: NumberFormats) -> NormStyle:
    """How the norms of `arch` are written in the framework's code."""
    if formats.fused_kernels or (arch.norm is Norm.LAYERNORM and arch.family not in NORMS_OF):
        return NormStyle.FUSED
    return NORMS_OF.get(arch.family, NormStyle.RMS)


def norm_entry_bytes(arch: ModelArch, formats: NumberFormats) -> int:
    """Bytes an entry of one norm: its input, and x-hat where its scale has a gradient."""
    style, trained = norm_style(arch, formats), not formats.frozen
    if style is NormStyle.FUSED:
        autocast_copy = formats.autocast and arch.norm is Norm.LAYERNORM
        return 4 if autocast_copy else formats.residual_bytes
    kept = {
        NormStyle.RMS: 4 + trained * formats.residual_bytes,
        NormStyle.RMS_FP32: 4 + trained * 4,
        NormStyle.PLAIN_FP32: 4,
        NormStyle.CENTERED_FP32: 8 + trained * 4,
    }
    return kept[style]


def norm_bytes(arch: ModelArch, formats: NumberFormats) -> float:
    """One norm of the residual stream, with its one or two fp32 scalars a token.

    Source: docs/formulas.md#activations.
    """
    scalars = 8 if arch.norm is Norm.LAYERNORM else 4
    return norm_entry_bytes(arch, formats) * arch.hidden_size + scalars


def norms_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats) -> float:
    """All norms of a block: of the stream, and of queries and keys where the model has them."""
    count = (arch.norms_per_layer or 2) + (layer.kind == "decoder")
    total = count * norm_bytes(arch, formats)
    if arch.parallel_block and count > 1 and norm_style(arch, formats) is NormStyle.FUSED:
        total -= (count - 1) * formats.residual_bytes * arch.hidden_size
    return total + _qk_norms_bytes(arch, formats) + _latents_bytes(arch, formats)


def _latents_bytes(arch: ModelArch, formats: NumberFormats) -> float:
    """The norms of MLA's low-rank queries and keys."""
    return norm_entry_bytes(arch, formats) * ((arch.q_lora_rank or 0) + (arch.kv_lora_rank or 0))


def _qk_norms_bytes(arch: ModelArch, formats: NumberFormats) -> float:
    if arch.qk_norm is QkNorm.NONE:
        return 0
    by_head = arch.num_attention_heads + arch.num_key_value_heads
    rows = by_head if arch.qk_norm is QkNorm.HEAD else 2
    return norm_entry_bytes(arch, formats) * sum(attention_widths(arch)) + 4 * rows

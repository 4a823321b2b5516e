"""The inner tensors of an MLP or of routed experts: kept for the backward pass, and alive while it runs.

Widths: h hidden, f inner width. Each function returns bytes a token.
"""

from estimator.memory.families import UNFUSED_GELU
from estimator.memory.lora import NO_ADAPTERS, LoraMode
from estimator.memory.number_formats import NumberFormats
from estimator.model.adapters import dense_mlp
from estimator.model.arch import Mlp, ModelArch
from estimator.model.layers import Layer
from estimator.model.linears import shared_expert_width


def mlp_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats, lora: LoraMode = NO_ADAPTERS) -> float:
    """Inner tensors of the MLP (or of the experts a token visits), without the inputs of matrices."""
    if layer.kind == "moe":
        return _moe_bytes(arch, formats, lora)
    if layer.kind == "none":
        return 0.0
    return _inner_bytes(arch, formats, arch.intermediate_size or 0)


def _inner_bytes(arch: ModelArch, formats: NumberFormats, width: int) -> float:
    return _gate_bytes(arch, formats, width) + formats.mlp_extra_bytes * width


def _gate_bytes(arch: ModelArch, formats: NumberFormats, width: int) -> float:
    """Gate, activation and up projection, or what a plain activation keeps, a token."""
    c = 4 if formats.prepared else formats.compute_bytes
    unfused = 3 * c if arch.family in UNFUSED_GELU and not formats.one_qkv else 0
    if unfused and formats.autocast:
        unfused = 12
    if arch.is_gated:
        return ((2 if formats.fused_kernels else 3) * c + unfused) * width
    if arch.mlp is Mlp.RELU:
        return c * width if formats.frozen else 0
    return (c + unfused) * width


def _moe_bytes(arch: ModelArch, formats: NumberFormats, lora: LoraMode) -> float:
    """Experts: gathered input, gate and up, activation, product, output; E of them a token.

    Grouped adapters keep what a trained expert keeps, and the outputs of their own.
    """
    c = 4 if formats.prepared else formats.compute_bytes
    h, f = arch.hidden_size, arch.moe_intermediate_size or 0
    active = arch.num_experts_per_tok or 0
    shared = shared_expert_width(arch)
    own = _inner_bytes(arch, formats, shared) if shared else 0
    grouped = formats.groups_experts and any(adapter.linear.experts for adapter in lora.adapters)
    if formats.frozen and not grouped:
        return active * c * (h + 3 * f) + own
    own += grouped * active * c * (h + 2 * f)
    return c * h + active * c * (2 * h + 4 * f) + own


def gradient_width_bytes(
    arch: ModelArch, layer: Layer, formats: NumberFormats, lora: LoraMode = NO_ADAPTERS
) -> float:
    """Gradients of the product, the activation and the up projection, and of the residual stream.

    A trained matrix frees the product when its own gradient is done; adapters under autocast cast in between.
    Liger's kernel writes all but the product's over what was kept, and so does one function for matrices and
    adapters.
    """
    if lora.fused_on(dense_mlp(layer), formats):
        wide = 1 + formats.adapter_addends
        return formats.compute_bytes * (wide * _inner_width(arch, layer, formats) + arch.hidden_size)
    at_once = 1 if formats.gates_in_place and layer.kind != "moe" else 3 if formats.frozen else 2
    inner = at_once * _inner_width(arch, layer, formats)
    stream = 1 + (5 if formats.frozen and formats.autocast else 0)
    return formats.compute_bytes * inner + (formats.compute_bytes + stream - 1) * arch.hidden_size


def down_params(layer: Layer) -> int:
    """Entries of the matrix that ends a dense MLP; 0 where experts do."""
    dense = [linear.weight_params for linear in layer.linears if not linear.experts]
    return dense[-1] if layer.kind != "moe" else 0


def _inner_width(arch: ModelArch, layer: Layer, formats: NumberFormats) -> float:
    """Width of the MLP whose gradients are alive at once; frozen experts run one after the other."""
    if layer.kind != "moe":
        return 0 if layer.kind == "none" else arch.intermediate_size or 0
    active = arch.num_experts_per_tok or 1
    one_by_one = formats.frozen and not formats.groups_experts
    at_once = active / (arch.num_experts or 1) if one_by_one else active
    return max((arch.moe_intermediate_size or 0) * at_once, shared_expert_width(arch))

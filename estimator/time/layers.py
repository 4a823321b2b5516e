"""What one layer costs a token, worked out once per model and adapter: widths, weights, heads."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from estimator.base import ByIdentity
from estimator.framework.framework import Framework
from estimator.memory.states import quantized_bytes
from estimator.model.adapters import layer_adapters
from estimator.model.arch import ModelArch, Norm
from estimator.model.layers import HashedByKey, Layer, model_shape
from estimator.model.linears import Linear, shared_expert_width
from estimator.spec import Method
from estimator.workload import Workload, num_trainable_params


class LayerCost(NamedTuple):
    """The mean layer of a model, in features, weights and heads."""

    num_layers: int
    active_weights: float
    """Entries of the matrices that a token meets."""
    expert_weights: float
    """Of these, routed ones."""
    total_params: float
    """Parameters of the layer, all experts."""
    last_product_weights: float
    """Entries of the active weights that end the layer: the MLP's way down."""
    num_products: int
    """Matrix products a token meets, experts together as one."""
    product_features: float
    """Inputs and outputs of the active products."""
    dense_products: float
    """Products outside of experts, in the mean layer."""
    expert_products: float
    """Products of one expert, in the mean layer."""
    dense_features: float
    """Inputs and outputs of the dense products."""
    expert_features: float
    """Of one expert's."""
    expert_params: float
    """Entries of all experts' matrices."""
    num_experts: int
    elementwise_bytes: float
    """Traffic outside of products and attention, 16 bit, forward."""
    fused_elementwise_bytes: float
    """The same with fused kernels or torch.compile."""
    hidden_size: int
    key_value_width: int
    num_heads: int
    attention_width: float
    """Mean width of queries and values over all heads, times the share of layers that attend."""
    local_share: float
    """Share of the attending layers that see a window only."""
    window: int


class AdapterCost(NamedTuple):
    """The adapters of a layer; all zero without."""

    num_adapters: float = 0.0
    inputs: float = 0.0
    outputs: float = 0.0
    """Features read and written by the adapted matrices."""
    params: float = 0.0


def layer_cost(arch: ModelArch) -> LayerCost:
    """The mean layer of `arch`; cached by its key."""
    return _layer_cost(HashedByKey(arch))


def adapter_cost(workload: Workload) -> AdapterCost:
    """The adapters of the mean layer: rank x (inputs + outputs) parameters a target."""
    if not workload.has_adapters:
        return AdapterCost()
    return _adapter_cost(HashedByKey(workload.arch), workload.lora_targets, workload.lora_rank or 0)


def trained_params(workload: Workload) -> float:
    """Parameters that have a gradient; cached by identity of the workload."""
    return _trained_params(ByIdentity(workload))


@lru_cache(maxsize=512)
def _trained_params(key: ByIdentity[Workload]) -> float:
    workload = key.value
    if workload.has_adapters:
        return adapter_cost(workload).params * layer_cost(workload.arch).num_layers
    if workload.method is Method.FREEZE:
        return num_trainable_params(workload)
    return workload.arch.num_params


def computed_bytes(workload: Workload) -> int:
    """Bytes of an activation or a gradient between two products."""
    return 4 if workload.computes_in_fp32 else 2


def packs_experts(workload: Workload, framework: Framework) -> bool:
    """Whether the experts of the base are packed with its other matrices."""
    return framework.packs_experts(workload.arch.family, workload.quantization)


def travelling_bytes(workload: Workload, framework: Framework) -> float:
    """Bytes of a mean weight of the base between GPUs or to the host: packed, else as it computes."""
    if workload.quantization is None:
        return computed_bytes(workload)
    cost, packed = layer_cost(workload.arch), quantized_bytes(workload.quantization)
    if packs_experts(workload, framework):
        return packed
    return packed + cost.expert_params / cost.total_params * (computed_bytes(workload) - packed)


@lru_cache(maxsize=512)
def _layer_cost(keyed: HashedByKey) -> LayerCost:
    arch = keyed.arch
    layers = model_shape(arch).layers
    count = sum(layer.count for layer in layers)
    active = _mean(
        layers, count, lambda linear: linear.in_features * linear.out_features * _visits(linear, arch)
    )
    routed = _mean(layers, count, lambda linear: _routed_weights(linear, arch))
    return LayerCost(
        num_layers=count,
        active_weights=active,
        expert_weights=routed,
        total_params=(arch.num_params - _outside_params(arch)) / count,
        last_product_weights=_mean(layers, count, lambda linear: _last_weights(linear, arch)),
        num_products=max(len(layer.linears) for layer in layers),
        product_features=_mean(layers, count, lambda linear: _features(linear) * _visits(linear, arch)),
        dense_products=_mean(layers, count, lambda linear: not linear.experts),
        expert_products=_mean(layers, count, lambda linear: bool(linear.experts)),
        dense_features=_mean(layers, count, lambda linear: 0 if linear.experts else _features(linear)),
        expert_features=_mean(layers, count, lambda linear: _features(linear) if linear.experts else 0),
        expert_params=_mean(layers, count, lambda linear: linear.weight_params if linear.experts else 0),
        num_experts=arch.num_experts or 0,
        elementwise_bytes=_elementwise_bytes(arch, fused=False),
        fused_elementwise_bytes=_elementwise_bytes(arch, fused=True),
        hidden_size=arch.hidden_size,
        key_value_width=arch.key_value_width,
        num_heads=arch.num_attention_heads,
        attention_width=_attention_width(arch) * _attending_share(arch),
        local_share=_local_share(arch),
        window=_window(arch),
    )


def _mean(layers: tuple[Layer, ...], count: int, of: Callable[[Linear], float]) -> float:
    return sum(layer.count * sum(of(linear) for linear in layer.linears) for layer in layers) / count


def _features(linear: Linear) -> int:
    return linear.in_features + linear.out_features


def _visits(linear: Linear, arch: ModelArch) -> int:
    """How often a token meets this matrix: once, or once for each of its experts."""
    return (arch.num_experts_per_tok or 1) if linear.experts else 1


def _routed_weights(linear: Linear, arch: ModelArch) -> int:
    return linear.in_features * linear.out_features * _visits(linear, arch) if linear.experts else 0


def _last_weights(linear: Linear, arch: ModelArch) -> int:
    """Of the product that a layer ends with; routed experts end in a weighted sum, which needs it again."""
    is_last = any(name == "down_proj" for name, _ in linear.parts) and not arch.is_moe
    return linear.in_features * linear.out_features if is_last else 0


def _outside_params(arch: ModelArch) -> int:
    shape = model_shape(arch)
    return shape.embedding_params + shape.position_params + shape.head_params + shape.final_norm_params


def _elementwise_bytes(arch: ModelArch, *, fused: bool) -> float:
    """Traffic of norms, residual additions, rotary embedding and activation, read and write, 16 bit, forward.

    Kernel by kernel a RMSNorm moves 36 bytes a feature (fp32 copy included), fused or as torch's LayerNorm
    it is 6; an addition 6; rotary embedding 22 or, fused, 4; a gate 10 f or 6 f, a plain activation 4 f.
    Source: the tensors that each kernel of `transformers`' LlamaDecoderLayer reads and writes.
    """
    norm = 6 if fused or arch.norm is Norm.LAYERNORM else 36
    rotary = 0 if arch.learned_positions else (4 if fused else 22)
    activation = (6 if fused else 10) if arch.is_gated else 4
    residual = arch.hidden_size * (arch.norms_per_layer * norm + 12)
    return residual + rotary * (arch.query_width + arch.key_value_width) + activation * _mlp_width(arch)


def _mlp_width(arch: ModelArch) -> int:
    if not arch.is_moe:
        return arch.intermediate_size or 0
    visited = arch.num_experts_per_tok or 1
    return (arch.moe_intermediate_size or 0) * visited + shared_expert_width(arch)


def _attention_width(arch: ModelArch) -> float:
    value_dim = arch.v_head_dim or arch.head_dim
    return arch.num_attention_heads * (arch.head_dim + value_dim) / 2


def _attending_share(arch: ModelArch) -> float:
    """Share of a hybrid's layers that attend; the mixers of the others cost their matrices."""
    config = arch.hybrid_config or {}
    if interval := config.get("full_attention_interval"):
        return 1 / float(interval)
    if kinds := config.get("layer_types"):
        return list(kinds).count("attention") / len(kinds)
    pattern = str(config.get("hybrid_override_pattern", ""))
    return pattern.count("*") / len(pattern) if pattern else 1.0


def _local_share(arch: ModelArch) -> float:
    """`5:1 local:global` is 5/6; a plain sliding window is everywhere."""
    if match := re.search(r"(\d+):(\d+) (?:local|chunked)", arch.attention_kind):
        local, whole = int(match[1]), int(match[2])
        return local / (local + whole)
    return 1.0 if arch.sliding_window else 0.0


def _window(arch: ModelArch) -> int:
    if match := re.search(r"(?:local|chunked)\((\d+)\)", arch.attention_kind):
        return int(match[1])
    return arch.sliding_window or 0


@lru_cache(maxsize=2048)
def _adapter_cost(keyed: HashedByKey, targets: tuple[str, ...], rank: int) -> AdapterCost:
    layers = model_shape(keyed.arch).layers
    count = sum(layer.count for layer in layers)
    adapted = [
        (layer.count, adapter) for layer in layers for adapter in layer_adapters(keyed.arch, layer, targets)
    ]
    inputs = sum(times * one.linear.in_features for times, one in adapted) / count
    outputs = sum(times * one.out_features for times, one in adapted) / count
    return AdapterCost(
        num_adapters=sum(times for times, _ in adapted) / count,
        inputs=inputs,
        outputs=outputs,
        params=rank * (inputs + outputs),
    )

"""Which matrices carry a low-rank adapter, and how many parameters it has."""

from functools import lru_cache
from typing import NamedTuple

from estimator.model.arch import ModelArch
from estimator.model.layers import HashedByKey, Layer, model_shape
from estimator.model.linears import PROJECTIONS, Linear

ALL_LINEAR = ("all-linear",)
"""LoRA targets: every linear layer of a block, not the embedding and not the head."""

ALL_AND_EXPERTS = (*ALL_LINEAR, "experts")
"""The same, and the fused matrices of the experts as one target each: no router, one pair an expert."""


class Adapter(NamedTuple):
    """A pair of matrices [in_features, rank] and [rank, out_features] beside one linear."""

    linear: Linear
    out_features: int
    """Less than the linear's where only some projections of a fused matrix are adapted."""
    pairs: int = 1
    """Pairs of rank r: one an expert, two where the expert's matrix fuses two projections."""

    def num_params(self, rank: int) -> int:
        """Entries of all pairs."""
        return self.pairs * rank * (self.linear.in_features + self.out_features)


MEGATRON_TARGETS = {
    "linear_qkv": PROJECTIONS,
    "linear_proj": ("o_proj",),
    "linear_fc1": ("gate_proj", "up_proj"),
    "linear_fc2": ("down_proj",),
}
"""Megatron calls these modules the same in every model (NVIDIA/NeMo nemo/collections/llm/peft/lora.py)."""
EXPERT_FAMILIES = (
    "deepseek_v2",
    "deepseek_v3",
    "ernie4_5_moe",
    "glm4_moe",
    "hunyuan_v1_moe",
    "minimax_m2",
    "mixtral",
    "olmoe",
    "qwen3_moe",
    "qwen3_next",
)
"""PEFT adapts the experts and the router of these under all-linear, as it did when experts were modules, and
leaves their dense and shared MLPs alone (PEFT 0.21 utils/transformers_weight_conversion.py)."""


@lru_cache(maxsize=2048)
def _adapters(keyed: HashedByKey, kind_index: int, targets: tuple[str, ...]) -> tuple[Adapter, ...]:
    arch, layer = keyed.arch, model_shape(keyed.arch).layers[kind_index]
    targets = tuple(name for each in targets for name in (each, *MEGATRON_TARGETS.get(each, ())))
    if targets == ALL_AND_EXPERTS:
        return tuple(_whole(linear, max(linear.experts, 1)) for linear in layer.linears)
    if targets == ALL_LINEAR and arch.family in EXPERT_FAMILIES:
        return _expert_adapters(arch, layer)
    found = (_adapter(linear, targets) for linear in layer.linears if not linear.experts)
    return tuple(adapter for adapter in found if adapter is not None)


def layer_adapters(arch: ModelArch, layer: Layer, targets: tuple[str, ...]) -> tuple[Adapter, ...]:
    """Adapters of one layer: every module for all-linear, else those with a target's name.

    Source: PEFT 0.21 `tuners/tuners_utils.py`; a usual name (`q_proj`) on a fused matrix adapts that
    projection alone, as LitGPT's `LoRAQKVLinear` does.
    """
    return _adapters(HashedByKey(arch), model_shape(arch).layers.index(layer), targets)


def _adapter(linear: Linear, targets: tuple[str, ...]) -> Adapter | None:
    if targets == ALL_LINEAR or linear.name in targets:
        return Adapter(linear=linear, out_features=linear.out_features)
    width = sum(width for name, width in linear.parts if name in targets)
    return Adapter(linear=linear, out_features=width) if width else None


def module_targets(arch: ModelArch) -> tuple[str, ...]:
    """Names of the model's own that adapters can be asked for: modules, and projections of fused ones."""
    linears = [linear for layer in model_shape(arch).layers for linear in layer.linears if not linear.experts]
    names = (name for linear in linears for name in (linear.name, *(part for part, _ in linear.parts)))
    return tuple(dict.fromkeys(names))


def _expert_adapters(arch: ModelArch, layer: Layer) -> tuple[Adapter, ...]:
    """On attention, on every routed expert, and on the router of a layer that has one."""
    experts = tuple(linear for linear in layer.linears if linear.experts)
    adapted = (
        *(linear for linear in layer.linears if not is_mlp(linear)),
        *(_routers(arch) if experts else ()),
    )
    fused = {"experts.gate_up_proj": 2}
    return tuple(_whole(linear, max(linear.experts, 1) * fused.get(linear.name, 1)) for linear in adapted)


def _whole(linear: Linear, pairs: int) -> Adapter:
    return Adapter(linear=linear, out_features=linear.out_features, pairs=pairs)


def _routers(arch: ModelArch) -> tuple[Linear, ...]:
    experts = arch.num_experts or 0
    return (Linear(name="gate", in_features=arch.hidden_size, out_features=experts),)


def is_mlp(linear: Linear) -> bool:
    """Whether `linear` belongs to a dense or shared MLP."""
    return any(name in ("gate_proj", "up_proj", "down_proj") for name, _ in linear.parts)


def dense_mlp(layer: Layer) -> tuple[Linear, ...]:
    """The matrices of a dense MLP; none where experts do its work."""
    if layer.kind == "moe":
        return ()
    return tuple(linear for linear in layer.linears if is_mlp(linear) and not linear.experts)

"""Which matrices carry a low-rank adapter, and how many parameters it has."""

from dataclasses import dataclass
from functools import lru_cache

from estimator.arch import ModelArch
from estimator.shape import Keyed, Layer, Linear, model_shape
from estimator.workload import ALL_LINEAR


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A pair of matrices [in_features, rank] and [rank, out_features] beside one linear."""

    linear: Linear
    out_features: int
    """Less than the linear's where only some projections of a fused matrix are adapted."""

    def num_params(self, rank: int) -> int:
        """Entries of both matrices."""
        return rank * (self.linear.in_features + self.out_features)


@lru_cache(maxsize=2048)
def _adapters(keyed: Keyed, kind_index: int, targets: tuple[str, ...]) -> tuple[Adapter, ...]:
    layer = model_shape(keyed.arch).layers[kind_index]
    found = (_adapter(linear, targets) for linear in layer.linears if not linear.experts)
    return tuple(adapter for adapter in found if adapter is not None)


def layer_adapters(arch: ModelArch, layer: Layer, targets: tuple[str, ...]) -> tuple[Adapter, ...]:
    """Adapters of one layer: every module for all-linear, else those with a target's name.

    Source: PEFT 0.21 `tuners/tuners_utils.py`; a usual name (`q_proj`) on a fused matrix adapts that
    projection alone, as LitGPT's `LoRAQKVLinear` does. Routed experts are one tensor and carry none.
    """
    return _adapters(Keyed(arch), model_shape(arch).layers.index(layer), targets)


def _adapter(linear: Linear, targets: tuple[str, ...]) -> Adapter | None:
    if targets == ALL_LINEAR or linear.name in targets:
        return Adapter(linear=linear, out_features=linear.out_features)
    width = sum(width for name, width in linear.parts if name in targets)
    return Adapter(linear=linear, out_features=width) if width else None

"""What the adapters of a block keep beside the block itself."""

from typing import NamedTuple

from estimator.memory.number_formats import NumberFormats
from estimator.model.adapters import Adapter
from estimator.model.linears import Linear


class LoraMode(NamedTuple):
    """The adapters of one layer as the block's formulas ask for them."""

    adapters: tuple[Adapter, ...]
    rank: int
    dropout: bool
    magnitudes: bool

    def on(self, linears: tuple[Linear, ...]) -> int:
        """How many of `linears` carry an adapter."""
        return sum(adapter.linear in linears for adapter in self.adapters)

    def fused_on(self, linears: tuple[Linear, ...], formats: NumberFormats) -> bool:
        """Whether `linears` and their adapters are one function: all adapted, without dropout or bias."""
        plain = formats.fused_adapters and not (self.dropout or self.magnitudes)
        biased = any(linear.bias_params for linear in linears)
        return plain and not biased and 0 < self.on(linears) == len(linears)


NO_ADAPTERS = LoraMode(adapters=(), rank=0, dropout=False, magnitudes=False)


def ranks_bytes(formats: NumberFormats, lora: LoraMode) -> float:
    """The rank-r outputs of the adapters, a token."""
    wanted = 2 if formats.autocast else formats.adapter_bytes
    return wanted * lora.rank * len(lora.adapters)


def magnitudes_bytes(formats: NumberFormats, lora: LoraMode) -> float:
    """DoRA's scale multiplies the outputs of the base and of the adapter: both are kept, a token."""
    if not lora.magnitudes:
        return 0.0
    wanted = 2 if formats.autocast else formats.adapter_bytes
    return (formats.compute_bytes + wanted) * sum(adapter.out_features for adapter in lora.adapters)


def identity_bytes(lora: LoraMode) -> float:
    """An identity as wide as the widest input, in fp32 and cast (PEFT 0.21 tuners/lora/dora.py)."""
    if not lora.magnitudes:
        return 0.0
    return 8.0 * max((adapter.linear.in_features for adapter in lora.adapters), default=0) ** 2


def adapted_experts_bytes(formats: NumberFormats, lora: LoraMode) -> float:
    """Experts whose adapters are added to their weights first: the sum, as large as the weights."""
    experts = (adapter.linear for adapter in lora.adapters if adapter.linear.experts)
    return (
        0.0
        if formats.kbit_layers and formats.packs_experts
        else float(formats.compute_bytes * sum(each.weight_params for each in experts))
    )

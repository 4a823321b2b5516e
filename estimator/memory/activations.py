"""What autograd keeps of one block between forward and backward, tensor by tensor.

Widths: h hidden, q all query heads, k all key heads, f inner width, n heads, S sequence, r rank.
Each function returns bytes a token; attention scores are returned apart, per token and key.
"""

from functools import lru_cache
from typing import NamedTuple

from estimator.memory.block import (
    attention_bytes,
    keeps_output,
    norms_bytes,
    scores_backward_bytes,
    scores_bytes,
)
from estimator.memory.families import RESIDUAL_DROPOUT
from estimator.memory.lora import (
    NO_ADAPTERS,
    LoraMode,
    adapted_experts_bytes,
    identity_bytes,
    magnitudes_bytes,
    ranks_bytes,
)
from estimator.memory.mlp import down_params, gradient_width_bytes, mlp_bytes
from estimator.memory.number_formats import NumberFormats
from estimator.model.adapters import dense_mlp, is_mlp, layer_adapters
from estimator.model.arch import ModelArch
from estimator.model.layers import HashedByKey, Layer, model_shape
from estimator.model.linears import PROJECTIONS, Linear


class SavedActivations(NamedTuple):
    """Bytes that one block keeps: a token, a token and key position, and whatever the batch."""

    token_bytes: float
    score_bytes: float
    fixed_bytes: float
    gradient_width_bytes: float
    """The widest gradients alive while the block's MLP runs backward, less what is freed by then, a token."""
    down_params: int
    """Of the MLP's last matrix, whose gradient exists by then."""
    attention_token_bytes: float
    """What of `token_bytes` is still alive when the block's attention runs backward."""
    attention_score_bytes: float
    """Scores at that moment, a token and key position; 0 where no scores are kept."""
    work_bytes: float
    """Work space of the block, whatever the batch: DoRA multiplies an identity through its widest adapter."""

    def bytes(self, num_tokens: float, num_keys: int) -> float:
        """All of them for `num_tokens` that attend to `num_keys` positions."""
        return num_tokens * (self.token_bytes + self.score_bytes * num_keys) + self.fixed_bytes


class AdapterChoice(NamedTuple):
    """Rank (0: none), targets and dropout of a workload's adapters."""

    rank: int
    targets: tuple[str, ...]
    dropout: bool
    magnitudes: bool
    """DoRA."""


def block_kept(
    arch: ModelArch, layer_index: int, formats: NumberFormats, choice: AdapterChoice
) -> SavedActivations:
    """What block number `layer_index` of the shape's layers keeps; worked out once a combination.

    Source: docs/formulas.md#activations; equal to simulated execution within 0.3 %.
    """
    return _kept(HashedByKey(arch), layer_index, formats, choice)


@lru_cache(maxsize=4096)
def _kept(
    keyed: HashedByKey, layer_index: int, formats: NumberFormats, choice: AdapterChoice
) -> SavedActivations:
    arch = keyed.arch
    layer = model_shape(arch).layers[layer_index]
    lora = NO_ADAPTERS
    if choice.rank:
        adapters = layer_adapters(arch, layer, choice.targets)
        lora = LoraMode(
            adapters=adapters, rank=choice.rank, dropout=choice.dropout, magnitudes=choice.magnitudes
        )
    attention = attention_bytes(arch, layer, formats)
    norms = norms_bytes(arch, layer, formats)
    token_bytes = (
        norms
        + inputs_bytes(arch, layer, formats, lora)
        + attention
        + mlp_bytes(arch, layer, formats, lora)
        + (2 * arch.hidden_size if arch.family in RESIDUAL_DROPOUT else 0)
        + ranks_bytes(formats, lora)
        + magnitudes_bytes(formats, lora)
    )
    return SavedActivations(
        token_bytes=token_bytes,
        score_bytes=scores_bytes(arch, layer, formats),
        fixed_bytes=cast_copies_bytes(layer, formats, lora),
        gradient_width_bytes=gradient_width_bytes(arch, layer, formats, lora),
        down_params=down_params(layer),
        attention_token_bytes=attention + norms / 2 + 2 * formats.residual_bytes * arch.hidden_size,
        attention_score_bytes=scores_backward_bytes(arch, layer, formats),
        work_bytes=identity_bytes(lora),
    )


def input_bytes(
    linears: tuple[Linear, ...],
    formats: NumberFormats,
    lora: LoraMode,
    *,
    produced_bytes: int,
    kept_anyway: bool,
) -> float:
    """The input that `linears` share, a token: once if they can share it, and a copy for each that casts."""
    width = linears[0].in_features
    if lora.fused_on(linears, formats):
        return 0 if kept_anyway else width * produced_bytes
    adapted = _adapted(linears, formats, lora)
    shared = produced_bytes == formats.compute_bytes and (not formats.frozen or formats.keeps_frozen_inputs)
    private = 0.0
    if not formats.frozen and produced_bytes != formats.compute_bytes:
        private += len(linears) * formats.compute_bytes
    if adapted:
        copies = _adapter_input_bytes(formats, lora, produced_bytes)
        private += adapted * copies
        shared = shared or not copies
        private += adapted * lora.dropout
    return width * (private + (0 if kept_anyway or not shared else produced_bytes))


def _adapted(linears: tuple[Linear, ...], formats: NumberFormats, lora: LoraMode) -> int:
    """Adapters with an input of their own among `linears`."""
    count = lora.on(linears)
    if not formats.one_qkv:
        return count
    projections = sum(
        _is_projection(adapter.linear) for adapter in lora.adapters if adapter.linear in linears
    )
    return count - max(0, projections - 1)


def _is_projection(linear: Linear) -> bool:
    return any(name in PROJECTIONS for name, _ in linear.parts)


def _adapter_input_bytes(formats: NumberFormats, lora: LoraMode, produced_bytes: int) -> int:
    """Bytes an entry of the copy that one adapter keeps of its input; 0 where it keeps the input itself."""
    wanted = 2 if formats.autocast else formats.adapter_bytes
    if lora.dropout or wanted != produced_bytes:
        return wanted
    casts_twice = formats.autocast and formats.adapter_bytes == 4 and not formats.kbit_layers
    return wanted if casts_twice else 0


def inputs_bytes(arch: ModelArch, layer: Layer, formats: NumberFormats, lora: LoraMode) -> float:
    """Inputs of all matrices of a block, a token; the routed experts' are in `mlp_bytes`."""
    plain = tuple(linear for linear in layer.linears if not linear.experts)
    total = 0.0
    mlp = dense_mlp(layer)
    fused = lora.fused_on(mlp, formats)
    for linears, produced, kept in _sharing(arch, plain, formats):
        made_again = fused and linears == mlp[-1:]
        if linears and not made_again:
            total += input_bytes(linears, formats, lora, produced_bytes=produced, kept_anyway=kept)
    return total


def _sharing(
    arch: ModelArch, plain: tuple[Linear, ...], formats: NumberFormats
) -> tuple[tuple[tuple[Linear, ...], int, bool], ...]:
    """Groups of matrices with one input, its bytes an entry, and whether attention keeps it anyway."""
    attention = tuple(linear for linear in plain if not is_mlp(linear))
    mlp = tuple(linear for linear in plain if is_mlp(linear))
    stream = 4 if formats.residual_bytes == 4 else formats.compute_bytes
    into = tuple(linear for linear in attention if not _is_output(linear))
    out = tuple(linear for linear in attention if _is_output(linear))
    product = 4 if formats.prepared else formats.compute_bytes
    one_norm = arch.parallel_block and arch.norms_per_layer == 1
    first = (into + mlp[:-1],) if one_norm else (into, mlp[:-1])
    return (
        *((alike, stream, False) for group in first for alike in _by_width(group)),
        (out, formats.compute_bytes, keeps_output(arch, formats)),
        (mlp[-1:], product, False),
    )


def _by_width(linears: tuple[Linear, ...]) -> tuple[tuple[Linear, ...], ...]:
    """Those that can share an input: MLA's second projections read latents, not the stream."""
    widths = dict.fromkeys(linear.in_features for linear in linears)
    return tuple(tuple(each for each in linears if each.in_features == width) for width in widths)


def _is_output(linear: Linear) -> bool:
    return any(name in ("o_proj", "out_proj") for name, _ in linear.parts)


def cast_copies_bytes(layer: Layer, formats: NumberFormats, lora: LoraMode) -> float:
    """16-bit copies of weights that the graph holds whatever the batch: of autocast, or unpacked."""
    base = 2.0 * layer.matrix_params if formats.casts_weights else 0.0
    base += adapted_experts_bytes(formats, lora)
    base += formats.product_bytes * layer.matrix_params if formats.keeps_unpacked else 0.0
    if formats.autocast and formats.adapter_bytes == 4:
        return base + 2.0 * sum(adapter.num_params(lora.rank) for adapter in lora.adapters)
    return base

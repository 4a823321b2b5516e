"""A model as its matrices: every matrix of every layer under its module name."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from estimator.model.arch import ArchKind, ModelArch, QkNorm
from estimator.model.hybrid import Block, blocks
from estimator.model.linears import Linear, attention_linears, expert_linears, mixer_linears, mlp_linears

RELATIVE_BUCKETS = 32
"""T5's relative position table: buckets a head, one table a stack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Layers that are alike: how many, their matrices, and what else they hold."""

    kind: str
    """dense, moe, encoder or decoder; none where a hybrid's layer has no MLP."""
    count: int
    linears: tuple[Linear, ...]
    mixes: str = "attention"
    """attention, recurrence (Mamba2, gated delta net) or nothing."""
    router_params: int = 0
    norm_params: int = 0

    @property
    def num_params(self) -> int:
        """Parameters of one such layer."""
        return sum(linear.num_params for linear in self.linears) + self.router_params + self.norm_params

    @property
    def matrix_params(self) -> int:
        """Entries of its matrices, without biases and routers: what a quantised base packs."""
        return sum(linear.weight_params for linear in self.linears)

    @property
    def expert_params(self) -> int:
        """Those of routed experts among them."""
        return sum(linear.weight_params for linear in self.linears if linear.experts)


class ModelShape(NamedTuple):
    """All layers and what lies outside them: where every count, memory and FLOP estimate starts."""

    layers: tuple[Layer, ...]
    embedding_params: int
    position_params: int
    head_params: int
    """0 when the head is the embedding."""
    final_norm_params: int
    extra_params: int
    """What the shape does not explain."""

    @property
    def num_layers(self) -> int:
        """Layers of all kinds."""
        return sum(layer.count for layer in self.layers)

    @property
    def layer_params(self) -> int:
        """Parameters of all layers."""
        return sum(layer.count * layer.num_params for layer in self.layers)

    @property
    def outside_params(self) -> int:
        """Embedding, positions, head and final norm."""
        fixed = self.embedding_params + self.position_params + self.head_params
        return fixed + self.final_norm_params + self.extra_params

    @property
    def num_params(self) -> int:
        """Every parameter, a tied matrix once."""
        return self.layer_params + self.outside_params

    @property
    def matrix_params(self) -> int:
        """Entries of the matrices of all layers."""
        return sum(layer.count * layer.matrix_params for layer in self.layers)

    @property
    def largest_layer(self) -> Layer:
        """The one with most parameters."""
        return max(self.layers, key=lambda layer: layer.num_params)


def model_shape(arch: ModelArch) -> ModelShape:
    """The matrices of `arch`; worked out once a model.

    Source: the layer classes of `transformers` 5.23; the counts agree with every non-hybrid model of the
    catalog. Hybrid models get what their mixers hold beyond the shape as `extra_params`.
    """
    return _shape(HashedByKey(arch))


class HashedByKey:
    """An architecture hashed by its key: hashing forty fields would cost more than an estimate."""

    __slots__ = ("arch",)

    def __init__(self, arch: ModelArch) -> None:
        self.arch = arch

    def __hash__(self) -> int:
        return hash(self.arch.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HashedByKey) and (self.arch is other.arch or self.arch == other.arch)


@lru_cache(maxsize=512)
def _shape(keyed: HashedByKey) -> ModelShape:
    arch = keyed.arch
    embedding_params = arch.vocab_size * arch.hidden_size
    shape = ModelShape(
        layers=_layers(arch),
        embedding_params=embedding_params,
        position_params=_position_params(arch),
        head_params=_head_params(arch),
        final_norm_params=_final_norm_params(arch),
        extra_params=arch.extra_params,
    )
    return _with_mixers(shape, arch) if arch.hybrid else shape


def _with_mixers(shape: ModelShape, arch: ModelArch) -> ModelShape:
    return ModelShape(
        layers=shape.layers,
        embedding_params=shape.embedding_params,
        position_params=shape.position_params,
        head_params=shape.head_params,
        final_norm_params=shape.final_norm_params,
        extra_params=arch.num_params - shape.num_params + arch.extra_params,
    )


def _layers(arch: ModelArch) -> tuple[Layer, ...]:
    if arch.architecture is ArchKind.ENCODER_DECODER:
        return (_layer(arch, "encoder", arch.num_layers), _layer(arch, "decoder", arch.num_layers))
    if arch.architecture is ArchKind.ENCODER:
        return (_layer(arch, "encoder", arch.num_layers),)
    if arch.hybrid:
        return tuple(_hybrid_layer(arch, block) for block in blocks(arch))
    if not arch.is_moe:
        return (_layer(arch, "dense", arch.num_layers),)
    dense = (_layer(arch, "dense", arch.num_dense_layers),) if arch.num_dense_layers else ()
    return (*dense, _layer(arch, "moe", arch.num_layers - arch.num_dense_layers))


def _layer(arch: ModelArch, kind: str, count: int) -> Layer:
    attention = attention_linears(arch) * (2 if kind == "decoder" else 1)
    return Layer(
        kind=kind,
        count=count,
        linears=attention + _mlp_linears(arch, kind),
        router_params=_router_params(arch) if kind == "moe" else 0,
        norm_params=_norm_params(arch, kind),
    )


def _mlp_linears(arch: ModelArch, kind: str) -> tuple[Linear, ...]:
    if kind == "none":
        return ()
    return expert_linears(arch) if kind == "moe" else mlp_linears(arch, arch.intermediate_size or 0)


def _hybrid_layer(arch: ModelArch, block: Block) -> Layer:
    kind = ("moe" if arch.is_moe else "dense") if block.has_mlp else "none"
    mixers = {"attention": attention_linears, "recurrence": mixer_linears}
    mixer = mixers[block.mixes](arch) if block.mixes in mixers else ()
    return Layer(
        kind=kind,
        count=block.count,
        linears=mixer + _mlp_linears(arch, kind),
        mixes=block.mixes,
        router_params=_router_params(arch) if kind == "moe" else 0,
        norm_params=_norm_params(arch, kind),
    )


def _router_params(arch: ModelArch) -> int:
    """Router and its bias."""
    return (arch.num_experts or 0) * (arch.hidden_size + arch.expert_bias)


def _norm_params(arch: ModelArch, kind: str) -> int:
    """Norms of the residual stream, of queries and keys, and of MLA's latents."""
    scale = arch.hidden_size * (1 + arch.norm_bias)
    norms = arch.norms_per_layer + (kind == "decoder")
    latents = (arch.q_lora_rank or 0) + (arch.kv_lora_rank or 0)
    return norms * scale + _qk_norm_params(arch) + latents + _sink_params(arch)


def _qk_norm_params(arch: ModelArch) -> int:
    if arch.qk_norm is QkNorm.HEAD:
        return 2 * arch.head_dim
    return arch.query_width + arch.key_value_width if arch.qk_norm is QkNorm.FULL else 0


def _sink_params(arch: ModelArch) -> int:
    """One attention sink a head in gpt-oss."""
    return arch.num_attention_heads if arch.family == "gpt_oss" else 0


def _head_params(arch: ModelArch) -> int:
    """The output head; BERT's pooler stands in its place."""
    if arch.architecture is ArchKind.ENCODER:
        return arch.hidden_size * (arch.hidden_size + 1)
    matrix = 0 if arch.tie_word_embeddings else arch.vocab_size * arch.hidden_size
    return matrix + arch.vocab_size * arch.lm_head_bias


def _final_norm_params(arch: ModelArch) -> int:
    if not arch.norms_per_layer:
        return 0
    stacks = 2 if arch.architecture is ArchKind.ENCODER_DECODER else 1
    return stacks * arch.hidden_size * (1 + arch.norm_bias)


def _position_params(arch: ModelArch) -> int:
    """A learned table of positions (with BERT's two token types), or T5's two tables of relative ones."""
    if arch.architecture is ArchKind.ENCODER_DECODER:
        return 2 * RELATIVE_BUCKETS * arch.num_attention_heads
    rows = arch.max_position_embeddings + 2 * (arch.architecture is ArchKind.ENCODER)
    return rows * arch.hidden_size if arch.learned_positions else 0

"""A model as its matrices: every matrix of every layer under its module name."""

from dataclasses import dataclass
from functools import lru_cache

from estimator.arch import ArchKind, ModelArch, QkNorm
from estimator.module_names import Names, module_names

RELATIVE_BUCKETS = 32
"""T5's relative position table: buckets a head, one table a stack."""
PROJECTIONS = ("q_proj", "k_proj", "v_proj")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """One matrix of a layer as the framework names it, and which projections it fuses."""

    name: str
    in_features: int
    out_features: int
    bias_params: int = 0
    parts: tuple[tuple[str, int], ...] = ()
    """Projections by their usual names with their widths: `qkv_proj` is q_proj, k_proj and v_proj."""
    experts: int = 0
    """Routed experts that have it, stored as one tensor and not as modules; 0: an ordinary module."""

    @property
    def weight_params(self) -> int:
        """Entries of the matrix, of all experts."""
        return (self.experts or 1) * self.in_features * self.out_features

    @property
    def num_params(self) -> int:
        """Entries of matrix and bias, of all experts."""
        return self.weight_params + (self.experts or 1) * self.bias_params


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """Layers that are alike: how many, their matrices, and what else they hold."""

    kind: str
    """dense, moe, encoder, decoder or mixer (Mamba2, gated delta net)."""
    count: int
    linears: tuple[Linear, ...]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelShape:
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
    def largest_layer_params(self) -> int:
        """Parameters of the largest layer."""
        return max(layer.num_params for layer in self.layers)


def model_shape(arch: ModelArch) -> ModelShape:
    """The matrices of `arch`; worked out once a model.

    Source: the layer classes of `transformers` 5.23; the counts agree with all 310 non-hybrid models of the
    catalog. Hybrid models get what their mixers hold beyond the shape as `extra_params`.
    """
    return _shape(Keyed(arch))


class Keyed:
    """An architecture hashed by its key: hashing forty fields would cost more than an estimate."""

    __slots__ = ("arch",)

    def __init__(self, arch: ModelArch) -> None:
        self.arch = arch

    def __hash__(self) -> int:
        return hash(self.arch.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Keyed) and (self.arch is other.arch or self.arch == other.arch)


@lru_cache(maxsize=512)
def _shape(keyed: Keyed) -> ModelShape:
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
    if not arch.is_moe:
        return (_layer(arch, "dense", arch.num_layers),)
    dense = (_layer(arch, "dense", arch.num_dense_layers),) if arch.num_dense_layers else ()
    return (*dense, _layer(arch, "moe", arch.num_layers - arch.num_dense_layers))


def _layer(arch: ModelArch, kind: str, count: int) -> Layer:
    attention = _attention(arch) * (2 if kind == "decoder" else 1)
    mlp = _experts(arch) if kind == "moe" else _mlp(arch, arch.intermediate_size or 0)
    return Layer(
        kind=kind,
        count=count,
        linears=attention + mlp,
        router_params=_router_params(arch) if kind == "moe" else 0,
        norm_params=_norm_params(arch, kind),
    )


def _attention(arch: ModelArch) -> tuple[Linear, ...]:
    if arch.kv_lora_rank:
        return _latent_attention(arch, arch.kv_lora_rank)
    h, (q, kv) = arch.hidden_size, attention_widths(arch)
    names = module_names(arch.family)
    widths = tuple(zip(PROJECTIONS, (q, kv, kv), strict=True))
    return (
        *_named(names.qkv, h, widths, bias=arch.qkv_bias),
        Linear(
            name=names.output,
            in_features=q,
            out_features=h,
            bias_params=h * arch.o_bias,
            parts=(("o_proj", h),),
        ),
    )


def attention_widths(arch: ModelArch) -> tuple[int, int]:
    """Width of all queries and of all keys; GPT-2's layers have no width of their own."""
    if arch.family in ("gpt2", "megatron_gpt", "mpt_foundry"):
        return arch.hidden_size, arch.hidden_size
    return arch.query_width, arch.key_value_width


def _latent_attention(arch: ModelArch, rank: int) -> tuple[Linear, ...]:
    """Multi-head latent attention: keys and values from a joint low-rank projection (DeepSeek-V2)."""
    h, heads = arch.hidden_size, arch.num_attention_heads
    nope, rope, value = arch.qk_nope_head_dim or 0, arch.qk_rope_head_dim or 0, arch.v_head_dim or 0
    query = (("q_a_proj", h, arch.q_lora_rank), ("q_b_proj", arch.q_lora_rank, arch.query_width))
    sizes = (
        *(query if arch.q_lora_rank else (("q_proj", h, arch.query_width),)),
        ("kv_a_proj_with_mqa", h, rank + rope),
        ("kv_b_proj", rank, heads * (nope + value)),
        ("o_proj", heads * value, h),
    )
    return tuple(
        Linear(name=name, in_features=inner or 0, out_features=outer or 0, parts=((name, outer or 0),))
        for name, inner, outer in sizes
    )


def _mlp(arch: ModelArch, width: int) -> tuple[Linear, ...]:
    h, names = arch.hidden_size, module_names(arch.family)
    widths = (("gate_proj", width), ("up_proj", width)) if arch.is_gated else (("up_proj", width),)
    down = Linear(
        name=names.down,
        in_features=width,
        out_features=h,
        bias_params=h * arch.mlp_bias,
        parts=(("down_proj", h),),
    )
    return (*_named(names.gate_up, h, widths, bias=arch.mlp_bias), down)


def _named(
    names: Names, inner: int, widths: tuple[tuple[str, int], ...], *, bias: bool
) -> tuple[Linear, ...]:
    """One fused matrix when there is one name, else a matrix each under the last names."""
    fused = len(names) == 1
    groups = (widths,) if fused else tuple((width,) for width in widths)
    return tuple(
        Linear(
            name=name,
            in_features=inner,
            out_features=sum(width for _, width in parts),
            bias_params=sum(width for _, width in parts) * bias,
            parts=parts,
        )
        for name, parts in zip(names[-len(groups) :], groups, strict=True)
    )


def _experts(arch: ModelArch) -> tuple[Linear, ...]:
    h, inner = arch.hidden_size, arch.moe_intermediate_size or 0
    outer = inner * (2 if arch.is_gated else 1)
    experts = arch.num_experts or 0
    routed = (
        Linear(
            name="experts.gate_up_proj",
            in_features=h,
            out_features=outer,
            bias_params=outer * arch.expert_bias,
            experts=experts,
        ),
        Linear(
            name="experts.down_proj",
            in_features=inner,
            out_features=h,
            bias_params=h * arch.expert_bias,
            experts=experts,
        ),
    )
    shared = shared_expert_width(arch)
    return (*routed, *(_mlp(arch, shared) if shared else ()), *_shared_gate(arch))


def _shared_gate(arch: ModelArch) -> tuple[Linear, ...]:
    """Qwen's shared experts are gated by one logit a token."""
    if not (arch.family.startswith("qwen") and shared_expert_width(arch)):
        return ()
    return (Linear(name="shared_expert_gate", in_features=arch.hidden_size, out_features=1),)


def shared_expert_width(arch: ModelArch) -> int:
    """Inner width of all shared experts together; 0 where there are none."""
    return arch.shared_expert_intermediate_size or arch.num_shared_experts * (arch.moe_intermediate_size or 0)


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

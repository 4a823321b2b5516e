"""The shape of a transformer, in the field names of Hugging Face configurations where one exists."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from estimator.base import Model

Size = Annotated[int, Field(ge=1)]
Count = Annotated[int, Field(ge=0)]


class ArchKind(StrEnum):
    """How the blocks are wired together."""

    DENSE = "dense"
    MOE = "moe"
    ENCODER_DECODER = "encoder-decoder"
    ENCODER = "encoder"


class Mlp(StrEnum):
    """The feed-forward block; the gated ones have three matrices, the others two."""

    SWIGLU = "swiglu"
    GEGLU = "geglu"
    GELU = "gelu"
    RELU = "relu"
    RELU2 = "relu2"


class Norm(StrEnum):
    """The normalisation of a block."""

    RMSNORM = "rmsnorm"
    LAYERNORM = "layernorm"


class QkNorm(StrEnum):
    """Norms on queries and keys: one of width head_dim each, or as wide as all heads."""

    NONE = "none"
    HEAD = "head"
    FULL = "full"


class NotCounted(StrEnum):
    """A part of a checkpoint that shape and count leave out."""

    VISION = "vision"
    """The tower that sees, and what joins it to the text; `note` names an audio tower beside it."""


class ModelArch(Model):
    """One transformer: everything that decides its parameter count, memory and FLOPs."""

    key: str
    hf_name: str = ""
    aliases: tuple[str, ...] = ()
    copy_of: str | None = None
    """The model whose shape it has: other weights, and a name of its own on the hub."""
    family: str
    """Layer class, named after the `transformers` model type where there is one."""
    architecture: ArchKind = ArchKind.DENSE
    num_layers: Size
    """Blocks; an encoder-decoder has as many again in its decoder."""
    hidden_size: Size
    num_attention_heads: Size
    num_key_value_heads: Size
    head_dim: Size
    """With MLA: qk_nope_head_dim + qk_rope_head_dim."""
    intermediate_size: Size | None = None
    """Inner width of the dense MLP; None where no layer is dense."""
    mlp: Mlp = Mlp.SWIGLU
    vocab_size: Size
    tie_word_embeddings: bool = False
    max_position_embeddings: Size
    learned_positions: bool = False
    norm: Norm = Norm.RMSNORM
    norm_bias: bool = False
    norms_per_layer: Count = 2
    qkv_bias: bool = False
    o_bias: bool = False
    mlp_bias: bool = False
    lm_head_bias: bool = False
    expert_bias: bool = False
    qk_norm: QkNorm = QkNorm.NONE
    parallel_block: bool = False
    """Attention and MLP read the same input."""
    num_experts: Size | None = None
    num_experts_per_tok: Size | None = None
    moe_intermediate_size: Size | None = None
    num_shared_experts: Count = 0
    shared_expert_intermediate_size: Size | None = None
    """Total inner width of the shared experts, where it is not num_shared_experts x moe_intermediate_size."""
    num_dense_layers: Count = 0
    """Layers of a MoE that have a dense MLP."""
    attention_kind: str = "mha"
    sliding_window: Size | None = None
    q_lora_rank: Size | None = None
    kv_lora_rank: Size | None = None
    qk_rope_head_dim: Size | None = None
    qk_nope_head_dim: Size | None = None
    v_head_dim: Size | None = None
    num_params: Size
    """Trainable parameters, a tied matrix once; published or counted by the `transformers` class."""
    num_active_params: Size
    """num_params less the routed experts a token does not visit."""
    extra_params: int = 0
    """Parameters that the other fields do not explain (or count too much); `note` says why."""
    not_counted: NotCounted | None = None
    hybrid: bool = False
    hybrid_config: dict[str, Any] | None = None
    """Sizes of the Mamba2 or gated-delta-net mixers of a hybrid model."""
    source: str
    confidence: str = "high"
    checked: date
    note: str = ""

    @property
    def query_width(self) -> int:
        """num_attention_heads x head_dim; need not equal hidden_size."""
        return self.num_attention_heads * self.head_dim

    @property
    def key_value_width(self) -> int:
        """num_key_value_heads x head_dim."""
        return self.num_key_value_heads * self.head_dim

    @property
    def is_gated(self) -> bool:
        """Whether the MLP has a gate beside its up projection."""
        return self.mlp in (Mlp.SWIGLU, Mlp.GEGLU)

    @property
    def is_moe(self) -> bool:
        """Whether some layers route tokens to experts."""
        return self.num_experts is not None

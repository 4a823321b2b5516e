"""Every matrix of a layer under its module name: attention, MLP, experts, mixers."""

from typing import NamedTuple

from estimator.model.arch import ModelArch
from estimator.model.hybrid import GATED_ATTENTION, mixer_sizes
from estimator.model.module_names import Names, module_names

PROJECTIONS = ("q_proj", "k_proj", "v_proj")


class Linear(NamedTuple):
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


def mixer_linears(arch: ModelArch) -> tuple[Linear, ...]:
    """The projections of a recurrent mixer."""
    return tuple(
        Linear(name=name, in_features=inner, out_features=outer, parts=((name, outer),))
        for name, inner, outer in mixer_sizes(arch)
    )


def attention_linears(arch: ModelArch) -> tuple[Linear, ...]:
    """Queries, keys, values and output, fused as the family fuses them."""
    if arch.kv_lora_rank:
        return _latent_attention(arch, arch.kv_lora_rank)
    h, (q, kv) = arch.hidden_size, attention_widths(arch)
    names = module_names(arch.family)
    gated = 2 if arch.family in GATED_ATTENTION else 1
    widths = tuple(zip(PROJECTIONS, (gated * q, kv, kv), strict=True))
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


def mlp_linears(arch: ModelArch, width: int) -> tuple[Linear, ...]:
    """Gate, up and down projection of inner width `width`, or the two matrices of a plain MLP."""
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


def expert_linears(arch: ModelArch) -> tuple[Linear, ...]:
    """The routed experts as stacked tensors, the shared ones as an MLP, and its gate."""
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
    return (*routed, *(mlp_linears(arch, shared) if shared else ()), *_shared_gate(arch))


def _shared_gate(arch: ModelArch) -> tuple[Linear, ...]:
    """Qwen's shared experts are gated by one logit a token."""
    if not (arch.family.startswith("qwen") and shared_expert_width(arch)):
        return ()
    return (Linear(name="shared_expert_gate", in_features=arch.hidden_size, out_features=1),)


def shared_expert_width(arch: ModelArch) -> int:
    """Inner width of all shared experts together; 0 where there are none."""
    return arch.shared_expert_intermediate_size or arch.num_shared_experts * (arch.moe_intermediate_size or 0)

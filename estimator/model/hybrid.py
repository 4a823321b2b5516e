"""Hybrid models: which layers attend, which mix by a recurrence (Mamba2, gated delta net), which neither."""

from dataclasses import dataclass
from typing import Any

from estimator.model.arch import ModelArch

GATED_ATTENTION = ("qwen3_next", "qwen3_5_text", "qwen3_5_moe_text")
"""The query matrix holds an output gate as wide as the queries (`transformers` models/qwen3_next)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Layers of a hybrid that are alike."""

    count: int
    mixes: str
    """attention, recurrence or nothing."""
    has_mlp: bool


def blocks(arch: ModelArch) -> tuple[Block, ...]:
    """The layers of a hybrid by what they do.

    Source: hybrid_override_pattern of Nemotron-H, layer_types of Granite 4, full_attention_interval of Qwen.
    """
    config: dict[str, Any] = arch.hybrid_config or {}
    if pattern := str(config.get("hybrid_override_pattern", "")):
        return (
            Block(count=pattern.count("M"), mixes="recurrence", has_mlp=False),
            Block(count=pattern.count("-"), mixes="nothing", has_mlp=True),
            Block(count=pattern.count("*"), mixes="attention", has_mlp=False),
        )
    attending = _attending(arch, config)
    return (
        Block(count=arch.num_layers - attending, mixes="recurrence", has_mlp=True),
        Block(count=attending, mixes="attention", has_mlp=True),
    )


def _attending(arch: ModelArch, config: dict[str, Any]) -> int:
    if kinds := config.get("layer_types"):
        return list(kinds).count("attention")
    return arch.num_layers // int(config.get("full_attention_interval", 1))


def mixer_sizes(arch: ModelArch) -> tuple[tuple[str, int, int], ...]:
    """Matrices of a recurrent mixer: name, inputs, outputs.

    Source: `transformers` models/mamba2 and models/qwen3_next.
    """
    config: dict[str, Any] = arch.hybrid_config or {}
    if "linear_num_value_heads" in config:
        return _delta_net_sizes(arch.hidden_size, config)
    heads = _first(config, "mamba_num_heads", "mamba_n_heads")
    inner = heads * _first(config, "mamba_head_dim", "mamba_d_head")
    states = _first(config, "n_groups", "mamba_n_groups") * _first(config, "ssm_state_size", "mamba_d_state")
    return (
        ("in_proj", arch.hidden_size, 2 * inner + 2 * states + heads),
        ("out_proj", inner, arch.hidden_size),
    )


def _delta_net_sizes(hidden_size: int, config: dict[str, Any]) -> tuple[tuple[str, int, int], ...]:
    values = config["linear_num_value_heads"] * config["linear_value_head_dim"]
    keys = config["linear_num_key_heads"] * config["linear_key_head_dim"]
    return (
        ("in_proj_qkvz", hidden_size, 2 * keys + 2 * values),
        ("in_proj_ba", hidden_size, 2 * config["linear_num_value_heads"]),
        ("out_proj", values, hidden_size),
    )


def _first(config: dict[str, Any], *names: str) -> int:
    return next(int(config[name]) for name in names if name in config)

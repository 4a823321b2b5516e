"""A model hub's `config.json` -> ModelArch, with the traits of the catalog's models of the same family.

Sizes come from the configuration. Traits that it leaves to the code of its model type (gated MLP, norms,
biases) are those of a catalog model of that family, whose parameter count is known to be exact.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from estimator.catalog import Catalog
from estimator.model.arch import ArchKind, ModelArch, NotCounted
from estimator.model.layers import model_shape

Config = Mapping[str, Any]

_SIZES: Final[dict[str, tuple[str, ...]]] = {
    "num_layers": ("num_hidden_layers", "n_layer", "n_layers", "num_layers"),
    "hidden_size": ("hidden_size", "n_embd", "n_embed", "d_model"),
    "num_attention_heads": ("num_attention_heads", "n_head", "n_heads", "num_heads"),
    "num_key_value_heads": ("num_key_value_heads", "num_kv_heads", "multi_query_group_num", "n_head_kv"),
    "head_dim": ("head_dim", "kv_channels", "d_kv"),
    "intermediate_size": ("intermediate_size", "n_inner", "ffn_dim", "ffn_hidden_size", "d_ff"),
    "vocab_size": ("vocab_size", "padded_vocab_size"),
    "max_position_embeddings": (
        "max_position_embeddings",
        "n_positions",
        "n_ctx",
        "max_seq_len",
        "seq_length",
    ),
    "num_experts": ("num_local_experts", "num_experts", "n_routed_experts"),
    "num_experts_per_tok": ("num_experts_per_tok", "num_experts_per_token", "moe_topk", "moe_k"),
    "moe_intermediate_size": ("moe_intermediate_size",),
    "num_shared_experts": ("n_shared_experts", "num_shared_experts"),
    "shared_expert_intermediate_size": ("shared_expert_intermediate_size",),
    "num_dense_layers": ("first_k_dense_replace",),
    "sliding_window": ("sliding_window",),
    "q_lora_rank": ("q_lora_rank",),
    "kv_lora_rank": ("kv_lora_rank",),
    "qk_rope_head_dim": ("qk_rope_head_dim",),
    "qk_nope_head_dim": ("qk_nope_head_dim",),
    "v_head_dim": ("v_head_dim",),
}
"""Our field -> the names it has in configurations, the usual one first."""

_ALIASES: Final = {
    "RefinedWebModel": "falcon",
    "RefinedWeb": "falcon",
    "gemma3": "gemma3_text",
    "qwen2_vl": "qwen2",
    "qwen2_vl_text": "qwen2",
    "qwen2_5_vl": "qwen2",
    "qwen2_5_vl_text": "qwen2",
    "qwen3_vl_text": "qwen3",
    "qwen3_vl_moe_text": "qwen3_moe",
}
_UNEXPLAINED: Final = 0.01
"""Where half of a family holds a larger share outside its shape, a configuration cannot be counted."""
_DEFAULT_CONTEXT: Final = 2048
_MOST: Final = {"num_layers": 10_000, "num_experts": 100_000}
_MOST_OF_ANY: Final = 10**8
"""Beyond these a size is a mistake, or made to break what reads it."""
_EXTRA_WIDTHS: Final = {"opt": 2, "bloom": 2}
"""Rows of width hidden_size that a family has beyond its shape: positions, the norm of the embedding."""


class UnreadableConfigError(ValueError):
    """A configuration whose architecture is not known here, or that lacks a size."""


def arch_from_config(name: str, config: Config, catalog: Catalog, *, checked: date) -> ModelArch:
    """The shape of the model `name` of the hub; its parameters are counted from the shape.

    Raises:
        UnreadableConfigError: no catalog model has this `model_type`, or a size is missing.
    """
    text = _text_part(config)
    family = _ALIASES.get(str(text.get("model_type", "")), str(text.get("model_type", "")))
    template = _relative(family, text, catalog)
    sizes = _sizes(text)
    arch = template.model_copy(
        update={
            **_without_identity(template),
            **sizes,
            **dict(_told_flags(text, template)),
            "key": name,
            "hf_name": name,
            "extra_params": _EXTRA_WIDTHS.get(family, 0) * sizes["hidden_size"],
            "not_counted": NotCounted.VISION if "vision_config" in config else None,
            "source": f"model hub: config.json of {name}, counted from its shape",
            "checked": checked,
        }
    )
    try:
        return _counted(ModelArch.model_validate(arch.model_dump()))
    except ValidationError as error:
        raise UnreadableConfigError(f"{error.errors()[0]['loc'][0]} makes no sense") from error


def _text_part(config: Config) -> Config:
    """A multimodal configuration keeps its language model in a part of its own."""
    for part in ("text_config", "llm_config", "language_config"):
        if isinstance(config.get(part), Mapping) and "model_type" in config[part]:
            return {"tie_word_embeddings": config.get("tie_word_embeddings"), **config[part]}
    return config


def _relative(family: str, config: Config, catalog: Catalog) -> ModelArch:
    """The catalog model of the family nearest in width: its traits are the family's."""
    width = _first(config, _SIZES["hidden_size"]) or 0
    copies = catalog.models.said("copy_of")
    known = (catalog.models[key] for key in catalog.models if key not in copies)
    relatives = [arch for arch in known if arch.family == family and not arch.hybrid]
    odd = [arch for arch in relatives if abs(arch.extra_params) > _UNEXPLAINED * arch.num_params]
    if 2 * len(odd) >= len(relatives):
        raise UnreadableConfigError(f"model type {family or 'unknown'}")
    return min(relatives, key=lambda arch: abs(arch.hidden_size - width))


def _without_identity(template: ModelArch) -> dict[str, Any]:
    """The template with what belongs to that one model, and every optional size, taken away."""
    return {
        "aliases": (),
        "note": f"traits of {template.key}",
        "confidence": "medium",
        "attention_kind": template.attention_kind.split(";")[0],
        "shared_expert_intermediate_size": None,
        "sliding_window": None,
        "q_lora_rank": None,
        "num_dense_layers": 0,
    }


def _sizes(config: Config) -> dict[str, Any]:
    found = {field: size for field, names in _SIZES.items() if (size := _first(config, names)) is not None}
    for field, size in found.items():
        if size > _MOST.get(field, _MOST_OF_ANY):
            raise UnreadableConfigError(f"{field} makes no sense")
    for field in ("num_layers", "hidden_size", "num_attention_heads", "vocab_size"):
        if field not in found:
            raise UnreadableConfigError(f"no {field}")
    if config.get("multi_query") and not config.get("new_decoder_architecture"):
        found["num_key_value_heads"] = 1
    found.setdefault("num_key_value_heads", found["num_attention_heads"])
    found["head_dim"] = _head_dim(found)
    found.setdefault("intermediate_size", 4 * found["hidden_size"])
    found.setdefault("max_position_embeddings", _DEFAULT_CONTEXT)
    if config.get("model_type") == "qwen":  # Qwen 1 counts gate and up projection together
        found["intermediate_size"] //= 2
    if (
        config.get("use_sliding_window") is False
        or found.get("sliding_window", 0) >= found["max_position_embeddings"]
    ):
        found.pop("sliding_window", None)
    return {**found, **_mixture(found)}


def _first(config: Config, names: tuple[str, ...]) -> int | None:
    return next((config[name] for name in names if type(config.get(name)) is int and config[name] > 0), None)


def _head_dim(sizes: Mapping[str, int]) -> int:
    if "qk_nope_head_dim" in sizes:
        return sizes["qk_nope_head_dim"] + sizes.get("qk_rope_head_dim", 0)
    return sizes.get("head_dim", sizes["hidden_size"] // sizes["num_attention_heads"])


def _mixture(sizes: Mapping[str, int]) -> dict[str, Any]:
    if "num_experts" not in sizes:
        return {"architecture": ArchKind.DENSE, "num_experts": None, "moe_intermediate_size": None}
    return {
        "architecture": ArchKind.MOE,
        "num_experts_per_tok": sizes.get("num_experts_per_tok", 2),
        "moe_intermediate_size": sizes.get("moe_intermediate_size", sizes["intermediate_size"]),
        "num_dense_layers": sizes.get("num_dense_layers", 0),
        "num_shared_experts": sizes.get("num_shared_experts", 0),
    }


def _told_flags(config: Config, template: ModelArch) -> Iterator[tuple[str, Any]]:
    """Traits that a configuration may state itself."""
    if isinstance(tied := config.get("tie_word_embeddings"), bool):
        yield "tie_word_embeddings", tied
    if isinstance(bias := config.get("attention_bias"), bool):
        yield "qkv_bias", bias
        yield "o_bias", bias and template.o_bias if template.qkv_bias else bias
    if isinstance(bias := config.get("mlp_bias"), bool):
        yield "mlp_bias", bias
    if isinstance(parallel := config.get("use_parallel_residual"), bool):
        yield "parallel_block", parallel
    if template.family == "falcon":
        yield "norms_per_layer", 2 if _has_two_norms(config) else 1


def _has_two_norms(config: Config) -> bool:
    return bool(config.get("new_decoder_architecture")) or config.get("parallel_attn") is False


def _counted(arch: ModelArch) -> ModelArch:
    num_params = model_shape(arch).num_params
    experts = (arch.num_experts or 0) - (arch.num_experts_per_tok or 0)
    matrices = 3 if arch.is_gated else 2
    unvisited = experts * matrices * arch.hidden_size * (arch.moe_intermediate_size or 0)
    num_moe_layers = arch.num_layers - arch.num_dense_layers
    active = num_params - (unvisited * num_moe_layers if arch.is_moe else 0)
    return arch.model_copy(update={"num_params": num_params, "num_active_params": active})

"""A configuration of the model hub gives the shape and the count that the catalog has."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.files import load_catalog, read_yaml
from bot.model_hub.config_json import UnreadableConfigError, arch_from_config

TODAY = date(2026, 11, 24)
CONFIGS: dict[str, dict[str, Any]] = read_yaml(Path(__file__).parents[2] / "data" / "hub_configs.yaml")


@pytest.mark.parametrize("key", CONFIGS)
def test_the_count_from_a_configuration_is_the_catalogs(key: str) -> None:
    catalog = load_catalog()
    arch = arch_from_config("somebody/copy", CONFIGS[key], catalog, checked=TODAY)
    known = catalog.models[key]
    assert (arch.num_params, arch.num_active_params) == (known.num_params, known.num_active_params)
    assert (arch.head_dim, arch.num_key_value_heads) == (known.head_dim, known.num_key_value_heads)
    assert arch.intermediate_size == known.intermediate_size


def test_a_multimodal_configuration_keeps_its_language_model_in_a_part() -> None:
    text = {
        "model_type": "gemma3_text", "hidden_size": 2560, "intermediate_size": 10240, "num_hidden_layers": 34,
        "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 262208,
    }  # fmt: skip
    arch = arch_from_config(
        "org/vision", {"model_type": "gemma3", "text_config": text}, load_catalog(), checked=TODAY
    )
    assert arch.num_params == load_catalog().models["gemma-3-4b"].num_params


@pytest.mark.parametrize(
    ("config", "sees"),
    [
        ({"model_type": "qwen2_5_vl", "vision_config": {}}, True),
        ({"model_type": "qwen2", "sliding_window": 32768, "use_sliding_window": False}, False),
    ],
)
def test_a_configuration_with_a_tower_counts_its_text_and_says_so(config: dict[str, Any], sees: bool) -> None:  # noqa: FBT001
    text = {
        "hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28, "num_attention_heads": 28,
        "num_key_value_heads": 4, "vocab_size": 152064, "tie_word_embeddings": False,
    }  # fmt: skip
    arch = arch_from_config("org/tune", {**text, **config}, load_catalog(), checked=TODAY)
    assert arch.num_params == load_catalog().models["qwen2.5-7b"].num_params
    assert arch.not_counted == ("vision" if sees else None)


def test_a_family_that_its_shape_does_not_explain_is_refused() -> None:
    text = {
        "model_type": "gemma4_text", "hidden_size": 1536, "intermediate_size": 6144, "num_hidden_layers": 35,
        "num_attention_heads": 8, "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144,
    }  # fmt: skip
    with pytest.raises(UnreadableConfigError, match="gemma4_text"):
        arch_from_config(
            "org/tune", {"model_type": "gemma4", "text_config": text}, load_catalog(), checked=TODAY
        )


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"model_type": "brand_new"},
        {"model_type": "llama", "hidden_size": 4096},
        {"model_type": "llama", "hidden_size": "big", "num_hidden_layers": True},
        {
            "model_type": "llama",
            "hidden_size": -1,
            "num_hidden_layers": 1,
            "num_attention_heads": 1,
            "vocab_size": 1,
        },
        {
            "model_type": "llama",
            "hidden_size": 8,
            "num_hidden_layers": 1,
            "num_attention_heads": 0,
            "vocab_size": 1,
        },
    ],
)
def test_a_configuration_that_makes_no_model_is_refused_with_a_reason(config: dict[str, Any]) -> None:
    with pytest.raises(UnreadableConfigError, match=r"\w"):
        arch_from_config("org/name", config, load_catalog(), checked=TODAY)

"""torchtune's builders of models, by the keys of the catalogue: `llama3_1.llama3_1_8b` is `llama-3.1-8b`.

pytorch/torchtune@bd2a0fc7c (2026-04-23): torchtune/models, recipes/configs.
"""

import re
from typing import Final

from bot.language.kinds import squash
from bot.language.tools.argument import Fields, name_set
from bot.language.vocabulary import Vocabulary

MODELS: Final = "torchtune.models"
_BUILDERS: Final = sorted(
    name_set(
        "gemma.gemma_2b gemma.gemma_7b gemma2.gemma2_2b gemma2.gemma2_9b gemma2.gemma2_27b "
        "llama2.llama2_7b llama2.llama2_13b llama2.llama2_70b llama3.llama3_8b llama3.llama3_70b "
        "llama3_1.llama3_1_8b llama3_1.llama3_1_70b llama3_1.llama3_1_405b llama3_2.llama3_2_1b "
        "llama3_2.llama3_2_3b llama3_3.llama3_3_70b mistral.mistral_7b phi3.phi3_mini phi4.phi4_14b "
        "qwen2.qwen2_0_5b qwen2.qwen2_1_5b qwen2.qwen2_7b qwen2_5.qwen2_5_0_5b "
        "qwen2_5.qwen2_5_1_5b_instruct qwen2_5.qwen2_5_3b qwen2_5.qwen2_5_7b_instruct "
        "qwen2_5.qwen2_5_14b_instruct qwen2_5.qwen2_5_32b_instruct qwen2_5.qwen2_5_72b_instruct "
        "qwen3.qwen3_0_6b_instruct qwen3.qwen3_1_7b_instruct qwen3.qwen3_4b_instruct "
        "qwen3.qwen3_8b_instruct qwen3.qwen3_14b_instruct qwen3.qwen3_32b"
    )
)
"""Builders of text models, as torchtune's configurations name them."""
_OTHERWISE: Final = {"phi414b": "phi4"}
"""Plain name of a builder -> of its model, where the one tells a size that the other does not."""


def _plain(name: str) -> str:
    return squash(name.lower()).replace(".", "").replace("_", "")


def _built(builder: str) -> str:
    """The model of a builder, as plain as its key is made."""
    plain = _plain(builder.rpartition(".")[2].removesuffix("_instruct").removesuffix("_base"))
    return _OTHERWISE.get(plain, plain)


_BUILT: Final = {_built(each): each for each in reversed(_BUILDERS)}
"""Plain name of a model -> its builder: to ask every builder for its model took most of writing a recipe."""


def key_of(builder: str, vocabulary: Vocabulary) -> str | None:
    """`llama3_1_8b` is `llama-3.1-8b`: dots, hyphens and underscores apart."""
    plain = _built(builder)
    return next((key for key in vocabulary.models if _plain(key) == plain), None)


def config_key(named: str, vocabulary: Vocabulary) -> str | None:
    """`llama3_1/8B_full` of `tune run --config`."""
    found = re.fullmatch(r"(\w+)/([\d._]+[BbMm])(?:_\w*)?", named)
    return key_of(f"{found[1]}_{found[2]}", vocabulary) if found else None


def builder_of(fields: Fields, vocabulary: Vocabulary) -> str:
    """`llama3_1.llama3_1_8b`; empty where it has none for the model."""
    model = vocabulary.copies.get(fields.get("model", ""), fields.get("model"))
    builder = _BUILT.get(_plain(model or ""), "")
    return builder if builder and key_of(builder, vocabulary) == model else ""

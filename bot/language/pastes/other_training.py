"""Configurations of what is trained otherwise than we count: preferences, rewards, reinforcement."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.language.not_done import NOT_DONE
from bot.language.tools.trl import TRAINERS

_STAGES: Final = ("stage", "rl", "rlhf_type", "reward_model", "process_reward_model")
"""LLaMA-Factory's, axolotl's and ms-swift's names for it."""
_CODES: Final = ("reference", "pairs", "rl", "reward", "distillation")
_WORDS: Final = {
    **{word: code for code in _CODES for word in NOT_DONE[code] if word.isascii()},
    "reward": "reward",
    "reward_model": "reward",
    "rlhf": "reference",
}
"""A word of theirs -> the sentence of what is not estimated; `swift rlhf` prefers, unless it says what."""
_SIGNS: Final = {"num_generations": "rl", "use_vllm": "rl"}
"""Arguments that nothing else has."""
_SEEING: Final = re.compile(
    r"vision_tower|mm_projector_\w+|image_max_pixels|video_max_pixels|freeze_vi(?:sion_tower|t)|vision_lora"
    r"|finetune_vision_layers|image_folder|max_pixels"
)
"""Arguments of models that see."""
_MODELS: Final = ("model_name_or_path", "model", "base_model", "model_id", "model_type")
_SEEING_MODEL: Final = re.compile(
    r"(?:^|[-_/])(?:vl|llava|internvl\d*|vision|paligemma|minicpm-v)(?:$|[-_\d.])"
)


def other_training(
    values: Mapping[str, Any], programs: Iterable[str], calls: Iterable[str]
) -> tuple[str, ...]:
    """Codes of the sentences `not_done.{code}` that say what of a paste is not estimated."""
    said = [_of_value(name, values[name]) for name in _STAGES if values.get(name) not in (None, False)]
    found = [code for code in said if code] or [
        *(code for name, code in TRAINERS.items() if name in calls),
        *(code for name, code in _SIGNS.items() if values.get(name)),
    ]
    words = {part for word in programs for part in re.split(r"[^a-z0-9]+", word.lower())}
    found = found or [code for word, code in _WORDS.items() if word in words]
    return tuple(dict.fromkeys([*found, "vision"] if _sees(values, calls) else found))


def _sees(values: Mapping[str, Any], calls: Iterable[str]) -> bool:
    """By arguments that only such models have, or by the model's name."""
    models = (str(values[name]).lower() for name in _MODELS if name in values)
    return (
        any("Vision" in name for name in calls)
        or any(_SEEING.fullmatch(name.rpartition(".")[2]) for name in values)
        or any(_SEEING_MODEL.search(model) for model in models)
    )


def _of_value(name: str, value: Any) -> str:
    return _WORDS.get(name if value is True else str(value).lower(), "")

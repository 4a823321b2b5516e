"""Configurations of what is trained otherwise than we count: preferences, rewards, reinforcement, parts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.language.not_done_words import NOT_DONE
from bot.language.tools.trl import TRAINERS

_KEYS_OF_STAGES: Final = (
    "pref_loss", "stage", "rl", "rlhf_type", "reward_model", "process_reward_model", "task_type",
    "model.type",
)  # fmt: skip
"""LLaMA-Factory's, axolotl's, ms-swift's, Firefly's and xtuner's names for it."""
_ALWAYS_REINFORCES: Final = "rl"
"""axolotl's: whatever it names prefers or generates."""
_CODES: Final = ("reference", "pairs", "rl", "reward", "distillation")
_WORDS: Final = {
    **{word: code for code in _CODES for word in NOT_DONE[code] if word.isascii()},
    "reward": "reward",
    "reward_model": "reward",
    "rewardmodel": "reward",
    "rlhf": "reference",
    "embedding": "embedding",
    "reranker": "embedding",
    "generative_reranker": "embedding",
}
"""A word of theirs -> the sentence of what is not estimated; `swift rlhf` prefers, unless it says what."""
_SIGNS: Final = {
    "num_generations": "rl", "use_vllm": "rl", "ppo_epochs": "rl", "actor_zero_stage": "rl",
    "teacher_model": "distillation", "teacher_model_name_or_path": "distillation", "kd_ratio": "distillation",
    "num_padding_at_beginning": "reward",
}  # fmt: skip
"""Arguments that nothing else has; DeepSpeed-Chat's third step has the second's, too."""
_PREFERS: Final = frozenset(
    {
        "beta",
        "loss_beta",
        "dpo_beta",
        "pref_beta",
        "max_prompt_length",
        "dpo_loss_type",
        "rpo_alpha",
        "desirable_weight",
    }
)
"""Arguments of those who learn from pairs: of trl's DPOConfig, KTOConfig, ORPOConfig, and their likes."""
_NAMED_FOR_IT: Final = ("output_dir", "run_name", "hub_model_id", "loss_type")
"""What such a run is called after what it does: `zephyr-orpo-141b`."""
_TUNERS: Final = ("finetuning_type", "tuner_type", "train_type", "sft_type", "adapter")
"""Names for what trains: LLaMA-Factory's, ms-swift's, axolotl's."""
_OTHER_TUNERS: Final = {
    **dict.fromkeys(
        ("oft", "boft", "ia3", "vera", "fourierft", "reft", "bone", "prompt", "adapter", "llama-adapter"),
        "soft_prompts",
    ),
    "llamapro": "parts",
}
_PARTS: Final = ("use_badam", "use_lisa", "use_llama_pro", "unfrozen_parameters", "lisa_activated_layers")
"""Switches and lists by which a part of the weights is trained at a time."""
_SEEING: Final = re.compile(
    r"vision_tower|mm_projector_\w+|image_max_pixels|video_max_pixels|freeze_vi(?:sion_tower|t)|vision_lora"
    r"|finetune_vision_layers|image_folder|max_pixels|processor_type|image_size|encoder_trainable"
    r"|freeze_visual_encoder|visual_encoder_name_or_path"
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
    tuners = (_OTHER_TUNERS.get(str(values.get(name)).lower(), "") for name in _TUNERS)
    parts = ("parts" for name in _PARTS if values.get(name))
    sees = ("vision",) if _sees(values, calls) else ()
    found = (*_aim(values, programs, calls), *tuners, *parts, *sees)
    return tuple(dict.fromkeys(code for code in found if code))


def _aim(values: Mapping[str, Any], programs: Iterable[str], calls: Iterable[str]) -> tuple[str, ...]:
    """What is learned, by the first that tells: a name for it, a class, an argument, a program, its shape."""
    said = [code for name in _KEYS_OF_STAGES if (code := _of_value(name, values.get(name)))]
    if said:
        return (said[0],)
    if found := [code for name, code in TRAINERS.items() if name in calls]:
        return tuple(found)
    if found := [code for name, code in _SIGNS.items() if _has(values, name)]:
        return (found[0],)
    if found := [code for word, code in _WORDS.items() if word in _words(programs)]:
        return tuple(found)
    if not any(_has(values, name) for name in _PREFERS):
        return ()
    named = _words(str(values.get(name, "")) for name in _NAMED_FOR_IT)
    return ("pairs",) if any(_WORDS.get(word) == "pairs" for word in named) else ("reference",)


def _has(values: Mapping[str, Any], name: str) -> bool:
    """Whether it is said and on, alone or as a mapping: `teacher_model._component_`."""
    value = values.get(name)
    return (value is not None and value is not False) or any(f"{name}." in each for each in values)


def _words(named: Iterable[str]) -> frozenset[str]:
    return frozenset(part for word in named for part in re.split(r"[^a-z0-9]+", word.lower()))


def _sees(values: Mapping[str, Any], calls: Iterable[str]) -> bool:
    """By arguments that only such models have, or by the model's name."""
    models = (str(values[name]).lower() for name in _MODELS if name in values)
    return (
        any("Vision" in name for name in calls)
        or any(_SEEING.fullmatch(name.rpartition(".")[2]) for name in values)
        or any(_SEEING_MODEL.search(model) for model in models)
    )


def _of_value(name: str, value: Any) -> str:
    if value in (None, False):
        return ""
    code = _WORDS.get(name if value is True else str(value).lower(), "")
    return code or ("rl" if name == _ALWAYS_REINFORCES else "")

"""Unsloth: TRL's arguments under its own calls, `FastLanguageModel.from_pretrained(…)`; it only reads.

unslothai/unsloth@0050c73e (read 2026-11-30): unsloth/models/loader.py.
"""

from typing import Final

from bot.language.tools import adapters, trl
from bot.language.tools.argument import Arguments, Fields, Tool, name_set, reads

_LOADED_AS: Final = name_set("load_in_4bit load_in_8bit load_in_16bit load_in_fp8 full_finetuning")


def _loaded_by_itself(arguments: Arguments) -> Fields:
    """`from_pretrained` loads in 4 bit where nothing is said."""
    is_call = arguments.peek("model_name_or_path") is not None and "max_seq_length" in arguments.values
    said = any(name in arguments.values for name in _LOADED_AS)
    return adapters.adapted(adapters.BITS[4], dora=False) if is_call and not said else {}


TOOL: Final = Tool(
    key="unsloth",
    name="Unsloth",
    stack="unsloth",
    facets=(*trl.FACETS, reads(_loaded_by_itself)),
    signs=frozenset({"use_gradient_checkpointing", "full_finetuning", "fast_inference", "max_lora_rank"}),
    programs=frozenset({"unsloth", "unsloth-cli.py"}),
    calls=name_set(
        "UnslothTrainingArguments UnslothTrainer FastLanguageModel.from_pretrained "
        "FastLanguageModel.get_peft_model FastModel.from_pretrained FastModel.get_peft_model "
        "FastVisionModel.from_pretrained"
    ),
    banner="Unsloth",
    read_as="trl",
    defaults={"gradient_accumulation_steps": 1, "num_epochs": 3},
)

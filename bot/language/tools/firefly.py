"""Firefly: the JSON of its `train.py`: the Trainer's names, and a word for the method; it only reads.

yangjianxin1/Firefly@e22b406 (2024-10-24): component/argument.py, train.py, train_args.
"""

from typing import Final

from bot.language.tools import adapters, trl
from bot.language.tools.argument import Arguments, Fields, Tool, name_set, reads


def _method(arguments: Arguments) -> Fields:
    """`train_mode`, which is QLoRA where nothing is said; its adapters sit on every linear layer."""
    mode = str(arguments.take("train_mode") or "qlora")
    arguments.mark("template_name")
    if mode not in ("lora", "qlora"):
        return {"method": "full", "quantization": None}
    stored = adapters.BITS[4] if mode == "qlora" else None
    return {**adapters.adapted(stored, dora=False), "lora_targets": "all-linear"}


TOOL: Final = Tool(
    key="firefly",
    name="Firefly",
    stack="hf",
    facets=(*(reads(facet.read) for facet in trl.FACETS), reads(_method)),
    signs=name_set("train_mode template_name tokenize_num_workers train_args_file"),
    defaults={
        "lora_rank": 64,
        "lora_dropout": 0.05,
        "micro_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "num_epochs": 3,
    },
)

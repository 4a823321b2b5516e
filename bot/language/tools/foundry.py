"""LLM Foundry: the YAML of `composer train/train.py`, or the `parameters` of a job; it only reads.

mosaicml/llm-foundry@8c8dd48f7 (2025-07-21): scripts/train/yamls, mcli, llmfoundry/command_utils/train.py.
"""

import re
from typing import Any, Final

from bot.language.tools.argument import Arguments, Facet, Fields, Tool, argument, name_set, reads
from bot.language.tools.family import fsdp_fields, targets
from bot.language.tools.kinds import COUNT, SHARE, ArgumentKind, choice, switched
from bot.language.tools.launch import LAUNCH, PREFIX
from bot.language.tools.names import model_argument

_OF_JOB: Final = "parameters."
"""What stands before each name in a job of `mcli`."""
_LENGTH: Final = re.compile(r"([\d_]{1,15})(ep|ba|tok)")
_UNITS: Final = {"ep": "num_epochs", "ba": "num_steps", "tok": "num_tokens"}
_PRECISIONS: Final = {
    "amp_bf16": "bf16", "amp_fp16": "fp16", "amp_fp8": "fp8", "fp32": "fp32", "bf16": "bf16",
}  # fmt: skip
_RULES: Final = {
    "decoupled_adamw": "adamw", "adamw": "adamw", "decoupled_lionw": "lion", "adalr_lion": "lion",
    "clip_lion": "lion", "sgd": "sgd",
}  # fmt: skip


def _named(*names: str) -> tuple[str, ...]:
    return tuple(each for name in names for each in (name, f"{_OF_JOB}{name}"))


def _method(arguments: Arguments) -> Fields:
    """`peft_config` in the model; all weights where there is none."""
    arguments.mark(*_named("model.peft_config.peft_type", "model.peft_config.task_type"))
    return {"method": "lora"} if arguments.peek(*_named("model.peft_config.r")) is not None else {}


def _duration(arguments: Arguments) -> Fields:
    """`2ep`, `50ba` of batches, `1000000tok`."""
    said = arguments.peek("max_duration")
    found = _LENGTH.fullmatch(f"{said}ep" if isinstance(said, int) else str(said))
    if found is None or not (count := int(found[1].replace("_", "") or 0)):
        return {}
    arguments.mark("max_duration")
    return {_UNITS[found[2]]: count}


def _packs(raw: Any) -> bool | None:
    """`packing_ratio: auto`, or how many samples make one."""
    return True if str(raw) == "auto" or (isinstance(raw, int | float) and raw > 1) else None


def _sharding(arguments: Arguments) -> Fields:
    strategy = arguments.take("sharding_strategy")
    fields = dict(fsdp_fields(strategy)) if strategy is not None else {}
    recomputes = switched(arguments.take("activation_checkpointing"))
    if recomputes is not None:
        fields["activation_checkpointing"] = "full" if recomputes else "none"
    return fields


def _attention(arguments: Arguments) -> Fields:
    """A switch of Hugging Face's models, a word of MPT's."""
    is_flash = switched(arguments.take("use_flash_attention_2")) or arguments.take("attn_impl") == "flash"
    return {"attention": "flash"} if is_flash else {}


def _gpus(arguments: Arguments) -> Fields:
    """`compute: {gpus: 16}` of a job, `composer -n 8`."""
    count = arguments.take("compute.gpus", f"{PREFIX}n", f"{PREFIX}nproc", kind=COUNT)
    return {} if count is None else {"num_gpus": count}


FACETS: Final[tuple[Facet, ...]] = (
    model_argument(*_named("model.pretrained_model_name_or_path", "tokenizer.name")),
    reads(_method),
    argument("lora_rank", COUNT, *_named("model.peft_config.r")),
    argument("lora_dropout", SHARE, *_named("model.peft_config.lora_dropout")),
    targets(*_named("model.peft_config.target_modules")),
    argument("sequence_length", COUNT, *_named("max_seq_len", "variables.max_seq_len")),
    argument("packing", ArgumentKind(_packs), *_named("train_loader.dataset.packing_ratio")),
    argument("global_batch_size", COUNT, "global_train_batch_size"),
    argument("micro_batch_size", COUNT, "device_train_microbatch_size"),
    reads(_duration),
    argument("precision", choice(_PRECISIONS), *_named("precision")),
    argument("optimizer", choice(_RULES), *_named("optimizer.name")),
    reads(_attention),
    reads(_sharding),
    LAUNCH,
    reads(_gpus),
)
TOOL: Final = Tool(
    key="llm-foundry",
    name="LLM Foundry",
    stack="llm-foundry",
    facets=FACETS,
    signs=name_set(
        "global_train_batch_size device_train_microbatch_size device_eval_batch_size max_duration "
        "eval_interval fsdp_config.sharding_strategy fsdp_config.mixed_precision callbacks.speed_monitor "
        "train_loader.dataset.max_seq_len console_log_interval icl_seq_len"
    ),
    programs=frozenset({"composer"}),
    command="composer",
    launches=True,
    defaults={"method": "full"},
)

"""OpenRLHF: `deepspeed --module openrlhf.cli.train_sft …`, by its names of today and before; it only reads.

OpenRLHF/OpenRLHF@3c3be623 (2026-08-13): openrlhf/cli/train_sft.py, examples/scripts/train_sft.sh.
"""

from typing import Any, Final

from bot.language.tools import adapters, family
from bot.language.tools.argument import Arguments, Fields, Tool, argument, name_set, reads
from bot.language.tools.kinds import COUNT, SHARE, SWITCH, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.names import model_argument


def _method(arguments: Arguments) -> Fields:
    """A rank above 0 is a LoRA."""
    stored = adapters.loads_in_bits(arguments)
    rank = arguments.take("ds.lora.rank", "lora_rank", kind=COUNT)
    if rank is None and not stored:
        return {}
    return {**adapters.adapted(stored, dora=False), "lora_rank": rank}


def _precision(arguments: Arguments) -> Fields:
    said = str(arguments.take("ds.param_dtype", "param_dtype") or "")
    if said in ("bf16", "fp16"):
        return {"precision": said}
    return {"precision": "bf16"} if switched(arguments.take("bf16")) else {}


def _sharding(arguments: Arguments) -> Fields:
    stage = arguments.take("ds.zero_stage", "zero_stage")
    offloads = switched(arguments.take("ds.adam_offload", "adam_offload"))
    fields: dict[str, Any] = {"offload": True} if offloads else {}
    return {**fields, "zero_stage": stage, "engine": "deepspeed"} if stage in (0, 1, 2, 3) else fields


def _attention(arguments: Arguments) -> Fields:
    return {"attention": "flash"} if switched(arguments.take("flash_attn")) else {}


TOOL: Final = Tool(
    key="openrlhf",
    name="OpenRLHF",
    stack="hf",
    facets=(
        model_argument("model.model_name_or_path", "pretrain"),
        reads(_method),
        argument("lora_dropout", SHARE, "ds.lora.dropout", "lora_dropout"),
        family.targets("ds.lora.target_modules", "target_modules"),
        argument("sequence_length", COUNT, "data.max_len", "max_len"),
        argument("num_examples", COUNT, "data.max_samples", "max_samples"),
        argument("micro_batch_size", COUNT, "train.micro_batch_size", "micro_train_batch_size"),
        argument("global_batch_size", COUNT, "train.batch_size", "train_batch_size"),
        argument("num_epochs", COUNT, "train.max_epochs", "max_epochs"),
        reads(_precision),
        family.checkpointing("model.gradient_checkpointing_enable", "gradient_checkpointing"),
        family.attention("ds.attn_implementation", "attn_implementation"),
        reads(_attention),
        argument("packing", SWITCH, "ds.packing_samples", "packing_samples"),
        argument("fused_loss", SWITCH, "ds.use_liger_kernel", "use_liger_kernel"),
        argument("context_parallel_size", COUNT, "ds.ring_attn_size", "ring_attn_size"),
        argument("tensor_parallel_size", COUNT, "ds.tensor_parallel_size", "ds_tensor_parallel_size"),
        reads(_sharding),
        LAUNCH,
    ),
    signs=name_set(
        "micro_train_batch_size pretrain max_len packing_samples adam_offload ds.zero_stage ds.param_dtype "
        "ds.packing_samples ds.attn_implementation train.micro_batch_size train.max_epochs data.max_len"
    ),
    programs=frozenset({"openrlhf"}),
    defaults={
        "method": "full",
        "sequence_length": 2048,
        "micro_batch_size": 8,
        "global_batch_size": 128,
        "num_epochs": 2,
        "activation_checkpointing": "none",
        "zero_stage": 2,
        "engine": "deepspeed",
    },
)

"""LitGPT: `litgpt finetune_lora …`, its options or the YAML of its `config_hub`; it only reads.

Lightning-AI/litgpt@26857050 (2026-06-29): litgpt/args.py, finetune/{lora,full}.py, config_hub/finetune.
"""

from typing import Any, Final

from bot.language.tools.argument import Arguments, Fields, Tool, argument, name_set, reads
from bot.language.tools.kinds import COUNT, NUMBER, SHARE, choice, switched
from bot.language.tools.launch import LAUNCH, PREFIX
from bot.language.tools.names import model_key, targets_of

_METHODS: Final = {"finetune_lora": "lora", "finetune": "lora", "finetune_full": "full", "pretrain": "full"}
_MODULES: Final = {
    "lora_query": ("q_proj",),
    "lora_key": ("k_proj",),
    "lora_value": ("v_proj",),
    "lora_projection": ("o_proj",),
    "lora_mlp": ("gate_proj", "up_proj", "down_proj"),
}
_BY_ITSELF: Final = ("lora_query", "lora_value")
"""Adapted where nothing is said."""
_STORED: Final = {
    "bnb.nf4": "nf4",
    "bnb.nf4-dq": "nf4",
    "bnb.fp4": "nf4",
    "bnb.fp4-dq": "nf4",
    "bnb.int8-training": "int8",
}
_COMPUTED: Final[dict[str, dict[str, Any]]] = {
    "bf16-true": {"precision": "bf16", "mixed_precision": False},
    "bf16-mixed": {"precision": "bf16"},
    "16-true": {"precision": "fp16", "mixed_precision": False},
    "16-mixed": {"precision": "fp16"},
    "32-true": {"precision": "fp32"},
}


def _reads(arguments: Arguments) -> Fields:
    """The model is a word of the command, or the place of its weights."""
    words = [str(each) for each in arguments.peek(f"{PREFIX}words") or ()]
    fields: dict[str, Any] = {}
    for named in (arguments.peek("checkpoint_dir"), arguments.peek("model_name"), *words[1:2]):
        if key := model_key(named, arguments.vocabulary):
            arguments.mark("checkpoint_dir", "model_name")
            fields["model"] = key
            break
    stored = _STORED.get(str(arguments.peek("quantize")))
    if stored:
        arguments.mark("quantize")
        fields["quantization"] = stored
    method = _METHODS.get(words[0]) if words else _method_of_file(arguments)
    if method is None and (stored or arguments.peek("lora_r") is not None):
        method = "lora"
    if method:
        fields["method"] = "qlora" if stored and method == "lora" else method
    computed = _COMPUTED.get(str(arguments.peek("precision")), {})
    if computed:
        arguments.mark("precision")
    return {**fields, **computed}


def _method_of_file(arguments: Arguments) -> str | None:
    """Of its YAML: those of LoRA say a rank; one that has a batch and none is of all weights."""
    has_adapters = any(name.startswith("lora_") for name in arguments.values)
    return "full" if arguments.peek("train.global_batch_size") is not None and not has_adapters else None


def _targets(arguments: Arguments) -> Fields:
    """A switch for each kind of matrix."""
    said = {name: switched(arguments.take(name)) for name in _MODULES}
    if all(each is None for each in said.values()):
        return {}
    on = (name for name, each in said.items() if (name in _BY_ITSELF if each is None else each))
    modules = [module for name in on for module in _MODULES[name]]
    return {"lora_targets": targets_of(modules)} if modules else {}


def _devices(arguments: Arguments) -> Fields:
    """More than one GPU is FSDP, over which every block is recomputed."""
    count, nodes = arguments.take("devices", kind=COUNT), arguments.take("num_nodes", kind=COUNT)
    fields: dict[str, Any] = {} if nodes in (None, 1) else {"num_nodes": nodes}
    if count is None:
        return fields
    fields["num_gpus"] = count * (nodes or 1)
    if fields["num_gpus"] > 1:
        fields |= {"zero_stage": 3, "engine": "fsdp", "activation_checkpointing": "full"}
    return fields


TOOL: Final = Tool(
    key="litgpt",
    name="LitGPT",
    stack="litgpt",
    facets=(
        reads(_reads),
        argument("lora_rank", COUNT, "lora_r"),
        argument("lora_dropout", SHARE, "lora_dropout"),
        reads(_targets),
        argument("sequence_length", COUNT, "train.max_seq_length"),
        argument("micro_batch_size", COUNT, "train.micro_batch_size"),
        argument("global_batch_size", COUNT, "train.global_batch_size"),
        argument("num_epochs", NUMBER, "train.epochs"),
        argument("num_steps", COUNT, "train.max_steps"),
        argument("num_tokens", COUNT, "train.max_tokens"),
        argument(
            "optimizer",
            choice(
                {
                    "adamw": "adamw",
                    "torch.optim.adamw": "adamw",
                    "bitsandbytes.optim.adamw8bit": "adamw8bit",
                    "bitsandbytes.optim.pagedadamw": "paged_adamw",
                    "bitsandbytes.optim.pagedadamw8bit": "paged_adamw8bit",
                    "sgd": "sgd",
                }
            ),
            "optimizer.class_path",
            "optimizer",
        ),
        LAUNCH,
        reads(_devices),
    ),
    signs=name_set(
        "checkpoint_dir quantize train.global_batch_size train.micro_batch_size train.max_seq_length "
        "train.epochs lora_query lora_key lora_value lora_projection lora_mlp lora_head data.class_path "
        "train.save_interval train.lr_warmup_steps"
    ),
    programs=frozenset({"litgpt"}),
    command="litgpt",
    said_by_words=lambda words: {f"{PREFIX}words": list(words[1:])},
    defaults={
        "method": "lora",
        "lora_rank": 8,
        "lora_dropout": 0.05,
        "lora_targets": ["q_proj", "v_proj"],
        "micro_batch_size": 1,
        "global_batch_size": 16,
        "num_epochs": 5,
    },
)

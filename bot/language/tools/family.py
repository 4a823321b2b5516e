"""What all tools over the Trainer of Hugging Face share: batch, precision, adapters, sharding.

Names and words: huggingface/transformers 5.24.0 training_args.py, huggingface/peft 0.18,
read on 2026-11-29; older names that people still paste stand beside the new ones.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from bot.language.documents import flat, read_document
from bot.language.tools import deepspeed
from bot.language.tools.argument import Arguments, Facet, Fields, Written, argument
from bot.language.tools.kinds import COUNT, NUMBER, SHARE, SWITCH, ArgumentKind, choice, switched
from bot.language.tools.names import model_notes, targets_of
from bot.language.vocabulary import Vocabulary

OPTIMIZERS: Final = {
    "adamw_torch": "adamw",
    "adamw_hf": "adamw",
    "adamw_torch_xla": "adamw",
    "adamw": "adamw",
    "adamw_bnb_8bit": "adamw8bit",
    "adamw_8bit": "adamw8bit",
    "paged_adamw_32bit": "paged_adamw",
    "paged_adamw": "paged_adamw",
    "paged_adamw_8bit": "paged_adamw8bit",
    "adafactor": "adafactor",
    "sgd": "sgd",
    "lion_32bit": "lion",
    "galore_adamw": "galore",
    "apollo_adamw": "apollo",
}
"""`optim` -> ours; of several names the first is written."""
ATTENTIONS: Final = {
    "flash_attention_2": "flash",
    "flash_attention_3": "flash",
    "sdpa": "sdpa",
    "eager": "eager",
}
_DEEPSPEED_FILES: Final = ("deepspeed", "deepspeed_config", "ds_config", "deepspeed_config_file")
REPLICAS: Final[Fields] = {"zero_stage": 0, "engine": "ddp"}
"""A copy of everything on each GPU."""
_STAGE: Final = re.compile(r"(?:zero|stage|(?<![a-z])z)[-_ ]?(?:stage)?[-_ ]?([0-3])", re.IGNORECASE)
_NO_OFFLOAD: Final = re.compile(r"(?:no|non|without|wo)[-_]?offload")

BATCH: Final = (
    argument("micro_batch_size", COUNT, "per_device_train_batch_size", "per_gpu_train_batch_size"),
    argument("gradient_accumulation_steps", COUNT, "gradient_accumulation_steps"),
    argument("num_epochs", NUMBER, "num_train_epochs"),
    argument("num_steps", COUNT, "max_steps"),
)
COMPILE: Final = argument("compile", SWITCH, "torch_compile")
PACKING: Final = argument("packing", SWITCH, "packing")


def _precision_read(arguments: Arguments) -> Fields:
    """`bf16` before `fp16`; `auto` is bf16 where the GPU has it. All that are named are off: fp32."""
    flags = {name: arguments.peek(name) for name in ("fp8", "bf16", "fp16", "tf32")}
    said = {name: raw for name, raw in flags.items() if raw is not None}
    arguments.mark(*said)
    for name, raw in said.items():
        if switched(raw) or str(raw).lower() in ("auto", "full"):
            return {"precision": name}
    return {"precision": "fp32"} if {"bf16", "fp16"} <= said.keys() else {}


def _precision_write(fields: Fields, _: Vocabulary) -> Written:
    precision = fields.get("precision")
    if precision is None:
        return {}
    written: Written = {"bf16": precision == "bf16", "fp16": precision == "fp16"}
    return {**written, precision: True} if precision in ("fp8", "tf32") else written


def _without_fp8(fields: Fields, vocabulary: Vocabulary) -> Written:
    return {} if fields.get("precision") == "fp8" else _precision_write(fields, vocabulary)


PRECISION: Final = Facet(_precision_read, _without_fp8)
FP8_PRECISION: Final = Facet(_precision_read, _precision_write)
"""LLaMA-Factory and axolotl have a switch for it; the Trainer leaves it to accelerate."""


def optimizer(*names: str, words: dict[str, str] = OPTIMIZERS) -> Facet:
    """The update rule, with how it runs where its name says so."""
    kind = choice(words)

    def read(arguments: Arguments) -> Fields:
        raw = str(arguments.peek(*names) or "").lower().removeprefix("optimizernames.")
        if raw.endswith("_fused") and (value := words.get(raw.removesuffix("_fused"))):
            arguments.mark(*names)
            return {"optimizer": value, "optimizer_implementation": "fused"}
        value = arguments.take(*names, kind=kind)
        return {} if value is None else {"optimizer": value}

    def write(fields: Fields, _: Vocabulary) -> Written:
        said = fields.get("optimizer")
        word = kind.write(said) if said and not (said in PROJECTED and _splits_matrices(fields)) else None
        fused = fields.get("optimizer_implementation") == "fused" and word == "adamw_torch"
        if word and said in PROJECTED:
            return {names[0]: word, "optim_target_modules": "all_linear"}
        return {names[0]: "adamw_torch_fused" if fused else word} if word else {}

    return Facet(read, write)


PROJECTED: Final = ("galore", "apollo")
"""They project the gradient of a whole matrix, and are told of which matrices."""


def _splits_matrices(fields: Fields) -> bool:
    """DeepSpeed hands the optimizer flat pieces of them: LLaMA-Factory refuses it, hparams/parser.py."""
    return fields.get("engine") == "deepspeed" and fields.get("zero_stage") is not None


def checkpointing(*names: str) -> Facet:
    """Recomputation, all or none; `unsloth` and `offload` recompute everything, too."""
    words = {"unsloth": True, "offload": True, "offload_disk": True, "legacy": True}

    def read(arguments: Arguments) -> Fields:
        on = arguments.take(*names, kind=ArgumentKind(lambda raw: words.get(str(raw).lower(), switched(raw))))
        return {} if on is None else {"activation_checkpointing": "full" if on else "none"}

    def write(fields: Fields, _: Vocabulary) -> Written:
        said = fields.get("activation_checkpointing")
        return {names[0]: said == "full"} if said in ("full", "none") else {}

    return Facet(read, write)


def attention(name: str, *others: str, words: dict[str, str] = ATTENTIONS) -> Facet:
    """The attention kernel."""
    return argument("attention", choice(words), name, *others)


def rank(*names: str) -> Facet:
    """The rank of the adapters."""
    return argument("lora_rank", COUNT, *names)


ALPHA_NOTE: Final = "lora_alpha is twice the rank, a common choice: it changes neither memory nor time"


def alpha(name: str = "lora_alpha") -> Facet:
    """The scale of the adapters: asked for by the tools, and no part of an estimate."""

    def write(fields: Fields, _: Vocabulary) -> Written:
        said = fields.get("lora_rank")
        return {name: 2 * said} if said else {}

    return Facet(lambda _: {}, write)


def notes(fields: Fields, written: Written, vocabulary: Vocabulary) -> list[str]:
    """What a recipe says of what it writes: of the model that is loaded, and of that scale."""
    has_alpha = any(each.rpartition(".")[2] == "lora_alpha" for each in written)
    return [*model_notes(fields, vocabulary), *([ALPHA_NOTE] if has_alpha else [])]


def dropout(name: str = "lora_dropout") -> Facet:
    """The dropout of the adapters."""
    return argument("lora_dropout", SHARE, name)


def targets(*names: str, every: str = "all-linear") -> Facet:
    """The modules that get adapters."""
    return argument(
        "lora_targets",
        ArgumentKind(targets_of, lambda said: every if said == "all-linear" else list(said)),
        *names,
    )


def stage_in(said: object) -> int | None:
    """The ZeRO stage in the name of a DeepSpeed file: `ds_z3_config.json`, `zero2_offload`."""
    found = _STAGE.search(str(said).rpartition("/")[2])
    return int(found[1]) if found else None


def deepspeed_fields(said: object) -> Fields:
    """What the name of a DeepSpeed configuration tells; LLaMA-Factory's, ms-swift's and axolotl's files."""
    stage = stage_in(said)
    if stage is None:
        return {"engine": "deepspeed"}
    fields: dict[str, Any] = {"zero_stage": stage, "engine": "deepspeed"}
    name = str(said).lower()
    if "offload" in name and not _NO_OFFLOAD.search(name):
        fields["offload"] = True
        if stage == 3 and "optim" not in name:
            fields["offload_params"] = True
    return fields


def fsdp_fields(said: object) -> Fields:
    """What `fsdp:` says: the words of torch's sharding strategies, and `offload`."""
    words = {each.lower() for each in (said if isinstance(said, list) else re.split(r"[\s,]+", str(said)))}
    fields: dict[str, Any] = {}
    if words & {"full_shard", "hybrid_shard", "fsdp", "fsdp1", "fsdp2", "true", "1"}:
        fields = {"zero_stage": 3, "engine": "fsdp"}
    elif words & {"shard_grad_op", "hybrid_shard_zero2", "2"}:
        fields = {"zero_stage": 2, "engine": "fsdp"}
    elif words & {"no_shard", "3"}:
        fields = dict(REPLICAS)
    if fields and "offload" in words:
        fields |= {"offload": True, "offload_params": True}
    return fields


def sharded_elsewhere(arguments: Arguments, fields: Fields) -> tuple[str, ...]:
    """A DeepSpeed file whose name tells no stage and which was not pasted."""
    said = arguments.peek("deepspeed")
    return (said,) if isinstance(said, str) and "zero_stage" not in fields else ()


def sharding_read(arguments: Arguments) -> Fields:
    """DeepSpeed by its file or its contents, FSDP by its words and its own mapping."""
    fields: dict[str, Any] = {}
    if inline := _inline(arguments):
        arguments.mark(*(name for name in arguments.values if name.partition(".")[0] == "deepspeed"))
        fields |= deepspeed.zero_read(Arguments(inline, arguments.vocabulary))
    else:
        fields |= _deepspeed_named(arguments)
    if (said := arguments.peek("fsdp")) is not None and (named := fsdp_fields(said)):
        arguments.mark("fsdp")
        fields |= named
    return {**fields, **_fsdp_config(arguments, fields)}


def _inline(arguments: Arguments) -> dict[str, Any]:
    """A DeepSpeed configuration in the place of its file's name."""
    said = arguments.values.get("deepspeed")
    if isinstance(said, Mapping):
        return flat(said)
    if isinstance(said, str) and said.startswith("{"):
        return flat(read_document(said))
    return {
        name.removeprefix("deepspeed."): value
        for name, value in arguments.values.items()
        if name.startswith("deepspeed.")
    }


def _deepspeed_named(arguments: Arguments) -> Fields:
    """By the name of its file, which may tell the stage; `--zero_stage 2` of DeepSpeed's own examples."""
    fields: dict[str, Any] = {}
    for name in _DEEPSPEED_FILES:
        said = arguments.peek(name)
        if said is None or switched(said) is False:
            continue
        fields |= deepspeed_fields(said)
        arguments.mark(name)
    stage = arguments.peek("zero_stage")
    if "zero_stage" not in fields and stage in (0, 1, 2, 3) and not isinstance(stage, bool):
        arguments.mark("zero_stage")
        fields |= {"zero_stage": stage, "engine": "deepspeed"}
    return fields


def _fsdp_config(arguments: Arguments, fields: Fields) -> Fields:
    said: dict[str, Any] = {}
    if fields.get("engine") != "fsdp" and not any(
        name.startswith("fsdp_config.") for name in arguments.values
    ):
        return {}
    if switched(arguments.take("fsdp_offload_params", "fsdp_config.offload_params")):
        said |= {"offload": True, "offload_params": True}
    reshards = arguments.take("fsdp_reshard_after_forward", "reshard_after_forward")
    strategy = arguments.peek("fsdp_sharding_strategy", "fsdp_config.sharding_strategy")
    if not str(strategy).lower().startswith("hybrid"):  # that it shards within a machine is not counted
        arguments.mark("fsdp_sharding_strategy", "fsdp_config.sharding_strategy")
    stage = fsdp_fields(strategy).get("zero_stage") if strategy is not None else None
    if stage == 0:
        return dict(REPLICAS)
    if switched(reshards) is False or stage == 2:
        said["zero_stage"] = 2
    elif reshards is not None or strategy is not None or "zero_stage" not in fields:
        said["zero_stage"] = 3
    if switched(arguments.take("fsdp_activation_checkpointing", "fsdp_config.activation_checkpointing")):
        said["activation_checkpointing"] = "full"
    arguments.mark("fsdp_version", "fsdp_config.fsdp_version")
    return {**said, "engine": "fsdp"}


def with_engine(fields: Fields, engine: str) -> dict[str, Any]:
    """A sharding is somebody's: where nobody was named, that of the tool's own examples."""
    staged = fields.get("zero_stage")
    if staged is None or fields.get("engine"):
        return dict(fields)
    return {**fields, "engine": engine if staged else "ddp"}

"""LLaMA-Factory: one YAML for `llamafactory-cli train`.

hiyouga/LLaMA-Factory@ff6d4d12e (2026-08-18): src/llamafactory/hparams, examples.
"""

from typing import Any, Final

from bot.language.tools import adapters, deepspeed, family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set, reads
from bot.language.tools.kinds import COUNT, SWITCH, ArgumentKind, choice, switched
from bot.language.tools.launch import LAUNCH, torchrun_environment
from bot.language.tools.names import model_argument
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "llamafactory_sft.yaml"
_METHODS: Final = {"lora": "lora", "full": "full", "freeze": "freeze"}
_SWITCHES: Final = {"use_galore": "galore", "use_apollo": "apollo", "use_muon": "muon"}


def _method_read(arguments: Arguments) -> Fields:
    method = arguments.take("finetuning_type")
    bits = arguments.take("quantization_bit", kind=COUNT)
    dora = switched(arguments.take("use_dora"))
    quantization = adapters.BITS.get(bits or 0)
    if quantization:
        arguments.mark("quantization_method", "quantization_type")
    if dora or quantization or method == "lora":
        return adapters.adapted(quantization, dora=bool(dora))
    return {"method": method} if method in _METHODS else {}


def _method_write(fields: Fields, _: Vocabulary) -> Written:
    def bits(stored: int) -> Written:
        return {"quantization_bit": stored, "quantization_method": "bnb"}

    return adapters.write_method(fields, "finetuning_type", _METHODS, dora="use_dora", bits=bits)


def _pure_read(arguments: Arguments) -> Fields:
    pure = switched(arguments.take("pure_bf16"))
    return {"precision": "bf16", "mixed_precision": False} if pure else {}


def _pure_write(fields: Fields, _: Vocabulary) -> Written:
    pure = fields.get("mixed_precision") is False and fields.get("precision") == "bf16"
    return {"pure_bf16": True} if pure else {}


def _rule_read(arguments: Arguments) -> Fields:
    for name, optimizer in _SWITCHES.items():
        if switched(arguments.peek(name)):
            arguments.mark(name)
            return {"optimizer": optimizer}
    return {}


def _rule_write(fields: Fields, _: Vocabulary) -> Written:
    """It refuses GaLore and APOLLO on adapters and under DeepSpeed: hparams/{finetuning_args,parser}.py."""
    whole = fields.get("method") in ("full", "freeze") and fields.get("engine") != "deepspeed"
    if not whole and fields.get("optimizer") != "muon":
        return {}
    return {name: True for name, optimizer in _SWITCHES.items() if fields.get("optimizer") == optimizer}


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    """Its own files of examples/deepspeed; what none of them says is said in their place."""
    stage, engine = fields.get("zero_stage"), fields.get("engine")
    if engine == "fsdp":
        words = {3: "full_shard auto_wrap", 2: "shard_grad_op auto_wrap"}.get(stage or 0)
        offload = " offload" if fields.get("offload") and fields.get("offload_params") else ""
        return {"fsdp": f"{words}{offload}"} if words else {}
    offloads = bool(fields.get("offload"))
    by_file = stage in (2, 3) and (not offloads or stage == 2 or bool(fields.get("offload_params")))
    if engine != "deepspeed" or not by_file:
        return deepspeed.inline(fields)
    return {"deepspeed": f"examples/deepspeed/ds_z{stage}{'_offload' if offloads else ''}_config.json"}


def _disabled_read(arguments: Arguments) -> Fields:
    off = switched(arguments.take("disable_gradient_checkpointing"))
    if off is None:
        return (
            {"activation_checkpointing": "full"} if switched(arguments.take("gradient_checkpointing")) else {}
        )
    return {"activation_checkpointing": "none" if off else "full"}


def _disabled_write(fields: Fields, _: Vocabulary) -> Written:
    said = fields.get("activation_checkpointing")
    return {"disable_gradient_checkpointing": said == "none"} if said in ("none", "full") else {}


_OF_V1: Final = ("peft_config.name", "dist_config.name", "kernel_config.name", "model_class")


_V1_RULES: Final = choice({"muon": "muon", "adamw": "adamw"})
_V1_KERNELS: Final = choice(family.ATTENTIONS)


def _v1_read(arguments: Arguments) -> Fields:
    """The configurations of its rewrite (examples/v1): one that names no adapter trains all weights."""
    if all(arguments.peek(name) is None for name in _OF_V1):
        return {}
    method = _METHODS.get(str(arguments.take("peft_config.name") or "full").lower())
    spread = str(arguments.take("dist_config.name") or "")
    fields: dict[str, Any] = {
        **family.targets("peft_config.target_modules").read(arguments),
        "method": None if arguments.peek("quantization_bit") else method,
        "lora_rank": arguments.take("peft_config.r", kind=COUNT),
        "micro_batch_size": arguments.take("micro_batch_size", kind=COUNT),
        "global_batch_size": arguments.take("global_batch_size", kind=COUNT),
    }
    if spread == "deepspeed":
        fields |= family.deepspeed_fields(arguments.take("dist_config.config_file"))
    elif spread.startswith("fsdp"):
        fields |= {"zero_stage": 3, "engine": "fsdp"}
    fields |= {
        "context_parallel_size": arguments.take("cp_size", kind=COUNT),
        "optimizer": arguments.take("optim_config.name", kind=_V1_RULES),
        "attention": arguments.take("flash_attn", kind=_V1_KERNELS),
    }
    return {name: value for name, value in fields.items() if value is not None}


_ALL_OF_THEM: Final = 10**7
"""`max_samples` is a bound; one that no data set of a fine-tune reaches says nothing of its size."""


def _bounded(count: Any) -> int | None:
    return said if (said := COUNT.read(count)) is not None and said < _ALL_OF_THEM else None


_SAMPLES: Final = argument("num_examples", ArgumentKind(_bounded, _bounded), "max_samples")
_OF_THE_BOARD: Final = 100_000
"""What LLaMA Board fills in where nobody does: webui/components/train.py, read on 2026-11-30."""
_SIGNS_OF_THE_BOARD: Final = ("max_grad_norm", "preprocessing_num_workers")
"""What it writes beside; no recipe of ours does."""


def _samples_read(arguments: Arguments) -> Fields:
    is_of_the_board = arguments.peek(*_SIGNS_OF_THE_BOARD) is not None
    said = COUNT.read(arguments.peek("max_samples"))
    return {} if is_of_the_board and said == _OF_THE_BOARD else _SAMPLES.read(arguments)


FACETS: Final = (
    model_argument("model_name_or_path", "model"),
    Facet(_method_read, _method_write),
    reads(_v1_read),
    family.rank("lora_rank"),
    family.alpha(),
    family.targets("lora_target", every="all"),
    family.dropout(),
    argument("sequence_length", COUNT, "cutoff_len"),
    Facet(_samples_read, _SAMPLES.write),
    family.PACKING,
    *family.BATCH,
    family.FP8_PRECISION,
    Facet(_pure_read, _pure_write),
    family.optimizer(
        "optim", words={k: v for k, v in family.OPTIMIZERS.items() if v not in ("galore", "apollo")}
    ),
    Facet(_rule_read, _rule_write),
    Facet(_disabled_read, _disabled_write),
    argument(
        "attention",
        choice({"fa2": "flash", "fa3": "flash", "sdpa": "sdpa", "disabled": "eager"}),
        "flash_attn",
    ),
    argument("fused_loss", SWITCH, "enable_liger_kernel"),
    family.COMPILE,
    Facet(family.sharding_read, _sharding_write),
    LAUNCH,
)
_FIXED: Final[Written] = {"stage": "sft", "do_train": True}
_DATA: Final[Written] = {"dataset": "your_dataset", "template": "default", "output_dir": "saves/ftcost"}


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    written = tool.write(fields, vocabulary)
    targets = written.get("lora_target")
    if isinstance(targets, list):
        written["lora_target"] = ",".join(targets)
    several = int(fields.get("num_gpus") or 1) > 1
    environment = f"{'FORCE_TORCHRUN=1 ' if several else ''}{torchrun_environment(fields)}"
    values: dict[str, Any] = {**_FIXED, **written, **_DATA}
    launch = f"Launch: {environment}llamafactory-cli train {FILE}"
    yours = "Put the name of your own data under dataset, and the template of your model"
    return yaml_text(values, [launch, yours, *family.notes(fields, values, vocabulary)])


TOOL: Final = Tool(
    key="llama-factory",
    name="LLaMA-Factory",
    stack="llama-factory",
    facets=FACETS,
    signs=name_set(
        "finetuning_type cutoff_len template stage dataset_dir quantization_bit lora_target "
        "flash_attn enable_liger_kernel pure_bf16 disable_gradient_checkpointing "
        "overwrite_cache max_samples lora_rank"
    ),
    programs=frozenset({"llamafactory-cli", "llamafactory_cli"}),
    command="llamafactory-cli",
    on_several_gpus=family.REPLICAS,
    defaults={
        "method": "lora",
        "lora_rank": 8,
        "sequence_length": 2048,
        "micro_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "num_epochs": 3,
        "activation_checkpointing": "full",
    },
    file_name=FILE,
    render=_render,
)

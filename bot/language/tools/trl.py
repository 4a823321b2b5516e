"""TRL's `trl sft` and the Trainer's own arguments: YAML, command line, Python calls.

huggingface/trl@f2cd57710 (2026-07-24): trl/trainer, accelerate_configs;
huggingface/transformers 5.24.0 training_args.py.
"""

import json
from typing import Any, Final

from bot.language.tools import adapters, deepspeed, family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set, reads
from bot.language.tools.kinds import COUNT, NUMBER, SWITCH, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.names import model_argument
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "sft.yaml"
_DTYPES: Final = {"bfloat16": "bf16", "float16": "fp16", "float32": "fp32", "bf16": "bf16", "fp16": "fp16"}
_CONFIGS: Final = {
    ("ddp", 0): "multi_gpu",
    ("deepspeed", 1): "zero1",
    ("deepspeed", 2): "zero2",
    ("deepspeed", 3): "zero3",
    ("fsdp", 3): "fsdp2",
}
"""Engine and stage -> TRL's own accelerate configuration."""
_BACK: Final = {**{name: key for key, name in _CONFIGS.items()}, "fsdp1": ("fsdp", 3)}

TRAINERS: Final = {
    f"{name}{kind}": code
    for name, code in {
        "DPO": "reference", "KTO": "reference", "CPO": "reference", "OnlineDPO": "rl", "ORPO": "pairs",
        "PPO": "rl", "GRPO": "rl", "RLOO": "rl", "NashMD": "rl", "XPO": "rl", "Reward": "reward",
        "PRM": "reward", "GKD": "distillation",
    }.items()
    for kind in ("Config", "Trainer")
}  # fmt: skip
"""TRL's classes beside `SFTTrainer` (trl/trainer) -> the sentence of what is not estimated."""


def _method_read(arguments: Arguments) -> Fields:
    peft, dora = (
        switched(arguments.take("use_peft", "use_lora", "use_peft_lora")),
        switched(arguments.take("use_dora")),
    )
    quantization = adapters.loads_in_bits(arguments) or _bits_of_script(arguments)
    has_rank = arguments.peek("lora_r", "r", "lora_rank", "peft_config") is not None or _has_width(arguments)
    if peft or dora or quantization or (peft is None and has_rank):
        return adapters.adapted(quantization, dora=bool(dora))
    if peft is False or switched(arguments.take("full_finetuning")):
        return {"method": "full"}
    return {}


def _has_width(arguments: Arguments) -> bool:
    """`--lora_dim 128` of DeepSpeed-Chat, whose 0 is none."""
    return (COUNT.read(arguments.peek("lora_dim")) or 0) > 0


def _bits_of_script(arguments: Arguments) -> str | None:
    """`--bits 4` of artidoro/qlora, whose 16 is no quantization; `--q_lora True` of lm-sys/FastChat."""
    if (bits := arguments.take("bits", kind=COUNT)) is not None:
        return adapters.BITS.get(bits)
    return adapters.BITS[4] if switched(arguments.take("q_lora", "use_qlora")) else None


def _script_length(arguments: Arguments) -> Fields:
    """`source_max_len` + `target_max_len` of artidoro/qlora, as THUDM's scripts have it: a sample is both."""
    for names in _PARTS_OF_A_SAMPLE:
        if all(arguments.peek(name) is not None for name in names):
            parts = [arguments.take(name, kind=COUNT) for name in names]
            return {"sequence_length": sum(each or 0 for each in parts)} if all(parts) else {}
    return {}


_PARTS_OF_A_SAMPLE: Final = (
    ("source_max_len", "target_max_len"),
    ("max_source_length", "max_target_length"),
    ("max_input_length", "max_output_length"),
)


def _script_batch(arguments: Arguments) -> Fields:
    """`--batch_size 128 --micro_batch_size 4` of tloen/alpaca-lora: the first is of all GPUs."""
    micro = arguments.take("micro_batch_size", kind=COUNT)
    total = arguments.take("batch_size", "global_batch_size", kind=COUNT) if micro else None
    found = {"micro_batch_size": micro, "global_batch_size": total}
    return {name: value for name, value in found.items() if value is not None}


def _method_write(fields: Fields, _: Vocabulary) -> Written:
    def bits(stored: int) -> Written:
        return {f"load_in_{stored}bit": True}

    words = {"lora": True, "full": False}
    return adapters.write_method(fields, "use_peft", words, dora="use_dora", bits=bits)


def _dtype_read(arguments: Arguments) -> Fields:
    """In which numbers the weights are loaded: under `bf16: true` it is autocast, else pure."""
    loaded = _DTYPES.get(str(arguments.peek("dtype", "torch_dtype") or "").rpartition(".")[2].lower())
    computes = next((name for name in ("bf16", "fp16") if switched(arguments.peek(name))), None)
    is_off = {switched(arguments.peek(name)) for name in ("bf16", "fp16")} == {False}
    if loaded is None or not (computes or is_off):
        return {}
    arguments.mark("dtype", "torch_dtype")
    if computes:
        return (
            {"mixed_precision": True}
            if loaded == "fp32"
            else {"autocast": True}
            if loaded == computes
            else {}
        )
    return {"precision": loaded} if loaded == "fp32" else {"precision": loaded, "mixed_precision": False}


def _dtype_write(fields: Fields, _: Vocabulary) -> Written:
    precision, mixed = fields.get("precision"), fields.get("mixed_precision")
    word = {"bf16": "bfloat16", "fp16": "float16"}.get(precision or "")
    if word is None:
        return {}
    if mixed is False and not fields.get("autocast"):
        return {"bf16": False, "fp16": False, "dtype": word}
    if mixed and not fields.get("autocast"):
        return {"dtype": "float32"}
    return {"dtype": word} if fields.get("autocast") and mixed is None else {}


def _accelerate_read(arguments: Arguments) -> Fields:
    """`--accelerate_config zero3`: TRL's own files."""
    for name in ("accelerate_config", "launch.accelerate_config", "launch.config_file"):
        said = (
            str(arguments.peek(name) or "")
            .rpartition("/")[2]
            .removesuffix(".yaml")
            .removeprefix("deepspeed_")
        )
        if said in _BACK:
            arguments.mark(name)
            engine, stage = _BACK[said]
            return {"engine": engine, "zero_stage": stage}
        if "fsdp" in said.lower() or family.stage_in(said) is not None:
            arguments.mark(name)
            return (
                {"engine": "fsdp", "zero_stage": 3}
                if "fsdp" in said.lower()
                else family.deepspeed_fields(said)
            )
    return {}


_MODELS_OF_SCRIPTS: Final = ("model_name", "model_path", "pretrained_model_name_or_path", "pretrained_model")
"""What other scripts over the Trainer call it."""


def _flash_read(arguments: Arguments) -> Fields:
    """`--use_flash_attn true`, of scripts before the Trainer had a word for it."""
    is_on = switched(arguments.take("use_flash_attn", "use_flash_attention", "use_flash_attention_2"))
    return {"attention": "flash"} if is_on else {}


def _spread(fields: Fields) -> tuple[str, int]:
    return str(fields.get("engine")), int(fields.get("zero_stage") or 0)


def _offloads(fields: Fields) -> bool:
    return bool(fields.get("offload") or fields.get("offload_params"))


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    """Its files of accelerate keep nothing on the host: what does is said to the Trainer."""
    return deepspeed.inline(fields) if _offloads(fields) else {}


FACETS: Final = (
    model_argument("model_name_or_path", "model_id", "model", "base_model", *_MODELS_OF_SCRIPTS),
    Facet(_method_read, _method_write),
    family.rank("lora_r", "r", "lora_rank", "lora_dim"),
    family.alpha(),
    family.targets("lora_target_modules", "target_modules", "lora_target"),
    family.dropout(),
    argument(
        "sequence_length",
        COUNT,
        "max_length",
        "max_seq_length",
        "model_max_length",
        "max_seq_len",
        "block_size",
        "cutoff_len",
        "seq_length",
        "seq_len",
    ),
    reads(_script_length),
    argument("num_examples", COUNT, "max_train_samples"),
    argument("packing", SWITCH, "packing", "group_by_length_packing"),
    reads(_script_batch),
    *family.BATCH,
    reads(argument("num_epochs", NUMBER, "num_epochs", "epochs").read),
    reads(argument("gradient_accumulation_steps", COUNT, "accumulation_steps").read),
    family.PRECISION,
    Facet(_dtype_read, _dtype_write),
    family.optimizer("optim"),
    family.checkpointing("gradient_checkpointing", "use_gradient_checkpointing"),
    reads(_flash_read),
    family.attention("attn_implementation"),
    argument("fused_loss", SWITCH, "use_liger_kernel", "use_liger"),
    family.COMPILE,
    reads(_accelerate_read),
    Facet(family.sharding_read, _sharding_write),
    LAUNCH,
)
_DATA: Final[Written] = {"dataset_name": "your/dataset", "output_dir": "sft-output"}


def launch_words(fields: Fields) -> str:
    """The options of accelerate's launcher that `trl sft` hands on."""
    config = None if _offloads(fields) else _CONFIGS.get(_spread(fields))
    named = f" --accelerate_config {config}" if config and fields.get("zero_stage") is not None else ""
    gpus = f" --num_processes {fields['num_gpus']}" if fields.get("num_gpus") is not None else ""
    nodes = f" --num_machines {fields['num_nodes']}" if fields.get("num_nodes") is not None else ""
    return f"{named}{nodes}{gpus}"


def _written(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> dict[str, Any]:
    written = tool.write(fields, vocabulary)
    written.pop("max_train_samples", None)  # TRL has no such argument: other scripts have
    return written


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values = {**_written(tool, fields, vocabulary), **_DATA}
    launch = f"Launch: trl sft --config {FILE}{launch_words(fields)}"
    return yaml_text(
        values,
        [
            launch,
            "Put your own data under dataset_name",
            *family.notes(fields, values, vocabulary),
        ],
    )


def command_words(fields: Fields, vocabulary: Vocabulary) -> tuple[list[str], dict[str, Any]]:
    """The same run as one command, for launchers of machines."""
    values = {**_written(TOOL, fields, vocabulary), **_DATA}
    values = {name: json.dumps(each) if isinstance(each, dict) else each for name, each in values.items()}
    return ["trl", "sft", *launch_words(fields).split()], values


TOOL: Final = Tool(
    key="trl",
    name="TRL",
    stack="trl",
    facets=FACETS,
    signs=name_set(
        "max_length max_seq_length use_peft dataset_name lora_target_modules "
        "dataset_text_field packing eos_token padding_free completion_only_loss "
        "assistant_only_loss accelerate_config dataset_kwargs"
    ),
    programs=frozenset({"trl", "sft.py"}),
    command="trl",
    calls=frozenset({"SFTConfig", "SFTTrainer", *TRAINERS}),
    on_several_gpus=family.REPLICAS,
    defaults={
        "sequence_length": 1024,
        "micro_batch_size": 8,
        "gradient_accumulation_steps": 1,
        "num_epochs": 3,
        "activation_checkpointing": "full",
    },
    file_name=FILE,
    render=_render,
)

HF: Final = Tool(
    key="hf",
    name="Trainer",
    stack="hf",
    facets=FACETS,
    signs=name_set(
        "per_device_train_batch_size num_train_epochs gradient_accumulation_steps "
        "model_name_or_path optim bf16 fp16 max_steps gradient_checkpointing learning_rate "
        "logging_steps save_steps warmup_ratio output_dir report_to model_max_length "
        "lora_alpha lora_dropout target_modules warmup_steps save_strategy load_in_4bit use_lora"
    ),
    programs=frozenset({"train.py", "train_mem.py", "finetune.py", "run_clm.py", "qlora.py"}),
    calls=name_set(
        "TrainingArguments Seq2SeqTrainingArguments LoraConfig BitsAndBytesConfig "
        "AutoModelForCausalLM.from_pretrained prepare_model_for_kbit_training"
    ),
    on_several_gpus=family.REPLICAS,
    defaults={"micro_batch_size": 8, "gradient_accumulation_steps": 1, "num_epochs": 3},
)

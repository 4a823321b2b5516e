"""ms-swift: `swift sft --…`, written as a shell command, read as one or as YAML.

modelscope/ms-swift@3602360a5 (2026-08-22): swift/arguments, swift/config, examples/train.
"""

import json
from typing import Any, Final

from bot.language.tools import adapters, deepspeed, family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set, reads
from bot.language.tools.kinds import COUNT, SWITCH, choice, switched
from bot.language.tools.launch import LAUNCH, torchrun_environment
from bot.language.tools.names import model_argument
from bot.language.tools.render import command_text
from bot.language.vocabulary import Vocabulary

FILE: Final = "swift_sft.sh"
_DTYPES: Final = {"float32": "fp32", "bfloat16": "bf16", "float16": "fp16"}
_METHODS: Final = {"lora": "lora", "full": "full"}
_DATASET: Final = "your/dataset"


def _method_read(arguments: Arguments) -> Fields:
    method = str(arguments.take("tuner_type", "train_type", "sft_type") or "")
    bits = arguments.take("quant_bits", "quantization_bit", kind=COUNT)
    dora = switched(arguments.take("use_dora"))
    quantization = adapters.BITS.get(bits or 0)
    if quantization:
        arguments.mark("quant_method")
    if method == "lora" or quantization or dora:
        return adapters.adapted(quantization, dora=bool(dora))
    return {"method": "full"} if method == "full" else {}


def _method_write(fields: Fields, _: Vocabulary) -> Written:
    def bits(stored: int) -> Written:
        return {"quant_method": "bnb", "quant_bits": stored}

    return adapters.write_method(fields, "tuner_type", _METHODS, dora="use_dora", bits=bits)


def _dtype_read(arguments: Arguments) -> Fields:
    """`--torch_dtype float16` alone (`--dtype fp16` at first): the loop computes in what it loads."""
    said = str(arguments.peek("torch_dtype", "dtype") or "").lower()
    loaded = _DTYPES.get(said, said if said in _DTYPES.values() else None)
    if loaded is None or arguments.peek("bf16") is not None or arguments.peek("fp16") is not None:
        return {}
    arguments.mark("torch_dtype", "dtype")
    return {"precision": loaded}


def _galore_read(arguments: Arguments) -> Fields:
    return {"optimizer": "galore"} if switched(arguments.take("use_galore")) else {}


def _flash_read(arguments: Arguments) -> Fields:
    """`--use_flash_attn true` of its first releases, as `--batch_size` is."""
    return {"attention": "flash"} if switched(arguments.take("use_flash_attn")) else {}


def _examples_read(arguments: Arguments) -> Fields:
    """`--dataset org/name#10000`: how many are drawn of each."""
    said = arguments.peek("dataset")
    numbers = [str(each).rpartition("#")[2] for each in (said if isinstance(said, list) else [said])]
    if said is None or not all(each.isdigit() and len(each) < 12 for each in numbers):
        return {}
    arguments.mark("dataset")
    return {"num_examples": sum(map(int, numbers))} if sum(map(int, numbers)) else {}


def _examples_write(fields: Fields, _: Vocabulary) -> Written:
    count = fields.get("num_examples")
    return {"dataset": f"{_DATASET}#{count}" if count else _DATASET}


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    stage, engine = fields.get("zero_stage"), fields.get("engine")
    offload, params = bool(fields.get("offload")), bool(fields.get("offload_params"))
    if engine == "fsdp" and stage == 3 and not offload:
        return {"fsdp": "fsdp2"}
    if engine != "deepspeed" or stage is None:
        return {}
    if offload and ((stage == 2 and not params) or (stage == 3 and params)):
        return {"deepspeed": f"zero{stage}_offload"}
    if offload:
        return {name: json.dumps(value) for name, value in deepspeed.inline(fields).items()}
    return {"deepspeed": f"zero{stage}"}


FACETS: Final = (
    model_argument("model", "model_id_or_path", "model_type"),
    Facet(_method_read, _method_write),
    family.rank("lora_rank"),
    family.alpha(),
    family.targets("target_modules", "lora_target_modules"),
    family.dropout(),
    argument("sequence_length", COUNT, "max_length"),
    Facet(_examples_read, _examples_write),
    family.PACKING,
    reads(argument("micro_batch_size", COUNT, "batch_size").read),
    *family.BATCH,
    family.PRECISION,
    reads(_dtype_read),
    family.optimizer("optim"),
    reads(_galore_read),
    family.checkpointing("gradient_checkpointing"),
    family.attention(
        "attn_impl",
        words={
            "flash_attn": "flash",
            "flash_attention_2": "flash",
            "flash_attention_3": "flash",
            "sdpa": "sdpa",
            "eager": "eager",
        },
    ),
    reads(_flash_read),
    argument("fused_loss", SWITCH, "use_liger_kernel", "use_liger"),
    family.COMPILE,
    argument("adapter_precision", choice(_DTYPES), "lora_dtype"),
    argument("context_parallel_size", COUNT, "sequence_parallel_size"),
    Facet(family.sharding_read, _sharding_write),
    LAUNCH,
)


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    values: dict[str, Any] = {**tool.write(fields, vocabulary), "output_dir": "output"}
    notes = [
        "Put your own data after --dataset",
        *family.notes(fields, values, vocabulary),
    ]
    command = command_text([*torchrun_environment(fields).split(), "swift", "sft"], values)
    return "".join(f"# {each}\n" for each in notes) + command


TOOL: Final = Tool(
    key="swift",
    name="ms-swift",
    stack="swift",
    facets=FACETS,
    signs=name_set(
        "tuner_type train_type sft_type attn_impl torch_dtype quant_bits quant_method "
        "model_type target_modules model_id_or_path split_dataset_ratio dataset_num_proc"
    ),
    programs=frozenset({"swift"}),
    command="swift",
    on_several_gpus=family.REPLICAS,
    defaults={
        "method": "lora",
        "lora_rank": 8,
        "micro_batch_size": 1,
        "num_epochs": 3,
        "activation_checkpointing": "full",
    },
    file_name=FILE,
    render=_render,
)


def _recomputes(arguments: Arguments) -> Fields:
    said = str(arguments.take("recompute_granularity") or "")
    return {"activation_checkpointing": said} if said in ("full", "selective") else {}


MEGATRON: Final = Tool(
    key="megatron-swift",
    name="Megatron-SWIFT",
    stack="megatron",
    facets=(
        model_argument("model", "load", "mcore_model"),
        Facet(_method_read, _method_write),
        family.rank("lora_rank"),
        family.targets("target_modules"),
        argument("sequence_length", COUNT, "max_length", "seq_length"),
        Facet(_examples_read, _examples_write),
        family.PACKING,
        argument("micro_batch_size", COUNT, "micro_batch_size"),
        argument("global_batch_size", COUNT, "global_batch_size"),
        argument("num_epochs", COUNT, "max_epochs", "num_train_epochs"),
        argument("num_steps", COUNT, "train_iters"),
        argument("tensor_parallel_size", COUNT, "tensor_model_parallel_size"),
        argument("pipeline_parallel_size", COUNT, "pipeline_model_parallel_size"),
        argument("context_parallel_size", COUNT, "context_parallel_size"),
        reads(_recomputes),
        argument("offload", SWITCH, "optimizer_cpu_offload"),
        LAUNCH,
    ),
    signs=name_set("tensor_model_parallel_size expert_model_parallel_size recompute_granularity train_iters"),
    programs=frozenset({"megatron"}),
    command="megatron",
    defaults={"method": "full", "micro_batch_size": 1},
)
"""`megatron sft`, of the same project: Megatron's names, ms-swift's method."""

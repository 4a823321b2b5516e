"""accelerate: the YAML of `accelerate launch`: processes, sharding, precision; nothing of the training.

huggingface/accelerate@16cb6eb8 (2026-07-24): commands/config/config_args.py, utils/dataclasses.py.
"""

from collections.abc import Iterable
from typing import Any, Final

from bot.language.tools import family
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set, reads
from bot.language.tools.kinds import COUNT, choice, switched
from bot.language.tools.launch import LAUNCH
from bot.language.tools.render import yaml_text
from bot.language.vocabulary import Vocabulary
from estimator.framework.engine import WHOLE_WEIGHTS

FILE: Final = "accelerate.yaml"
_PRECISIONS: Final = choice({"no": "fp32", "false": "fp32", "bf16": "bf16", "fp16": "fp16", "fp8": "fp8"})
_LAUNCH_OPTIONS: Final = name_set(
    "mixed_precision use_fsdp use_deepspeed zero_stage deepspeed_config_file offload_optimizer_device "
    "offload_param_device"
)
"""Options of `accelerate launch` that say what its configuration file would."""


def names_in_its_file(options: Iterable[str]) -> dict[str, str]:
    """Those of the launcher's `options` that say how a job is spread, and their names in its file."""
    found = (name for name in options if name in _LAUNCH_OPTIONS or name.startswith("fsdp_"))
    return {name: f"fsdp_config.{name}" if name.startswith("fsdp_") else name for name in found}


def _is_cpu(device: object) -> bool:
    return str(device).lower() in ("cpu", "nvme")


def _sharding_read(arguments: Arguments) -> Fields:
    kind = str(arguments.take("distributed_type") or "").upper().removeprefix("DISTRIBUTEDTYPE.")
    for name in ("FSDP", "DEEPSPEED"):
        kind = name if switched(arguments.take(f"use_{name.lower()}")) else kind
    if kind == "MULTI_GPU":
        return family.REPLICAS
    if kind == "DEEPSPEED" or arguments.peek("zero_stage") is not None:
        return _deepspeed_read(arguments)
    if kind == "FSDP":
        return {"zero_stage": 3, **family.sharding_read(arguments), "engine": "fsdp"}
    return {}


def _deepspeed_read(arguments: Arguments) -> Fields:
    fields: dict[str, Any] = {"engine": "deepspeed"}
    if (stage := arguments.take("zero_stage")) in (0, 1, 2, 3):
        fields["zero_stage"] = stage
    elif named := family.deepspeed_fields(arguments.peek("deepspeed_config_file")):
        arguments.mark("deepspeed_config_file")
        fields |= named
    if _is_cpu(arguments.take("offload_optimizer_device")):
        fields["offload"] = True
    if fields.get("zero_stage") not in WHOLE_WEIGHTS and _is_cpu(arguments.take("offload_param_device")):
        fields["offload_params"] = True
    return fields


def _sharding_write(fields: Fields, _: Vocabulary) -> Written:
    stage, engine = fields.get("zero_stage"), fields.get("engine")
    offload, params = bool(fields.get("offload")), bool(fields.get("offload_params"))
    if engine == "ddp":
        return {"distributed_type": "MULTI_GPU"} if stage == 0 else {}
    if engine == "deepspeed" and stage is not None:
        return {
            "distributed_type": "DEEPSPEED",
            "deepspeed_config.zero_stage": stage,
            "deepspeed_config.offload_optimizer_device": "cpu" if offload else "none",
            "deepspeed_config.offload_param_device": "cpu" if params else "none",
        }
    if engine != "fsdp" or stage not in (2, 3) or offload != params:
        return {}
    return {
        "distributed_type": "FSDP",
        "fsdp_config.fsdp_version": 2,
        "fsdp_config.fsdp_auto_wrap_policy": "TRANSFORMER_BASED_WRAP",
        "fsdp_config.fsdp_reshard_after_forward": stage == 3,
        "fsdp_config.fsdp_offload_params": offload,
        **({"fsdp_config.fsdp_activation_checkpointing": True} if _recomputes(fields) else {}),
    }


def _recomputes(fields: Fields) -> bool:
    return fields.get("activation_checkpointing") == "full"


def _accumulation_write(fields: Fields, _: Vocabulary) -> Written:
    count = fields.get("gradient_accumulation_steps")
    is_deepspeed = fields.get("engine") == "deepspeed" and fields.get("zero_stage") is not None
    return {"deepspeed_config.gradient_accumulation_steps": count} if count and is_deepspeed else {}


def _precision_read(arguments: Arguments) -> Fields:
    precision = arguments.take("mixed_precision", kind=_PRECISIONS)
    return {"precision": precision} if precision else {}


def _precision_write(fields: Fields, _: Vocabulary) -> Written:
    word = {"fp32": "no", "bf16": "bf16", "fp16": "fp16", "fp8": "fp8"}.get(fields.get("precision") or "")
    return {"mixed_precision": word} if word else {}


def _processes_read(arguments: Arguments) -> Fields:
    fields = {
        "num_gpus": arguments.take("num_processes", kind=COUNT),
        "num_nodes": arguments.take("num_machines", kind=COUNT),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _processes_write(fields: Fields, _: Vocabulary) -> Written:
    names = {"num_gpus": "num_processes", "num_nodes": "num_machines"}
    return {word: fields[name] for name, word in names.items() if fields.get(name) is not None}


_SPLIT: Final = "parallelism_config.parallelism_config_"
_TENSOR: Final = argument("tensor_parallel_size", COUNT, f"{_SPLIT}tp_size")
_CONTEXT: Final = argument("context_parallel_size", COUNT, f"{_SPLIT}cp_size", f"{_SPLIT}sp_size")


def _splits_write(fields: Fields, _: Vocabulary) -> Written:
    """Ring attention and tensors with FSDP2, Ulysses with ZeRO-3; the sizes make all of the GPUs.

    huggingface/trl@f2cd57710 examples/accelerate_configs/{context_parallel_2gpu,alst_ulysses_4gpu}.yaml.
    """
    engine, gpus = fields.get("engine"), fields.get("num_gpus")
    tensor, context = (int(fields.get(f"{each}_parallel_size") or 1) for each in ("tensor", "context"))
    joins = engine == "fsdp" or (engine == "deepspeed" and tensor == 1 and fields.get("zero_stage") == 3)
    if tensor * context == 1 or not joins or gpus is None:
        return {}
    written: Written = {f"{_SPLIT}dp_shard_size": max(1, gpus // (tensor * context))}
    if tensor > 1:
        written[f"{_SPLIT}tp_size"] = tensor
    if context > 1 and engine == "fsdp":
        written[f"{_SPLIT}cp_size"] = context
    elif context > 1:
        written |= {f"{_SPLIT}sp_size": context, f"{_SPLIT}sp_backend": "deepspeed"}
    return written


FACETS: Final = (
    Facet(_sharding_read, _sharding_write),
    Facet(
        argument("gradient_accumulation_steps", COUNT, "gradient_accumulation_steps").read,
        _accumulation_write,
    ),
    Facet(_precision_read, _precision_write),
    Facet(_processes_read, _processes_write),
    Facet(_TENSOR.read, _splits_write),
    reads(_CONTEXT.read),
    LAUNCH,
)


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    """The file must say how it is spread: `NO` where nothing is, and several GPUs are asked for beside it."""
    written = tool.write(fields, vocabulary)
    several = int(fields.get("num_gpus") or 1) > 1 and "distributed_type" not in written
    values = {"compute_environment": "LOCAL_MACHINE", "distributed_type": "NO", **written}
    launch = f"accelerate launch{' --multi_gpu' if several else ''} --config_file {FILE} your_script.py"
    return yaml_text(values, [f"Launch: {launch}"])


TOOL: Final = Tool(
    key="accelerate",
    name="accelerate",
    stack=None,
    facets=FACETS,
    signs=name_set(
        "compute_environment distributed_type num_processes num_machines mixed_precision "
        "deepspeed_config machine_rank main_training_function downcast_bf16 rdzv_backend "
        "same_network use_cpu fsdp_auto_wrap_policy fsdp_offload_params fsdp_sharding_strategy "
        "zero_stage offload_optimizer_device"
    ),
    command="accelerate",
    launches=True,
    module="accelerate.commands.launch",
    file_name=FILE,
    render=_render,
)

"""DeepSpeed: its JSON: batch, ZeRO, offload, precision, optimizer; nothing of model and data.

deepspeedai/DeepSpeed@edaa72212 (2026-08-22): docs/_pages/config-json.md, deepspeed/runtime/config.py.
"""

import json
from typing import Any, Final

from bot.language.documents import nested
from bot.language.tools.argument import Arguments, Facet, Fields, Tool, Written, argument, name_set
from bot.language.tools.kinds import COUNT, choice, switched
from bot.language.tools.launch import LAUNCH
from bot.language.vocabulary import Vocabulary
from estimator.framework.engine import WHOLE_WEIGHTS

FILE: Final = "ds_config.json"
_ZERO: Final = "zero_optimization"


def zero_read(arguments: Arguments) -> Fields:
    """The stage, and what it keeps on the host."""
    stage = arguments.take(f"{_ZERO}.stage")
    if isinstance(stage, bool) or stage not in (0, 1, 2, 3):
        return {}
    fields: dict[str, Any] = {"zero_stage": stage, "engine": "deepspeed"}
    away = {"offload_optimizer": "offload", "offload_param": "offload_params"}
    if stage in WHOLE_WEIGHTS:  # DeepSpeed does not look at it there: it is left aside
        del away["offload_param"]
    for name, field in away.items():
        if str(arguments.take(f"{_ZERO}.{name}.device")).lower() in ("cpu", "nvme"):
            fields[field] = True
    if switched(arguments.take(f"{_ZERO}.cpu_offload")):
        fields["offload"] = True
    return fields


def zero_written(fields: Fields) -> Written:
    """What says the sharding of `fields`."""
    stage = fields.get("zero_stage")
    if stage is None or fields.get("engine") != "deepspeed":
        return {}
    written: Written = {f"{_ZERO}.stage": stage}
    for name, field in (("offload_optimizer", "offload"), ("offload_param", "offload_params")):
        if fields.get(field) and (stage or field == "offload"):
            written |= {f"{_ZERO}.{name}.device": "cpu", f"{_ZERO}.{name}.pin_memory": True}
    return written


def inline(fields: Fields) -> Written:
    """DeepSpeed's configuration in the place of a file's name, where a tool ships no file that says it.

    What is `auto` the Trainer fills in: transformers integrations/deepspeed.py. It takes a mapping, and of
    a command line JSON: training_args.py, `_VALID_DICT_FIELDS`.
    """
    if fields.get("engine") != "deepspeed" or fields.get("zero_stage") is None:
        return {}
    zero = nested(zero_written(fields))[_ZERO]
    if zero["stage"] == 3:
        zero["stage3_gather_16bit_weights_on_model_save"] = True
    filled = ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps")
    formats = {name: {"enabled": "auto"} for name in ("bf16", "fp16")}
    automatic = dict.fromkeys((*filled, "gradient_clipping"), "auto")
    return {"deepspeed": {_ZERO: zero, **formats, **automatic}}


def _precision_read(arguments: Arguments) -> Fields:
    on = {name: switched(arguments.take(f"{name}.enabled")) for name in ("bf16", "fp16", "bfloat16")}
    for name, is_on in on.items():
        if is_on:
            return {"precision": "fp16" if name == "fp16" else "bf16"}
    return {"precision": "fp32"} if on["fp16"] is False and on["bf16"] is False else {}


def _precision_write(fields: Fields, _: Vocabulary) -> Written:
    precision = fields.get("precision")
    if precision not in ("bf16", "fp16", "fp32"):
        return {}
    return {f"{name}.enabled": precision == name for name in ("bf16", "fp16")}


FACETS: Final = (
    argument("global_batch_size", COUNT, "train_batch_size"),
    argument("micro_batch_size", COUNT, "train_micro_batch_size_per_gpu"),
    argument("gradient_accumulation_steps", COUNT, "gradient_accumulation_steps"),
    Facet(zero_read, lambda fields, _: zero_written(fields)),
    Facet(_precision_read, _precision_write),
    argument(
        "optimizer",
        choice({"adamw": "adamw", "adam": "adamw", "lion": "lion", "sgd": "sgd", "muon": "muon"}),
        "optimizer.type",
    ),
    argument("tensor_parallel_size", COUNT, "tensor_parallel.autotp_size"),
    LAUNCH,
)
_TYPES: Final = {"adamw": "AdamW", "lion": "Lion", "sgd": "SGD", "muon": "Muon"}


def _render(tool: Tool, fields: Fields, vocabulary: Vocabulary) -> str:
    written = tool.write(fields, vocabulary)
    if "optimizer.type" in written:
        written["optimizer.type"] = _TYPES[written["optimizer.type"]]
        written["optimizer.params.lr"] = "auto"
    return json.dumps(nested(written), indent=2) + "\n"


TOOL: Final = Tool(
    key="deepspeed",
    name="DeepSpeed",
    stack=None,
    facets=FACETS,
    signs=name_set(
        "zero_optimization.stage train_micro_batch_size_per_gpu train_batch_size "
        "zero_optimization.overlap_comm allgather_bucket_size reduce_bucket_size "
        "zero_optimization bf16.enabled fp16.enabled wall_clock_breakdown contiguous_gradients"
    ),
    command="deepspeed",
    launches=True,
    module="deepspeed.launcher",
    file_name=FILE,
    render=_render,
)

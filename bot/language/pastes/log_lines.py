"""The lines that trainers print: the Trainer and its kin, xtuner, Megatron, DeepSpeed, torch, PEFT."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from bot.language.tools.registry import TOOLS
from estimator.units import GIB

_NUMBER: Final = r"([\d,]+(?:\.\d+)?(?:[eE][+-]?\d+)?)"
_SIZES: Final = {
    "b": 1,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
    "kb": 2**10,
    "mb": 2**20,
    "gb": 2**30,
}
"""torch, mmengine and the driver count in powers of two, whatever they write."""
_BILLIONS: Final = {"": 1, "k": 1e3, "m": 1e6, "b": 1e9}


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of line: how it is known, and the facts that its groups are."""

    pattern: re.Pattern[str]
    facts: Callable[[re.Match[str]], dict[str, Any]]
    kind: str = "log"
    is_bar: bool = False
    """One of many bars, of which the longest is the training's."""


def _number(text: str) -> float:
    return float(text.replace(",", ""))


def _count(text: str) -> int:
    return round(_number(text))


def _whole(number: float) -> float:
    return int(number) if number.is_integer() else number


def _clock_seconds(text: str) -> float:
    """`1:02:03`, `02:03`, `1 day, 2:03:04`."""
    days, _, rest = text.rpartition(", ")
    seconds = 0.0
    for part in rest.split(":"):
        seconds = 60 * seconds + float(part)
    return seconds + (86_400 * float(days.split()[0]) if days else 0)


def _bytes(number: str, unit: str) -> int:
    return round(_number(number) * _SIZES.get(unit.lower(), GIB))


def _line(pattern: str, facts: Callable[[re.Match[str]], dict[str, Any]], kind: str = "log") -> Line:
    return Line(re.compile(pattern, re.IGNORECASE | re.MULTILINE), facts, kind)


def _says(name: str, pattern: str, read: Callable[[str], float] = _number) -> Line:
    """A line that says one number."""
    return _line(pattern, lambda found: {name: read(found[1])})


def _pace(found: re.Match[str]) -> dict[str, Any]:
    """`12/939 [00:18<22:30, 1.46s/it]`: the bar of tqdm, whichever way it counts."""
    pace = _number(found["pace"])
    step_seconds = pace if found["unit"] == "s/it" else 1 / pace if pace else None
    return {
        "steps_done": _count(found["done"]),
        "num_steps": _count(found["all"]),
        "step_seconds": step_seconds,
    }


def _oom(found: re.Match[str]) -> dict[str, Any]:
    facts: dict[str, Any] = {"wanted_bytes": _bytes(found[1], found[2])}
    rest = found.string[found.end() : found.end() + 1_500]
    for name, pattern in _OOM_PARTS:
        if (part := pattern.search(rest)) is not None:
            facts.setdefault(name, _bytes(part[1], part[2]))
    return facts


def _params(trainable: str, total: str) -> dict[str, Any]:
    return {"trainable_params": _count(trainable), "total_params": _count(total)}


_FIRST: Final = r"(?<![\d.])"
"""Where a number begins: a line that begins with one is else tried again at each of its digits."""
_SIZE: Final = r"([\d.]+) ?([KMGT]?i?B)\b"
_OOM_PARTS: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("gpu_memory_bytes", rf"total capacity (?:of )?{_SIZE}"),
        ("gpu_memory_bytes", rf"{_SIZE} total capacity"),
        ("gpu_memory_bytes", rf"总(?:内存|显存)?容量为? ?{_SIZE}"),
        ("process_bytes", rf"this process has {_SIZE} memory in use"),
        ("allocated_bytes", rf"{_SIZE} is allocated by PyTorch"),
        ("allocated_bytes", rf"of the allocated memory {_SIZE}"),
        ("allocated_bytes", rf"{_SIZE} already allocated"),
        ("reserved_bytes", rf"{_SIZE} reserved in total"),
    )
)
LINES: Final = (
    _says("run_seconds", r"['\"]?train_runtime['\"]?\s*[:=]\s*['\"]?([\d.]+(?:e[+-]?\d+)?)(?![:\d])"),
    _says("run_seconds", r"\btrain_runtime\s*=\s*([\d]+(?::\d\d){1,2}(?:\.\d+)?)", _clock_seconds),
    _says("samples_per_second", rf"['\"]?train_samples_per_second['\"]?\s*[:=]\s*['\"]?{_NUMBER}"),
    _says("steps_per_second", rf"['\"]?train_steps_per_second['\"]?\s*[:=]\s*['\"]?{_NUMBER}"),
    _says("loss", rf"['\"]?train_loss['\"]?\s*[:=]\s*['\"]?{_NUMBER}"),
    _says("loss", rf"\{{'loss': ['\"]?{_NUMBER}"),
    Line(
        re.compile(
            r"(?P<done>\d{1,9})/(?P<all>\d{1,9}) \[[\d:?, day]{1,24}<[\d:?, day]{1,24},"
            r"\s*(?P<pace>[\d.]+)\s?(?P<unit>s/it|it/s)"
        ),
        _pace,
        is_bar=True,
    ),
    _line(
        rf"iteration\s+(\d+)/\s*(\d+) \|[^\n]{{0,120}}elapsed time per iteration \(ms\): {_NUMBER}",
        lambda m: {
            "steps_done": int(m[1]),
            "num_steps": int(m[2]),
            "step_seconds": _number(m[3]) / 1000,
        },
    ),
    _says("loss", rf"\| lm loss: {_NUMBER}"),
    _line(
        rf"^iter (\d+): loss {_NUMBER}, time {_NUMBER}ms",  # karpathy/nanoGPT
        lambda m: {"steps_done": int(m[1]), "loss": _number(m[2]), "step_seconds": _number(m[3]) / 1000},
    ),
    _line(
        rf"^steps: (\d+) loss: {_NUMBER} iter time \(s\): {_NUMBER}",  # the pipeline engine of DeepSpeed
        lambda m: {"steps_done": int(m[1]), "loss": _number(m[2]), "step_seconds": _number(m[3])},
    ),
    _line(
        rf"\bmax allocated: {_NUMBER} \| reserved: {_NUMBER} \| max reserved: {_NUMBER}",  # Megatron, in MB
        lambda m: {"allocated_bytes": _bytes(m[1], "mb"), "reserved_bytes": _bytes(m[3], "mb")},
    ),
    _line(
        r"global_step/max_steps['\"]: ['\"](\d+)/(\d+)",
        lambda m: {"steps_done": int(m[1]), "num_steps": int(m[2])},
    ),
    _says("steps_per_second", rf"train_speed\(iter/s\)['\"]: ['\"]?{_NUMBER}"),
    _says("step_seconds", rf"train_speed\(s/it\)['\"]: ['\"]?{_NUMBER}"),
    _line(
        rf"['\"]memory(?:\(GiB\)|/device_(?:mem_)?reserved ?\(GiB\))['\"]: ['\"]?{_NUMBER}",
        lambda m: {"reserved_bytes": _bytes(m[1], "gib")},
    ),
    _line(
        rf"['\"]memory/max_(?:mem_)?(?:active|allocated) ?\(GiB\)['\"]: ['\"]?{_NUMBER}",
        lambda m: {"allocated_bytes": _bytes(m[1], "gib")},
    ),
    _line(r"\bMax_MA ([\d.]+) GB", lambda m: {"allocated_bytes": _bytes(m[1], "gb")}),
    _line(r"\bMax_CA ([\d.]+) GB", lambda m: {"reserved_bytes": _bytes(m[1], "gb")}),
    _says("epochs_done", rf"['\"]epoch['\"]\s*:\s*['\"]?{_NUMBER}"),
    _says("num_examples", rf"Num examples\s*[=:]\s*{_NUMBER}", _count),
    _line(rf"Num Epochs\s*[=:]\s*{_NUMBER}", lambda m: {"num_epochs": _whole(_number(m[1]))}),
    _says("num_steps", rf"Total (?:optimization )?steps\s*[=:]\s*{_NUMBER}", _count),
    _says(
        "micro", rf"(?:Batch size per device|Instantaneous batch size per device)\s*[=:]\s*{_NUMBER}", _count
    ),
    _says("accumulation", rf"Gradient Accumulation steps\s*[=:]\s*{_NUMBER}", _count),
    _says("num_gpus", rf"(?:Data Parallel GPUs|Num GPUs(?: used)?)\s*[=:]\s*{_NUMBER}", _count),
    _says("global_batch", rf"Total (?:train )?batch size (?:\([^)]{{0,120}}\) )?[=:]\s*{_NUMBER}", _count),
    _line(
        rf"(?:Number of )?trainable parameters\s*[=:]\s*{_NUMBER}\s*/\s*{_NUMBER}",
        lambda m: _params(m[1], m[2]),
    ),
    _says("trainable_params", rf"Number of trainable parameters\s*[=:]\s*{_NUMBER}(?!\s*/)", _count),
    _line(
        rf"trainable params:\s*{_NUMBER}\s*\|\|\s*all params:\s*{_NUMBER}",
        lambda m: _params(m[1], m[2]),
    ),
    _line(rf"(?:Tried to allocate|尝试分配) ?{_SIZE}", _oom, "oom"),
    _line(
        r"(?:CUDA out of memory|CUDA error: out of memory|OutOfMemoryError)(?!.*Tried to allocate)",
        lambda _: {"wanted_bytes": 0},
        "oom",
    ),
    _line(
        r"Iter\(train\) \[\s*(\d+)/\s*(\d+)\]", lambda m: {"steps_done": int(m[1]), "num_steps": int(m[2])}
    ),
    _says("step_seconds", r"Iter\(train\)[^\n]{0,400}?\btime: ([\d.]+)"),
    _line(r"Iter\(train\)[^\n]{0,400}?\bmemory: (\d+)", lambda m: {"allocated_bytes": _bytes(m[1], "mib")}),
    _says("loss", r"Iter\(train\)[^\n]{0,400}?\bloss: ([\d.]+)"),
    _line(
        r"max_memory\w{0,12}[:=]\s*([\d.]+) ?(MB|GB|MiB|GiB)",
        lambda m: {"allocated_bytes": _bytes(m[1], m[2])},
    ),
    _line(r"Peak reserved memory\s*=\s*([\d.]+) ?(GB|MB)", lambda m: {"reserved_bytes": _bytes(m[1], m[2])}),
    _says("run_seconds", rf"{_FIRST}([\d.]+) seconds used for training"),
    _line(
        r"GPU(?: =|:) (?P<gpu>[^.\n]{3,60})\. (?:Num GPUs = \d+\. )?Max memory(?: =|:) ([\d.]+) ?(GB)",
        lambda m: {"gpu_name": m["gpu"], "gpu_memory_bytes": _bytes(m[2], m[3])},
    ),
    _says("tokens_per_second", r"\btokens_per_second(?:_per_gpu)?[:=]\s*([\d.]+)"),
    _line(
        r"Model with (\d+)([KMB]?) total params",
        lambda m: {"total_params": round(int(m[1]) * _BILLIONS[m[2].lower()])},
    ),
    _line(
        r"Setup with (\d+) nodes?, (\d+) GPUs? per node",
        lambda m: {"num_gpus": int(m[1]) * int(m[2]), "num_nodes": int(m[1])},
    ),
    _line(
        rf"{_FIRST}([\d.]+)GB \|\s*([\d.]+)GB \| +offload_param=(\w+) *, *offload_optimizer=(\w+)",
        lambda m: {
            "host_bytes": _bytes(m[1], "gb"),
            "process_bytes": _bytes(m[2], "gb"),
            "offload_param": m[3],
            "offload_optimizer": m[4],
        },
    ),
)
_BANNERS: Final = "|".join(tool.banner for tool in TOOLS if tool.banner)
HINT: Final = re.compile(
    r"train_runtime|train_samples|train_loss|s/it|it/s|Num examples|trainable param|out of memory|OutOfMemory"
    r"|Tried to allocate"
    rf"|Iter\(train\)|{_BANNERS}|max_memory|Peak reserved|used for training|total params|offload_param="
    r"|'loss'|optimization steps|Max_MA|elapsed time per iteration|global_step/max_steps|memory/max_"
    r"|尝试分配|iter time \(s\)|max reserved:|^iter \d+: loss",
    re.IGNORECASE | re.MULTILINE,
)
"""What a text without any line of these has none of."""

"""Logs of a run, line by line: what the Trainer, LLaMA-Factory, Unsloth, xtuner, torch and PEFT print."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.language.pastes.facts import LogFacts
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
    return Line(re.compile(pattern, re.IGNORECASE), facts, kind)


def _end(found: re.Match[str]) -> dict[str, Any]:
    return {"run_seconds": _number(found[1])}


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


_SIZE: Final = r"([\d.]+) ?([KMGT]?i?B)\b"
_OOM_PARTS: Final = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("gpu_memory_bytes", rf"total capacity (?:of )?{_SIZE}"),
        ("gpu_memory_bytes", rf"{_SIZE} total capacity"),
        ("process_bytes", rf"this process has {_SIZE} memory in use"),
        ("allocated_bytes", rf"{_SIZE} is allocated by PyTorch"),
        ("allocated_bytes", rf"of the allocated memory {_SIZE}"),
        ("allocated_bytes", rf"{_SIZE} already allocated"),
        ("reserved_bytes", rf"{_SIZE} reserved in total"),
    )
)
_LINES: Final = (
    _line(r"['\"]?train_runtime['\"]?\s*[:=]\s*['\"]?([\d.]+(?:e[+-]?\d+)?)(?![:\d])", _end),
    _line(
        r"\btrain_runtime\s*=\s*([\d]+(?::\d\d){1,2}(?:\.\d+)?)",
        lambda m: {"run_seconds": _clock_seconds(m[1])},
    ),
    _line(
        rf"['\"]?train_samples_per_second['\"]?\s*[:=]\s*['\"]?{_NUMBER}",
        lambda m: {"samples_per_second": _number(m[1])},
    ),
    _line(
        rf"['\"]?train_steps_per_second['\"]?\s*[:=]\s*['\"]?{_NUMBER}",
        lambda m: {"steps_per_second": _number(m[1])},
    ),
    _line(rf"['\"]?train_loss['\"]?\s*[:=]\s*['\"]?{_NUMBER}", lambda m: {"loss": _number(m[1])}),
    _line(rf"\{{'loss': ['\"]?{_NUMBER}", lambda m: {"loss": _number(m[1])}),
    _line(
        r"(?P<done>\d{1,9})/(?P<all>\d{1,9}) \[[\d:?, day]{1,24}<[\d:?, day]{1,24},"
        r"\s*(?P<pace>[\d.]+)\s?(?P<unit>s/it|it/s)",
        _pace,
    ),
    _line(rf"['\"]epoch['\"]\s*:\s*['\"]?{_NUMBER}", lambda m: {"epochs_done": _number(m[1])}),
    _line(rf"Num examples\s*[=:]\s*{_NUMBER}", lambda m: {"num_examples": _count(m[1])}),
    _line(rf"Num Epochs\s*[=:]\s*{_NUMBER}", lambda m: {"num_epochs": _whole(_number(m[1]))}),
    _line(rf"Total (?:optimization )?steps\s*[=:]\s*{_NUMBER}", lambda m: {"num_steps": _count(m[1])}),
    _line(
        rf"(?:Batch size per device|Instantaneous batch size per device)\s*[=:]\s*{_NUMBER}",
        lambda m: {"micro": _count(m[1])},
    ),
    _line(rf"Gradient Accumulation steps\s*[=:]\s*{_NUMBER}", lambda m: {"accumulation": _count(m[1])}),
    _line(
        rf"(?:Data Parallel GPUs|Num GPUs(?: used)?)\s*[=:]\s*{_NUMBER}", lambda m: {"num_gpus": _count(m[1])}
    ),
    _line(
        rf"Total (?:train )?batch size (?:\([^)]{{0,120}}\) )?[=:]\s*{_NUMBER}",
        lambda m: {"global_batch": _count(m[1])},
    ),
    _line(
        rf"(?:Number of )?trainable parameters\s*[=:]\s*{_NUMBER}\s*/\s*{_NUMBER}",
        lambda m: _params(m[1], m[2]),
    ),
    _line(
        rf"Number of trainable parameters\s*[=:]\s*{_NUMBER}(?!\s*/)",
        lambda m: {"trainable_params": _count(m[1])},
    ),
    _line(
        rf"trainable params:\s*{_NUMBER}\s*\|\|\s*all params:\s*{_NUMBER}",
        lambda m: _params(m[1], m[2]),
    ),
    _line(rf"Tried to allocate {_SIZE}", _oom, "oom"),
    _line(
        r"(?:CUDA out of memory|OutOfMemoryError)(?!.*Tried to allocate)",
        lambda _: {"wanted_bytes": 0},
        "oom",
    ),
    _line(
        r"Iter\(train\) \[\s*(\d+)/\s*(\d+)\]", lambda m: {"steps_done": int(m[1]), "num_steps": int(m[2])}
    ),
    _line(r"Iter\(train\)[^\n]{0,400}?\btime: ([\d.]+)", lambda m: {"step_seconds": float(m[1])}),
    _line(r"Iter\(train\)[^\n]{0,400}?\bmemory: (\d+)", lambda m: {"allocated_bytes": int(m[1]) * 2**20}),
    _line(r"Iter\(train\)[^\n]{0,400}?\bloss: ([\d.]+)", lambda m: {"loss": float(m[1])}),
    _line(
        r"max_memory\w{0,12}[:=]\s*([\d.]+) ?(MB|GB|MiB|GiB)",
        lambda m: {"allocated_bytes": _bytes(m[1], m[2])},
    ),
    _line(r"Peak reserved memory\s*=\s*([\d.]+) ?(GB|MB)", lambda m: {"reserved_bytes": _bytes(m[1], m[2])}),
    _line(r"([\d.]+) seconds used for training", lambda m: {"run_seconds": float(m[1])}),
    _line(
        r"GPU = (?P<gpu>[^.\n]{3,60})\. Max memory = ([\d.]+) ?(GB)",
        lambda m: {"gpu_name": m["gpu"], "gpu_memory_bytes": _bytes(m[2], m[3])},
    ),
    _line(r"\btokens_per_second(?:_per_gpu)?[:=]\s*([\d.]+)", lambda m: {"tokens_per_second": float(m[1])}),
    _line(
        r"Model with (\d+)([KMB]?) total params",
        lambda m: {"total_params": round(int(m[1]) * _BILLIONS[m[2].lower()])},
        "log",
    ),
    _line(
        r"Setup with (\d+) nodes?, (\d+) GPUs? per node",
        lambda m: {"num_gpus": int(m[1]) * int(m[2]), "num_nodes": int(m[1])},
    ),
    _line(
        r"([\d.]+)GB \|\s*([\d.]+)GB \| +offload_param=(\w+) *, *offload_optimizer=(\w+)",
        lambda m: {
            "host_bytes": _bytes(m[1], "gb"),
            "process_bytes": _bytes(m[2], "gb"),
            "offload_param": m[3],
            "offload_optimizer": m[4],
        },
    ),
)
_HINT: Final = re.compile(
    r"train_runtime|train_samples|train_loss|s/it|it/s|Num examples|trainable param|out of memory|OutOfMemory"
    r"|Tried to allocate"
    r"|Iter\(train\)|Unsloth|max_memory|Peak reserved|used for training|total params|offload_param="
    r"|'loss'|optimization steps",
    re.IGNORECASE,
)
BEYOND: Final = 1e18
"""No run has so much of anything."""
_BARE: Final = frozenset({"loss", "epochs_done"})
"""Facts that anybody may write about anything."""


@dataclass(frozen=True, slots=True)
class Log:
    """What a log says: what was measured, and what it tells of the spec."""

    kind: str
    facts: LogFacts
    fields: dict[str, Any]
    lines: tuple[str, ...]
    """The kinds of facts that were found."""


def read_log(text: str) -> Log | None:
    """The facts of a log; None where it is none."""
    if not _HINT.search(text):
        return None
    found: dict[str, Any] = {}
    kind = "log"
    for line, match in _matches(text):
        found |= _possible(line, match)
        kind = line.kind if line.kind != "log" else kind
    if not found or found.keys() <= _BARE:
        return None
    return Log(kind, _facts(found), _spec_fields(found, text), tuple(found))


def _possible(line: Line, match: re.Match[str]) -> dict[str, Any]:
    """The facts of a line; none of infinity, which a number of 400 digits is."""
    try:
        facts = line.facts(match)
    except (OverflowError, ValueError):
        return {}
    return {
        name: value
        for name, value in facts.items()
        if value is not None and (isinstance(value, str) or value < BEYOND)
    }


def _matches(text: str) -> Iterator[tuple[Line, re.Match[str]]]:
    """Of each kind of line the last: a run that goes on is as far as its last line."""
    for line in _LINES:
        if found := tuple(line.pattern.finditer(text)):
            yield line, found[-1]


_OWN: Final = frozenset(LogFacts.__dataclass_fields__)


def _facts(found: dict[str, Any]) -> LogFacts:
    facts = LogFacts(**{name: value for name, value in found.items() if name in _OWN})
    pace = found.get("steps_per_second")
    if pace and facts.step_seconds is None:
        facts = replace(facts, step_seconds=1 / pace)
    if facts.num_steps is None and pace and facts.run_seconds:
        facts = replace(facts, num_steps=round(facts.run_seconds * pace))
    if facts.run_seconds and facts.num_steps:
        facts = replace(facts, step_seconds=facts.run_seconds / facts.num_steps)
    return facts


def _spec_fields(found: dict[str, Any], text: str) -> dict[str, Any]:
    names = {
        "num_examples": "num_examples",
        "num_epochs": "num_epochs",
        "micro": "micro_batch_size",
        "accumulation": "gradient_accumulation_steps",
        "num_gpus": "num_gpus",
        "num_nodes": "num_nodes",
    }
    fields = {field: found[name] for name, field in names.items() if found.get(name)}
    if "num_gpus" not in fields and (ranks := _num_ranks(found)):
        fields["num_gpus"] = ranks
    if "Unsloth" in text:
        fields["stack"] = "unsloth"
    trainable, total = found.get("trainable_params"), found.get("total_params")
    if trainable and total:
        fields["method"] = "full" if trainable == total else "lora"
    if "offload_param" in found:
        fields["zero_stage"] = 3
        fields |= {"offload": True} if found["offload_optimizer"] == "cpu" else {}
        fields |= {"offload_params": True} if found["offload_param"] == "cpu" else {}
    return fields


def _num_ranks(found: dict[str, Any]) -> int:
    """Those that the Trainer's banner multiplies its batch by, where it divides; 0: it does not say."""
    if not (found.get("global_batch") and found.get("micro") and found.get("accumulation")):
        return 0
    ranks, rest = divmod(found["global_batch"], found["micro"] * found["accumulation"])
    return 0 if rest else ranks


def _params(trainable: str, total: str) -> dict[str, Any]:
    return {"trainable_params": _count(trainable), "total_params": _count(total)}

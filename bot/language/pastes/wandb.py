"""The summary of a run at Weights & Biases, as its file or its API has it: what was measured.

Names are those that the client and the trainers write: `_runtime` and `_wandb.runtime` (docs.wandb.ai, public
API, `run.summary`), `train/…` of the Hugging Face Trainer, `memory/…` of axolotl and TorchTitan,
`system.gpu.N.…` of the client's monitor.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from bot.language.pastes.facts import LogFacts
from bot.language.pastes.logs import BEYOND, read_log
from estimator.units import GIB

_MARKS: Final = ("_runtime", "_wandb", "_step", "_timestamp")
_OURS: Final = 2
"""Of the client's own names, so that another JSON is not taken for a summary."""
_MEMORY: Final = (
    ("process_bytes", re.compile(r"(?:system[./])?gpu\.(?:process\.)?\d+\.memoryAllocatedBytes"), 1),
    ("reserved_bytes", re.compile(r"memory/(?:device_mem_reserved|max_reserved)\(gib\)", re.IGNORECASE), GIB),
    ("allocated_bytes", re.compile(r"memory/max_(?:mem_)?(?:active|allocated)\(gib\)", re.IGNORECASE), GIB),
)
_NUMBERS: Final = {
    "loss": ("train_loss", "train/train_loss", "train/loss", "loss"),
    "num_epochs": ("train/epoch", "epoch"),
    "num_steps": ("train/global_step", "global_step"),
    "samples_per_second": ("train_samples_per_second", "train/train_samples_per_second"),
}


def read_wandb(text: str) -> LogFacts | None:
    """The facts of a summary; None where `text` is none."""
    summary = _summary(text)
    if summary is None:
        return None
    found: dict[str, Any] = dict(_numbers(summary))
    for name, pattern, unit in _MEMORY:
        sizes = [_number(value) for key, value in summary.items() if pattern.fullmatch(key)]
        if known := [each for each in sizes if each]:
            found[name] = round(max(known) * unit)
    if "num_steps" in found:
        found["num_steps"] = round(found["num_steps"])
    log = read_log(text)  # `train_runtime` is the training alone, the client's clock has loading in it
    seconds = (log.facts.run_seconds if log else None) or _runtime(summary)
    facts = LogFacts(**found, run_seconds=seconds, epochs_done=found.get("num_epochs"))
    if facts.run_seconds and facts.num_steps:
        facts = replace(facts, step_seconds=facts.run_seconds / facts.num_steps)
    return facts if facts.run_seconds or facts.peak_bytes else None


def _summary(text: str) -> Mapping[str, Any] | None:
    if "_runtime" not in text and "_wandb" not in text:
        return None
    try:
        found = json.loads(text[text.index("{") : text.rindex("}") + 1])
    except (ValueError, RecursionError):
        return None
    if isinstance(found, Mapping) and isinstance(found.get("summaryMetrics"), Mapping):
        found = found["summaryMetrics"]
    if not isinstance(found, Mapping) or sum(name in found for name in _MARKS) < _OURS:
        return None
    return found


def _numbers(summary: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    for name, keys in _NUMBERS.items():
        value = next((found for key in keys if (found := _number(summary.get(key)))), None)
        if value is not None:
            yield name, value


def _runtime(summary: Mapping[str, Any]) -> float | None:
    own = summary.get("_wandb")
    inner = own.get("runtime") if isinstance(own, Mapping) else None
    return _number(inner) or _number(summary.get("_runtime"))


def _number(value: Any) -> float | None:
    """A positive finite number."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and 0 < value < BEYOND else None

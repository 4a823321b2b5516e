"""Logs of a run, line by line: what was measured, and what they tell of the spec."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from bot.language.pastes.facts import LogFacts
from bot.language.pastes.log_lines import HINT, LINES, Line
from bot.language.tools.registry import tool_of_log

BEYOND: Final = 1e18
"""No run has so much of anything."""
_OTHER_BAR: Final = re.compile(
    r"load|shard|map\b|tokeniz|generat|download|fetch|filter|pack|eval|sav(?:e|ing)|convert|group|cast|drop|truncat"
    r"|predict|preprocess|extract|quantiz|merg|加载|评估|下载",
    re.IGNORECASE,
)
"""What other bars say before they count."""
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
    gpu_name: str = ""
    """As it was printed."""


def read_log(text: str) -> Log | None:
    """The facts of a log; None where it is none."""
    if not HINT.search(text):
        return None
    found: dict[str, Any] = {}
    kind = "log"
    for line, match in _matches(text):
        found |= _possible(line, match)
        kind = line.kind if line.kind != "log" else kind
    if not found or found.keys() <= _BARE:
        return None
    return Log(kind, _facts(found), _spec_fields(found, text), tuple(found), str(found.get("gpu_name", "")))


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
    for line in LINES:
        found = tuple(line.pattern.finditer(text))
        if line.is_bar:
            found = _of_training(found)
        if found:
            yield line, found[-1]


def _of_training(bars: tuple[re.Match[str], ...]) -> tuple[re.Match[str], ...]:
    """Of the bars that count no files, samples or evaluations those that have most to count."""
    own = [bar for bar in bars if not _OTHER_BAR.search(_before(bar))]
    longest = max((int(bar["all"]) for bar in own), default=0)
    return tuple(bar for bar in own if int(bar["all"]) == longest)


def _before(bar: re.Match[str]) -> str:
    """What stands before it on its line; a bar that is drawn again begins behind a carriage return."""
    before = bar.string[max(0, bar.start() - 160) : bar.start()]
    return re.split(r"[\r\n]", before)[-1]


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
    if _ends_early(found):
        fields.pop("num_epochs", None)
        fields["num_steps"] = found["num_steps"]
    if "num_gpus" not in fields and (ranks := _num_ranks(found)):
        fields["num_gpus"] = ranks
    if tool := tool_of_log(text):
        fields["stack"] = tool.stack
    trainable, total = found.get("trainable_params"), found.get("total_params")
    if trainable and total:
        fields["method"] = "full" if trainable == total else "lora"
    if "offload_param" in found:
        fields["zero_stage"] = 3
        fields |= {"offload": True} if found["offload_optimizer"] == "cpu" else {}
        fields |= {"offload_params": True} if found["offload_param"] == "cpu" else {}
    return fields


def _ends_early(found: dict[str, Any]) -> bool:
    """Whether the banner's steps are fewer than its epochs have: somebody set `max_steps`."""
    steps, examples, batch = (found.get(name) for name in ("num_steps", "num_examples", "global_batch"))
    if not (steps and examples and batch):
        return False
    return bool(steps < 0.9 * (examples // batch) * (found.get("num_epochs") or 1))


def _num_ranks(found: dict[str, Any]) -> int:
    """Those that the Trainer's banner multiplies its batch by, where it divides; 0: it does not say."""
    if not (found.get("global_batch") and found.get("micro") and found.get("accumulation")):
        return 0
    ranks, rest = divmod(found["global_batch"], found["micro"] * found["accumulation"])
    return 0 if rest else ranks

"""A pasted text -> what it is, what of a spec it says, what was left aside. Nothing in it runs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pydantic import ValidationError

from bot.language.pastes.beside import measured_beside
from bot.language.pastes.facts import LogFacts
from bot.language.pastes.gathered import Gathered, as_left_aside, gathered, names_as_typed, needed
from bot.language.pastes.logs import read_log
from bot.language.pastes.not_training import shown_command, trains
from bot.language.pastes.nvidia_smi import read_smi
from bot.language.pastes.other_training import other_training
from bot.language.pastes.python_files import assigned
from bot.language.pastes.text import fenced, may_be_paste, unwrapped
from bot.language.pastes.wandb import read_wandb
from bot.language.stored_copies import stored_as
from bot.language.tools import family, llama_factory, megatron, trl, xtuner
from bot.language.tools.argument import Arguments, Tool
from bot.language.tools.launch import PREFIX
from bot.language.tools.names import gpu_key, model_key
from bot.language.tools.registry import (
    KNOWN_FIELDS,
    MACHINES,
    best_tool,
    framework_key,
    tool_of_calls,
    tool_of_program,
)
from bot.language.vocabulary import Vocabulary
from estimator.spec import ADAPTER_FIELDS, TrainingSpec

_LOG_FIELDS: Final = 3
"""A banner says at least that much of a spec."""
_MACHINE_SIGNS: Final = 2
"""By so many names a file is known for what it is, whatever else it holds."""
_FULL_DROPS: Final = (*ADAPTER_FIELDS, "quantization", "prepare_kbit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paste:
    """What was recognised."""

    kind: str
    """As `ftcost read --json` names it."""
    name: str
    """Whose it is, as its makers write it; empty for a log."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """Fields of a spec that it says, JSON-ready."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """Fields that follow from what its tool does where nothing is said."""
    facts: LogFacts | None = None
    taken: tuple[str, ...] = ()
    left_aside: tuple[str, ...] = ()
    not_done: tuple[str, ...] = ()
    """What of it is not estimated: sentences `not_done.{code}`."""
    trains_nothing: str = ""
    """The command that serves or judges what others train: nothing is estimated of it."""
    around: str = ""
    """What was said around it."""

    @property
    def is_log(self) -> bool:
        """Whether it tells of a run that took place."""
        return self.facts is not None

    @property
    def spec(self) -> TrainingSpec:
        """What it says, over what its tool does by itself."""
        return TrainingSpec.model_validate({**self.defaults, **self.fields})

    def document(self) -> dict[str, Any]:
        """`ftcost read --json`."""
        return {
            "kind": self.kind,
            "spec": TrainingSpec.model_validate(self.fields).said(),
            **({"defaults": TrainingSpec.model_validate(self.defaults).said()} if self.defaults else {}),
            "measured": self.facts.document() if self.facts else {},
            "taken": list(self.taken),
            "left_aside": list(self.left_aside),
            **({"not_estimated": list(self.not_done)} if self.not_done else {}),
        }


def recognised(text: str, vocabulary: Vocabulary) -> Paste | None:
    """What a paste says; None where it is neither a configuration nor a log that we know."""
    if not may_be_paste(text):
        return None
    plain = unwrapped(text)
    beside = measured_beside(plain)
    blocks, around = ((beside[0],), beside[1]) if beside else fenced(plain)
    inside = "\n".join(blocks)
    if not inside.strip():
        return None
    log, configuration = _log(inside, around, vocabulary), _configuration(blocks, around, vocabulary)
    if log is None or configuration is None:
        return log or configuration
    return _both(log, configuration)


def _both(log: Paste, configuration: Paste) -> Paste:
    """A log with the command that it is of; or a configuration with a remark about its pace."""
    if log.facts is None or (
        log.kind == "log" and log.facts.run_seconds is None and len(log.fields) < _LOG_FIELDS
    ):
        return configuration
    return replace(log, fields={**log.fields, **configuration.fields}, left_aside=configuration.left_aside)


def _log(text: str, around: str, vocabulary: Vocabulary) -> Paste | None:
    if (smi := read_smi(text, vocabulary)) is not None and "Tried to allocate" not in text:
        facts, fields = smi
        return Paste(kind="nvidia-smi", name="", fields=fields, facts=facts, around=around)
    if (measured := read_wandb(text)) is not None:
        return Paste(kind="wandb", name="", facts=measured, around=around)
    log = read_log(text)
    if log is None:
        return None
    fields, facts = _valid(log.fields), log.facts
    if (gpu := gpu_key(log.gpu_name, vocabulary)) is not None:
        fields, facts = {**fields, "gpu": gpu}, replace(facts, gpu=gpu)
    return Paste(kind=log.kind, name="", fields=fields, facts=facts, taken=log.lines, around=around)


def _configuration(blocks: tuple[str, ...], around: str, vocabulary: Vocabulary) -> Paste | None:
    found, tool = _with_its_tool(blocks)
    if tool is None:
        return None
    arguments = Arguments(found.values, vocabulary)
    if found.besides and not found.is_documented:
        return _besides(found, tool, arguments)
    return _settings(found, tool, arguments, around)


def _with_its_tool(blocks: tuple[str, ...]) -> tuple[Gathered, Tool | None]:
    """What stands in the blocks, and whose configuration, command or program that is."""
    file = assigned("\n".join(blocks))
    is_program = xtuner.TOOL.score(file) >= _MACHINE_SIGNS
    found = gathered(blocks, file if is_program else {})
    owner = xtuner.TOOL if is_program else tool_of_calls(found.calls)
    is_sure = found.programs or any(each.lstrip().startswith("{") for each in blocks)
    tool = owner or _tool(found, 1 if is_sure else needed(found.values))
    if tool is None and (found.is_of_files or found.besides):
        tool = tool_of_program(found.programs) or trl.HF
    return found, tool


def _settings(found: Gathered, tool: Tool, arguments: Arguments, around: str) -> Paste | None:
    """What `tool` and the parts of other tools in it make of a spec, and what was left aside."""
    said = tool.read(arguments)
    parts = [(part, Arguments(document, arguments.vocabulary)) for part, document in found.parts]
    for part, its in parts:
        said |= part.read(its)
    fields = _on_few_bits(_sensible(_valid(said)), tool, arguments)
    hidden, names = _hidden(tool, arguments, fields)
    hidden |= _batch_of_its_own(arguments) | found.hidden
    if not fields and not found.is_of_files:
        return None
    framework = framework_key(tool)
    read = (arguments, *(its for _, its in parts))
    taken = names_as_typed(name for each in read for name in each.taken)
    not_read = (*found.not_read, *family.sharded_elsewhere(arguments, fields), *names_as_typed(names))
    aside = as_left_aside((name for each in read for name in each.left_aside), taken)
    besides = () if trains(found.values) else ("besides_training",)
    return Paste(
        kind=tool.read_as or tool.key,
        name=tool.name,
        fields={**fields, "stack": framework} if framework else fields,
        defaults={} if found.run_files else _defaults(tool, fields, hidden),
        taken=taken,
        left_aside=tuple(dict.fromkeys((*not_read, *aside))),
        not_done=(*other_training(found.values, found.programs, found.calls), *besides),
        around=around,
    )


def _besides(found: Gathered, tool: Tool, arguments: Arguments) -> Paste:
    """A command that trains nothing: what it is, and of which model."""
    named = (*_WEIGHTS, *(word for word in found.programs if "/" in word or ":" in word))
    models = (model_key(arguments.peek(name) or name, arguments.vocabulary) for name in named)
    model = next((each for each in models if each in arguments.vocabulary.models), None)
    own = tool.programs & {word.rpartition("/")[2] for word in found.programs}
    return Paste(
        kind=(tool.read_as or tool.key) if own else "other",
        name=tool.name if own else "",
        fields={"model": model} if model else {},
        not_done=(found.besides,),
        trains_nothing=shown_command(found.programs),
    )


_WEIGHTS: Final = ("model", "model_path", "model_id", "model_name_or_path")


def _on_few_bits(fields: dict[str, Any], tool: Tool, arguments: Arguments) -> dict[str, Any]:
    """Adapters on a copy whose name says how it is stored: on `…-AWQ` as on a base that is quantized."""
    method = fields.get("method") or tool.defaults.get("method")
    named = (arguments.peek(name) for name in _COPIES)
    stored = next(filter(None, map(stored_as, named)), None)
    if stored is None or "quantization" in fields or method not in ("lora", "dora"):
        return fields
    return {**fields, "method": "dora" if method == "dora" else "qlora", "quantization": stored}


_COPIES: Final = ("model_name_or_path", "base_model", "model", "model_id_or_path", "model_id")


def _batch_of_its_own(arguments: Arguments) -> frozenset[str]:
    """A batch that is said by a name that its tool has not: the tool's default is not that of this run."""
    own = any(_BATCH.fullmatch(name.rpartition(".")[2]) for name in arguments.left_aside)
    return frozenset({"micro_batch_size"} if own else ())


_BATCH: Final = re.compile(
    r"(?:per_(?:device|gpu)_)?(?:train_|training_)?(?:batch_?size|bsz|bs)(?:_per_gpu)?"
)


def _hidden(
    tool: Tool, arguments: Arguments, fields: Mapping[str, Any]
) -> tuple[frozenset[str], tuple[str, ...]]:
    """Fields that are said with a variable or a sum that was not read, and its arguments."""
    if not arguments.unread:
        return frozenset(), ()
    guessed = arguments.guessed()
    more = tool.read(guessed).keys() - fields.keys()
    return frozenset(more), tuple(name for name in arguments.unread if more and name in guessed.taken)


def _tool(found: Gathered, at_least: int) -> Tool | None:
    """By what the document's names are and by what the command runs."""
    values, programs = found.values, found.programs
    own = [name for name in values if not name.startswith(PREFIX)]
    whole = [name for name in own if "." not in name or any(name in tool.signs for tool in MACHINES)]
    machine = next((tool for tool in MACHINES if tool.score(whole) >= _MACHINE_SIGNS), None)
    by_name = tool_of_program(programs) if values else None
    is_script = found.has_options and any(word.endswith(".py") for word in programs)
    best = best_tool(own, at_least, of_script=is_script)
    is_theirs = best is llama_factory.TOOL and best.score(own) >= _MACHINE_SIGNS
    if by_name is trl.HF and (best is megatron.TOOL or is_theirs):
        return best  # `train.py` may be anybody's
    if (known := machine or by_name or best) is not None:
        return known
    launches = any(f"{PREFIX}{each}" in values for each in ("nproc_per_node", "num_processes", "num_gpus"))
    return trl.HF if programs and launches else None


def _valid(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that a spec can hold, each on its own."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in KNOWN_FIELDS or value is None:
            continue
        try:
            found |= TrainingSpec.model_validate({name: value}).said()
        except ValidationError:
            continue
    return found


def _sensible(fields: dict[str, Any]) -> dict[str, Any]:
    """Without adapters where everything trains; a rank alone is a LoRA, as everywhere."""
    method = fields.get("method")
    if method in ("full", "freeze"):
        return {name: value for name, value in fields.items() if name not in _FULL_DROPS}
    adapted = [name for name in fields if name in ADAPTER_FIELDS]
    if method is None and (adapted or "quantization" in fields):
        return {**fields, "method": "qlora" if "quantization" in fields else "lora"}
    return fields


def _defaults(tool: Tool, fields: Mapping[str, Any], hidden: frozenset[str]) -> dict[str, Any]:
    """What the tool does by itself; a configuration without a model is a part of something.

    `hidden`: fields that are said where it was not read: they are not assumed.
    """
    several = int(fields.get("num_gpus") or 1) > 1 and not _SPREAD & (fields.keys() | hidden)
    found: dict[str, Any] = {**tool.on_several_gpus} if several else {}
    if "model" in fields:
        found = {**tool.defaults, **found}
    method = fields.get("method") or found.get("method")
    if method not in ("lora", "qlora", "dora"):
        found = {name: value for name, value in found.items() if name not in ADAPTER_FIELDS}
    if {"num_steps", "num_tokens"} & fields.keys():
        found.pop("num_epochs", None)
    if "global_batch_size" in fields:
        found.pop("gradient_accumulation_steps", None)
    return _valid({name: value for name, value in found.items() if name not in {*fields, *hidden}})


_SPREAD: Final = frozenset({"zero_stage", "engine"})

"""Everything that a paste says as a configuration: its commands, its calls, its documents."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bot.language.documents import RefusedDocument, Values, flat, read_document, read_lines
from bot.language.pastes.command_lines import CONFIGURATIONS, CommandLine, command_lines
from bot.language.pastes.python_calls import called
from bot.language.tools import accelerate
from bot.language.tools.argument import Tool
from bot.language.tools.launch import PREFIX
from bot.language.tools.registry import best_tool, tool_of_command

_TRAINS: Final = re.compile(r"(?:^|[._-])(?:train|sft|pt|pretrain|finetune|run|launch)(?:$|[._-])")
_SHELL_VARIABLE: Final = re.compile(r"^[ \t]*(?:export[ \t]+)?[A-Za-z_]\w*=(?=[^\s=]).*$", re.MULTILINE)
"""What it says is put in where it is used."""
_ENVIRONMENT: Final = re.compile(r"[A-Z][A-Z0-9_]*")
_OBJECT: Final = re.compile(r"^[ \t]{0,8}\{", re.MULTILINE)
_MOST_OBJECTS: Final = 3
_NAMES_A_FILE: Final = ("config", "config_file")
_OURS: Final = ("recipe", "config", "words", "container_gpus")
"""Names that nobody typed: the words of a command that stand before its options."""
_COUNTS: Final = ("num_processes", "num_machines", "nproc_per_node", "nnodes", "accelerate_config")
"""Options that belong to the launcher wherever they stand."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is said, by name, and by whom."""

    values: Values
    """What a command says goes before what a call says, and that before a document."""
    parts: tuple[tuple[Tool, Values], ...]
    """Documents of launchers beside something else: a DeepSpeed JSON under its command."""
    programs: tuple[str, ...]
    calls: frozenset[str]
    besides: str
    """The code of what the command does with what others train; empty: it trains."""
    is_documented: bool
    """Whether a configuration stands beside the command."""
    has_options: bool
    """Whether a command says more than what it runs."""
    run_files: tuple[str, ...]
    """Configurations that a command names and that were not pasted with it."""
    launch_files: tuple[str, ...]
    """Likewise those of its launcher, which say how it is spread alone."""
    others: tuple[str, ...]
    """Commands that were not read."""

    @property
    def hidden(self) -> frozenset[str]:
        """Fields that a launcher's file says, which was not pasted."""
        return frozenset({"zero_stage", "engine"} if self.launch_files else ())

    @property
    def not_read(self) -> tuple[str, ...]:
        """What stands elsewhere."""
        return (*self.run_files, *self.launch_files, *self.others)

    @property
    def is_of_files(self) -> bool:
        """`axolotl train x.yml`: a command that says all of it there."""
        return bool(
            self.programs
            and self.programs[-1].endswith(CONFIGURATIONS)
            and any(_TRAINS.search(word) for word in self.programs[1:3])
        )


def gathered(blocks: tuple[str, ...], file: Values) -> Gathered:
    """What the blocks of a paste say together; `file`: what is assigned in one that is a program."""
    text = "\n".join(blocks)
    calls, names = ({}, frozenset[str]()) if file else called(text)
    documents = [file] if file else [] if names else [each for block in blocks for each in _documents(block)]
    scripts = "\n".join(script for document in documents for script in _scripts(document))
    commands = (*command_lines(text), *(command_lines(scripts) if scripts else ()))
    has_more = bool(calls) or any(each.values for each in commands)
    shown = _shown(blocks) if commands and not file else documents
    parts, _ = _parted(shown, has_more=has_more)
    _, documents = _parted(documents, has_more=has_more)
    launched = tuple(_launched(commands))
    values = _merged(commands, calls, documents)
    is_seen = bool(parts) or any(best_tool(each, needed(each)) for each in shown)
    return Gathered(
        values=values,
        parts=(*parts, *launched),
        programs=tuple(word for command in commands for word in command.programs),
        calls=names,
        besides=next((each.besides for each in commands if each.besides), ""),
        is_documented=is_seen,
        has_options=any(each.values for each in commands),
        run_files=() if is_seen else _files_of(commands),
        launch_files=() if is_seen else _named_files(each.launch for each in commands),
        others=tuple(other for command in commands for other in command.others),
    )


def _shown(blocks: tuple[str, ...]) -> list[Values]:
    """The documents beside a command: the variables of its script are none of a launcher's."""
    return [each for block in blocks for each in _documents(_SHELL_VARIABLE.sub("", block))]


def _documents(text: str) -> Iterator[Values]:
    """Objects of JSON by themselves, and what stands around them."""
    rest = text
    text = _SHELL_VARIABLE.sub("", text)
    for found in tuple(_OBJECT.finditer(text))[:_MOST_OBJECTS]:
        try:
            value, end = json.JSONDecoder().raw_decode(text, found.end() - 1)
            said = flat(value)
        except (ValueError, RecursionError, RefusedDocument):
            continue
        yield said
        rest = rest.replace(text[found.start() : end], "")
    if rest is not text and not rest.strip():
        return
    yield _document(rest)


def _document(text: str) -> Values:
    if "\n" not in text.strip() and not text.lstrip().startswith("{"):
        return {}
    found = read_document(text)
    return found if best_tool(found, needed(found)) else read_lines(text)


def needed(names: Iterable[str]) -> int:
    """How many known names make a configuration: of nested ones, which nobody says by chance, one."""
    return 1 if any("." in name for name in names) else 2


def _scripts(document: Values) -> Iterator[str]:
    """Commands inside a document: `run: |`, `commands: [...]`, or its words one by one: `args: [...]`."""
    words: list[str] = []
    for value in document.values():
        if isinstance(value, list) and not any(" " in str(each) for each in value):
            words += map(str, value)
            continue
        for each in value if isinstance(value, list) else (value,):
            if isinstance(each, str) and "--" in each:
                yield each
    if any(word.startswith("--") for word in words):
        yield " ".join(f"'{word}'" if "'" not in word else word for word in words)


def _parted(
    documents: list[Values], *, has_more: bool
) -> tuple[tuple[tuple[Tool, Values], ...], list[Values]]:
    """Documents of launchers apart from the others, where there is something that they launch."""
    owners = [best_tool(each, needed(each)) if each else None for each in documents]
    others = [
        each for each, tool in zip(documents, owners, strict=True) if tool is None or tool.stack is not None
    ]
    if not has_more and not any(others):
        return (), documents
    parts = (
        (tool, each) for each, tool in zip(documents, owners, strict=True) if tool and tool.stack is None
    )
    return tuple(parts), others


def _launched(commands: Iterable[CommandLine]) -> Iterator[tuple[Tool, Values]]:
    """What `accelerate launch` says of the sharding itself: taken from its options."""
    for command in commands:
        names = accelerate.names_in_its_file(command.launch)
        if names and accelerate.TOOL.command in " ".join(command.programs[:3]):
            yield accelerate.TOOL, {there: command.launch.pop(name) for name, there in names.items()}


def _files_of(commands: tuple[CommandLine, ...]) -> tuple[str, ...]:
    words = (word for command in commands for word in command.programs if word.endswith(_ends(command)))
    return tuple(dict.fromkeys((*words, *_named_files(each.values for each in commands))))


def _ends(command: CommandLine) -> tuple[str, ...]:
    tool = tool_of_command(command.programs)
    return (*CONFIGURATIONS, *tool.files) if tool else CONFIGURATIONS


def _named_files(options: Iterable[Values]) -> tuple[str, ...]:
    named = (str(said[name]) for said in options for name in _NAMES_A_FILE if name in said)
    return tuple(dict.fromkeys(each for each in named if each.endswith(CONFIGURATIONS)))


def _merged(commands: tuple[CommandLine, ...], calls: Values, documents: Iterable[Values]) -> Values:
    values: Values = {}
    for said in (*map(_of_command, commands), calls, *documents):
        for name, value in said.items():
            values.setdefault(name, value)
    return values


def _of_command(command: CommandLine) -> Values:
    """Its options, those of its launcher under their own prefix, and of some tools their words."""
    tool = tool_of_command(command.programs)
    said: Values = tool.said_by_words(command.programs) if tool else {}
    said |= {f"{PREFIX}{name}": value for name, value in command.launch.items()}
    for name, value in command.values.items():
        said[name] = value
        if name in _COUNTS:
            said.setdefault(f"{PREFIX}{name}", value)
    return said


def names_as_typed(names: Iterable[str]) -> tuple[str, ...]:
    """Names as they were typed, each once, without our own."""
    plain = (
        name.removeprefix(PREFIX)
        for name in names
        if name.removeprefix(f"{PREFIX}slurm_") == name and name.removeprefix(PREFIX) not in _OURS
    )
    return tuple(dict.fromkeys(plain))


def as_left_aside(names: Iterable[str], taken: Iterable[str]) -> tuple[str, ...]:
    """Likewise what was not taken; an environment is around the run and not of it."""
    said = (name for name in names if not _ENVIRONMENT.fullmatch(name.removeprefix(PREFIX)))
    gone = frozenset(taken)
    return tuple(name for name in names_as_typed(said) if name not in gone)

"""`torchrun … --flag value`: the arguments of the program, and those of what launches it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.language.documents import Unread, Values, scalar
from bot.language.pastes.not_training import OTHERS, kind_of_command, runs
from bot.language.pastes.shell import commands_in, script_lines, words_of
from bot.language.pastes.slurm import slurm_directives
from bot.language.pastes.wrappers import (
    ENVIRONMENT,
    WRAPPERS,
    is_remark,
    remarked,
    unprompted,
    unwrapped_command,
)
from bot.language.tools.registry import COMMANDS, TOOLS

_EXPORTED: Final = re.compile(rf"(?:export\s+|ENV\s+|set\s+)?{ENVIRONMENT.pattern}")
_OPTION: Final = re.compile(r"--?([A-Za-z][\w.\-]{0,80})(?:=(.*))?", re.DOTALL)
_PAIR: Final = re.compile(r"\+{0,2}([A-Za-z_][\w.]{0,80})=(.*)", re.DOTALL)
_TORCHRUN: Final = ("torchrun", "torch.distributed.run", "torch.distributed.launch")
_LAUNCHERS: Final = (*_TORCHRUN, *(tool.command for tool in TOOLS if tool.launches))
_RUNS_NOTHING_YET: Final = re.compile(r"(?:^|\s)(?:accelerate launch|torchrun|deepspeed)\s*$")
_MODULES: Final = ("torch.distributed", *(tool.module for tool in TOOLS if tool.module))
"""The same by `python -m`."""
_PYTHON: Final = ("python", "python3", "python3.10", "python3.11", "python3.12")
PROGRAMS: Final = (*_TORCHRUN, *COMMANDS, *_PYTHON, *OTHERS)
"""What a command line of this trade begins with."""
_BEGINNINGS: Final = (*PROGRAMS, *WRAPPERS)
_NAMES: Final = frozenset(PROGRAMS)
_NOT_GIVEN: Final = re.compile(r"\$(?:\{[^{}]{1,80}\}|\w{1,40}|\(.*\))")
_SAYS_LITTLE: Final = ("python",)
_OF_PYTHON: Final = frozenset({"u", "O", "B", "it", "E"})
"""Switches of the interpreter."""
CONFIGURATIONS: Final = (".yaml", ".yml", ".json", ".toml")
"""Ends of files that say what a run is."""
_SWITCHES: Final = frozenset(
    {"multi_gpu", "use_fsdp", "use_deepspeed", "standalone", "m", "module", "no_python"}
)
"""Options of launchers that take no value."""


@dataclass(slots=True)
class CommandLine:
    """One command: what launches it, what it runs, with which arguments."""

    programs: tuple[str, ...] = ()
    """Its words before the first option: `torchrun`, `train.py`; `swift`, `sft`."""
    launch: Values = field(default_factory=dict)
    """Arguments of the launcher, and the environment in capitals."""
    values: Values = field(default_factory=dict)
    others: tuple[str, ...] = ()
    """Commands beside it, which were not read."""

    @property
    def besides(self) -> str:
        """The code of what it does with what others train: serve, judge, write it; empty: it trains."""
        return kind_of_command(self.programs, CONFIGURATIONS)


def command_lines(text: str) -> tuple[CommandLine, ...]:
    """The command of this trade in `text`, the one that says most, with the options that stand alone.

    What stands behind the mark of a comment is a command where there is no other.
    """
    lines = tuple(_joined(script_lines(text)))
    environment = {name: scalar(value.strip("\"'")) for name, value in _exported(lines)}
    environment |= slurm_directives(text)
    run = [unprompted(line) for line in lines if not is_remark(line)]
    found = _commands(run, environment) or _commands(map(remarked, filter(is_remark, lines)), environment)
    return _one_of(found)


def _joined(lines: Iterable[str]) -> Iterator[str]:
    """Options below a launcher that runs nothing yet are its own: folded YAML marks no line that goes on."""
    open_line = ""
    for line in lines:
        goes_on = line.strip().startswith("--") or line.rstrip().endswith(".py")
        if open_line and goes_on:
            open_line = f"{open_line} {line.strip()}"
            continue
        if open_line:
            yield open_line
        open_line = line if _RUNS_NOTHING_YET.search(line) else ""
        if not open_line:
            yield line
    if open_line:
        yield open_line


def _commands(lines: Iterable[str], environment: Values) -> tuple[CommandLine, ...]:
    return tuple(
        command
        for line in lines
        for words in commands_in(_words(line))
        if (command := _command(words, environment)) is not None
    )


def _one_of(commands: tuple[CommandLine, ...]) -> tuple[CommandLine, ...]:
    """Of several runs the first that says most: two mixed would be neither. Options alone belong to it."""
    named = [each for each in commands if each.programs]
    if len(named) < 2:
        return commands
    best = max(named, key=lambda each: (not each.besides, len(each.values)))
    others = tuple(" ".join(each.programs) for each in named if each is not best and each.values)
    best.others = tuple(dict.fromkeys(others))
    return (best, *(each for each in commands if not each.programs))


def _exported(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        if found := _EXPORTED.fullmatch(line.strip()):
            yield found[1], found[2]


def _words(line: str) -> list[str]:
    line = line.strip()
    if "--" not in line and not line.startswith(_BEGINNINGS) and "=" not in line and "&&" not in line:
        return []
    return words_of(line)


def _command(words: Sequence[str], environment: Values) -> CommandLine | None:
    command = CommandLine(launch=dict(environment))
    if words and words[0].startswith("--"):
        if words[-1] in (")", ";;"):
            return None  # a case of a script that reads its own options
        _fill(command, words, launches=False)
        return command
    inside, said = unwrapped_command(words, _NAMES)
    command.launch |= said
    if not inside:
        return None
    program = _base(inside[0])
    launches = program in _LAUNCHERS or any(each in " ".join(inside[:3]) for each in _MODULES)
    command.programs = tuple(_fill(command, inside, launches=launches))
    if program in OTHERS and not runs(command.programs, has_options=bool(command.values)):
        return None
    if program.startswith(_SAYS_LITTLE) and not command.values and not _names_a_file(command):
        return None
    return command


def _names_a_file(command: CommandLine) -> bool:
    """`python -m axolotl.cli.train cfg.yml`: what it says stands there."""
    return any(word.endswith(CONFIGURATIONS) for word in command.programs)


def _fill(command: CommandLine, words: Sequence[str], *, launches: bool) -> list[str]:
    """Put the options into their places; the words that are none."""
    named: list[str] = []
    before_script, at = launches, 0
    while at < len(words):
        word = words[at]
        place = command.launch if before_script else command.values
        found = _OPTION.fullmatch(word)
        if found is None or word == "-m":
            if (pair := _PAIR.fullmatch(word)) and "/" not in pair[1]:
                command.values.setdefault(pair[1], scalar(pair[2]))
            else:
                named.append(_base(word) if at == 0 else word)
                before_script = before_script and (at == 0 or not _is_script(word, named))
            at += 1
            continue
        name = found[1].replace("-", "_")
        if name in _OF_PYTHON and not command.values:
            at += 1
            continue
        value, at = _value_of(found, name, words, at, single=before_script)
        place.setdefault(name, value)
    return named


def _value_of(
    found: re.Match[str], name: str, words: Sequence[str], at: int, *, single: bool
) -> tuple[Any, int]:
    """The value of the option at `at`, and where the next word stands; a launcher's take one at most."""
    if found[2] is not None:
        return _said(found[2]), at + 1
    end = at + 1
    while end < len(words) and not _begins_another(words[end]) and not (single and end > at + 1):
        end += 1
    taken = words[at + 1 : end]
    if not taken or name in _SWITCHES:
        return True, at + 1
    return (_said(taken[0]) if len(taken) == 1 else [scalar(each) for each in taken]), end


def _said(word: str) -> Any:
    """A variable that the script gives no value says what nobody knows."""
    return Unread() if _NOT_GIVEN.fullmatch(word) else scalar(word)


def _begins_another(word: str) -> bool:
    return _OPTION.fullmatch(word) is not None or _PAIR.fullmatch(word) is not None


def _is_script(word: str, named: Sequence[str]) -> bool:
    """Whether what follows belongs to this program and not to its launcher."""
    if word.endswith((".py", ".sh", ".yaml", ".yml")):
        return True
    return len(named) > 1 and word not in ("launch", "run") and not word.startswith("torch.distributed")


def _base(word: str) -> str:
    return word.rpartition("/")[2] if not word.startswith("-") else word

"""`torchrun … --flag value`: the arguments of the program, and those of what launches it."""

import operator
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from bot.language.documents import Values, scalar

_CONTINUED: Final = re.compile(r"\\[ \t]{0,8}\n[ \t]{0,80}")
_ENVIRONMENT: Final = re.compile(r"(?:export\s+)?([A-Z][A-Z0-9_]{2,40})=(\S*)")
_ASSIGNED: Final = re.compile(r"(?:export\s+)?([A-Za-z_]\w{0,40})=([\"']?)([\w./-]{1,100})\2")
_VARIABLE: Final = re.compile(r"\$(?:\{([A-Za-z_]\w{0,40})\}|([A-Za-z_]\w{0,40}))")
_COMPUTED: Final = re.compile(
    r"\$\(expr (\d{1,9}) \\?([-+*/]) (\d{1,9})\)|\$\(\( ?(\d{1,9}) ?([-+*/]) ?(\d{1,9}) ?\)\)"
)
_OPERATIONS: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.floordiv}
_PROMPT: Final = re.compile(r"^\s*(?:[$%>!]|#)\s*(?:[Ll]aunch:|[Rr]un:)?\s*")
_OPTION: Final = re.compile(r"--?([A-Za-z][\w.\-]{0,80})(?:=(.*))?", re.DOTALL)
_PAIR: Final = re.compile(r"([A-Za-z_][\w.]{0,80})=(.*)", re.DOTALL)
_LAUNCHERS: Final = (
    "torchrun",
    "accelerate",
    "deepspeed",
    "torch.distributed.run",
    "torch.distributed.launch",
    "tune",
)
PROGRAMS: Final = (
    *_LAUNCHERS, "llamafactory-cli", "axolotl", "trl", "swift", "megatron", "xtuner", "litgpt",
    "python", "python3",
)  # fmt: skip
"""What a command line of this trade begins with."""
_SAYS_LITTLE: Final = ("python", "python3")
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


def command_lines(text: str) -> tuple[CommandLine, ...]:
    """Every command of this trade in `text`, in its order."""
    joined = _substituted(_CONTINUED.sub(" ", text))
    environment = {name: scalar(value.strip("\"'")) for name, value in _exported(joined)}
    return tuple(
        command
        for line in joined.splitlines()
        if (command := _command(_words(_PROMPT.sub("", line) or line), environment)) is not None
    )


def _substituted(script: str) -> str:
    """Variables that the script gives a plain value, and one sum of two numbers: `$(expr 16 / $gpus)`."""
    if "$" not in script:
        return script
    given = {
        found[1]: found[3]
        for line in script.splitlines()
        if (found := _ASSIGNED.fullmatch(line.strip())) is not None
    }
    script = _VARIABLE.sub(lambda found: given.get(found[1] or found[2], found[0]), script)
    return _COMPUTED.sub(_computed, script)


def _computed(found: re.Match[str]) -> str:
    left, sign, right = found.groups()[:3] if found[1] else found.groups()[3:]
    if sign == "/" and not int(right):
        return found[0]
    return str(_OPERATIONS[sign](int(left), int(right)))


def _exported(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _ENVIRONMENT.fullmatch(line.strip()):
            yield found[1], found[2]


def _words(line: str) -> list[str]:
    line = line.strip()
    if "--" not in line and not line.startswith(PROGRAMS) and "=" not in line:
        return []
    try:
        return shlex.split(line, comments=False)
    except ValueError:
        return line.split()


def _command(words: Sequence[str], environment: Values) -> CommandLine | None:
    command, at = CommandLine(launch=dict(environment)), 0
    while at < len(words) and (found := _ENVIRONMENT.fullmatch(words[at])):
        command.launch[found[1]] = scalar(found[2])
        at += 1
    program = _base(words[at]) if at < len(words) else ""
    if program not in PROGRAMS and not (program.startswith("--") and len(words) - at >= 2):
        return None
    named = _fill(
        command,
        words[at:],
        launches=program in _LAUNCHERS or "torch.distributed" in " ".join(words[at : at + 3]),
    )
    if program in _SAYS_LITTLE and not command.values:
        return None
    command.programs = tuple(named)
    return command


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
        value, at = _value_of(found, name, words, at, single=before_script)
        place.setdefault(name, value)
    return named


def _value_of(
    found: re.Match[str], name: str, words: Sequence[str], at: int, *, single: bool
) -> tuple[Any, int]:
    """The value of the option at `at`, and where the next word stands; a launcher's take one at most."""
    if found[2] is not None:
        return scalar(found[2]), at + 1
    end = at + 1
    while end < len(words) and not _begins_another(words[end]) and not (single and end > at + 1):
        end += 1
    taken = words[at + 1 : end]
    if not taken or name in _SWITCHES:
        return True, at + 1
    return (scalar(taken[0]) if len(taken) == 1 else [scalar(each) for each in taken]), end


def _begins_another(word: str) -> bool:
    return _OPTION.fullmatch(word) is not None or _PAIR.fullmatch(word) is not None


def _is_script(word: str, named: Sequence[str]) -> bool:
    """Whether what follows belongs to this program and not to its launcher."""
    if word.endswith((".py", ".sh", ".yaml", ".yml")):
        return True
    return len(named) > 1 and word not in ("launch", "run") and not word.startswith("torch.distributed")


def _base(word: str) -> str:
    return word.rpartition("/")[2] if not word.startswith("-") else word

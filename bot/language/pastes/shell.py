"""A shell script as its commands, each as words: lines joined, variables put in. Nothing runs."""

import operator
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

_MOST_PUT_IN: Final = 12_000
"""Characters that variables may add: no script of this trade says more, and none may grow without end."""
_COMMENT: Final = re.compile(r"(?<=[ \t])#(?=[ \t]).*")
_CONTINUED: Final = re.compile(r"[\\^`][ \t]{0,8}\n[ \t]{0,80}")
_ASSIGNED: Final = re.compile(
    r"^[ \t]{0,40}(?:export[ \t]+)?([A-Za-z_]\w{0,40})="
    r"(?:\(([^()]{0,2000})\)|\"([^\"]{0,2000})\"|'([^']{0,2000})'|(\$\(\([^()\n]{1,200}\)\))"
    r"|([^\s\"'()`;&|]{1,200}))[ \t]{0,40}$",
    re.MULTILINE,
)
_HEREDOC: Final = re.compile(
    r"^[ \t]{0,40}read -r -d '' (\w{1,40}) <<-?[ \t]?['\"]?(\w{1,20})['\"]?\n([^$]{0,4000}?)\n\2$",
    re.MULTILINE,
)
"""A variable that is a whole text: OpenRLHF's scripts keep their command in one."""
_GIVEN: Final = re.compile(r"(?:export )?[A-Za-z_]\w{0,40}=[^\s;]{1,200}")
_VARIABLE: Final = re.compile(
    r"\"?\$\{([A-Za-z_]\w{0,40})\[[@*]\]\}\"?"
    r"|\$\{([A-Za-z_]\w{0,40})(?::?[-=]([^${}\n]{0,100}))?\}|\$([A-Za-z_]\w{0,40})"
)
_COMPUTED: Final = re.compile(
    r"\$\(expr (\d{1,9}) \\?([-+*/]) (\d{1,9})\)|\$\(\( ?(\d{1,9}) ?([-+*/]) ?(\d{1,9}) ?\)\)"
)
_PRODUCT: Final = re.compile(r"\$\(\( ?(\d{1,9}(?: ?[*/] ?\d{1,9}){2,4}) ?\)\)")
"""`$(($TOTAL / $GPUS / $MICRO))`, from left to right."""
_RUN: Final = re.compile(r"\$\([^()\n]{1,200}\)")
"""What only a shell can tell: `$(nvidia-smi -L | wc -l)`."""
_OPERATIONS: Final = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.floordiv}
_ON_WINDOWS: Final = re.compile(r"\b[A-Za-z]:\\[^\s\"']{1,200}")
_ENDS: Final = frozenset({"&&", "||", ";", "|", "&"})
_REDIRECTS: Final = re.compile(r"(?:[012]|&)?>{1,2}(?:&\d)?(.*)|2>&1")


def script_lines(text: str) -> Iterator[str]:
    """Its lines without comments at their ends, continued ones as one, with what variables were given."""
    if "#" in text:
        text = "\n".join(_without_comment(line) for line in text.splitlines())
    text = "\n".join(_apart(line) for line in text.splitlines())
    yield from _RUN.sub("$(_)", _put_in(_CONTINUED.sub(" ", text))).splitlines()


def _apart(line: str) -> str:
    """`MODEL=x; GPUS=4; torchrun …`: what is given stands on lines of its own."""
    *given, last = line.split(";")
    if not given or not all(_GIVEN.fullmatch(each.strip()) for each in given):
        return line
    return "\n".join((*map(str.strip, given), last.strip()))


def _without_comment(line: str) -> str:
    """A mark between quotes begins no comment."""
    found = _COMMENT.search(line)
    if found is None or any(line.count(quote, 0, found.start()) % 2 for quote in "\"'"):
        return line
    return line[: found.start()]


def _put_in(script: str) -> str:
    """Variables that the script gives a value, lists of words among them, and one sum of two numbers."""
    if "$" not in script:
        return script
    given: dict[str, str] = {found[1]: " ".join(found[3].split()) for found in _HEREDOC.finditer(script)}
    for found in _ASSIGNED.finditer(script):
        value = next(each for each in found.groups()[1:] if each is not None)
        given.setdefault(found[1], " ".join(_computed(_expanded(value, given)).split()))
    return _computed(_expanded(script, given))


def _expanded(text: str, given: Mapping[str, str]) -> str:
    left = _MOST_PUT_IN

    def value(found: re.Match[str]) -> str:
        nonlocal left
        name = next(each for each in (found[1], found[2], found[4]) if each)
        said: str | None = given.get(name, found[3])
        if said is None or len(said) > left:
            return found[0]
        left -= len(said)
        return said

    return _VARIABLE.sub(value, text)


def _computed(text: str) -> str:
    return _PRODUCT.sub(_product, _COMPUTED.sub(_sum, text))


def _product(found: re.Match[str]) -> str:
    first, *rest = re.findall(r"\d+", found[1])
    value = int(first)
    for sign, number in zip(re.findall(r"[*/]", found[1]), rest, strict=True):
        if sign == "/" and not int(number):
            return found[0]
        value = int(_OPERATIONS[sign](value, int(number)))
    return str(value)


def _sum(found: re.Match[str]) -> str:
    left, sign, right = found.groups()[:3] if found[1] else found.groups()[3:]
    if sign == "/" and not int(right):
        return found[0]
    return str(_OPERATIONS[sign](int(left), int(right)))


def words_of(line: str) -> list[str]:
    """A line cut into words as a shell does it; a path of Windows keeps its parts."""
    line = _ON_WINDOWS.sub(lambda found: found[0].replace("\\", "/"), line).rstrip("\\ \t")
    try:
        return shlex.split(line, comments=False)
    except ValueError:  # a quote that nobody closed
        return [word.strip("\"'") for word in line.split()]


def commands_in(words: Sequence[str]) -> Iterator[list[str]]:
    """The commands of one line, without where their output goes: `cd x && torchrun … > log 2>&1 &`."""
    command: list[str] = []
    skips = False
    for word in words:
        if skips:
            skips = False
        elif word in _ENDS or (word.endswith(";") and len(word) > 1):
            yield [*command, *([word[:-1]] if word not in _ENDS else [])]
            command = []
        elif (found := _REDIRECTS.fullmatch(word)) is not None:
            skips = not found[1] and "&" not in word[1:]
        else:
            command.append(word)
    yield command

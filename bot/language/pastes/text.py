"""What Slack puts around a paste is undone; how much of one is looked at is bounded."""

import re
from functools import cache
from typing import Final

from bot.language.pastes.not_training import STARTS

MAX_BYTES: Final = 20_000
MAX_LINES: Final = 400

_MENTION: Final = re.compile(r"<@[A-Z0-9]{1,40}(?:\|[^<>\n]{0,80})?>")
_ADDRESSED: Final = re.compile(rf"\s*(?:{_MENTION.pattern}\s*)+")
"""What a message begins with: were a space left of it, YAML's first line would be a level in."""
_LINK: Final = re.compile(r"<((?:https?://|mailto:)[^<>|\s]{1,2000})(?:\|([^<>\n]{0,2000}))?>")
_ENTITIES: Final = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_CURLY: Final = str.maketrans(
    {"“": '"', "”": '"', "‘": "'", "’": "'", "\u00a0": " ", "\u200b": "", "\ufeff": ""}
)
_FENCE: Final = "```"
_BINARY: Final = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_COLOUR: Final = re.compile("\x1b\\[[0-9;]{0,20}[A-Za-z]")

_WORTH_A_LOOK: Final = re.compile(
    rf"\n|--|\(|\{{|MiB|param|runtime|out of memory|it/s|s/it|allocate|Max_MA|内存不足|\.ya?ml\b|\w\.[a-z_]+="
    rf"|(?:^|>)\s{{0,9}}(?:{STARTS}) ",
    re.IGNORECASE,
)


_KEY_LINE: Final = re.compile(r"[A-Za-z_][\w.-]*:(?: |$)")
_FEWEST_KEYS: Final = 3
_CALL: Final = re.compile(
    r"--\w|\w\((?!\d{1,4} ?G|s\)|\d{0,4}[^\x00-\x7f])|^\s*[{[]|\d/\d|it/s|s/it", re.MULTILINE | re.IGNORECASE
)
"""Commands, code, JSON and logs, whose lines stand alone; in `A100(80G)` and `50G(8卡)` nothing is called."""
_LOGGED: Final = re.compile(r"\d:\d\d|\bINFO\b|\bWARNING\b|\bERROR\b|Error\b|MiB|GiB|\d\.\d\d|[|{}\[\]]")
_KEY: Final = re.compile(r"[A-Za-z_][\w.-]*:\s*", re.ASCII)
"""A key of YAML whose mapping stands below it."""
_WORD: Final = re.compile(r"\w\w")
_SENTENCE: Final = re.compile(r"[^\s#:=-][^:=]*:?$|$")
"""A line outside of YAML: it begins at the margin and binds nothing, or it is empty."""
_NO_WORDS: Final = re.compile(r"\s*(?:#|---|%|- |$)")
"""A comment, a marker, an item or nothing above the first key of YAML; `4xa100 n=20k` is something said."""
_BELOW_KEYS: Final = re.compile(r"[^\s#%\-\]})].*|\s*")
"""A line below the last key that is none of its value."""
_SETTINGS: Final = re.compile(
    r"(?:[a-z]{1,8}=[^\s:=\\]+ +)*[^\s:=#\\-][^\s:=\\]*(?: +(?:[a-z]{1,8}=)?[^\s:=#\\-][^\s:=\\]*)*$"
)
"""Words of a command above code: `4xa100 n=20k`; a shell's assignments stand alone."""
_WORDS: Final = r"((?=[^\s#$>-])(?:(?!--)[^{}\[\]:\n\d]){0,200}\d(?:(?!--)[^{}\[\]:\n]){0,200}?)[ \t]{1,9}"
"""Words of which one has a digit, on the line on which a configuration begins, as a command leaves them."""
_BEFORE_KEY: Final = re.compile(_WORDS + r"([A-Za-z_][\w.-]{0,80}:[ \t]{1,9}\S)")
_BEFORE_JSON: Final = re.compile(_WORDS + r"(\{\s{0,99}\")")


@cache
def _programs() -> str:
    """A pattern of what a command line is begun by."""
    from bot.language.tools.registry import COMMANDS  # noqa: PLC0415  -- most texts are no paste: ten tools to load

    return rf"python\S*|torchrun|srun|{STARTS}|{'|'.join(map(re.escape, COMMANDS))}"


@cache
def _code() -> re.Pattern[str]:
    """How a line of a script or a program begins that binds nothing; a question begins so, too."""
    return re.compile(
        r"[a-z][\w.-]{0,40}/|[./~$%>!@<\[{(|+*-]"
        r"|(?:cd|set|source|module|conda|pip3?|export|echo|mkdir|rm|cp|mv|ls|wget|curl|git|apt|sudo|bash|sh|chmod"
        rf"|unset|ulimit|{_programs()}|sbatch|nohup|uv|poetry|docker|import|from|def|class|return|if|for|while|with|try"
        r"|else|elif|except|fi|done|do|then|print|Traceback|CMD|ENTRYPOINT|RUN|FROM|ENV|WORKDIR|COPY|ARG)"
        r"(?: |$)(?!.*\?$)"
    )


@cache
def _command() -> re.Pattern[str]:
    """A line that runs something of this trade; its name alone may stand in a sentence."""
    return re.compile(
        r"\s*(?:[A-Z][A-Z0-9_]*=\S* +)*(?:\S*/)?"
        rf"(?:{_programs()})"
        r" (?=.*(?:--\w|\.ya?ml\b|\.py\b|\\$))|\s*--\w"
    )


@cache
def _before_command() -> re.Pattern[str]:
    return re.compile(_WORDS + rf"((?:[A-Z][A-Z0-9_]*=\S* +)*(?:{_programs()}) .*(?:--\w|\.ya?ml\b|\.py\b))")


def may_be_paste(text: str) -> bool:
    """Whether there is a sign of a configuration or a log; most texts have none."""
    return not is_too_long(text) and _WORTH_A_LOOK.search(text) is not None


def is_too_long(text: str) -> bool:
    """Whether a paste is longer than what is read."""
    return (
        len(text) > MAX_BYTES
        or len(text.encode(errors="replace")) > MAX_BYTES
        or text.count("\n") >= MAX_LINES
    )


def unwrapped(text: str) -> str:
    """`text` without mentions, link marks, entities and colours, its quotes straight."""
    if addressed := _ADDRESSED.match(text):
        text = text[addressed.end() :]
    text = _LINK.sub(_label, _MENTION.sub(" ", text)) if "<" in text else text
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    text = _COLOUR.sub("", text.translate(_CURLY))
    return "" if _BINARY.search(text) else text.replace("\r", "\n" if "\n" not in text else "")


def fenced(text: str) -> tuple[tuple[str, ...], str]:
    """What stands between code fences, block by block, and what stands around them.

    Without fences all is one block, but for the sentences before and after it.
    """
    parts = text.split(_FENCE)
    if len(parts) < 3:
        inside, around = _said_around(text.replace(_FENCE, "\n"))
        return (inside,), around
    commands, around = _commands_around("\n".join(parts[0::2]))
    return (*commands, *map(_without_language, parts[1::2])), around


def _commands_around(text: str) -> tuple[tuple[str, ...], str]:
    """Outside of the fences: commands with their options, which belong to the rest, and what was said."""
    lines = text.split("\n")
    if not any(_command().match(line) for line in lines):
        return (), " ".join(text.split())
    goes_on = [before.rstrip().endswith("\\") for before in ("", *lines[:-1])]
    is_command = [_command().match(line) is not None for line in lines]
    for at, joined in enumerate(goes_on):
        is_command[at] = is_command[at] or (joined and is_command[at - 1])
    commands = "\n".join(line for line, its in zip(lines, is_command, strict=True) if its)
    said = " ".join(line for line, its in zip(lines, is_command, strict=True) if not its)
    return (commands,), " ".join(said.split())


def _said_around(text: str) -> tuple[str, str]:
    """A configuration, a command or code without the sentences above and below it, and those."""
    lines = _on_its_own_line(text.strip("\n")).split("\n")
    text = "\n".join(lines)
    if _CALL.search(text) is None:
        return _around_keys(text, lines)
    first = next((at for at, line in enumerate(lines) if not _is_said(line)), len(lines))
    last = len(lines)
    while last > first and _is_said(lines[last - 1]) and not _goes_on(lines[last - 2], lines[last - 1]):
        last -= 1
    if first >= last:
        return text, ""
    around = " ".join(" ".join((*lines[:first], *lines[last:])).split())
    return "\n".join(lines[first:last]), around.rstrip(":：")


def _on_its_own_line(text: str) -> str:
    """`4xa100 n=20k base_model: …`, `4xa100 torchrun …`: a configuration or a command begins its line."""
    if text.rstrip().endswith("}"):
        begun = _BEFORE_JSON.match(text)
    elif _CALL.search(text) is None:
        begun = _BEFORE_KEY.match(text)
    else:
        begun = None if _code().match(text) or _command().match(text) else _before_command().match(text)
    return f"{begun[1]}\n{text[begun.start(2) :]}" if begun else text


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is the rest of a command; several words are a sentence below one that was cut off."""
    return before.rstrip().endswith("\\") and len(line.split()) < _FEWEST_WORDS


_FEWEST_WORDS: Final = 3


def _is_said(line: str) -> bool:
    """Whether a line beside code is a sentence: none of its own, no log's, no shell's."""
    return (
        (_SENTENCE.match(line) or _SETTINGS.match(line)) is not None
        and (not line.strip() or _WORD.search(line) is not None)
        and _KEY.fullmatch(line) is None
        and _CALL.search(line) is None
        and _code().match(line) is None
        and not _LOGGED.search(line)
    )


def _around_keys(text: str, lines: list[str]) -> tuple[str, str]:
    keys = [at for at, line in enumerate(lines) if _KEY_LINE.match(line)]
    if len(keys) < _FEWEST_KEYS:
        return text, ""
    first, last = keys[0], len(lines)
    while last > keys[-1] + 1 and _BELOW_KEYS.fullmatch(lines[last - 1]):
        last -= 1
    above = [line for line in lines[:first] if not _NO_WORDS.match(line)]
    if any(line.startswith((" ", "\t")) for line in above):
        first, above = 0, []
    comments = [line for line in lines[:first] if line not in above]
    around = " ".join(" ".join((*above, *lines[last:])).split())
    return "\n".join((*comments, *lines[first:last])), around.rstrip(":：")


def _without_language(block: str) -> str:
    """A block of code without the `yaml` on its first line."""
    first, newline, rest = block.partition("\n")
    return rest if newline and re.fullmatch(r"\s*[a-z+]{0,12}\s*", first) else block


def _label(found: re.Match[str]) -> str:
    return found.group(2) or found.group(1)

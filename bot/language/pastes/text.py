"""What Slack puts around a paste is undone; how much of one is looked at is bounded."""

import re
from typing import Final

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
    r"\n|--|\(|\{|MiB|param|runtime|out of memory|it/s|s/it|allocate", re.IGNORECASE
)


_KEY_LINE: Final = re.compile(r"[A-Za-z_][\w.-]*:(?: |$)")
_FEWEST_KEYS: Final = 3
_CALL: Final = re.compile(r"--\w|\w\(|^\s*[{[]|\d/\d|it/s|s/it", re.MULTILINE)
"""Commands, code, JSON and logs, whose lines stand alone."""
_SENTENCE: Final = re.compile(r"[^\s#:=-][^:=]*:?$|$")
"""A line outside of YAML: it begins at the margin and binds nothing, or it is empty."""


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


def fenced(text: str) -> tuple[str, str]:
    """What stands between code fences, and what stands around them.

    Without fences all is inside, but for what is said before and after lines of `key: value`.
    """
    parts = text.split(_FENCE)
    if len(parts) < 3:
        return _said_around(text.replace(_FENCE, "\n"))
    inside = (_without_language(part) for part in parts[1::2])
    return "\n".join(inside), " ".join(" ".join(parts[0::2]).split())


def _said_around(text: str) -> tuple[str, str]:
    """`key: value` lines without the sentences above and below them, and those."""
    lines = text.strip("\n").split("\n")
    keys = [at for at, line in enumerate(lines) if _KEY_LINE.match(line)]
    if len(keys) < _FEWEST_KEYS or _CALL.search(text):
        return text, ""
    first, last = keys[0], len(lines)
    while last > keys[-1] + 1 and _SENTENCE.match(lines[last - 1]):
        last -= 1
    if not all(_SENTENCE.match(line) for line in lines[:first]):
        first = 0
    around = " ".join(" ".join((*lines[:first], *lines[last:])).split())
    return "\n".join(lines[first:last]), around.rstrip(":")


def _without_language(block: str) -> str:
    """A block of code without the `yaml` on its first line."""
    first, newline, rest = block.partition("\n")
    return rest if newline and re.fullmatch(r"\s*[a-z+]{0,12}\s*", first) else block


def _label(found: re.Match[str]) -> str:
    return found.group(2) or found.group(1)

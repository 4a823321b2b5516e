"""A recipe as text: a comment that says what it is, then the tool's own YAML."""

import re
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.language.documents import nested, scalar

_PLAIN: Final = re.compile(r"[A-Za-z_./~][\w./@+~-]*(?: [\w./@+~-]+)*")


def yaml_text(values: Mapping[str, Any], comments: Iterable[str] = ()) -> str:
    """`values` by dotted name as YAML, under comments."""
    lines = [f"# {line}" for line in comments]
    return "\n".join([*lines, *_lines(nested(values), "")]) + "\n"


def _lines(document: Mapping[str, Any], indent: str) -> Iterable[str]:
    for name, value in document.items():
        if isinstance(value, Mapping):
            yield f"{indent}{name}:"
            yield from _lines(value, f"{indent}  ")
        elif isinstance(value, str) and "\n" in value:
            yield f"{indent}{name}: |"
            yield from (f"{indent}  {line}" for line in value.splitlines())
        elif isinstance(value, list | tuple) and any(" " in str(each) for each in value):
            yield f"{indent}{name}:"
            yield from (f"{indent}  - {_word(each)}" for each in value)
        elif isinstance(value, list | tuple):
            yield f"{indent}{name}: [{', '.join(map(_word, value))}]"
        else:
            yield f"{indent}{name}: {_word(value)}"


def _word(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return (
            f"{value:g}"
            if isinstance(value, float) and abs(value) < 1e15 and float(f"{value:g}") == value
            else repr(value)
        )
    text = str(value)
    if _PLAIN.fullmatch(text) and isinstance(scalar(text), str):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def command_text(words: Iterable[str], values: Mapping[str, Any]) -> str:
    """A command with an option a line, as people keep them in a shell script."""
    options = (f"--{name} {_argument(value)}" for name, value in values.items())
    return " \\\n    ".join((" ".join(words), *options)) + "\n"


def _argument(value: Any) -> str:
    if isinstance(value, list | tuple):
        return " ".join(map(str, value))
    if not isinstance(value, str):
        return _word(value).strip('"')
    return shlex.quote(value) if value.startswith("{") else value

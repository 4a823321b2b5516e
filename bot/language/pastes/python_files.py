"""A configuration that is a Python file, as xtuner's are: its assignments, by syntax tree. Nothing runs."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.language.documents import RefusedDocument, Values, flat
from bot.language.pastes.python_calls import MAX_NESTING, MOST

_SIGNS: Final = re.compile(
    r"^[ \t]*(?:from xtuner|model[ \t]*=[ \t]*dict\(|optim_wrapper[ \t]*=)", re.MULTILINE
)
_BEGINS: Final = re.compile(r"[A-Za-z_]\w{0,60}[ \t]*(?:\*)?=(?!=)")
_BRACKETS: Final = re.compile(r"[()\[\]{}]")
_UNKNOWN: Final = object()


def assigned(text: str) -> Values:
    """What is assigned at the top of a file, nested `dict(…)` by dotted names; nothing of any other text."""
    if not _SIGNS.search(text):
        return {}
    known: dict[str, Any] = {}
    for statement in _statements(text):
        _execute(statement, known)
    try:
        return flat({name: value for name, value in known.items() if value is not _UNKNOWN})
    except RefusedDocument:
        return {}


def _statements(text: str) -> Iterator[ast.stmt]:
    """Each assignment by itself, so that what cannot be read of a file spoils nothing else."""
    chunk: list[str] = []
    for line in [*text.splitlines(), "="]:
        if chunk and line[:1] not in ("", " ", "\t", ")", "]", "}"):
            yield from _parsed("\n".join(chunk))
            chunk = []
        if chunk or _BEGINS.match(line):
            chunk.append(line)


def _parsed(chunk: str) -> Iterator[ast.stmt]:
    if _depth(chunk) > MAX_NESTING:
        return
    try:
        yield from ast.parse(chunk).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return


def _depth(chunk: str) -> int:
    depth = deepest = 0
    for bracket in _BRACKETS.findall(chunk):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    return deepest


def _execute(statement: ast.stmt, known: dict[str, Any]) -> None:
    """Remember what one assignment says; `accumulative_counts *= 4` is the one sum that configurations do."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        known[statement.targets[0].id] = _value(statement.value, known, 0)
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        before, factor = known.get(statement.target.id), _value(statement.value, known, 0)
        product = _product(before, factor) if isinstance(statement.op, ast.Mult) else None
        known[statement.target.id] = _UNKNOWN if product is None else product


def _product(one: object, other: object) -> int | None:
    """Of two counts; of anything else, or beyond any count, none."""
    if not isinstance(one, int) or not isinstance(other, int) or not 0 < one * bool(other) < MOST:
        return None
    return one * other if 0 < other < MOST else None


def _value(node: ast.expr, known: Mapping[str, Any], depth: int) -> Any:
    """What an expression says without being computed: a literal, a name, a `dict(…)`, a list."""
    if depth > MAX_NESTING:
        return _UNKNOWN
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str | int | float | bool) else None
    if isinstance(node, ast.Name):
        named = known.get(node.id, node.id)
        return node.id if isinstance(named, dict) else named  # parts of parts would grow without end
    if isinstance(node, ast.Attribute):
        return node.attr
    return _made(node, known, depth + 1)


def _made(node: ast.expr, known: Mapping[str, Any], depth: int) -> Any:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        pairs = ((each.arg, _value(each.value, known, depth)) for each in node.keywords if each.arg)
        return {name: value for name, value in pairs if value is not _UNKNOWN}
    if isinstance(node, ast.List | ast.Tuple):
        values = (_value(each, known, depth) for each in node.elts)
        return [value for value in values if value is not _UNKNOWN and not isinstance(value, dict)]
    return _UNKNOWN

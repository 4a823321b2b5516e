"""`TrainingArguments(…)` and its like: the arguments of calls, read from the syntax tree. Nothing runs."""

import ast
import operator
import re
from collections.abc import Iterator
from typing import Any, Final

from bot.language.documents import Unread, Values
from bot.language.tools.registry import PYTHON_TOOLS

MAX_NESTING: Final = 12
_MOST_CUT_OFF: Final = 8
"""Calls that never end: a file is cut off once, inside so many at most, and each is looked at to the end."""
_CALLS: Final = sorted(name for tool in PYTHON_TOOLS for name in tool.calls)
_CALL: Final = re.compile(r"\b({})\s*\(".format("|".join(map(re.escape, _CALLS))))
_MARKS: Final = re.compile(r"[\"'()\[\]{}]")
_ASSIGNED: Final = re.compile(
    r"^[ \t]*([A-Za-z_]\w{0,60})[ \t]*=[ \t]*([^=\n#]{1,200}?)[ \t]*(?:#.*)?$", re.MULTILINE
)
_FIRST_IS_MODEL: Final = "from_pretrained"
_TELLS_BF16: Final = ("is_bfloat16_supported", "is_bf16_supported")
_UNKNOWN: Final = object()
MOST: Final = 10**9
_RULES: Final[dict[type[ast.operator], Any]] = {
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Add: operator.add,
}


def called(text: str) -> tuple[Values, frozenset[str]]:
    """The keyword arguments of every call that we know, and what is called.

    What says something that would have to be run is `Unread`.
    """
    values: Values = {}
    names: set[str] = set()
    calls = list(_calls(text))
    variables = _variables(text) if calls else {}
    for name, call in calls:
        names.add(name)
        for key, value in _arguments(name, call, variables):
            values.setdefault(key, value)
    return values, frozenset(names)


def _calls(text: str) -> Iterator[tuple[str, ast.Call]]:
    cut_off = 0
    for found in _CALL.finditer(text):
        end = _closing(text, found.end() - 1)
        cut_off += end is None
        if cut_off > _MOST_CUT_OFF:
            return
        written = text[found.start() : end] if end else _closed(text[found.start() :])
        try:
            tree = ast.parse(written, mode="eval")
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            continue
        if isinstance(tree.body, ast.Call):
            yield found[1], tree.body


def _closing(text: str, start: int) -> int | None:
    """The end of the bracket that opens at `start`; None where it never ends or nests too deep."""
    depth, quote = 0, ""
    for found in _MARKS.finditer(text, start):
        character = found.group()
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += 1 if character in "([{" else -1
        if depth == 0:
            return found.end()
        if depth > MAX_NESTING:
            return None
    return None


def _closed(call: str) -> str:
    """A call that was cut off, up to its last comma, with the brackets that it lacks; empty: it is none."""
    whole = call[: call.rfind(",") + 1]
    open_brackets: list[str] = []
    quote = ""
    for found in _MARKS.finditer(whole):
        character = found.group()
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in _PAIRS:
            open_brackets.append(_PAIRS[character])
        elif open_brackets:
            open_brackets.pop()
    is_cut_off = 0 < len(open_brackets) <= MAX_NESTING and not quote
    return whole + "".join(reversed(open_brackets)) if is_cut_off else ""


_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


def _variables(text: str) -> dict[str, Any]:
    """Names that are given a plain value: `max_seq_length = 2048`."""
    found: dict[str, Any] = {}
    for name, written in _ASSIGNED.findall(text):
        try:
            value = _value(ast.parse(written, mode="eval").body, found)
        except (SyntaxError, ValueError, MemoryError, RecursionError, TypeError):
            continue
        if value is not _UNKNOWN:
            found[name] = value
    return found


def _arguments(name: str, call: ast.Call, variables: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if name.endswith(_FIRST_IS_MODEL) and call.args:
        yield "model_name_or_path", _value(call.args[0], variables)
    for keyword in call.keywords:
        value = _value(keyword.value, variables)
        if keyword.arg is not None:
            key = "model_name_or_path" if keyword.arg == "model_name" else keyword.arg
            yield key, Unread() if value is _UNKNOWN else value


def _value(node: ast.expr, variables: dict[str, Any]) -> Any:
    """What an expression says without being computed."""
    if isinstance(node, ast.Name):
        return variables.get(node.id, _UNKNOWN)
    if isinstance(node, ast.Attribute):
        return node.attr if _names_values(node.value) else _UNKNOWN
    if isinstance(node, ast.Call):
        return (
            True
            if isinstance(node.func, ast.Name | ast.Attribute) and _name(node.func) in _TELLS_BF16
            else _UNKNOWN
        )
    if isinstance(node, ast.BinOp | ast.UnaryOp) and not isinstance(node.op, ast.USub):
        return _computed(node, variables)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return _UNKNOWN


def _computed(node: ast.BinOp | ast.UnaryOp, variables: dict[str, Any]) -> Any:
    """`BATCH_SIZE // MICRO_BATCH_SIZE`: one sum of two counts; `not` of a switch."""
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, variables)
        return not inner if isinstance(inner, bool) and isinstance(node.op, ast.Not) else _UNKNOWN
    if isinstance(node.left, ast.BinOp) or isinstance(node.right, ast.BinOp):
        return _UNKNOWN
    left, right = _value(node.left, variables), _value(node.right, variables)
    rule = _RULES.get(type(node.op))
    if rule is None or not all(type(each) is int and 0 < each < MOST for each in (left, right)):
        return _UNKNOWN
    return rule(left, right)


def _names_values(node: ast.expr) -> bool:
    """`torch.bfloat16`, `OptimizerNames.ADAMW_TORCH`; not `args.batch_size`, which is known when it runs."""
    name = _name(node) if isinstance(node, ast.Name | ast.Attribute) else ""
    return name == "torch" or name[:1].isupper()


def _name(node: ast.Name | ast.Attribute) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr

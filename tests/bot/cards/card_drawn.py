"""A card as its reviewer reads it: every block on lines of its own, in the order of Slack."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from unicodedata import east_asian_width

Part = dict[str, Any]


def as_text(shown: Part) -> str:
    """A message or a view; a message begins with the sentence of its notification."""
    lines = [f"text: {shown['text']}"] if "text" in shown else []
    if "title" in shown:
        buttons = " ".join(f"[{_said(shown[name])}]" for name in ("close", "submit"))
        lines = [f"{shown['type']}: {_said(shown['title'])}  {buttons}"]
    for block in shown["blocks"]:
        lines += ["", *(f"{line}".rstrip() for line in _block(block))]
    return "\n".join(lines).strip() + "\n"


def _block(block: Part) -> Iterator[str]:
    match block["type"]:
        case "header":
            yield f"# {_said(block['text'])}"
        case "divider":
            yield "-" * 40
        case "table":
            yield from _table(block["rows"])
        case "actions":
            yield "  ".join(_element(each) for each in block["elements"])
        case "context":
            yield from (f"~ {line}" for each in block["elements"] for line in _said(each).splitlines())
        case "input":
            yield from _input(block)
        case "section":
            yield from _section(block)
        case other:
            raise NotImplementedError(other)


def _section(block: Part) -> Iterator[str]:
    for each in block.get("fields", ()):
        name, _, value = _said(each).partition("\n")
        yield f"{name}  {value}".replace("\n", "\n    ")
    if "text" in block:
        yield from _said(block["text"]).splitlines()
    if "accessory" in block:
        yield _element(block["accessory"])


def _input(block: Part) -> Iterator[str]:
    optional = " (optional)" if block.get("optional") else ""
    yield f"{_said(block['label'])}{optional}: {_element(block['element'])}"
    if "hint" in block:
        yield f"  {_said(block['hint'])}"


def _element(element: Part) -> str:
    """A button is `[Run]`, the first of a card `[[Run]]`; a menu shows its choice and what else it offers."""
    offered = " | ".join(_said(each["text"]) for each in element.get("options", ()))
    match element["type"]:
        case "button":
            said = f"[{_said(element['text'])}]"
            return f"[{said}]" if element.get("style") == "primary" else said
        case "overflow":
            return f"[… {offered}]"
        case "plain_text_input":
            return f"<{element.get('initial_value') or _said(element['placeholder'])}>"
        case "static_select" | "external_select":
            chosen = _said(element["initial_option"]["text"]) if "initial_option" in element else ""
            return f"<{chosen or _said(element['placeholder'])} ▾>{f' ({offered})' if offered else ''}"
        case "conversations_select":
            return f"<{element.get('initial_conversation') or _said(element['placeholder'])} ▾>"
        case other:
            raise NotImplementedError(other)


def _said(part: Part) -> str:
    """The words of a text object, or of a cell of rich text."""
    if isinstance(part.get("text"), str):
        return str(part["text"])
    return "".join(_said(each) for each in part.get("elements", ()))


def _table(rows: list[list[Part]]) -> Iterator[str]:
    cells = [[_said(each) for each in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip_longest(*cells, fillvalue="")]
    for row in cells:
        yield " | ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))


def _width(text: str) -> int:
    """In columns of a terminal: Chinese characters take two."""
    return sum(2 if east_asian_width(each) in "WF" else 1 for each in text)

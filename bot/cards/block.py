"""Block Kit as plain values: one small function a block, and the card that holds them.

Blocks are dicts in the words of Slack's reference, so that they diff cleanly and pass the client untouched.
"""

import json
import re
from collections.abc import Container, Iterable, Mapping
from typing import Any, Final, NamedTuple

Block = dict[str, Any]
"""A block, an element or a composition object."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


VERDICT = "verdict"
"""The block that answers; what stands below it explains it."""
_NEWEST = frozenset({"data_visualization"})
"""Rolled out workspace by workspace since 2026-06; others refuse a message that has one."""

TEXT_MOST_CHARS: Final = 3000
"""Of a section, of a line of small print: Slack refuses more."""
MAX_SECTION_CHARS: Final = 2900
"""What is filled of a section: there is room for what closes a cut text."""


class Card(NamedTuple):
    """One message: the sentence that notifications and screen readers say, and the blocks."""

    text: str
    blocks: tuple[Block, ...]

    def as_message(self) -> dict[str, Any]:
        """The arguments of `chat.postMessage`, `respond` and `ack` that show this card."""
        return {"text": self.text, "blocks": list(self.blocks)}

    def lighter(self) -> "Card":
        """Without what not every workspace draws yet; where there is nothing of it, the sentence alone."""
        kept = tuple(block for block in self.blocks if block["type"] not in _NEWEST)
        return Card(self.text, kept if len(kept) < len(self.blocks) else ())

    @property
    def size_bytes(self) -> int:
        """Bytes of the blocks as compact UTF-8 JSON."""
        return len(json.dumps(self.blocks, ensure_ascii=False, separators=(",", ":")).encode())


def escape(text: str) -> str:
    """Text of a user with nothing left that Slack acts upon: no mention, no link, no hidden character."""
    visible = _CONTROL.sub("", text)
    return visible.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def code_span(text: str) -> str:
    """Text of a user as `code`: inert, on one line, its own back-ticks gone."""
    return f"`{escape(' '.join(text.replace('`', '').split())) or ' '}`"


def clipped(text: str, length: int) -> str:
    """At most `length` characters; what was cut is shown by an ellipsis."""
    return text if len(text) <= length else text[: length - 1] + "…"


def cut(markup: str, length: int) -> str:
    """Markup cut at a space, with no `<…>` and no `code` left open."""
    if len(markup) <= length:
        return markup
    kept = markup[:length].rpartition(" ")[0] or markup[:length]
    opened = kept.rfind("<")
    if opened > kept.rfind(">"):
        kept = kept[:opened].rstrip()
    return f"{kept}{'`' if kept.count('`') % 2 else ''} …"


def plain_text(text: str) -> Block:
    """A plain-text object; Slack draws no markup in it."""
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Block:
    """A text object in Slack's markup; parts that a user typed went through `escape`."""
    return {"type": "mrkdwn", "text": text}


def header(text: str, *, block_id: str = "answer") -> Block:
    """The large line on top: at most 150 characters."""
    return {"type": "header", "block_id": block_id, "text": plain_text(clipped(text, 150))}


def section(text: str, *, block_id: str, accessory: Block | None = None) -> Block:
    """A paragraph, with a button or menu at its right if `accessory` is given."""
    block: Block = {"type": "section", "block_id": block_id, "text": mrkdwn(clipped(text, TEXT_MOST_CHARS))}
    return block if accessory is None else {**block, "accessory": accessory}


def fields(pairs: Iterable[tuple[str, str]], *, block_id: str) -> Block:
    """Titled values, two a row: at most ten."""
    shown = [mrkdwn(clipped(f"*{title}*\n{value}", 2000)) for title, value in pairs]
    return {"type": "section", "block_id": block_id, "fields": shown}


def context(*lines: str, block_id: str = "small") -> Block:
    """The small print: each line an element of its own, empty ones left out."""
    elements = [mrkdwn(clipped(line, TEXT_MOST_CHARS)) for line in lines if line]
    return {"type": "context", "block_id": block_id, "elements": elements}


def divider(*, block_id: str) -> Block:
    """A thin rule."""
    return {"type": "divider", "block_id": block_id}


def actions(*elements: Block, block_id: str) -> Block:
    """A row of buttons and menus; their action_ids differ."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(text: str, action_id: str, value: str = "", *, primary: bool = False, label: str = "") -> Block:
    """A button; `label` is what a screen reader says where the visible text repeats."""
    made: Block = {"type": "button", "action_id": action_id, "text": plain_text(clipped(text, 75))}
    if value:
        made["value"] = value
    if primary:
        made["style"] = "primary"
    if label:
        made["accessibility_label"] = clipped(label, 75)
    return made


def option(text: str, value: str, *, description: str = "") -> Block:
    """One line of a menu."""
    made: Block = {"text": plain_text(clipped(text, 75)), "value": value}
    return {**made, "description": plain_text(clipped(description, 75))} if description else made


def overflow(action_id: str, options: Iterable[Block]) -> Block:
    """The `…` menu: one to five options."""
    return {"type": "overflow", "action_id": action_id, "options": list(options)}


def select(action_id: str, placeholder: str, options: Iterable[Block], initial: str | None = None) -> Block:
    """A menu of fixed options, with the one of value `initial` chosen."""
    offered = list(options)
    chosen = next((each for each in offered if each["value"] == initial), None)
    made: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder),
        "options": offered,
    }
    return {**made, "initial_option": chosen} if chosen else made


def external_select(
    action_id: str, placeholder: str, *, initial: Block | None = None, min_query_length: int = 0
) -> Block:
    """A menu whose options the app answers as the user types."""
    made: Block = {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": min_query_length,
        "placeholder": plain_text(placeholder),
    }
    return {**made, "initial_option": initial} if initial else made


def conversations_select(action_id: str, placeholder: str, *, initial: str | None = None) -> Block:
    """A menu of the channels and direct messages that the user sees."""
    made: Block = {
        "type": "conversations_select",
        "action_id": action_id,
        "placeholder": plain_text(placeholder),
        "default_to_current_conversation": True,
    }
    return {**made, "initial_conversation": initial} if initial else made


def text_input(action_id: str, *, placeholder: str = "", initial: str = "", max_length: int = 2000) -> Block:
    """A line to type in."""
    made: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": max_length}
    if placeholder:
        made["placeholder"] = plain_text(clipped(placeholder, 150))
    return {**made, "initial_value": clipped(initial, max_length)} if initial else made


def field_input(
    label: str,
    element: Block,
    *,
    block_id: str,
    hint: str = "",
    optional: bool = True,
    dispatch: bool = False,
) -> Block:
    """A labelled field of a form; with `dispatch` a change is told to the app at once."""
    made: Block = {"type": "input", "block_id": block_id, "label": plain_text(label), "element": element}
    if hint:
        made["hint"] = plain_text(hint)
    if optional:
        made["optional"] = True
    return {**made, "dispatch_action": True} if dispatch else made


def cell(text: str, *, bold: bool = False) -> Block:
    """One cell of a table; Slack refuses an empty one."""
    if not bold:
        return {"type": "raw_text", "text": text or "–"}
    run = {"type": "text", "text": text or "–", "style": {"bold": True}}
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [run]}]}


def table(
    rows: Iterable[Iterable[Block]],
    *,
    block_id: str,
    align: Iterable[str] = (),
    wrapped: Container[int] = (0,),
) -> Block:
    """A table whose first row heads it; the columns `wrapped` wrap, the others keep to a line."""
    settings = [
        {"align": side, "is_wrapped": True} if at in wrapped else {"align": side}
        for at, side in enumerate(align)
    ]
    made: Block = {"type": "table", "block_id": block_id, "rows": [list(row) for row in rows]}
    return {**made, "column_settings": settings} if settings else made


def bars(
    title: str, categories: Iterable[str], series: Mapping[str, Iterable[float]], *, block_id: str
) -> Block:
    """A chart of bars: in each category one of each series; at most 20 and 6, names of 20 characters."""
    names = [clipped(each, 20) for each in categories]
    drawn = [
        {
            "name": clipped(name, 20),
            "data": [{"label": at, "value": value} for at, value in zip(names, values, strict=True)],
        }
        for name, values in series.items()
    ]
    chart = {"type": "bar", "series": drawn, "axis_config": {"categories": names}}
    return {"type": "data_visualization", "block_id": block_id, "title": clipped(title, 50), "chart": chart}


def words_in(thing: Mapping[str, Any]) -> str:
    """The words in a text object or in a cell."""
    if thing.get("type") != "rich_text":
        return str(thing.get("text", ""))
    return "".join(run.get("text", "") for part in thing["elements"] for run in part["elements"])

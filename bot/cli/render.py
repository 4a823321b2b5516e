"""A card on a terminal: the same words, drawn by rich; nothing depends on colour."""

import html
import re
from collections.abc import Iterator
from typing import Any, Final

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.cards import action_ids, button_values
from bot.cards.block import Block, Card, words_in
from bot.cards.sections import PROGRAM

SYMBOLS: Final = {
    "large_green_circle": "✓",
    "large_yellow_circle": "!",
    "red_circle": "✗",
    "warning": "!",
    "question": "?",
}
_MARKUP: Final = re.compile(
    r"`(?P<code>[^`\n]+)`|(?<!\w)\*(?P<bold>[^*\n]+)\*(?!\w)|(?<!\w)_(?P<italic>[^_\n]+)_(?!\w)"
    r"|<(?P<link>[^<>\n]+)>|:(?P<emoji>[a-z_]+): ?"
)
_BESIDE_CODE: Final = re.compile(r"(?<=[、。，：；？！（）“”]) (?=`)|(?<=`) (?=[、。，：；？！（）“”])")
_FULL_WIDTH: Final = "、。，：；？！"
_STYLES: Final = {"code": "cyan", "bold": "bold", "italic": "italic"}


def render(card: Card, console: Console) -> None:
    """Print the card; buttons that run something are shown as the command that they stand for."""
    drawn = Group(*(piece for block in card.blocks for piece in _drawn(block)))
    if console.is_terminal:
        console.print(drawn)
        return
    with console.capture() as captured:
        console.print(drawn)
    lines = captured.get().splitlines()
    console.file.write("".join(f"{line.rstrip()}\n" for line in lines))  # rich fills lines with spaces


def styled(mrkdwn: str) -> Text:
    """Slack's markup as rich text; the spaces that Slack wants beside full-width marks are gone."""
    mrkdwn = _BESIDE_CODE.sub("", mrkdwn)
    drawn, at = Text(), 0
    for found in _MARKUP.finditer(mrkdwn):
        drawn.append(_beside(drawn, mrkdwn[at : found.start()]))
        drawn.append_text(_piece(found))
        at = found.end()
    return drawn.append(_beside(drawn, mrkdwn[at:]))


def _beside(drawn: Text, text: str) -> str:
    """`text` after what is drawn: a bold `经验法则：` needs a space in Slack, a reader does not."""
    text = html.unescape(text)
    return text.removeprefix(" ") if drawn.plain[-1:] in tuple(_FULL_WIDTH) else text


def plain(mrkdwn: str) -> str:
    """Slack's markup as the words alone: no marks, no codes of emoji."""
    return styled(mrkdwn).plain


def _piece(found: re.Match[str]) -> Text:
    kind = found.lastgroup or ""
    inner = found[kind]
    if kind == "emoji":
        return (
            Text(f"{SYMBOLS[inner]} ") if inner in SYMBOLS else Text(found[0] if found[0][-1:] != " " else "")
        )
    if kind == "link":
        return Text(html.unescape(inner.rpartition("|")[2] if "|" in inner else inner))
    return Text(html.unescape(inner), style="cyan") if kind == "code" else _nested(inner, _STYLES[kind])


def _nested(inner: str, style: str) -> Text:
    text = styled(inner)
    text.stylize(style)
    return text


def _drawn(block: Block) -> Iterator[RenderableType]:
    kind = block["type"]
    if kind == "header":
        yield Padding(Text(block["text"]["text"], style="bold"), (0, 0, 1, 0))
    elif kind == "section" and "fields" in block:
        yield Padding(_pairs(block["fields"]), (1, 0))
    elif kind == "section":
        yield styled(block["text"]["text"])
        yield from _commands([block.get("accessory", {})])
    elif kind == "table":
        yield _table(block)
    elif kind == "context":
        yield Padding(Group(*(styled(each["text"]) for each in block["elements"])), (1, 0, 0, 0), style="dim")
    elif kind == "divider":
        yield Rule(style="dim")
    elif kind == "actions":
        yield from _commands(block["elements"])


def _pairs(fields: list[Block]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for each in fields:
        title, _, value = each["text"].partition("\n")
        grid.add_row(styled(title), styled(value))
    return grid


def _commands(elements: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """What the fixes of a card would run, and the corrected lines of an error."""
    for each in elements:
        if each.get("action_id", "").startswith((action_ids.FIX_PREFIX, action_ids.RUN_PREFIX)):
            command = button_values.state_of(each.get("value", "")).get("c", "")
            yield Text(f"  {PROGRAM['terminal']} {command}", style="cyan")


def _table(block: Block) -> Table:
    heads, *rows = block["rows"]
    settings = block.get("column_settings", [{}] * len(heads))
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head, column in zip(heads, settings, strict=True):
        drawn.add_column(words_in(head), justify=column.get("align", "left"))
    for row in rows:
        drawn.add_row(*(Text(words_in(each)) for each in row))
    return drawn

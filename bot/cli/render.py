"""A card on a terminal: the same words, drawn by rich; nothing depends on colour."""

from collections.abc import Iterator

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from bot.cards.block import Block, Card, words_in
from bot.cli.markup import pieces
from bot.cli.shown_commands import shown_commands


def render(card: Card, console: Console) -> None:
    """Print the card; buttons that run something are shown as the command that they stand for."""
    drawn = Group(*(piece for block in card.blocks for piece in _drawn(block)))
    if console.is_terminal:
        console.print(drawn, crop=False)
        return
    with console.capture() as captured:
        console.print(drawn, crop=False)
    lines = captured.get().splitlines()
    console.file.write("".join(f"{line.rstrip()}\n" for line in lines))  # rich fills lines with spaces


def styled(mrkdwn: str) -> Text:
    """Slack's markup as rich text."""
    drawn = Text()
    for piece in pieces(mrkdwn):
        drawn.append(piece.text, style=piece.style)
    return drawn


def _drawn(block: Block) -> Iterator[RenderableType]:
    kind = block["type"]
    if kind == "header":
        yield Padding(Text(block["text"]["text"], style="bold"), (0, 0, 1, 0))
    elif kind == "section" and "fields" in block:
        yield Padding(_pairs(block["fields"]), (1, 0))
    elif kind == "section":
        yield _words(block)
        yield from _commands([block.get("accessory", {})])
    elif kind == "table":
        yield _table(block)
    elif kind == "context":
        yield Padding(Group(*(styled(each["text"]) for each in block["elements"])), (1, 0, 0, 0), style="dim")
    elif kind == "divider":
        yield Rule(style="dim")
    elif kind == "actions":
        yield from _commands(block["elements"])


def _words(block: Block) -> Text:
    """Its text; a recipe is a file, whose `_component_` is no emphasis and whose lines stay whole."""
    text = str(block["text"]["text"])
    return Text(text, no_wrap=True, overflow="ignore") if block.get("block_id") == "recipe" else styled(text)


def _pairs(fields: list[Block]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for each in fields:
        title, _, value = each["text"].partition("\n")
        grid.add_row(styled(title), styled(value))
    return grid


def _commands(elements: list[Block]) -> Iterator[RenderableType]:
    for command in shown_commands(elements):
        yield Text(command, style="cyan")


def _table(block: Block) -> Table:
    heads, *rows = block["rows"]
    settings = block.get("column_settings", [{}] * len(heads))
    drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for head, column in zip(heads, settings, strict=True):
        drawn.add_column(words_in(head), justify=column.get("align", "left"))
    for row in rows:
        drawn.add_row(*(Text(words_in(each)) for each in row))
    return drawn

"""A card where nobody looks at a terminal: the lines that rich would print, without loading rich.

What is rare (a table that is too wide, a tab) is left to rich: `drawn_lines` says so.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from bot.cards.block import Block, Card, words_in
from bot.cli.markup import plain
from bot.cli.shown_commands import shown_commands

_WORD: Final = re.compile(r"\s*\S+\s*")
_UNUSUAL: Final = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f]"
)
"""What moves the cursor, or joins its neighbours."""
_ALL_NARROW_BELOW: Final = "\u0300"


class RareError(Exception):
    """Something that is left to rich."""


def drawn_lines(card: Card, width: int) -> list[str] | None:
    """The card in lines of at most `width` columns; None where rich has to draw it."""
    try:
        drawn = [line.rstrip() for block in card.blocks for line in _drawn(block, width)]
    except RareError:
        return None
    return drawn


def _drawn(block: Block, width: int) -> Iterator[str]:
    kind = block["type"]
    if kind == "header":
        yield from _wrapped(block["text"]["text"], width)
        yield ""
    elif kind == "section" and "fields" in block:
        yield from _fields(block["fields"], width)
    elif kind == "section":
        yield from _words(block, width)
        yield from _commands([block.get("accessory", {})], width)
    elif kind == "table":
        yield from _table(block, width)
    elif kind == "context":
        yield ""
        yield from chain.from_iterable(_wrapped(plain(each["text"]), width) for each in block["elements"])
    elif kind == "divider":
        yield "─" * width
    elif kind == "actions":
        yield from _commands(block["elements"], width)


def _commands(elements: Iterable[Block], width: int) -> Iterator[str]:
    for command in shown_commands(elements):
        yield from _wrapped(command, width)


def _wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of `text`, broken at spaces; a word of more than a line is broken where the line ends."""
    if _UNUSUAL.search(text):
        raise RareError
    for line in text.split("\n"):
        yield from _broken(line, width)


def _broken(line: str, width: int) -> Iterator[str]:
    if _columns(line) <= width:
        yield line
        return
    current, used = "", 0
    for word in _WORD.findall(line):
        needed = _columns(word.rstrip())
        if needed <= width - used:
            current, used = current + word, used + _columns(word)
            continue
        if current:
            yield current
        *full, current = _chopped(word, width) if needed > width else (word,)
        yield from full
        used = _columns(current)
    yield current


def _chopped(word: str, width: int) -> Iterator[str]:
    current, used = "", 0
    for character in word:
        columns = _columns(character)
        if used + columns > width:
            yield current
            current, used = "", 0
        current, used = current + character, used + columns
    yield current


def _columns(text: str) -> int:
    """Columns that a terminal needs for it: two for a Chinese character."""
    if text.isascii():
        return len(text)
    return sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if character < _ALL_NARROW_BELOW:
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _words(block: Block, width: int) -> Iterable[str]:
    """Its text; a recipe is a file, whose `_component_` is no emphasis and whose lines stay whole."""
    text = str(block["text"]["text"])
    return text.splitlines() if block.get("block_id") == "recipe" else _wrapped(plain(text), width)


def _fields(fields: list[Block], width: int) -> Iterator[str]:
    """Titles, and their values in a column of their own."""
    pairs = [tuple(map(plain, each["text"].partition("\n")[::2])) for each in fields]
    first = max(_columns(title) for title, _ in pairs)
    yield ""
    for title, value in pairs:
        yield _one_line(f"{_padded(title, first)}  {value}", width)
    yield ""


def _table(block: Block, width: int) -> Iterator[str]:
    """Columns three spaces apart, a rule under their heads, an empty line before and after."""
    rows = [[words_in(each) for each in row] for row in block["rows"]]
    sides = [each.get("align", "left") for each in block.get("column_settings", [{}] * len(rows[0]))]
    columns = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    rule = sum(columns) + 3 * (len(columns) - 1)
    if set(sides) - {"left", "right"} or rule + 2 > width:
        raise RareError
    yield ""
    for at, row in enumerate(rows):
        cells = map(_padded, row, columns, sides)
        yield _one_line(f" {'   '.join(cells)}", width)
        if at == 0:
            yield f" {'─' * rule}"
    yield ""


def _padded(text: str, columns: int, side: str = "left") -> str:
    filling = " " * (columns - _columns(text))
    return filling + text if side == "right" else text + filling


def _one_line(text: str, width: int) -> str:
    if "\n" in text or _UNUSUAL.search(text) or _columns(text) > width:
        raise RareError
    return text

"""What is looked at and not kept, the maths, the assumptions, the command: a window over the channel."""

from collections.abc import Iterator
from typing import Any, Final

from bot.cards.block import Block, Card, clipped, escape, mrkdwn, plain_text, words_in
from bot.i18n import Texts

MAX_TITLE_CHARS: Final = 24
EMPTY: Final = ("", "–")
"""A cell that says nothing; in a row of a table it has a dash."""
ROWS_OF_FIELDS: Final = 5
"""A section has ten fields."""


def told_view(card: Card, name: str, *, texts: Texts) -> dict[str, Any]:
    """The card as a modal titled by `told.{name}`; its own title would say the same again."""
    shown = [
        part
        for block in card.blocks
        if block["type"] not in ("header", "actions")
        for part in ([block] if block["type"] != "table" else _as_fields(block))
    ]
    return {
        "type": "modal",
        "title": plain_text(clipped(texts(f"told.{name}"), MAX_TITLE_CHARS)),
        "close": plain_text(texts("told.close")),
        "blocks": shown,
    }


def _as_fields(table: Block) -> Iterator[Block]:
    """A table's rows as pairs of fields: Slack draws no table in a window."""
    (*_, unit), *rows = ([escape(words_in(each)) for each in row] for row in table["rows"])
    for at in range(0, len(rows), ROWS_OF_FIELDS):
        pairs = [
            pair
            for name, *said, size in rows[at : at + ROWS_OF_FIELDS]
            for pair in (
                "\n".join((f"*{name}*", *(each for each in said if each not in EMPTY))),
                f"*{size}* {unit}",
            )
        ]
        yield {
            "type": "section",
            "block_id": f"{table['block_id']}{at}",
            "fields": [mrkdwn(each) for each in pairs],
        }

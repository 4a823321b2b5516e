"""What is looked at and not kept, the maths, the assumptions, the command: a window over the channel."""

from typing import Any

from bot.cards.block import Card, clipped, plain
from bot.i18n import Texts

MAX_TITLE_CHARS = 24


def told_view(card: Card, name: str, *, texts: Texts) -> dict[str, Any]:
    """The card as a modal titled by `told.{name}`; its own title would say the same again."""
    shown = [block for block in card.blocks if block["type"] not in ("header", "actions")]
    return {
        "type": "modal",
        "title": plain(clipped(texts(f"told.{name}"), MAX_TITLE_CHARS)),
        "close": plain(texts("told.close")),
        "blocks": shown,
    }

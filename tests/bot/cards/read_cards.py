"""What stands on a card: its words, its buttons and menus."""

from typing import Any

from bot.cards.block import Card
from bot.cli.render import styled


def said(card: Card) -> str:
    """Every word of the card, without its markup."""
    return "\n".join(styled(each).plain for each in texts_in(list(card.blocks)))


def texts_in(thing: Any) -> list[str]:
    if isinstance(thing, dict):
        own = [thing["text"]] if isinstance(thing.get("text"), str) else []
        return own + [text for each in thing.values() for text in texts_in(each)]
    return [text for each in thing for text in texts_in(each)] if isinstance(thing, list) else []


def elements(card: Card) -> list[dict[str, Any]]:
    rows = [each for block in card.blocks for each in block.get("elements", ()) if block["type"] == "actions"]
    return rows + [block["accessory"] for block in card.blocks if "accessory" in block]


def by_action(card: Card, action_id: str) -> dict[str, Any]:
    return next(each for each in elements(card) if each["action_id"] == action_id)

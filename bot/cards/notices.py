"""One-line answers: what is wrong with the place, the button or ourselves, and what to do next."""

from bot.cards.block import Card, escape, section
from bot.i18n import Texts


def notice_card(name: str, *, texts: Texts, **values: str | int) -> Card:
    """The sentence `notice.{name}` of the locales with its values made inert."""
    inert = {key: escape(value) if isinstance(value, str) else value for key, value in values.items()}
    said = texts(f"notice.{name}", **inert)
    return Card(said, (section(said, block_id="notice"),))

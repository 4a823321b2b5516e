"""A card's place in its conversation: its own command, those that led to it, and how the thread is told."""

from dataclasses import dataclass, replace
from typing import Final

from bot.conversation.shown import Shown
from bot.i18n import Language

MAX_TRAIL: Final = 20
MAX_TRAIL_CHARS: Final = 1000
"""Metadata is to stay below 2 kB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardState:
    """A card's own command, and the commands of the cards that led to it."""

    command: str
    card_id: str = ""
    trail: tuple[str, ...] = ()
    """The first card's command first, that of the card before last; empty on a first card."""
    language: Language | None = None
    """In which the first card is written; so is its thread, whoever replies, until a command says another."""
    currency: str = ""
    """Likewise, in which it counted."""
    shown: Shown | None = None
    """The price that the card itself showed."""
    noted: str = ""
    """Marks of what its thread was told of its prices' sources: it is said once."""

    @property
    def root(self) -> str:
        """The command of the first card."""
        return self.trail[0] if self.trail else self.command

    @property
    def before(self) -> str:
        """The command of the card before; empty on a first card."""
        return self.trail[-1] if self.trail else ""

    def then(self, command: str, card_id: str) -> "CardState":
        """The card after this one."""
        trail = _shortened((*self.trail, self.command))
        return replace(self, command=command, card_id=card_id, trail=trail, shown=None)

    def undone(self, card_id: str) -> "CardState | None":
        """The card before this one, again; None on a first card."""
        if not self.trail:
            return None
        return replace(self, command=self.trail[-1], card_id=card_id, trail=self.trail[:-1], shown=None)


def _shortened(trail: tuple[str, ...]) -> tuple[str, ...]:
    """`trail` without what lies longest between its first and its last command."""
    while len(trail) > 2 and (len(trail) > MAX_TRAIL or sum(map(len, trail)) > MAX_TRAIL_CHARS):
        trail = (trail[0], *trail[2:])
    return trail

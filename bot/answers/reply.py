"""Who asked, and what they are answered with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from bot.cards.block import Card
from bot.cards.requested import RequestedEstimate
from bot.cards.sections import Surface
from bot.conversation.preferences import NOTHING_CHOSEN, Chosen
from bot.i18n import Language
from estimator.errors import Problem
from estimator.money import CHINESE_CURRENCY, DEFAULT_CURRENCY
from estimator.result import Estimate

ReplyOutcome = Literal[
    "fits", "does_not_fit", "problems", "help", "listing", "done", "not_here", "not_booked"
]
"""`listing`: of the catalog; `done`: what else was asked, a comparison, a recipe, a channel's money."""
EXIT_STATUS: Final[dict[ReplyOutcome, int]] = {
    "fits": 0,
    "does_not_fit": 3,
    "problems": 1,
    "help": 0,
    "listing": 0,
    "done": 0,
    "not_here": 1,
    "not_booked": 1,
}
CURRENCY_OF: Final[dict[Language, str]] = {"en": DEFAULT_CURRENCY, "zh": CHINESE_CURRENCY}
"""In which currency a reader sees prices where nobody said one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asked: a Slack user, or somebody at a terminal."""

    language: Language
    user_id: str = ""
    surface: Surface = "slack"
    currency: str = ""
    """In which they want to see prices; empty: that of their language."""
    chosen: Chosen = NOTHING_CHOSEN
    """The settings in force where they ask: whose prices are taken."""
    public_prices: bool = False
    """Whether another company reads along: what is the installation's own is not for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A card, for whom it is, and what it is about."""

    card: Card
    outcome: ReplyOutcome
    language: Language
    for_everybody: bool = False
    requested: RequestedEstimate | None = None
    is_found: bool = True
    """Whether there was anything of the name that was asked for; a terminal tells by its status."""
    problems: Sequence[Problem] = ()
    unused: tuple[str, ...] = ()
    """Words of the text that were set aside."""
    not_done: tuple[str, ...] = ()
    """Codes of what was asked for and is not estimated."""

    @property
    def command(self) -> str:
        """The canonical command of an estimate: it travels with the message."""
        return self.requested.command if self.requested else ""

    @property
    def estimate(self) -> Estimate | None:
        """The estimate that the card shows."""
        return self.requested.estimate if self.requested else None

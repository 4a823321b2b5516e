"""An estimate as the card that suits it: what it costs, what the rule of thumb says, or why nothing fits."""

from bot.cards.block import Card
from bot.cards.cost import cost_card
from bot.cards.nofit import nofit_card
from bot.cards.parts import Surface
from bot.cards.rule import rule_card
from bot.i18n import Texts
from estimator.outcome import Estimate


def estimate_card(
    estimate: Estimate,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """The answer to one spec.

    `asker` is a user's id; `notice` one more line under the verdict, already in Slack's markup.
    """
    best = estimate.headline
    if estimate.spec.rule_of_thumb:
        return rule_card(estimate, texts=texts, asker=asker, notice=notice, surface=surface)
    if best is None or not best.fits:
        return nofit_card(estimate, texts=texts, asker=asker, surface=surface)
    return cost_card(estimate, best, texts=texts, asker=asker, notice=notice, surface=surface)

"""No estimate, however absurd or hostile, makes a card that Slack refuses or that says what it must not."""

import re
from collections.abc import Callable, Iterator
from typing import Any as Anything

import pytest
from card_any import Any
from card_setups import gpu_setups
from draws import draws
from slack_sdk.models.blocks import Block

from bot.cards.block import Card
from bot.cards.compare import compare_card, spec_setups
from bot.cards.delta import delta_card
from bot.cards.error import error_card
from bot.cards.estimate import estimate_card
from bot.cards.maths import assumptions_card, copy_card, maths_card
from bot.cards.notes import dropped_line, unchanged_card
from bot.cards.settings import Told, settings_card
from bot.cards.slack_limits import SlackSurface, violations
from bot.cards.state import with_state
from bot.conversation.card_state import CardState
from bot.conversation.preferences import Chosen
from bot.i18n import Texts

LINK = "https://s.example/p1"
OUR_OWN = ("<@U123>", f"<{LINK}|the estimate before>", f"<{LINK}|上一次估算>")
CITED = re.compile(r"<https://(?:github\.com/[\w-]+/[\w.-]+|arxiv\.org/abs/[\d.]+)\|[^<>|]*>")
ROUNDS = draws(60, 500)
"""In each of two languages."""

Made = tuple[Card, SlackSurface]
MAKERS: dict[str, Callable[[Any, Texts], Made]] = {
    "estimate": lambda any_, texts: (estimate_card(any_.estimate(), texts=texts, asker="U123"), "card"),
    "delta": lambda any_, texts: (
        delta_card(any_.estimate(), any_.estimate(), texts=texts, base_link=LINK),
        "card",
    ),
    "follow-up": lambda any_, texts: (
        with_state(
            delta_card(
                any_.estimate(),
                any_.estimate(),
                texts=texts,
                base_link=LINK,
                asker="U123",
                notice=dropped_line([(any_.command(), any_.command())], texts),
            ),
            CardState(command=any_.command(), card_id="1f3a9c2e", trail=tuple(any_.many(any_.command, 20))),
        ),
        "card",
    ),
    "unchanged": lambda any_, texts: (
        unchanged_card(any_.command(), {any_.command(): any_.command()}, texts=texts),
        "card",
    ),
    "settings": lambda any_, texts: (
        settings_card(
            {"user": Chosen(currency=any_.command()[:9])},
            Chosen(),
            texts=texts,
            told=Told(wrong=any_.command()),
        ),
        "card",
    ),
    "compare": lambda any_, texts: (
        compare_card(
            any_.choice((gpu_setups, spec_setups))((any_.estimate(), any_.estimate()), texts),
            texts=texts,
            command=any_.command(),
        ),
        "card",
    ),
    "maths": lambda any_, texts: (maths_card(any_.estimate(), texts=texts), "message"),
    "assumptions": lambda any_, texts: (assumptions_card(any_.estimate(), texts=texts), "message"),
    "copy": lambda any_, texts: (copy_card(any_.command(), texts=texts), "message"),
    "error": lambda any_, texts: (
        error_card((any_.problem(), *any_.many(any_.problem, 20)), any_.command(), texts=texts),
        "message",
    ),
}


def markup_in(thing: Anything) -> Iterator[str]:
    """Every text that Slack reads as its markup."""
    if isinstance(thing, dict):
        if thing.get("type") == "mrkdwn":
            yield thing["text"]
        thing = list(thing.values())
    if isinstance(thing, list | tuple):
        for each in thing:
            yield from markup_in(each)


def inert(text: str) -> bool:
    for ours in OUR_OWN:
        text = text.replace(ours, "")
    return "<" not in CITED.sub("", text)


@pytest.mark.untraced
@pytest.mark.parametrize("name", MAKERS)
def test_any_card_is_within_the_limits_read_by_slacks_models_and_inert(name: str, texts: Texts) -> None:
    for seed in range(ROUNDS):
        card, surface = MAKERS[name](Any(seed), texts)
        assert violations(card, surface) == (), seed
        assert all(Block.parse(block) is not None for block in card.blocks), seed
        assert all(inert(text) for text in markup_in(card.blocks)), seed
        assert card.text.strip() != "", seed

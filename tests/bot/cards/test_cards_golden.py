"""Every card in both languages, as JSON for Slack and drawn for its reviewer.

`pytest tests/bot/cards --update-golden` writes them anew, to be read as a diff.
"""

import json
import logging
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from card_drawn import as_text
from card_examples import cards
from slack_sdk.models.blocks import Block

from bot.cards.block import Card
from bot.cards.slack_limits import SlackSurface, violations
from bot.i18n import LANGUAGES, Language, Texts, load_texts

KINDS = ("json", "txt")
NAMES = tuple(cards(load_texts("en")))


@cache
def cards_in(language: Language) -> dict[str, tuple[Card | dict[str, Any], SlackSurface]]:
    """Drawn once for all that look at them."""
    return cards(load_texts(language))


def drawn(card: Card | dict[str, Any]) -> dict[str, Any]:
    return card.as_message() if isinstance(card, Card) else card


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_as_it_was_reviewed(name: str, texts: Texts, golden: Path, *, update_golden: bool) -> None:
    shown = drawn(cards_in(texts.language)[name][0])
    versions = {"txt": as_text(shown), "json": json.dumps(shown, ensure_ascii=False, indent=1) + "\n"}
    for kind, version in versions.items():
        path = golden / f"{name}.{texts.language}.{kind}"
        if update_golden:
            golden.mkdir(exist_ok=True)
            path.write_text(version, encoding="utf-8")
        assert version == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over(golden: Path) -> None:
    wanted = {f"{name}.{language}.{kind}" for name in NAMES for language in LANGUAGES for kind in KINDS}
    assert {each.name for each in golden.iterdir()} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_within_the_limits(name: str, texts: Texts) -> None:
    card, surface = cards_in(texts.language)[name]
    assert violations(card, surface) == ()


@pytest.mark.parametrize("name", NAMES)
def test_slacks_own_models_read_a_card_and_give_it_back(
    name: str, texts: Texts, caplog: pytest.LogCaptureFixture
) -> None:
    card, _ = cards_in(texts.language)[name]
    with caplog.at_level(logging.WARNING):
        for block in drawn(card)["blocks"]:
            read = Block.parse(block)
            assert read is not None, block["type"]
            assert read.to_dict() == block
    assert caplog.messages == []


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_at_most_one_primary_button(name: str, texts: Texts) -> None:
    card, _ = cards_in(texts.language)[name]
    assert json.dumps(drawn(card)).count('"style": "primary"') <= 1


@pytest.mark.parametrize("name", NAMES)
def test_what_a_screen_reader_says_has_no_markup(name: str, texts: Texts) -> None:
    card, _ = cards_in(texts.language)[name]
    if isinstance(card, Card) and name != "notice":
        assert not set("*`<>") & set(card.text)
        assert ":large" not in card.text

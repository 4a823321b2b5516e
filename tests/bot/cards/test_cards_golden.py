"""Every card in both languages as JSON, reviewed as a diff; `pytest --update-golden` writes them anew."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from card_examples import cards
from slack_sdk.models.blocks import Block

from bot.cards.block import Card
from bot.cards.limits import violations
from bot.i18n import Texts, load_texts

NAMES = tuple(cards(load_texts("en")))


def drawn(card: Card | dict[str, Any]) -> dict[str, Any]:
    return card.as_message() if isinstance(card, Card) else card


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_as_it_was_reviewed(name: str, texts: Texts, golden: Path, *, update_golden: bool) -> None:
    card, _ = cards(texts)[name]
    path = golden / f"{name}.{texts.language}.json"
    shown = json.dumps(drawn(card), ensure_ascii=False, indent=1) + "\n"
    if update_golden:
        golden.mkdir(exist_ok=True)
        path.write_text(shown, encoding="utf-8")
    assert shown == path.read_text(encoding="utf-8")


def test_no_golden_file_is_left_over(golden: Path) -> None:
    assert {each.name.partition(".")[0] for each in golden.glob("*.json")} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_within_the_limits(name: str, texts: Texts) -> None:
    card, surface = cards(texts)[name]
    assert violations(card, surface) == ()


@pytest.mark.parametrize("name", NAMES)
def test_slacks_own_models_read_a_card_and_give_it_back(
    name: str, texts: Texts, caplog: pytest.LogCaptureFixture
) -> None:
    card, _ = cards(texts)[name]
    with caplog.at_level(logging.WARNING):
        for block in drawn(card)["blocks"]:
            read = Block.parse(block)
            assert read is not None, block["type"]
            assert read.to_dict() == block
    assert caplog.messages == []


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_at_most_one_primary_button(name: str, texts: Texts) -> None:
    card, _ = cards(texts)[name]
    assert json.dumps(drawn(card)).count('"style": "primary"') <= 1


@pytest.mark.parametrize("name", NAMES)
def test_what_a_screen_reader_says_has_no_markup(name: str, texts: Texts) -> None:
    card, _ = cards(texts)[name]
    if isinstance(card, Card) and name != "notice":
        assert not set("*`<>") & set(card.text)
        assert ":large" not in card.text

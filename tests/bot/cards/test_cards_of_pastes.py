"""What a log without a card of its own offers to ask."""

import pytest

from bot.cards.block import Card
from bot.cards.pastes import log_card, with_reading
from bot.i18n import LANGUAGES, Language, load_texts
from bot.language import Request
from bot.language.pastes.facts import LogFacts
from bot.language.pastes.paste import Paste


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_log_beside_its_command_is_asked_about_with_its_own_model(language: Language) -> None:
    facts, texts = LogFacts(wanted_bytes=2**31), load_texts(language)
    bare, whole = (
        log_card(
            Paste(kind="oom", name="", facts=facts, fields=fields),
            None,
            (),
            texts=texts,
            surface="terminal",
        ).blocks[0]["text"]["text"]
        for fields in ({"method": "lora"}, {"method": "lora", "model": "qwen2.5-7b"})
    )
    assert "`ftcost llama-3.1-8b lora`" in bare
    assert "`ftcost qwen2.5-7b lora`" in whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_command_of_a_configuration_is_not_said_above_a_card_that_has_it(language: Language) -> None:
    paste = Paste(kind="axolotl", name="Axolotl", fields={"model": "7b", "method": "lora"})
    typed, more = Request.of_fields(paste.fields), Request.of_fields({**paste.fields, "num_examples": 10})
    alone, beside = (
        with_reading(Card("", ()), paste, request=each, texts=load_texts(language), surface="slack")
        for each in (typed, more)
    )
    assert "Axolotl" in str(alone.blocks)
    assert "`7b lora`" not in str(alone.blocks)
    assert "`7b lora`" in str(beside.blocks)

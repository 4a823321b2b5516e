"""What a log without a card of its own offers to ask."""

import pytest

from bot.cards.pastes import log_card
from bot.i18n import LANGUAGES, Language, load_texts
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

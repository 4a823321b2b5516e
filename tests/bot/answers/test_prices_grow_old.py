"""The bundled prices on later days (the day is handed in): a price with words or a sentence, always."""

import json
from datetime import date, timedelta
from functools import cache

import pytest
from fakes import NoHub
from prices_on_a_day import BUNDLED_ON, prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.reply import Asker, Reply
from bot.cards.slack_limits import violations
from bot.files import load_catalog
from bot.i18n import Language, load_texts
from estimator.result import NoteCode, Quote

LATER = (8, 30, 70, 200, 400)
"""Days after the list was made. On the eighth the prices of AutoDL of April are too old to count."""
UNPINNED = (
    "7b fp16 n=10000 bs=32",
    "llama-3.1-8b lora n=50000 bs=64",
    "llama-3.1-70b qlora n=20000",
    "qwen2.5-32b full n=20k epochs=2",
    "mistral 7b lora",
    "7b fp16 n=10000 bs=32 cur=cny",
    "7b lora cur=cny",
    "qwen2.5-32b full n=20k epochs=2 cur=cny",
)
SAID = (
    "7b full aws spot",
    "7b lora 1xa100 aws",
    "7b lora 8xh100 lambda region=us-west-1",
    "7b lora aws region=US-EAST-1",
    "7b lora 1x4090 cur=cny",
    "7b lora 8xh200 spot",
    "7b lora 1x4090 market=marketplace",
)
NO_PRICE = (NoteCode.LAST_SEEN, NoteCode.NO_PRICE, NoteCode.SOLD_ELSEWHERE)


WITHOUT = ("header_unpriced", "header_elsewhere", "header_old")


@cache
def _answerer(days: int) -> Answerer:
    prices = prices_as_of(BUNDLED_ON + timedelta(days=days))
    return Answerer(EstimateService(load_catalog(), prices, NoHub()))


@cache
def _answered(text: str, days: int, language: Language) -> Reply:
    asked = _answerer(days)
    return asked.reply(asked.read(text), Asker(language=language, user_id="U1"))


def _words(reply: Reply) -> str:
    return json.dumps(reply.card.blocks, ensure_ascii=False)


def _holds(quote: Quote, today: date) -> None:
    """The price may lead on that day, by the ages of its seller's kind, and is marked once it should be."""
    ages = {"A": (180, 365), "B": (60, 120), "B-cn": (60, 220), "": (60, 365)}
    marked_after, useless_after = ages[quote.tier]
    assert quote.as_of is not None
    age = (today - quote.as_of).days
    assert age <= useless_after
    assert quote.stale == (age > marked_after)
    assert quote.price_per_hour.amount > 0


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("days", LATER)
@pytest.mark.parametrize("text", UNPINNED + SAID)
def test_every_later_day_has_a_price_with_words_or_a_sentence(
    text: str, days: int, language: Language
) -> None:
    reply = _answered(text, days, language)
    found, words, texts = reply.estimate, _words(reply), load_texts(language)
    assert violations(reply.card, "card") == ()
    assert found is not None
    best = found.headline
    assert best is not None
    assert best.fits
    if not best.quotes:
        assert {note.code for note in found.notes} & set(NO_PRICE)
        said = (texts(f"estimate.{each}", time="", gpus="").rsplit(" · ", 1)[1] for each in WITHOUT)
        assert any(each in words for each in said)
        return
    _holds(best.quotes[0], BUNDLED_ON + timedelta(days=days))
    assert (texts("estimate.stale") in words) == best.quotes[0].stale


@pytest.mark.parametrize("days", [each for each in LATER if each <= 200])
@pytest.mark.parametrize("text", UNPINNED)
def test_what_leads_unasked_stays_one_machine_with_a_price(text: str, days: int) -> None:
    found = _answered(text, days, "en").estimate
    assert found is not None
    best = found.headline
    assert best is not None
    assert best.quotes
    assert best.plan.num_nodes == 1
    assert best.plan.num_gpus <= 8

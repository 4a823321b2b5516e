"""The bundled list grows old: what leads, and what is said where nothing may lead any more."""

from datetime import date

import pytest
from fakes import NoHub
from prices_on_a_day import BUNDLED_ON, priced_on, prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import EstimateService
from bot.answers.reply import Asker, Reply
from bot.files import load_catalog
from bot.i18n import Language

CATALOG = load_catalog()
AFTER_THE_SURVEY = date(2026, 12, 10)
"""The readings of 29 and 30 April of China's platforms are over (220 days)."""
IN_SPRING = date(2027, 3, 1)
AT_THE_END = date(2028, 1, 1)


def reply_on(day: date, text: str, language: Language = "en") -> Reply:
    answers = Answerer(EstimateService(CATALOG, prices_as_of(day), NoHub()))
    return answers.reply(answers.read(text), Asker(language=language))


def led_by(reply: Reply) -> tuple[str, str] | None:
    """Seller and currency of the headline."""
    assert reply.estimate is not None
    best = reply.estimate.headline
    if best is None or not best.quotes:
        return None
    return best.quotes[0].provider, best.quotes[0].price_per_hour.currency


@pytest.mark.parametrize(
    ("day", "text", "leader"),
    [
        (BUNDLED_ON, "7b lora 1xa800 cur=cny", ("autodl", "CNY")),
        (AFTER_THE_SURVEY, "7b lora 1xa800 cur=cny", None),
        (BUNDLED_ON, "7b lora 1x4090 cur=cny", ("autodl", "CNY")),
        (AFTER_THE_SURVEY, "7b lora 1x4090 cur=cny", ("autodl", "CNY")),
        (date(2027, 4, 7), "7b lora 1x4090 cur=cny", ("autodl", "CNY")),
        (date(2027, 4, 8), "7b lora 1x4090 cur=cny", None),
        (AFTER_THE_SURVEY, "7b lora cur=cny", ("autodl", "CNY")),
        (IN_SPRING, "7b lora cur=cny", ("autodl", "CNY")),
        (IN_SPRING, "7b lora 1xa100 cur=cny", ("alibaba", "CNY")),
        (AFTER_THE_SURVEY, "7b lora 8xh200 cur=cny", ("runpod", "USD")),
    ],
)
def test_who_leads_in_china_as_its_readings_grow_old(
    day: date, text: str, leader: tuple[str, str] | None
) -> None:
    assert led_by(reply_on(day, text)) == leader


@pytest.mark.parametrize("day", [AFTER_THE_SURVEY, IN_SPRING])
@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "No current price of AutoDL"), ("zh", "没有近期报价：上次见到 ¥4.98/卡时")],
)
def test_what_was_last_seen_is_said_with_its_day(day: date, language: Language, sentence: str) -> None:
    reply = reply_on(day, "7b lora 1xa800 cur=cny", language)
    said = str(reply.card.blocks)
    assert sentence in said
    assert "2026" in said
    assert reply.outcome == "fits"


def test_where_no_price_is_left_memory_and_time_are_answered() -> None:
    for text in ("7b lora", "7b lora 8xh100", "7b fp16 n=10000 bs=32", "70b qlora cur=cny"):
        reply = reply_on(AT_THE_END, text)
        assert reply.outcome == "fits"
        assert led_by(reply) is None
        assert "too old to count" in str(reply.card.blocks)


@pytest.mark.parametrize(
    ("gpu", "num_gpus", "with_five", "few"),
    [
        ("h100-80gb", 8, date(2027, 2, 20), date(2027, 2, 28)),
        ("h200", 8, date(2027, 2, 7), date(2027, 2, 22)),
        ("b200", 8, date(2027, 1, 31), date(2027, 2, 14)),
        ("a100-80gb", 8, date(2027, 3, 1), date(2027, 3, 10)),
        ("l40s", 1, date(2027, 1, 20), date(2027, 1, 31)),
        ("a100-80gb-pcie", 1, date(2026, 12, 10), date(2026, 12, 21)),
        ("rtx-pro-6000", 1, date(2026, 12, 10), date(2026, 12, 21)),
        ("l4", 1, date(2026, 12, 10), date(2026, 12, 21)),
    ],
)
def test_until_when_the_bundled_list_has_five_sellers(
    gpu: str, num_gpus: int, with_five: date, few: date
) -> None:
    """As docs/price-sources.md says; a list written anew moves these days."""
    for day, has_five in ((with_five, True), (few, False)):
        votes = priced_on(day, gpu, num_gpus)[0].votes
        assert votes is not None
        assert (votes.num_sellers >= 5) is has_five

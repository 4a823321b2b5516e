"""A text becomes a reply: an estimate for everybody, all else for the asker alone."""

import json
import re
from typing import Any

import pytest
from prices_on_a_day import prices_as_of

from bot.answers.answers import Answerer
from bot.answers.followups import alternatives, stepped
from bot.answers.reply import Asker, Reply
from bot.bootstrap import service_for
from bot.cards.block import Card
from bot.cards.estimate import estimate_card
from bot.cards.slack_limits import violations
from bot.cli.estimate import document_of
from bot.conversation.followups import Step, first, moved
from bot.i18n import Language, load_texts
from bot.settings import settings_from
from estimator.result import Tag
from estimator.spec import Method

SEED = "7b fp16 n=10000 bs=32"
ALEX = Asker(language="en", user_id="U1")


@pytest.fixture(scope="module")
def answers() -> Answerer:
    settings = settings_from({"HOME": "/nowhere", "HF_HUB_OFFLINE": "1"})
    return Answerer(service_for(settings, prices_as_of()))


def reply(answers: Answerer, text: str, language: Language = "en") -> Reply:
    return answers.reply(answers.read(text), Asker(language=language, user_id="U1"))


def test_an_estimate_is_for_everybody_and_carries_its_command(answers: Answerer) -> None:
    seed = reply(answers, SEED)
    assert (seed.outcome, seed.for_everybody, seed.command) == ("fits", True, SEED)
    assert "<@U1>" in str(seed.card.blocks)


def test_a_seller_with_one_price_everywhere_sells_in_every_region(answers: Answerer) -> None:
    found = reply(answers, "7b qlora mbs=1 8xh100 lambda zero3 region=us-west-1").estimate
    assert found is not None
    assert [each.provider for each in found.options[0].quotes] == ["lambda"]


def test_a_region_is_the_same_in_capitals(answers: Answerer) -> None:
    said = [
        reply(answers, f"7b lora aws region={r} 8xa100-40gb zero3 mbs=1") for r in ("us-east-1", "US-EAST-1")
    ]
    lower, upper = (each.estimate.options[0].quotes for each in said if each.estimate)
    assert lower
    assert lower == upper


def test_private_is_for_the_asker_alone(answers: Answerer) -> None:
    assert not reply(answers, f"{SEED} private").for_everybody


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("70b full 1x4090 mbs=1", "does_not_fit"),
        ("7b bs=0", "problems"),
        ("", "help"),
        ("help", "help"),
        ("models qwen", "listing"),
        ("gpus", "listing"),
        ("prices", "listing"),
        ("prices 4090", "listing"),
        ("prices toaster", "problems"),
        ("compare 7b | 13b", "done"),
        ("compare 7b | 13b bs=0", "problems"),
        ("nobody/nothing-7b", "problems"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_has_its_outcome_and_a_card_within_the_limits(
    answers: Answerer, text: str, outcome: str, language: Language
) -> None:
    found = reply(answers, text, language)
    assert found.outcome == outcome
    assert violations(found.card, "message") == ()


def test_the_currency_is_that_of_the_reader_unless_one_is_said(answers: Answerer) -> None:
    assert "$" in reply(answers, SEED).card.text
    assert "¥" in reply(answers, SEED, "zh").card.text
    assert "€" in reply(answers, f"{SEED} cur=eur").card.text


@pytest.mark.parametrize(
    "text", ["7b qlora 1x4090", "compare 7b qlora 1x4090 | 7b lora 1x4090", "13b full 1x4090 private"]
)
def test_the_line_of_a_card_gives_its_prices_to_who_reads_in_another_currency(
    answers: Answerer, text: str
) -> None:
    shown = json.dumps(reply(answers, text, "zh").card.blocks, ensure_ascii=False)
    (line,) = set(re.findall(r"`/ftcost ([^`]+)`", shown))
    again = json.dumps(reply(answers, line, "en").card.blocks, ensure_ascii=False)
    assert re.findall(r"¥[\d.,]*\d", again)
    assert set(re.findall(r"¥[\d.,]*\d", again)) <= set(re.findall(r"¥[\d.,]*\d", shown))
    assert "cur=" not in json.dumps(reply(answers, text).card.blocks)


def test_a_language_that_is_said_beats_the_readers(answers: Answerer) -> None:
    assert reply(answers, f"{SEED} lang=zh").language == "zh"
    assert reply(answers, "7b bs=0 lang=zh").language == "zh"


def test_only_problems_and_help_are_instant(answers: Answerer) -> None:
    assert answers.instant(answers.read("7b bs=0"), ALEX) is not None
    assert answers.instant(answers.read("please"), ALEX) is not None
    assert answers.instant(answers.read(SEED), ALEX) is None
    assert answers.instant(answers.read("models"), ALEX) is None


def test_what_may_have_been_meant_is_said_once(answers: Answerer) -> None:
    said = str(reply(answers, "7b lorra").card.blocks[0])
    assert said.lower().count("did you mean") == 1


def test_all_models_are_listed_in_a_terminal_and_some_in_slack(answers: Answerer) -> None:
    reading = answers.read("models")
    slack = answers.reply(reading, ALEX).card
    terminal = answers.reply(reading, Asker(language="en", surface="terminal")).card
    assert terminal.size_bytes > slack.size_bytes


def test_the_maths_and_assumptions_of_an_estimate_are_two_cards(answers: Answerer) -> None:
    seed = reply(answers, SEED).requested
    assert seed is not None
    for card in (answers.maths(seed, "en"), answers.sources(seed, "zh")):
        assert violations(card, "message") == ()
    assert "base parameters" in str(answers.maths(seed, "en").blocks)


def test_a_change_says_what_changed(answers: Answerer) -> None:
    step = moved(answers.read("lora", answers.request(SEED)), first(SEED), answers.request)
    assert isinstance(step, Step)
    told = stepped(answers, step, ALEX)
    assert told.estimate is not None
    assert told.estimate.spec.method is Method.LORA
    assert "lora" in str(told.card.blocks[0])


def test_alternatives_are_other_setups_of_the_same_run(answers: Answerer) -> None:
    request = answers.request(f"{SEED} 8xh100")
    assert request is not None
    found = alternatives(answers, request, ALEX)
    assert found.for_everybody
    assert "H100" in str(found.card.blocks)
    assert violations(found.card, "message") == ()


def test_how_an_answer_is_shown_is_no_part_of_the_run_and_travels_with_every_command(
    answers: Answerer,
) -> None:
    shown = reply(answers, "7b full 1x4090 mbs=1 private lang=zh").requested
    plain = reply(answers, "7b full 1x4090 mbs=1").requested
    assert shown is not None
    assert plain is not None
    assert shown.estimate.spec == plain.estimate.spec
    assert shown.fixes
    for written in shown.fixes:
        again = answers.request(written.command)
        assert again is not None
        assert (again.language, again.private) == ("zh", True)


@pytest.mark.parametrize(("language", "sentence"), [("en", "samples and epochs"), ("zh", "样本数和轮数")])
def test_that_steps_decide_is_said_once(answers: Answerer, language: Language, sentence: str) -> None:
    step = moved(answers.read("steps=100", answers.request(SEED)), first(SEED), answers.request)
    assert isinstance(step, Step)
    told = stepped(answers, step, Asker(language=language, user_id="U1"))
    assert str(told.card.blocks).count(sentence) == 1


def test_the_document_has_what_people_type_beside_what_was_computed(answers: Answerer) -> None:
    asked = reply(answers, "7b full 1x4090 mbs=1 private lang=zh")
    found = document_of(asked, load_texts("en"))
    assert list(found)[:3] == ["schema_version", "command", "spec"]
    assert found["command"] == asked.command == "7b full mbs=1 1xrtx-4090 lang=zh private"
    assert list(found["spec"])[-2:] == ["language", "private"]
    assert found["fixes"]
    for fix in found["fixes"]:
        assert list(fix) == ["change", "command", "option"]
        changed = answers.read(fix["change"], answers.request(asked.command)).request
        assert changed == answers.request(fix["command"])


def _picks(answers: Answerer, text: str) -> str:
    blocks = reply(answers, text).card.blocks
    return str([block for block in blocks if block.get("block_id") == "picks"])


@pytest.mark.parametrize(
    "text", ["7b lora", "7b full", "13b qlora", "qwen2.5-7b lora 24gb", "7b lora 80gb", "70b lora"]
)
def test_cheapest_is_said_only_of_what_nothing_undercuts(answers: Answerer, text: str) -> None:
    found = reply(answers, text).estimate
    assert found is not None
    tagged = next(each for each in found.options if Tag.CHEAPEST in each.tags)
    costs = [each.cost for each in found.options if each.cost]
    least = min(costs, key=lambda cost: cost.amount)
    assert {cost.currency for cost in costs} == {"USD"}
    assert ("Cheapest" in _picks(answers, text)) == (tagged.cost == least)
    assert ("Cheaper, " in str(reply(answers, text).card.blocks)) == (tagged.cost != least)


def test_gpus_named_by_their_memory_are_any_of_that_size(answers: Answerer) -> None:
    by_memory = reply(answers, "qwen2.5-7b lora 24gb").estimate
    assert by_memory is not None
    spent = by_memory.options[0].quotes[0].run_cost.likely.amount
    for gpu in ("1x4090", "1x3090", "1xa5000", "1xl4"):
        one = reply(answers, f"qwen2.5-7b lora {gpu}").estimate
        assert one is not None
        assert spent <= one.options[0].quotes[0].run_cost.likely.amount


def test_the_size_that_was_to_be_the_largest_is_named(answers: Answerer) -> None:
    found = reply(answers, "7b lora seq=max 1xa100")
    assert found.estimate is not None
    length = found.estimate.options[0].workload.sequence_length
    assert f"The largest `seq=` that fits is *{length:,}*" in str(found.card.blocks)
    small = str(reply(answers, "7b seq=max 1xa100").card.blocks)
    assert "Not even `seq=256` fits" in small
    assert "seq=max" in small.partition("lora r=16")[2]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("text", ["finetune sdxl", "finetune sdxl lora 12gb", "grpo 7b 8xa100"])
def test_what_is_not_estimated_is_said_once_with_numbers_or_without(
    answers: Answerer, text: str, language: Language
) -> None:
    said = reply(answers, text, language)
    told = load_texts(language)("not_done.rl" if "grpo" in text else "not_done.other_models")
    assert str(said.card.blocks).count(told) == 1
    assert violations(said.card, "message") == ()


def test_thanks_get_one_line_and_help_the_whole(answers: Answerer) -> None:
    assert len(reply(answers, "thanks!").card.blocks) == 1
    assert len(reply(answers, "help").card.blocks) > 3


def test_the_usual_sizes_stand_side_by_side_where_nobody_names_a_model(answers: Answerer) -> None:
    said = reply(answers, "what's the largest model i can qlora on 24gb?")
    assert "70b" in str(said.card.blocks)
    assert any(block["type"] == "table" for block in said.card.blocks)


def test_a_price_an_hour_is_a_list_of_prices(answers: Answerer) -> None:
    assert "H100" in str(reply(answers, "how much is an h100 per hour").card.blocks)


def test_a_card_is_drawn_once_for_whoever_asks_the_same_again(
    answers: Answerer, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[object] = []

    def counted(*requested: Any, **named: Any) -> Card:
        drawn.append(requested)
        return estimate_card(*requested, **named)

    monkeypatch.setattr("bot.answers.answers.estimate_card", counted)
    alex, mei = Asker(language="en", user_id="U1"), Asker(language="zh", user_id="U2")

    def card(text: str, asker: Asker) -> Card:
        return answers.reply(answers.read(text), asker).card

    first = card("7b lora n=4711", alex)
    assert card("7b  LoRA n=4,711", alex) is first
    assert len(drawn) == 1
    others = [
        card("7b lora n=4711", mei),
        card("7b lora n=4711", Asker(language="en", user_id="U3")),
        card("7b lora n=4711 rule", alex),
        card("7b lora n=4711 cur=eur", alex),
        card("7b lora n=4711 budget=1", alex),
        card("7b lora n=4712", alex),
    ]
    assert all(each != first for each in others)
    assert card("7b lora n=4711", alex) is first
    nowhere = ("405b full 1x4090 n=1", "405b full 1x4090 n=2")
    assert card(nowhere[0], alex) != card(nowhere[1], alex)


def test_a_card_that_shows_a_way_under_a_limit_takes_no_place_of_kept_ones(answers: Answerer) -> None:
    before = len(answers._cards)
    said = reply(answers, "70b qlora 8xh100 n=4713 budget=1")
    assert said.outcome == "fits"
    assert len(answers._cards) == before

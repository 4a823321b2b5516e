"""A text becomes a reply: an estimate for everybody, all else for the asker alone."""

import pytest

from bot.answer import Answers, Asker, Reply
from bot.bootstrap import prices_for, service_for
from bot.cards.limits import violations
from bot.conversation import Step, first, moved
from bot.i18n import Language
from bot.settings import settings_from
from bot.variants import alternatives, stepped
from estimator.spec import Method

SEED = "7b fp16 n=10000 bs=32"
ALEX = Asker(language="en", user_id="U1")


@pytest.fixture(scope="module")
def answers() -> Answers:
    settings = settings_from({"HOME": "/nowhere", "HF_HUB_OFFLINE": "1"})
    return Answers(service_for(settings, prices_for(settings, ("snapshot",), None)))


def reply(answers: Answers, text: str, language: Language = "en") -> Reply:
    return answers.reply(answers.read(text), Asker(language=language, user_id="U1"))


def test_an_estimate_is_for_everybody_and_carries_its_command(answers: Answers) -> None:
    seed = reply(answers, SEED)
    assert (seed.outcome, seed.for_everybody, seed.command) == ("fits", True, SEED)
    assert "<@U1>" in str(seed.card.blocks)


def test_private_is_for_the_asker_alone(answers: Answers) -> None:
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
        ("compare 7b | 13b", "listing"),
        ("compare 7b | 13b bs=0", "problems"),
        ("nobody/nothing-7b", "problems"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_text_has_its_outcome_and_a_card_within_the_limits(
    answers: Answers, text: str, outcome: str, language: Language
) -> None:
    found = reply(answers, text, language)
    assert found.outcome == outcome
    assert violations(found.card, "message") == ()


def test_the_currency_is_that_of_the_reader_unless_one_is_said(answers: Answers) -> None:
    assert "$" in reply(answers, SEED).card.text
    assert "¥" in reply(answers, SEED, "zh").card.text
    assert "€" in reply(answers, f"{SEED} cur=eur").card.text


def test_a_language_that_is_said_beats_the_readers(answers: Answers) -> None:
    assert reply(answers, f"{SEED} lang=zh").language == "zh"
    assert reply(answers, "7b bs=0 lang=zh").language == "zh"


def test_only_problems_and_help_are_instant(answers: Answers) -> None:
    assert answers.instant(answers.read("7b bs=0"), ALEX) is not None
    assert answers.instant(answers.read("please"), ALEX) is not None
    assert answers.instant(answers.read(SEED), ALEX) is None
    assert answers.instant(answers.read("models"), ALEX) is None


def test_what_may_have_been_meant_is_said_once(answers: Answers) -> None:
    said = str(reply(answers, "7b lorra").card.blocks[0])
    assert said.lower().count("did you mean") == 1


def test_all_models_are_listed_in_a_terminal_and_some_in_slack(answers: Answers) -> None:
    reading = answers.read("models")
    slack = answers.reply(reading, ALEX).card
    terminal = answers.reply(reading, Asker(language="en", surface="terminal")).card
    assert terminal.size_bytes > slack.size_bytes


def test_the_maths_and_assumptions_of_an_estimate_are_two_cards(answers: Answers) -> None:
    estimate = reply(answers, SEED).estimate
    assert estimate is not None
    for card in (answers.maths(estimate, "en"), answers.sources(estimate, "zh")):
        assert violations(card, "message") == ()
    assert "base parameters" in str(answers.maths(estimate, "en").blocks)


def test_a_change_says_what_changed(answers: Answers) -> None:
    step = moved(answers.read("lora", answers.spec(SEED)), first(SEED), answers.spec)
    assert isinstance(step, Step)
    told = stepped(answers, step, ALEX)
    assert told.estimate is not None
    assert told.estimate.spec.method is Method.LORA
    assert "lora" in str(told.card.blocks[0])


def test_alternatives_are_other_setups_of_the_same_run(answers: Answers) -> None:
    spec = answers.read(f"{SEED} 8xh100").spec
    assert spec is not None
    found = alternatives(answers, spec, ALEX)
    assert found.for_everybody
    assert "H100" in str(found.card.blocks)
    assert violations(found.card, "message") == ()

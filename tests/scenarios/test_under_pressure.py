"""Floods, a Slack that holds back, an end with a backlog: others are answered, everybody has a word."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from patience import PATIENCE_SECONDS
from said import SEED, at_rest

from bot.bootstrap import Shell
from bot.i18n import load_texts
from bot.playground import SlackDouble
from bot.playground.faults import rate_limited, slow
from bot.playground.people import ALEX, GENERAL, MEI, ML_TRAINING, SAM
from bot.slack import attendant, tasks

POST, RESPONSE = "chat.postMessage", "response_url"
FEW = 4 * tasks.EACH_PERSON
"""Answers that may come before that of somebody else; `tests/bench/server.py` has the seconds."""
AWKWARD = "compare " + " vs ".join(f"405b full seq={1024 * each} on h100" for each in range(1, 9))


@pytest.fixture
def quick(shell: Shell, slack: SlackDouble, known: SlackDouble) -> SlackDouble:
    """Alex and Mei have been here before."""
    return known


def cards_before(slack: SlackDouble, channel: str, n: int) -> int:
    """How many cards were posted before that of the command that names `n`, once it is there."""
    return (
        slack.wait_for(
            lambda: next(
                (
                    number
                    for number, call in enumerate(slack.calls(POST), start=1)
                    if call.arguments.get("channel") == channel
                    and re.search(rf"\bn={n}\b", str(call.arguments))
                ),
                None,
            )
        )
        - 1
    )


def flood(slack: SlackDouble, texts: list[str], channel: str = ML_TRAINING) -> None:
    with ThreadPoolExecutor(8) as pool:
        assert all(
            each.ok
            for each in pool.map(lambda text: slack.slash_command(text, user=ALEX, channel=channel), texts)
        )


@pytest.mark.untraced
@pytest.mark.parametrize(
    "texts",
    [[f"7b lora n={1000 + each}" for each in range(150)], [f"{AWKWARD} n={each}" for each in range(1, 21)]],
    ids=["150 commands", "20 comparisons"],
)
def test_one_persons_flood_does_not_delay_anothers_card(
    shell: Shell, quick: SlackDouble, texts: list[str]
) -> None:
    flood(quick, texts)
    before = len(quick.calls(POST))
    assert quick.slash_command("3b lora n=999999", user=MEI, channel=GENERAL).ok
    assert cards_before(quick, GENERAL, 999999) - before <= FEW
    assert shell.workers.drain(PATIENCE_SECONDS)


def test_a_channel_that_slack_holds_back_delays_no_other(shell: Shell, quick: SlackDouble) -> None:
    quick.inject(rate_limited(POST, 10, times=32))
    flood(quick, [f"7b lora n={1000 + each}" for each in range(32)])
    quick.wait_for(lambda: len(quick.calls(POST)) >= 1)
    quick.slack.faults.clear()
    assert quick.slash_command("3b lora n=999999", user=MEI, channel=GENERAL).ok
    assert cards_before(quick, GENERAL, 999999) <= tasks.EACH_CHANNEL  # the others do not even try
    assert shell.workers.drain(PATIENCE_SECONDS)


def test_one_too_many_is_refused_with_one_sentence_in_the_answer_itself(
    shell: Shell, quick: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "MOST_OF_A_PERSON", 0)
    answer = quick.slash_command(SEED, user=ALEX)
    assert answer.payload()["text"] == load_texts("en")("notice.busy")
    assert answer.payload()["response_type"] == "ephemeral"
    assert quick.slash_command(SEED, user=SAM).payload()["text"].splitlines() == [
        load_texts(language)("notice.busy") for language in ("en", "zh")
    ]
    assert shell.metrics.registry.get_sample_value("ftcost_turned_away_total") == 2
    at_rest(shell)


def test_at_the_end_everybody_has_a_card_or_a_sentence(shell: Shell, quick: SlackDouble) -> None:
    for method in (POST, RESPONSE):
        quick.inject(slow(method, 1.0, times=2000))
    pending = [f"7b lora n={1000 + each}" for each in range(120)]
    flood(quick, pending)
    shell.workers.drain(4)
    at_rest(shell)  # what was under way, on a busy machine

    def sentences() -> int:
        stopping = load_texts("en")("notice.stopping")
        return sum(each["text"] == stopping for each in quick.ephemerals(ALEX))

    def cards() -> int:
        return sum(bool(each.get("metadata")) for each in quick.messages(ML_TRAINING))

    quick.wait_for(lambda: sentences() + cards() >= len(pending))
    assert sentences() + cards() == len(pending)
    assert sentences()


def test_whoever_was_left_by_a_kill_is_told_by_the_next_start(shell: Shell, quick: SlackDouble) -> None:
    address = f"{quick.url}/response/{quick.slack.permits.response_url(ALEX, ML_TRAINING)}"
    record = {"channel_id": ML_TRAINING, "user_id": ALEX, "response_url": address}
    shell.responder.interrupted(record)
    told = quick.wait_for(lambda: next(iter(quick.ephemerals(ALEX)), None))
    assert told["text"] == load_texts("en")("notice.interrupted")


def test_who_waits_long_hears_of_it_in_their_language(
    shell: Shell, quick: SlackDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendant, "LONG_SECONDS", 0.5)
    quick.inject(rate_limited(POST, 3, times=1))
    assert quick.slash_command(SEED, user=MEI).ok
    heard = quick.wait_for(lambda: next(iter(quick.ephemerals(MEI)), None))
    assert heard["text"] == load_texts("zh")("notice.patience")
    at_rest(shell)
    assert len([each for each in quick.messages(ML_TRAINING) if each.get("metadata")]) == 1

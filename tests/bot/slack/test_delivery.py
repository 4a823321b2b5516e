"""A card reaches Slack, or something else does that the user sees; never two cards."""

from collections.abc import Iterator
from socket import gaierror
from types import SimpleNamespace
from typing import Any, NoReturn
from urllib.error import URLError

import pytest
from slack_sdk.errors import SlackApiError

from bot.cards.block import Card, section
from bot.cards.state import metadata
from bot.conversation.followups import first
from bot.i18n import load_texts
from bot.observe import Metrics
from bot.playground import Fault, SlackDouble
from bot.playground.faults import broken, failing, rate_limited
from bot.playground.people import ALEX, ALEX_DM, ML_TRAINING, RANDOM, TEAM_ID
from bot.playground.state import BOT_TOKEN
from bot.slack.delivery import Delivery, slack_client
from bot.slack.payloads import Destination
from bot.slack.refusals import MOST_WAIT_SECONDS, RefusedError, UnsureError, as_refusal
from bot.slack.tasks import HELD_SECONDS

TEXTS = load_texts("en")
CARD = Card("The answer is 42.", (section("*The answer is 42.*", block_id="answer"),))
BAD_CARD = Card("The answer is 42.", tuple(section("x", block_id=str(at)) for at in range(51)))
POST, EPHEMERAL, RESPONSE = "chat.postMessage", "chat.postEphemeral", "response_url"


class Pauses:
    """Does not wait; keeps what it was asked for."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


@pytest.fixture
def double() -> Iterator[SlackDouble]:
    with SlackDouble() as slack:
        yield slack


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def delivery(double: SlackDouble, pauses: Pauses) -> Delivery:
    return Delivery(slack_client(BOT_TOKEN, double.api_url), Metrics(), pause=pauses)


def destination(
    double: SlackDouble, channel: str = ML_TRAINING, *, response: bool = True, thread_ts: str = ""
) -> Destination:
    address = f"{double.url}/response/{double.slack.permits.response_url(ALEX, channel)}"
    return Destination(
        team_id=TEAM_ID,
        channel_id=channel,
        user_id=ALEX,
        thread_ts=thread_ts,
        response_url=address if response else "",
    )


def cards(double: SlackDouble, channel: str = ML_TRAINING) -> int:
    return sum(CARD.text in str(message.get("text")) for message in double.messages(channel))


def told(double: SlackDouble) -> str:
    """What the asker alone was told."""
    return " ".join(str(message["text"]) for message in double.ephemerals(ALEX))


def test_a_card_is_posted_with_its_command_as_metadata(double: SlackDouble, delivery: Delivery) -> None:
    ts = delivery.post(CARD, destination(double), texts=TEXTS, metadata=metadata(first("7b bs=32")))
    [call] = double.calls(POST)
    assert call["metadata"]["event_payload"]["command"] == "7b bs=32"
    assert call["unfurl_links"] is False
    assert ts == double.messages()[-1]["ts"]
    assert told(double) == ""


def test_a_card_that_breaks_a_limit_goes_out_as_its_sentence(double: SlackDouble, delivery: Delivery) -> None:
    delivery.post(BAD_CARD, destination(double), texts=TEXTS)
    [call] = double.calls(POST)
    assert "blocks" not in call.arguments
    assert call["text"] == CARD.text


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_blocks_that_slack_refuses_go_out_as_their_sentence(
    double: SlackDouble, delivery: Delivery, code: str
) -> None:
    double.inject(failing(POST, code))
    assert delivery.post(CARD, destination(double), texts=TEXTS)
    first, second = double.calls(POST)
    assert "blocks" in first.arguments
    assert "blocks" not in second.arguments
    assert cards(double) == 1


def test_metadata_that_slack_refuses_is_left_out(double: SlackDouble, delivery: Delivery) -> None:
    double.inject(failing(POST, "metadata_too_large"))
    assert delivery.post(CARD, destination(double), texts=TEXTS, metadata=metadata(first("7b")))
    assert "metadata" not in double.calls(POST)[-1].arguments


def test_where_the_bot_is_not_a_member_the_card_comes_by_the_response_address_with_an_invitation(
    double: SlackDouble, delivery: Delivery
) -> None:
    assert delivery.post(CARD, destination(double, RANDOM), texts=TEXTS) == ""
    assert cards(double, RANDOM) == 1
    assert "/invite" in told(double)


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
def test_every_refusal_of_access_falls_back_to_the_response_address(
    double: SlackDouble, delivery: Delivery, code: str
) -> None:
    double.inject(failing(POST, code))
    delivery.post(CARD, destination(double), texts=TEXTS)
    assert cards(double) == 1
    assert double.calls(RESPONSE)[0]["response_type"] == "in_channel"


def test_a_429_is_waited_out_and_one_card_comes(
    double: SlackDouble, delivery: Delivery, pauses: Pauses
) -> None:
    double.inject(rate_limited(POST, 3, times=2))
    assert delivery.post(CARD, destination(double), texts=TEXTS)
    assert pauses.seconds == [3, 3]
    assert cards(double) == 1


def test_a_card_waits_for_its_channel_and_what_its_asker_alone_hears_does_not(
    double: SlackDouble, delivery: Delivery, pauses: Pauses
) -> None:
    double.inject(rate_limited(POST, 18))
    assert delivery.post(CARD, destination(double, response=False), texts=TEXTS)
    assert (pauses.seconds, cards(double)) == ([18], 1)
    double.inject(rate_limited(EPHEMERAL, 18))
    assert delivery.post_ephemeral(CARD, destination(double, response=False))
    assert pauses.seconds == [18]


@pytest.mark.parametrize("response", [True, False])
def test_a_429_beyond_a_minute_is_an_honest_notice_with_the_answer(
    double: SlackDouble, delivery: Delivery, pauses: Pauses, *, response: bool
) -> None:
    double.inject(rate_limited(POST, 25, times=3))
    assert delivery.post(CARD, destination(double, response=response), texts=TEXTS) == ""
    assert sum(pauses.seconds) <= HELD_SECONDS
    assert (cards(double), len(double.calls(POST))) == (0, 3 if response else 4)
    heard = told(double) if response else double.messages(ALEX_DM)[-1]["text"]
    assert "25 s" in heard
    assert CARD.text in heard


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("3600", 3600), ("9" * 400, MOST_WAIT_SECONDS), ("1.5", 1.5), ("", 1), ("²", 1), ("-5", 1), ("inf", 1)],
)
def test_however_long_slack_wants_to_be_left_alone_it_is_a_time(said: str, seconds: float) -> None:
    response = SimpleNamespace(status_code=429, headers={"Retry-After": said})
    refusal = as_refusal(SlackApiError("", response))  # type: ignore[no-untyped-call]  # the SDK has it so
    assert isinstance(refusal, RefusedError)
    assert refusal.wait_seconds == seconds


@pytest.mark.parametrize("code", ["internal_error", "fatal_error", "account_inactive", "missing_scope"])
def test_any_other_refusal_is_told_to_the_asker_with_the_answer(
    double: SlackDouble, delivery: Delivery, code: str
) -> None:
    double.inject(failing(POST, code))
    delivery.post(CARD, destination(double), texts=TEXTS)
    assert code in told(double)
    assert CARD.text in told(double)


@pytest.mark.parametrize(
    "fault", [broken(POST, 500, applied=True), broken(POST, 0, applied=True), broken(POST, 503)]
)
def test_where_nobody_knows_whether_it_was_posted_there_is_no_second_card(
    double: SlackDouble, delivery: Delivery, fault: Fault
) -> None:
    delivery.post(CARD, destination(double), texts=TEXTS)
    double.inject(fault)
    delivery.post(CARD, destination(double), texts=TEXTS)
    assert len(double.calls(POST)) == 2
    assert "did not confirm" in told(double)


NEVER_STOOD = [ConnectionRefusedError(), gaierror(), URLError(ConnectionRefusedError()), URLError(gaierror())]
MAY_HAVE_STOOD = [ConnectionResetError(), BrokenPipeError(), TimeoutError(), URLError(TimeoutError())]


@pytest.mark.parametrize("error", [*NEVER_STOOD, *MAY_HAVE_STOOD], ids=repr)
def test_only_a_line_that_never_stood_is_known_to_have_carried_nothing(error: OSError) -> None:
    delivery = Delivery(slack_client(BOT_TOKEN, "http://nowhere.invalid/api/"), Metrics(), pause=Pauses())

    def cut(**_arguments: Any) -> NoReturn:
        raise error

    with pytest.raises(RefusedError if error in NEVER_STOOD else UnsureError):
        delivery.call(cut)


def test_without_a_response_address_the_asker_is_told_in_the_channel(
    double: SlackDouble, delivery: Delivery
) -> None:
    double.inject(failing(POST, "fatal_error"))
    delivery.post(CARD, destination(double, response=False), texts=TEXTS)
    assert len(double.calls(EPHEMERAL)) == 1
    assert CARD.text in told(double)


def test_where_nothing_else_works_the_asker_gets_a_direct_message(
    double: SlackDouble, delivery: Delivery
) -> None:
    double.inject(failing(EPHEMERAL, "user_not_in_channel"))
    assert delivery.post_ephemeral(CARD, destination(double, response=False))
    assert double.calls(POST)[-1]["channel"] == ALEX
    assert cards(double, ALEX_DM) == 1


def test_in_a_thread_the_asker_is_told_in_the_thread(double: SlackDouble, delivery: Delivery) -> None:
    root = delivery.post(CARD, destination(double), texts=TEXTS)
    delivery.post_ephemeral(CARD, destination(double, thread_ts=root))
    assert double.calls(EPHEMERAL)[-1]["thread_ts"] == root


def test_a_spent_response_address_is_replaced_by_another_way(double: SlackDouble, delivery: Delivery) -> None:
    where = destination(double)
    for _ in range(6):
        assert delivery.post_ephemeral(CARD, where)
    assert len(double.calls(EPHEMERAL)) == 1


def test_when_slack_is_gone_nothing_is_raised() -> None:
    nowhere = Delivery(slack_client(BOT_TOKEN, "http://127.0.0.1:9/api/"), Metrics(), pause=Pauses())
    where = Destination(team_id=TEAM_ID, channel_id=ML_TRAINING, user_id=ALEX)
    assert nowhere.post(CARD, where, texts=TEXTS) == ""
    assert not nowhere.post_ephemeral(CARD, where)

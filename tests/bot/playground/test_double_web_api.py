"""The Web API of the double, asked by slack_sdk: what Slack takes, refuses and remembers."""

from typing import Any

import pytest
from patience import PATIENCE_SECONDS
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from tiny_app import CARDS, card

from bot.playground import SlackDouble, tickets
from bot.playground.block_rules import block_problems
from bot.playground.block_types import HOME, MODAL
from bot.playground.people import ALEX, GENERAL, LEADS, MEI, ML_TRAINING, RANDOM
from bot.playground.state import BOT_TOKEN
from bot.playground.tickets import Permits
from bot.playground.wire import SlackError


@pytest.fixture
def client(double: SlackDouble) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=double.api_url, timeout=PATIENCE_SECONDS)


class Clock:
    """A clock that is moved by hand."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


MESSAGE_CARDS = sorted(
    path.stem for path in CARDS.glob("*.json") if ".modal" not in path.stem and path.stem != "invalid"
)


@pytest.mark.parametrize("name", MESSAGE_CARDS)
def test_every_sample_card_is_taken(client: WebClient, name: str) -> None:
    assert client.chat_postMessage(channel=ML_TRAINING, **card(name))["ok"]


def test_the_invalid_card_is_refused_for_each_of_its_faults(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=ML_TRAINING, **card("invalid"))
    said = "\n".join(refused.value.response["response_metadata"]["messages"])
    assert refused.value.response["error"] == "invalid_blocks"
    assert "/blocks/0/text/type" in said
    assert "invalid additional property: txt" in said
    assert "/elements/0/style" in said


def section(**changed: Any) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x"}} | changed


@pytest.mark.parametrize(
    "blocks",
    [
        [section(text={"type": "mrkdwn", "text": "x" * 3001})],
        [section(text={"type": "mrkdwn", "text": ""})],
        [section(fields=[{"type": "mrkdwn", "text": "x"}] * 11)],
        [section(fields=[{"type": "mrkdwn", "text": "x" * 2001}])],
        [section(block_id="same"), section(block_id="same")],
        [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": ""}]]}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101}],
        [{"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]]}] * 2,
        [{"type": "alert", "text": {"type": "plain_text", "text": "modals only"}}],
        [{"type": "actions", "elements": [{"type": "overflow", "action_id": "o", "options": []}]}],
        [section()] * 51,
        [{"type": "unheard_of"}],
    ],
)
def test_what_slack_refuses_is_refused(blocks: list[Any]) -> None:
    assert block_problems(blocks)


def test_a_form_and_a_home_tab_have_their_own_rules() -> None:
    assert block_problems(card("edit.modal")["blocks"], MODAL) == ()
    assert block_problems(card("every.modal")["blocks"], MODAL) == ()
    assert block_problems([{"type": "markdown", "text": "**x**"}], HOME)


@pytest.mark.parametrize(
    ("method", "arguments", "error"),
    [
        ("chat.postMessage", {"channel": "C0NOWHERE1", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": LEADS, "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": RANDOM, "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": ML_TRAINING}, "no_text"),
        ("chat.postMessage", {"channel": ML_TRAINING, "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": ML_TRAINING, "text": "x", "thread_ts": "1.0"}, "thread_not_found"),
        (
            "chat.postEphemeral",
            {"channel": ML_TRAINING, "text": "x", "user": "U0NOBODY01"},
            "user_not_in_channel",
        ),
        ("chat.update", {"channel": ML_TRAINING, "ts": "1.0", "text": "x"}, "message_not_found"),
        ("conversations.replies", {"channel": ML_TRAINING, "ts": "1.0"}, "thread_not_found"),
        ("users.info", {"user": "U0NOBODY01"}, "user_not_found"),
        ("views.open", {"trigger_id": "none", "view": "{}"}, "invalid_trigger_id"),
        ("chat.shout", {}, "unknown_method"),
    ],
)
def test_refusals_carry_slacks_codes(
    client: WebClient, method: str, arguments: dict[str, str], error: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.api_call(method, params=arguments)
    assert refused.value.response["error"] == error


def test_metadata_is_given_back_only_to_those_who_ask(client: WebClient) -> None:
    metadata = {"event_type": "ftcost_card", "event_payload": {"spec": "7b", "v": 1}}
    root = client.chat_postMessage(channel=GENERAL, text="card", metadata=metadata)["ts"]
    client.chat_postMessage(channel=GENERAL, text="reply", thread_ts=root)
    plain = client.conversations_replies(channel=GENERAL, ts=root)
    full = client.conversations_replies(channel=GENERAL, ts=root, include_all_metadata=True)
    assert "metadata" not in plain["messages"][0]
    assert full["messages"][0]["metadata"] == metadata
    assert len(client.conversations_history(channel=GENERAL)["messages"]) == 1


def test_the_app_changes_and_deletes_its_own_messages_only(double: SlackDouble, client: WebClient) -> None:
    theirs, ours = double.say("mine")["ts"], client.chat_postMessage(channel=ML_TRAINING, text="ours")["ts"]
    assert client.chat_update(channel=ML_TRAINING, ts=ours, text="changed")["text"] == "changed"
    with pytest.raises(SlackApiError, match="cant_update_message"):
        client.chat_update(channel=ML_TRAINING, ts=theirs, text="x")
    client.chat_delete(channel=ML_TRAINING, ts=ours)
    assert [message["text"] for message in double.messages()] == ["mine"]


def test_people_have_languages(client: WebClient) -> None:
    assert client.users_info(user=MEI, include_locale=True)["user"]["locale"] == "zh-CN"
    assert "locale" not in client.users_info(user=ALEX)["user"]
    assert client.conversations_open(users=ALEX)["channel"]["id"] == "D0ALEX0001"


def test_a_response_address_serves_five_times(double: SlackDouble) -> None:
    name = double.slack.permits.response_url(ALEX, RANDOM)
    webhook = WebhookClient(f"{double.url}/response/{name}")
    statuses = [webhook.send(text=f"answer {n}", response_type="in_channel").status_code for n in range(6)]
    assert statuses == [200] * 5 + [404]
    assert len(double.messages(RANDOM)) == 5


def test_permits_expire() -> None:
    clock = Clock()
    permits = Permits(clock)
    trigger, response = permits.trigger(ALEX), permits.response_url(ALEX, GENERAL)
    clock.now += tickets.TRIGGER_SECONDS + 0.1
    with pytest.raises(SlackError, match="expired_trigger_id"):
        permits.spend_trigger(trigger)
    clock.now += 1800
    with pytest.raises(SlackError, match="expired_url"):
        permits.spend_response_url(response)
    fresh = permits.trigger(ALEX)
    permits.spend_trigger(fresh)
    with pytest.raises(SlackError, match="exchanged_trigger_id"):
        permits.spend_trigger(fresh)

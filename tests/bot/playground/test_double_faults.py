"""Troubles to order, and Slack's rule for events that nobody acknowledged."""

import pytest
from patience import PATIENCE_SECONDS
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.playground import SlackDouble
from bot.playground.faults import RESPONSE_URL, broken, failing, rate_limited, redelivered, slow
from bot.playground.people import BOT_USER, ML_TRAINING
from bot.playground.state import BOT_TOKEN
from bot.playground.transport import Answer, Retries, Retry
from bot.playground.wire import Json


class DeafApp:
    """A transport that answers what it is told and remembers what it heard."""

    def __init__(self, *answers: Answer) -> None:
        self._answers = list(answers)
        self.heard: list[tuple[Json, Retry | None]] = []

    def command(self, form: Json) -> Answer:
        return self._next(form, None)

    def interactive(self, payload: Json) -> Answer:
        return self._next(payload, None)

    def event(self, body: Json, retry: Retry | None) -> Answer:
        return self._next(body, retry)

    def _next(self, body: Json, retry: Retry | None) -> Answer:
        self.heard.append((body, retry))
        return self._answers.pop(0) if self._answers else Answer(status=200)


@pytest.fixture
def client(double: SlackDouble) -> WebClient:
    return WebClient(token=BOT_TOKEN, base_url=double.api_url, timeout=PATIENCE_SECONDS)


def test_a_rate_limit_is_answered_once_with_its_wait(double: SlackDouble, client: WebClient) -> None:
    double.inject(rate_limited("chat.postMessage", retry_after_seconds=7))
    with pytest.raises(SlackApiError) as limited:
        client.chat_postMessage(channel=ML_TRAINING, text="hi")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "7"
    assert client.chat_postMessage(channel=ML_TRAINING, text="hi")["ok"]
    assert [call.status for call in double.calls("chat.postMessage")] == [429, 200]


def test_a_refusal_is_repeated_as_often_as_ordered(double: SlackDouble, client: WebClient) -> None:
    double.inject(failing("chat.postMessage", "not_in_channel", times=2))
    for _ in range(2):
        with pytest.raises(SlackApiError, match="not_in_channel"):
            client.chat_postMessage(channel=ML_TRAINING, text="hi")
    assert client.chat_postMessage(channel=ML_TRAINING, text="hi")["ok"]


def test_a_lost_answer_has_done_its_work(double: SlackDouble, client: WebClient) -> None:
    double.inject(broken("chat.postMessage", 500, applied=True))
    with pytest.raises(SlackApiError):
        client.chat_postMessage(channel=ML_TRAINING, text="hi")
    assert [m["text"] for m in double.messages()] == ["hi"]


def test_a_cut_line_and_a_slow_answer_run_into_the_clients_own_errors(double: SlackDouble) -> None:
    client = WebClient(token=BOT_TOKEN, base_url=double.api_url, timeout=1, retry_handlers=[])
    double.inject(broken("chat.postMessage", 0))
    with pytest.raises(OSError, match=r".+"):
        client.chat_postMessage(channel=ML_TRAINING, text="hi")
    double.inject(slow("chat.postMessage", 1.2))
    with pytest.raises(TimeoutError):
        client.chat_postMessage(channel=ML_TRAINING, text="hi")
    assert RESPONSE_URL not in {call.method for call in double.calls()}


def test_a_mention_in_a_channel_arrives_twice_and_in_a_direct_message_once(double: SlackDouble) -> None:
    app = DeafApp()
    double.transport = lambda: app
    double.mention("7b")
    double.mention("7b", channel="D0ALEX0001")
    assert [body["event"]["type"] for body, _ in app.heard] == ["app_mention", "message", "message"]
    assert len({body["event_id"] for body, _ in app.heard}) == 3
    assert app.heard[0][0]["event"]["ts"] == app.heard[1][0]["event"]["ts"]
    assert app.heard[0][0]["event"]["text"] == f"<@{BOT_USER}> 7b"


def test_an_event_ordered_twice_comes_again_as_a_retry(double: SlackDouble) -> None:
    app = DeafApp()
    double.transport = lambda: app
    double.inject(redelivered())
    double.say("bs=16")
    (first, no_retry), (second, retry) = app.heard
    assert first == second
    assert (no_retry, retry) == (None, (1, "http_timeout"))


def test_an_event_nobody_takes_is_tried_four_times_in_all() -> None:
    app, failed = DeafApp(*[Answer(status=500)] * 9), []
    Retries((0, 0, 0)).deliver(app, {"event_id": "Ev1"})
    failed = [retry for _, retry in app.heard]
    assert failed == [None, (1, "http_error"), (2, "http_error"), (3, "http_error")]


def test_an_app_may_ask_for_no_retry() -> None:
    app = DeafApp(Answer(status=500, headers={"x-slack-no-retry": "1"}))
    Retries((0, 0, 0)).deliver(app, {"event_id": "Ev1"})
    assert len(app.heard) == 1


def test_edits_and_deletions_are_told_as_such(double: SlackDouble) -> None:
    app = DeafApp()
    double.transport = lambda: app
    said = double.say("bs=16")
    double.edit(said["ts"], "bs=8")
    double.delete(said["ts"])
    kinds = [body["event"].get("subtype") for body, _ in app.heard]
    assert kinds == [None, "message_changed", "message_deleted"]

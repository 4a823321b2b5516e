"""`kill -9` between the mark that something is seen and its answer: sent again, it is answered, once."""

import re
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from patience import PATIENCE_SECONDS, until
from said import SEED
from serving import Serve, Served, get

from bot.playground import SlackDouble
from bot.playground.faults import Fault, slow
from bot.playground.transport import Answer
from bot.playground.wire import Json

ASKED_FIRST = "users.info"
"""In which language somebody reads: asked of Slack once what they said is marked as seen."""


@pytest.fixture
def asked(slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Whether the bot has come to where it is held up for good."""
    event, take = threading.Event(), slack.slack.faults.take

    def watched(method: str) -> Fault | None:
        found = take(method)
        if found is not None and method == ASKED_FIRST:
            event.set()
        return found

    monkeypatch.setattr(slack.slack.faults, "take", watched)
    slack.inject(slow(ASKED_FIRST, delay_seconds=86_400))
    return event


def cards(slack: SlackDouble) -> list[Json]:
    roots = slack.messages()
    return [each for root in roots for each in slack.thread(root["ts"]) if each.get("metadata")]


def connected(slack: SlackDouble, process: Served) -> str:
    """Where it listens, once what it marks is in its store, and Slack knows."""
    address = process.address()
    process.until_it_says("store works")
    slack.connect(f"{address}/slack/events")
    return address


def metric(address: str, name: str) -> float:
    found = re.search(rf"^{name} (\S+)$", get(address, "/metrics")[1], re.MULTILINE)
    return float(found[1]) if found else 0.0


def noticed_again(address: str) -> bool:
    """Whether the repeat was dropped, and nothing is left to do."""
    return metric(address, "ftcost_duplicates_total") == 1 and not metric(address, "ftcost_working")


@pytest.fixture
def sent(slack: SlackDouble, monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What Slack has sent, to be sent again."""
    sent: list[tuple[Any, ...]] = []
    post = slack.http.post

    def noted(*request: Any) -> Answer:
        sent.append(request)
        return post(*request)

    monkeypatch.setattr(slack.http, "post", noted)
    return sent


@pytest.mark.parametrize("say", [SlackDouble.slash_command, SlackDouble.mention])
def test_what_a_killed_process_had_marked_as_seen_is_answered_by_the_next_and_once(
    serve: Serve,
    slack: SlackDouble,
    asked: threading.Event,
    sent: list[tuple[Any, ...]],
    say: Callable[[SlackDouble, str], object],
) -> None:
    first = serve()
    connected(slack, first)
    say(slack, SEED)
    requests, post = tuple(sent), slack.http.post

    def again() -> None:
        for each in requests:
            post(*each)

    assert asked.wait(PATIENCE_SECONDS)
    first.stop(signal.SIGKILL)
    second = serve()
    address = connected(slack, second)
    again()
    until(lambda: cards(slack))
    again()
    until(lambda: noticed_again(address))
    second.stop(signal.SIGKILL)
    third = serve()
    address = connected(slack, third)
    again()
    until(lambda: noticed_again(address))
    assert len(cards(slack)) == 1

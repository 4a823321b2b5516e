"""Which events are somebody's own words: edits, bots and what Slack itself says are not."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.listeners.events import _hear, is_from_a_person
from bot.slack.payloads import destination_of_event

SAID: dict[str, Any] = {
    "type": "app_mention",
    "user": "U1",
    "text": "<@U0> 7b",
    "channel": "C1",
    "ts": "17.5",
}
NOT_SAID: dict[str, dict[str, Any]] = {
    "an edited mention": {"edited": {"user": "U1", "ts": "18.0"}},
    "a changed message": {"type": "message", "subtype": "message_changed"},
    "a deleted message": {"type": "message", "subtype": "message_deleted"},
    "somebody joining": {"type": "message", "subtype": "channel_join"},
    "another bot": {"bot_id": "B1"},
    "nobody": {"user": ""},
}


class Responder:
    """Keeps where somebody was heard."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    identity = SimpleNamespace(known_user_id="U0")

    def in_thread(self, destination: Any, do: Any, *, is_awaited: bool) -> None:
        self.heard.append(destination)


def heard(event: dict[str, Any]) -> list[Any]:
    responder: Any = Responder()
    _hear(responder, {"event": event, "team_id": "T1"})
    return list(responder.heard)


@pytest.mark.parametrize("subtype", [None, "thread_broadcast", "file_share"])
def test_what_people_say_is_heard(subtype: str | None) -> None:
    event = {**SAID, "subtype": subtype}
    assert is_from_a_person(event)
    assert heard(event) == [destination_of_event({"event": event, "team_id": "T1"})]


@pytest.mark.parametrize("name", NOT_SAID)
def test_what_nobody_said_just_now_is_not_heard(name: str) -> None:
    event = SAID | NOT_SAID[name]
    assert not is_from_a_person(event)
    assert heard(event) == []

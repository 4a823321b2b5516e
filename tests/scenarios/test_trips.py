"""How often a command and a reply ask the store: with a server on another machine each time is a wait."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from said import at_rest, card, reply_to

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.store.memory import MemoryStore

ASKING = frozenset(
    {
        "acquire",
        "append",
        "claim",
        "delete",
        "entries",
        "extend",
        "get",
        "get_many",
        "look",
        "release",
        "swap_many",
        "set",
        "set_if_absent",
        "set_many",
    }
)
COMMAND_TRIPS = 3
FOLLOW_UP_TRIPS = 7


class Trips:
    """A store that writes down what it is asked."""

    def __init__(self) -> None:
        self._store = MemoryStore()
        self.asked: list[tuple[str, Any]] = []

    def __getattr__(self, name: str) -> Any:
        found: Callable[..., Any] = getattr(self._store, name)
        if name not in ASKING:
            return found

        def told(*arguments: Any, **named: Any) -> Any:
            if threading.current_thread().name.startswith("work-"):  # others ask as time goes by
                self.asked.append((name, arguments[0]))
            return found(*arguments, **named)

        return told


@pytest.fixture
def store() -> Trips:
    return Trips()


def test_a_command_and_a_reply_ask_the_store_a_few_times(
    slack: SlackDouble, shell: Shell, store: Trips
) -> None:
    slack.slash_command("7b lora n=1000")  # what is known of a person is remembered
    root = card(slack)
    at_rest(shell)
    store.asked.clear()
    slack.slash_command("7b lora n=2000")
    at_rest(shell)
    assert 0 < len(store.asked) <= COMMAND_TRIPS, store.asked
    store.asked.clear()
    slack.say("bs=16", thread_ts=root["ts"])
    reply_to(slack, root["ts"], number=2)
    at_rest(shell)
    assert 0 < len(store.asked) <= FOLLOW_UP_TRIPS, store.asked

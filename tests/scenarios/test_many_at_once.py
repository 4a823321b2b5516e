"""Ten people, fifty follow-ups, two replicas, one store: each has one answer, which names its base."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS
from said import SEED, at_rest
from shells import served, shell_of

from bot.bootstrap import Shell
from bot.i18n import LANGUAGES, load_texts
from bot.playground import SlackDouble
from bot.playground.faults import rate_limited, redelivered
from bot.playground.people import ML_TRAINING, Person
from bot.playground.wire import Json
from bot.slack import in_flight, seen
from bot.store.clients import client_for_url
from bot.store.embedded import EmbeddedStore

pytestmark = pytest.mark.untraced

Shells = tuple[Shell, Shell]
PEOPLE = tuple(f"U0PERSON{number:02d}" for number in range(10))
FOLLOW_UPS = 50
DEADLINE_SECONDS = 2.0 * PATIENCE_SECONDS
WAITS = ("socket_timeout", "socket_connect_timeout", "timeout")
"""For an answer, a connection, a free one of the pool: a quarter of a second unless the address says."""


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of our own, which is late on a busy machine and not gone."""
    store = EmbeddedStore(tmp_path_factory.mktemp("valkey"))
    assert store.wait_until_ready(PATIENCE_SECONDS)
    yield f"unix://{store.server.socket_path}?{'&'.join(f'{wait}={PATIENCE_SECONDS}' for wait in WAITS)}"
    store.close()


@pytest.fixture
def slack() -> Iterator[SlackDouble]:
    with SlackDouble(retry_delays_seconds=(0.0,)) as double:
        for user in PEOPLE:
            double.slack.workspace.people[user] = Person(id=user, name=user.lower(), real_name=user)
            double.slack.workspace.channels[ML_TRAINING].members.add(user)
        yield double


@pytest.fixture(autouse=True)
def replicas(
    slack: SlackDouble, tmp_path: Path, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shells]:
    """Two of the bot that share nothing but the store; Slack asks them in turn.

    On a busy machine either may be silent for twenty seconds, and is not dead.
    """
    for module in (in_flight, seen):
        monkeypatch.setattr(module, "ALIVE_SECONDS", DEADLINE_SECONDS)
    client_for_url(valkey).flushall()
    one, two = (shell_of(slack, tmp_path / name, redis_url=valkey) for name in ("one", "two"))
    with served(slack, one, two):
        yield one, two


def roots(slack: SlackDouble, count: int) -> list[Json]:
    """So many cards in the channel."""
    for number in range(count):
        slack.slash_command(SEED, user=PEOPLE[number % 10])
    return slack.wait_for(
        lambda: found if len(found := cards(slack.messages(ML_TRAINING))) == count else None
    )


def cards(messages: Sequence[Json]) -> list[Json]:
    return [each for each in messages if each.get("metadata")]


def said_by_ten(
    slack: SlackDouble, threads: Sequence[Json], half_way: Callable[[], object] = lambda: None
) -> None:
    """Fifty follow-ups, each of them a change of its own, by ten people at once."""

    def say(number: int) -> None:
        if number == FOLLOW_UPS // 2:
            half_way()
        root = threads[number % len(threads)]
        slack.say(f"n={1000 + number}", user=PEOPLE[number % 10], thread_ts=root["ts"])

    with ThreadPoolExecutor(len(PEOPLE)) as people:
        list(people.map(say, range(FOLLOW_UPS)))


def answered(slack: SlackDouble, threads: Sequence[Json]) -> dict[str, list[Json]]:
    """The cards of each thread, once there are as many as follow-ups."""

    def all_of_them() -> dict[str, list[Json]] | None:
        found = {root["ts"]: cards(slack.thread(root["ts"])) for root in threads}
        return found if sum(map(len, found.values())) >= FOLLOW_UPS + len(threads) else None

    return slack.wait_for(all_of_them, DEADLINE_SECONDS)


def check(slack: SlackDouble, shells: Sequence[Shell], threads: Sequence[Json]) -> None:
    """Every message has its one answer, and every answer its base: the card before it in its thread."""
    answered(slack, threads)
    at_rest(*shells)  # nor comes a second answer
    found = answered(slack, threads)
    for root_ts, thread in found.items():
        payloads = [each["metadata"]["event_payload"] for each in thread]
        asked = [each["ts"] for each in slack.thread(root_ts) if each["user"] in PEOPLE]
        assert sorted(each["answers"] for each in payloads[1:]) == sorted(asked)
        assert [each["before"] for each in payloads[1:]] == [each["command"] for each in payloads[:-1]]
        assert {each["root"] for each in payloads} == {SEED}
    whispered = [each["text"] for user in PEOPLE for each in slack.ephemerals(user)]
    # a busy machine takes its time, and says so; in both languages where the store forgot whose it is
    english, chinese = (load_texts(language)("notice.patience") for language in LANGUAGES)
    patience = {english, chinese, f"{english}\n{chinese}"}
    assert [each for each in whispered if each not in patience] == []


@pytest.mark.parametrize("threads", [1, 20])
def test_fifty_follow_ups_by_ten_people_are_each_answered_once(
    slack: SlackDouble, replicas: Shells, threads: int
) -> None:
    begun = roots(slack, threads)
    said_by_ten(slack, begun)
    check(slack, replicas, begun)


@pytest.mark.parametrize("threads", [1, 20])
def test_a_store_that_is_emptied_half_way_loses_and_doubles_nothing(
    slack: SlackDouble, replicas: Shells, valkey: str, threads: int
) -> None:
    begun = roots(slack, threads)
    said_by_ten(slack, begun, client_for_url(valkey).flushall)
    check(slack, replicas, begun)


def test_a_slack_that_asks_for_patience_gets_the_same_answers(slack: SlackDouble, replicas: Shells) -> None:
    begun = roots(slack, 2)
    slack.inject(rate_limited("chat.postMessage", 1, times=3))
    said_by_ten(slack, begun)
    check(slack, replicas, begun)


def test_an_event_that_arrives_at_both_replicas_is_answered_once(
    slack: SlackDouble, replicas: Shells
) -> None:
    slack.inject(redelivered(times=FOLLOW_UPS))
    begun = roots(slack, 5)
    said_by_ten(slack, begun)
    check(slack, replicas, begun)


def test_without_any_store_one_process_answers_all_the_same(slack: SlackDouble, tmp_path: Path) -> None:
    """Nobody listens at the store's address: what is known lives in the process and in the messages."""
    shell = shell_of(slack, tmp_path / "alone", redis_url="redis://127.0.0.1:9/0")
    with served(slack, shell):
        begun = roots(slack, 4)
        said_by_ten(slack, begun)
        check(slack, [shell], begun)

"""A Redis behind Sentinel fails over in the middle of a thread: the next reply stands on the newest card."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from patience import until
from real_redis import LEAVES_SOCKETS, SERVERS, Watched, running, sentinel
from said import SEED, at_rest, card, reply_to
from shells import served, shell_of

from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.wire import Json

pytestmark = LEAVES_SOCKETS

PASSWORD = "hunter2"


@pytest.fixture(params=SERVERS, ids=lambda path: Path(path).name)
def watched(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Watched]:
    with sentinel(request.param, tmp_path / "watched", PASSWORD) as running:
        yield running


def address_of(watched: Watched) -> str:
    return f"redis+sentinel://:{PASSWORD}@127.0.0.1:{watched.sentinel_port}/cards/0"


@contextmanager
def replica(slack: SlackDouble, home: Path, address: str) -> Iterator[Shell]:
    """One process of the bot over that Redis; Slack asks the one that was opened last."""
    shell = shell_of(slack, home, redis_url=address)
    with served(slack, shell):
        yield shell


def command_of(message: Json) -> str:
    return str(message["metadata"]["event_payload"]["command"])


def test_a_thread_goes_on_through_a_failover(slack: SlackDouble, tmp_path: Path, watched: Watched) -> None:
    with replica(slack, tmp_path / "one", address_of(watched)) as first:
        slack.slash_command(SEED)
        root = card(slack)["ts"]
        slack.say("bs=16", thread_ts=root)
        assert "bs=16" in command_of(reply_to(slack, root, number=2))
        at_rest(first)
        watched.primary.kill()
        slack.say("bs=8", thread_ts=root)
        assert "bs=8" in command_of(reply_to(slack, root, number=4))
        at_rest(first)
        until(lambda: not first.store.examined().trouble)
        slack.say("lora", thread_ts=root)
        followed = command_of(reply_to(slack, root, number=6))
        assert "bs=8" in followed
        assert "lora" in followed
        at_rest(first)
    with replica(slack, tmp_path / "two", address_of(watched)) as second:
        slack.say("epochs=1", thread_ts=root)
        taken_over = command_of(reply_to(slack, root, number=8))
        assert all(said in taken_over for said in ("bs=8", "lora", "epochs=1"))
        at_rest(second)


def test_a_process_that_ended_in_an_outage_takes_no_card_with_it(slack: SlackDouble, tmp_path: Path) -> None:
    """Its last card stands in the thread, and the store that came back has never heard of it."""
    with running(SERVERS[0], tmp_path / "redis") as port, redis.Redis(port=port) as kept:
        address = f"redis://127.0.0.1:{port}/0"
        with replica(slack, tmp_path / "one", address) as first:
            slack.slash_command(SEED)
            root = card(slack)["ts"]
            at_rest(first)
            [thread] = [key for key in kept.keys("*:thread:*") if not key.startswith(b"lock:")]
            before = kept.get(thread)
            slack.say("bs=16", thread_ts=root)
            reply_to(slack, root, number=2)
            at_rest(first)
        kept.set(thread, before or b"")
        with replica(slack, tmp_path / "two", address) as second:
            slack.say("lora", thread_ts=root)
            followed = command_of(reply_to(slack, root, number=4))
            assert all(said in followed for said in ("bs=16", "lora"))
            at_rest(second)

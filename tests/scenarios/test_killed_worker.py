"""`kill -9` of one of several workers in the middle of commands: nobody is left without a word."""

import json
import os
import re
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Final

import pytest
import redis
from patience import until
from real_redis import LEAVES_SOCKETS, SERVERS, running
from serving import Serve, workers_of

from bot.i18n import load_texts
from bot.playground import SlackDouble
from bot.playground.faults import slow
from bot.playground.people import ALEX, GENERAL, MEI, ML_TRAINING, SAM
from bot.store.embedded import EmbeddedServer

pytestmark = LEAVES_SOCKETS

PEOPLE: Final = (ALEX, MEI, SAM)
CHANNELS: Final = (ML_TRAINING, GENERAL)
HELD_UP: Final = "users.info"
"""Asked of Slack before somebody's first answer; given up after some seconds, and answered all the same."""
AT_IT: Final = re.compile(r"at it: [^/]+/(\d+)/")
SERVED_BY: Final = ("embedded", *SERVERS)


@dataclass(frozen=True, slots=True)
class Shared:
    """The store of all workers, read beside them."""

    environ: Mapping[str, str]
    client: "redis.Redis"

    def places(self) -> int:
        """How many processes keep a list of who waits for them."""
        return len(list(self.client.scan_iter("lock:*in-flight:*")))

    def at_work(self) -> dict[str, int]:
        """Act -> the process that is at it."""
        keys = self.client.scan_iter("*seen:command:*")
        found = {str(key).partition("seen:")[2]: AT_IT.match(str(self.client.get(key))) for key in keys}
        return {act: int(at_it[1]) for act, at_it in found.items() if at_it}

    def waiting(self) -> dict[str, str]:
        """Act -> who waits for it, as the next process would read it."""
        places = (key for key in self.client.scan_iter("*:in-flight:*") if not str(key).startswith("lock:"))
        kept = [json.loads(self.client.get(key) or '{"waiting": []}') for key in places]
        return {each["act"]: each["user_id"] for place in kept for each in place["waiting"]}

    def left_by_one(self) -> tuple[int, dict[str, str]] | None:
        """A process with all that it is at and who waits for that; None until all are at work and listed."""
        at_work, waiting = self.at_work(), self.waiting()
        if len(at_work) < len(PEOPLE) * len(CHANNELS):
            return None
        for worker in at_work.values():
            left = {act: waiting.get(act, "") for act, at_it in at_work.items() if at_it == worker}
            if all(left.values()):
                return worker, left
        return None


opened: Final = partial(redis.Redis, decode_responses=True)


@pytest.fixture(params=SERVED_BY, ids=lambda said: Path(said).name)
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shared]:
    if request.param == "embedded":
        yield Shared({}, opened(unix_socket_path=str(EmbeddedServer(tmp_path).socket_path)))
        return
    with running(request.param, tmp_path / "redis") as port:
        yield Shared({"REDIS_URL": f"redis://127.0.0.1:{port}/0"}, opened(port=port))


def typed(slack: SlackDouble) -> int:
    """Each person types in each channel, all at once; how many commands were acknowledged."""
    with ThreadPoolExecutor() as pool:
        asked = [
            pool.submit(slack.slash_command, "7b lora n=1000", user=user, channel=channel)
            for user, channel in product(PEOPLE, CHANNELS)
        ]
    return sum(each.result().ok for each in asked)


def cards(slack: SlackDouble) -> int:
    return sum(bool(each.get("metadata")) for channel in CHANNELS for each in slack.messages(channel))


def was_told(slack: SlackDouble, user: str) -> bool:
    said = load_texts("en")("notice.interrupted")
    return any(said in each["text"] for each in slack.ephemerals(user))


def test_a_killed_worker_leaves_nobody_without_a_word(
    serve: Serve, slack: SlackDouble, shared: Shared
) -> None:
    process = serve(FTCOST_WORKERS="2", **shared.environ)
    address = process.address()
    process.until_it_says("store works")
    until(lambda: shared.places() == 2)
    slack.connect(f"{address}/slack/events")
    slack.inject(slow(HELD_UP, delay_seconds=86_400, times=100))
    assert typed(slack) == len(PEOPLE) * len(CHANNELS)
    victim, left = until(shared.left_by_one) or (0, {})
    os.kill(victim, signal.SIGKILL)
    slack.slack.faults.clear()
    until(lambda: len(workers_of(process.process) - {victim}) == 2)
    until(lambda: all(was_told(slack, user) for user in left.values()))
    answered = len(PEOPLE) * len(CHANNELS) - len(left)
    until(lambda: cards(slack) == answered)
    assert typed(slack) == len(PEOPLE) * len(CHANNELS)
    until(lambda: cards(slack) == answered + len(PEOPLE) * len(CHANNELS))
    assert process.stop()[0] == 0

"""Minutes of different commands, with threads that go on meanwhile: `python tests/bench/soak.py`.

Four commands in five are unlike all others; a few people keep a thread going beside them. Who is not
answered, how soon Slack hears from us, and what memory the server keeps, minute by minute. A line of JSON.
"""

import argparse
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from commands import different, is_mistaken
from server import PEOPLE, WAIT_SECONDS, Load, Server, family, percentile, sent, served

from bot.playground import SlackDouble
from bot.playground.people import ALEX, GENERAL, MEI

REPEATED: Final = (
    "7b fp16 n=10000 bs=32",
    "70b lora 8xh100",
    "llama-3.1-8b qlora r=16 on 4090",
    "3b full fp32",
)
REPEATED_EVERY: Final = 5
"""One command in so many is one that everybody asks."""
CONVERSATIONS: Final = 4
PAUSE_SECONDS: Final = 2.0
"""Between an answer in a thread and the next reply."""
REPLIES: Final = 12
"""Of one thread; then its person begins another."""
POST: Final = "chat.postMessage"


def texts() -> Iterator[str]:
    """Commands without end, four in five unlike all others."""
    new = different()
    for at in count():
        repeats = at % REPEATED_EVERY == REPEATED_EVERY - 1
        yield REPEATED[at // REPEATED_EVERY % len(REPEATED)] if repeats else next(new)


class Conversation:
    """One person who asks, and goes on in the thread of the card, until told to stop."""

    def __init__(self, slack: SlackDouble, user: str, numbers: Iterator[int], stop: threading.Event) -> None:
        self._slack, self._user, self._numbers, self._stop = slack, user, numbers, stop
        self.seconds: list[float] = []
        self.unanswered = 0

    def run(self) -> None:
        """Thread after thread."""
        while not self._stop.is_set():
            number = next(self._numbers)
            self._slack.slash_command(f"7b lora n={number}", user=self._user, channel=GENERAL)
            root = self._answer(lambda n=number: self._root(n))
            if root is not None:
                self._reply_to(root)

    def _root(self, number: int) -> str | None:
        named = re.compile(rf"n={number}\b")
        for message in reversed(self._slack.messages(GENERAL)):
            if "bot_id" in message and named.search(json.dumps(message)):
                return str(message["ts"])
        return None

    def _reply_to(self, root: str) -> None:
        for at in range(REPLIES):
            if self._stop.wait(PAUSE_SECONDS):
                return
            before = self._answers_in(root)
            text = f"n={next(self._numbers)}" if at % 3 else f"bs={16 << at % 2}"
            self._slack.say(text, user=self._user, channel=GENERAL, thread_ts=root)
            self._answer(lambda known=before: self._answers_in(root) > known or None)

    def _answers_in(self, root: str) -> int:
        return sum("bot_id" in each for each in self._slack.thread(root, GENERAL))

    def _answer(self, found: Any) -> Any:
        started = time.monotonic()
        with suppress(TimeoutError, AssertionError):
            answer = self._slack.wait_for(found, WAIT_SECONDS)
            self.seconds.append(time.monotonic() - started)
            return answer
        self.unanswered += 1
        return None


def resident_mb(server: Server) -> float:
    """What the server and its workers keep in memory; the embedded store is somebody else's program."""
    status = (Path(f"/proc/{pid}/status").read_text(encoding="ascii") for pid in family(server.process.pid))
    return round(sum(int(re.findall(r"VmRSS:\s+(\d+)", each)[0]) for each in status) / 1024, 1)


def soaked(minutes: float, per_second: float, **environ: str) -> dict[str, Any]:
    """The figures of one soak."""
    number = round(60 * minutes * per_second)
    said = [text for text, _ in zip(texts(), range(number), strict=False)]
    stop, numbers = threading.Event(), count(5_000_001)
    with SlackDouble() as slack, served(slack, **environ) as server:
        people = [Conversation(slack, (ALEX, MEI)[at % 2], numbers, stop) for at in range(CONVERSATIONS)]
        memory = [resident_mb(server)]
        with ThreadPoolExecutor(CONVERSATIONS + 1) as pool:
            talking = [pool.submit(each.run) for each in people]
            pool.submit(_watched, server, memory, stop)
            load = sent(slack, said, per_second, PEOPLE)
            stop.set()
            for each in talking:
                each.result()
        expected = sum(not is_mistaken(text) for text in said)
        missing = _missing(slack, expected)
        memory.append(resident_mb(server))
        replies = [seconds for each in people for seconds in each.seconds]
        return {
            "minutes": minutes,
            "commands": number,
            "per_second": per_second,
            "unanswered": missing + sum(each.unanswered for each in people),
            "follow_ups": len(replies),
            "follow_up_p99_ms": percentile(replies, 0.99),
            **_acknowledged(load),
            "resident_mb_by_minute": memory,
            "load_average": [round(each, 1) for each in os.getloadavg()],
        }


def _watched(server: Server, memory: list[float], stop: threading.Event) -> None:
    while not stop.wait(60):
        memory.append(resident_mb(server))


def _missing(slack: SlackDouble, expected: int) -> int:
    """How many of the commands of the load have no card, at the latest after a while."""

    def left() -> int:
        cards = [call for call in slack.calls(POST) if call.arguments.get("channel") != GENERAL]
        return expected - len(cards)

    with suppress(TimeoutError, AssertionError):
        slack.wait_for(lambda: left() <= 0, WAIT_SECONDS)
    return max(0, left())


def _acknowledged(load: Load) -> dict[str, float]:
    return {
        "ack_p50_ms": percentile(load.acknowledged_seconds, 0.5),
        "ack_p99_ms": percentile(load.acknowledged_seconds, 0.99),
    }


def main() -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--redis", default="", help="the URL of a Redis instead of the embedded store")
    given = parser.parse_args()
    store = {"REDIS_URL": given.redis} if given.redis else {}
    figures = soaked(given.minutes, given.per_second, FTCOST_WORKERS=str(given.workers), **store)
    print("soak", json.dumps(figures), flush=True)


if __name__ == "__main__":
    main()

"""What commands cost `ftcost serve`, and how soon they are answered: `python tests/bench/server.py`.

Signed requests on loopback, as many a second as asked, into a server in a process of its own; the double of
Slack answers it from this one. No command twice unless asked (`--repeated`). CPU is read from /proc and held
against a bare Bolt app under the same load, in the same run. A JSON line a scene.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from commands import is_mistaken, some

from bot.playground import SlackDouble
from bot.playground.people import ALEX, MEI, ML_TRAINING, SAM
from bot.playground.state import BOT_TOKEN

OURS: Final = ("-m", "bot", "serve")
BARE: Final = (str(Path(__file__).parent / "bare_bolt.py"),)
PEOPLE: Final = (ALEX, MEI, SAM)
MOST_REQUESTS: Final = 5000
WAIT_SECONDS: Final = 120.0
TICKS_A_SECOND: Final = os.sysconf("SC_CLK_TCK")
_EXAMPLES: Final = re.compile(r"\bn=(\d+)\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server: where it listens, and its process."""

    address: str
    process: subprocess.Popen[str]

    def cpu_seconds(self) -> float:
        """User and system time so far of it and of those it started itself."""
        return sum(_cpu_seconds(pid) for pid in family(self.process.pid))


def family(pid: int) -> Iterator[int]:
    """A process and its workers; the embedded store is somebody else's program."""
    yield pid
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        if b"valkey" not in Path(f"/proc/{child}/cmdline").read_bytes():
            yield from family(int(child))


def _cpu_seconds(pid: int) -> float:
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / TICKS_A_SECOND


@contextmanager
def served(slack: SlackDouble, program: Sequence[str] = OURS, **environ: str) -> Iterator[Server]:
    """A server against `slack`, connected; ended and waited for."""
    with tempfile.TemporaryDirectory() as state:
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "FTCOST_STATE_DIR": state,
            "FTCOST_PRICE_SOURCES": "snapshot",
            "FTCOST_LOG": "json:info",
            "HF_HUB_OFFLINE": "1",
            "PORT": "0",
        }
        process = subprocess.Popen(
            [sys.executable, *program],
            env={**os.environ, **settings, **environ},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        address = next(
            found[1] for line in process.stderr if (found := re.search(r'"address": "(.*?)"', line))
        )
        threading.Thread(target=process.stderr.read, daemon=True).start()
        slack.connect(f"{address}/slack/events")
        try:
            yield Server(address=address, process=process)
        finally:
            process.terminate()
            process.wait(30)


@dataclass(slots=True)
class Load:
    """What was sent and when, who answered and how fast."""

    sent: dict[int, float]
    """By the number of examples of the command, which names it."""
    acknowledged_seconds: list[float]

    def cards(self, slack: SlackDouble, since: int) -> dict[int, float]:
        """Seconds from each command to its card; the first where there are several."""
        found: dict[int, float] = {}
        for call in slack.calls("chat.postMessage")[since:]:
            named = _EXAMPLES.search(json.dumps(call.arguments, default=str))
            if named and int(named[1]) in self.sent:
                found.setdefault(int(named[1]), call.at - self.sent[int(named[1])])
        return found


def sent(
    slack: SlackDouble,
    texts: Sequence[str],
    per_second: float,
    users: Sequence[str] = (ALEX,),
    channel: str = ML_TRAINING,
) -> Load:
    """Send `texts` evenly, from a few threads, as said by `users` in turn."""
    load = Load({}, [])
    start, lock = time.monotonic(), threading.Lock()

    def send(at: int) -> None:
        time.sleep(max(0.0, start + at / per_second - time.monotonic()))
        named = _EXAMPLES.search(texts[at])
        if named:
            load.sent.setdefault(int(named[1]), time.time())
        answer = slack.slash_command(texts[at], user=users[at % len(users)], channel=channel)
        assert answer.ok, answer
        with lock:
            load.acknowledged_seconds.append(answer.seconds)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(send, range(len(texts))))
    return load


def answered(slack: SlackDouble, number: int, since: int) -> None:
    """Wait for `number` messages after the first `since`."""
    slack.wait_for(lambda: len(slack.calls("chat.postMessage")) - since >= number, WAIT_SECONDS)


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A load: how many commands, how fast, after how many others; all different, or five over again."""

    commands: int
    per_second: float
    warm_up: int
    repeated: bool = False

    def texts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Warm-up, and what is measured."""
        if self.repeated:
            five = some(5)
            return five, tuple(five[at % 5] for at in range(self.commands))
        return some(self.warm_up), some(self.commands, skip=self.warm_up)


def measured(scene: Scene, program: Sequence[str] = OURS, **environ: str) -> dict[str, Any]:
    """CPU a command, acknowledgements and cards of one load."""
    warm_up, texts = scene.texts()
    expected = sum(not is_mistaken(text) or program is BARE for text in texts)
    with SlackDouble() as slack, served(slack, program, **environ) as server:
        before = sum(not is_mistaken(text) or program is BARE for text in warm_up)
        sent(slack, warm_up, 1000.0, PEOPLE)
        answered(slack, before, 0)
        since, cpu = len(slack.calls("chat.postMessage")), server.cpu_seconds()
        load = sent(slack, texts, scene.per_second, PEOPLE)
        answered(slack, expected, since)
        cpu = server.cpu_seconds() - cpu
        cards = [] if scene.repeated or program is BARE else list(load.cards(slack, since).values())
    return {
        "commands": len(texts),
        "per_second": scene.per_second,
        "cpu_ms_a_command": round(1000 * cpu / len(texts), 2),
        "ack_p50_ms": percentile(load.acknowledged_seconds, 0.5),
        "ack_p99_ms": percentile(load.acknowledged_seconds, 0.99),
        **({"card_p50_ms": percentile(cards, 0.5), "card_p99_ms": percentile(cards, 0.99)} if cards else {}),
    }


def main() -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commands", type=int, default=400)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--repeated", action="store_true", help="five commands over and over")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--quick", action="store_true", help="the load alone, without pressure.py")
    given = parser.parse_args()
    commands = min(given.commands, MOST_REQUESTS)
    scene = Scene(
        commands=commands, per_second=given.per_second, warm_up=given.warm_up, repeated=given.repeated
    )
    bare = measured(scene, BARE)
    print("bare Bolt", json.dumps(bare), flush=True)
    ours = measured(scene, FTCOST_WORKERS=str(given.workers))
    ratio = round(ours["cpu_ms_a_command"] / bare["cpu_ms_a_command"], 2)
    print("ftcost", json.dumps({**ours, "cpu_ratio_to_bare_bolt": ratio}), flush=True)
    if not given.quick:
        import pressure  # noqa: PLC0415  -- which has its servers from here

        pressure.main()


if __name__ == "__main__":
    main()

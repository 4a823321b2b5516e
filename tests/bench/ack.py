"""How fast `/ftcost` is acknowledged over HTTP, and how soon the card is there: `python tests/bench/ack.py`.

Signed requests on loopback from a few threads, as many a second as asked, into `ftcost serve` in a process of
its own; the double of Slack answers it from this one. Bounded in count and time; prints one JSON line.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from bot.playground import SlackDouble
from bot.playground.state import BOT_TOKEN

TEXTS = (
    "7b fp16 n=10000 bs=32",
    "llama-3.1-8b qlora r=16 n=50k seq=2k on 4090",
    "qwen2.5-14b lora on 2x a100",
    "13b full bf16 8xh100 zero3 n=20k",
    "7b bs=0",
)
MOST_REQUESTS = 3000


def percentile(seconds: Sequence[float], share: float) -> float:
    """In milliseconds."""
    ordered = sorted(seconds)
    return round(1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


@contextmanager
def served(slack: SlackDouble) -> Iterator[str]:
    """`ftcost serve` against `slack`; its address."""
    with tempfile.TemporaryDirectory() as state:
        environ = {
            **os.environ,
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
            [sys.executable, "-m", "bot", "serve"], env=environ, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        address = next(
            found[1] for line in process.stderr if (found := re.search(r'"address": "(.*?)"', line))
        )
        drained = threading.Thread(target=process.stderr.read, daemon=True)
        drained.start()
        try:
            yield address
        finally:
            process.terminate()
            process.wait(20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What is sent: how many commands, how fast, by how many threads; all different, or five over again."""

    requests: int
    per_second: float
    threads: int
    distinct: bool

    def text(self, at: int) -> str:
        """The command of this number; every fifth has a mistake."""
        text = TEXTS[at % len(TEXTS)]
        return f"{text} retry={1 + at / self.requests:.4f}" if self.distinct else text


def measured(load: Load) -> dict[str, float]:
    """Acknowledgements of a load of commands, and the cards that follow."""
    with SlackDouble() as slack, served(slack) as address:
        slack.connect(f"{address}/slack/events")
        _cards(slack, len(TEXTS), lambda: [slack.slash_command(text) for text in TEXTS])
        seconds: list[float] = []
        _cards(slack, load.requests, lambda: seconds.extend(_sent(slack, load)))
        with urllib.request.urlopen(f"{address}/metrics") as metrics:  # noqa: S310  -- our own
            answered = buckets_of(metrics.read().decode(), "ftcost_answer_seconds", "fits")
    return {
        "requests": load.requests,
        "per_second": load.per_second,
        "distinct": load.distinct,
        "ack_p50_ms": percentile(seconds, 0.5),
        "ack_p99_ms": percentile(seconds, 0.99),
        "ack_max_ms": percentile(seconds, 1.0),
        "ack_mean_ms": round(1000 * statistics.fmean(seconds), 2),
        "card_p50_below_ms": 1000 * below(answered, 0.5),
        "card_p99_below_ms": 1000 * below(answered, 0.99),
    }


def _cards(slack: SlackDouble, num_requests: int, send: Callable[[], object]) -> None:
    """Send commands and wait until each right one has its card."""
    before = len(slack.calls("chat.postMessage"))
    expected = sum(TEXTS[at % len(TEXTS)] != TEXTS[-1] for at in range(num_requests))
    send()
    slack.wait_for(lambda: len(slack.calls("chat.postMessage")) - before >= expected, 60)


def buckets_of(text: str, name: str, kind: str) -> list[tuple[float, float]]:
    """(upper end in seconds, observations up to it) of one histogram."""
    pattern = rf'{name}_bucket{{kind="{kind}",le="(.*?)"}} (.*)'
    return [(float(end), float(count)) for end, count in re.findall(pattern, text)]


def below(buckets: Sequence[tuple[float, float]], share: float) -> float:
    """The end of the bucket that holds this share of the observations."""
    return next(end for end, count in buckets if count >= share * buckets[-1][1])


def _sent(slack: SlackDouble, load: Load) -> list[float]:
    start, lock, seconds = time.monotonic(), threading.Lock(), list[float]()

    def send(at: int) -> None:
        time.sleep(max(0.0, start + at / load.per_second - time.monotonic()))
        answer = slack.slash_command(load.text(at))
        assert answer.ok, answer
        with lock:
            seconds.append(answer.seconds)

    with ThreadPoolExecutor(load.threads) as pool:
        list(pool.map(send, range(load.requests)))
    return seconds


def main() -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--distinct", action="store_true", help="no command twice: nothing is warm")
    given = parser.parse_args()
    requests = min(given.requests, MOST_REQUESTS)
    load = Load(
        requests=requests, per_second=given.per_second, threads=given.threads, distinct=given.distinct
    )
    print(json.dumps(measured(load)))


if __name__ == "__main__":
    main()

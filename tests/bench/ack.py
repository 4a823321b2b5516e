"""How fast `/ftcost` is acknowledged over HTTP, and how soon the card is there: `python -m tests.bench.ack`.

Signed requests on loopback from a few threads, as many a second as asked, into the real app behind its real server,
with the double of Slack to answer it. Bounded in count and time; prints one JSON line.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bot.bootstrap import build_shell
from bot.observe import configure_logging
from bot.playground import SlackDouble
from bot.playground.slack import BOT_TOKEN
from bot.serve import HttpServer
from bot.settings import Settings

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


def measured(num_requests: int, per_second: float, threads: int) -> dict[str, float]:
    """Acknowledgements of `num_requests` commands sent at `per_second`."""
    with tempfile.TemporaryDirectory() as state, SlackDouble() as slack:
        settings = Settings.model_validate(
            {
                "bot_token": BOT_TOKEN,
                "signing_secret": slack.signing_secret,
                "slack_api_url": slack.api_url,
                "state_dir": Path(state),
                "price_sources": "snapshot",
                "hub_offline": True,
            }
        )
        shell = build_shell(settings)
        server = HttpServer(shell.wsgi, "127.0.0.1", 0)
        server.start()
        slack.connect(f"{server.address}/slack/events")
        for text in TEXTS:
            slack.slash_command(text)
        slack.wait_for(lambda: len(slack.calls("chat.postMessage")) >= len(TEXTS) - 1)
        posted = len(slack.calls("chat.postMessage"))
        seconds = _sent(slack, num_requests, per_second, threads)
        expected = sum(TEXTS[at % len(TEXTS)] != TEXTS[-1] for at in range(num_requests))
        slack.wait_for(lambda: len(slack.calls("chat.postMessage")) - posted >= expected, 60)
        metrics = shell.metrics.registry
        cards = metrics.get_sample_value("ftcost_answer_seconds_sum", {"kind": "fits"}) or 0.0
        count = metrics.get_sample_value("ftcost_answer_seconds_count", {"kind": "fits"}) or 1.0
        server.stop()
        shell.close(5)
    return {
        "requests": num_requests,
        "per_second": per_second,
        "ack_p50_ms": percentile(seconds, 0.5),
        "ack_p99_ms": percentile(seconds, 0.99),
        "ack_max_ms": percentile(seconds, 1.0),
        "ack_mean_ms": round(1000 * statistics.fmean(seconds), 2),
        "card_mean_ms": round(1000 * cards / count, 2),
    }


def _sent(slack: SlackDouble, num_requests: int, per_second: float, threads: int) -> list[float]:
    start, lock, seconds = time.monotonic(), threading.Lock(), list[float]()

    def send(at: int) -> None:
        time.sleep(max(0.0, start + at / per_second - time.monotonic()))
        answer = slack.slash_command(TEXTS[at % len(TEXTS)])
        assert answer.ok, answer
        with lock:
            seconds.append(answer.seconds)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(send, range(num_requests)))
    return seconds


def main() -> None:
    """Parse the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--per-second", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=8)
    given = parser.parse_args()
    configure_logging("console", "error")
    print(json.dumps(measured(min(given.requests, MOST_REQUESTS), given.per_second, given.threads)))


if __name__ == "__main__":
    main()

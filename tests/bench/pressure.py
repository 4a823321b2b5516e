"""One person's flood, a channel that Slack holds back, strangers on the port, a hostile hub, an end.

How long somebody else waits meanwhile, and who is left without a word: `python tests/bench/pressure.py`.
A line of JSON a scene.
"""

import json
import re
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from commands import is_mistaken, some
from server import PEOPLE, WAIT_SECONDS, Server, answered, sent, served

sys.path.insert(0, str(Path(__file__).parent.parent))

from hostile_hub import HostileHub, hangs, is_huge

from bot.playground import SlackDouble
from bot.playground.faults import rate_limited, slow
from bot.playground.people import GENERAL, MEI

POST, RESPONSE, WHISPER = "chat.postMessage", "response_url", "chat.postEphemeral"
AWKWARD: Final = "compare " + " vs ".join(f"405b full seq={1024 * each} on h100" for each in range(1, 9))
OTHER: Final = "3b full fp32 n=999999"


@contextmanager
def warm(**environ: str) -> Iterator[tuple[SlackDouble, Server]]:
    """A server that has answered everybody before."""
    with SlackDouble() as slack, served(slack, **environ) as server:
        texts = some(30, skip=1000)
        sent(slack, texts, 100.0, PEOPLE)
        answered(slack, sum(not is_mistaken(each) for each in texts), 0)
        yield slack, server


def anothers_card(slack: SlackDouble, flood: Sequence[str]) -> dict[str, Any]:
    """Alex floods one channel; how long Mei's card takes that asks in another in the middle of it."""
    with ThreadPoolExecutor(1) as pool:
        flooding = pool.submit(sent, slack, flood, 1000.0)
        time.sleep(0.5)
        since = len(slack.calls(POST))
        load = sent(slack, (OTHER,), 1000.0, (MEI,), GENERAL)
        slack.wait_for(lambda: load.cards(slack, since) or None, WAIT_SECONDS)
        flooding.result()
    (seconds,) = load.cards(slack, since).values()
    return {"flood": len(flood), "another_persons_card_ms": round(1000 * seconds)}


def fairness() -> Iterator[tuple[str, dict[str, Any]]]:
    """Three floods of one person's."""
    with warm() as (slack, _):
        yield "150 commands of one person", anothers_card(slack, some(150))
    with warm() as (slack, _):
        yield "40 comparisons of one person", anothers_card(slack, [f"{AWKWARD} n={n}" for n in range(1, 41)])
    with warm() as (slack, _):
        slack.inject(rate_limited(POST, 10, times=8))
        yield "32 posts under Retry-After: 10", anothers_card(slack, some(33)[:32])


def ended_with_a_backlog(pending: int, slack_seconds: float) -> dict[str, Any]:
    """SIGTERM with commands pending while every call of Slack's is slow: who hears nothing."""
    texts = [text for text in some(2 * pending) if not is_mistaken(text)][:pending]
    with warm() as (slack, server):
        before, whispers = len(slack.calls(POST)), len(slack.calls(RESPONSE))
        for method in (POST, RESPONSE, WHISPER):
            slack.slack.faults.inject(slow(method, slack_seconds, times=10 * pending))
        sent(slack, texts, 1000.0, PEOPLE)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        status, took = server.process.wait(60), time.monotonic() - started
        time.sleep(slack_seconds + 1)  # what was under way still arrives
        sentences = len(slack.calls(RESPONSE)) - whispers
        cards = len(slack.calls(POST)) - before
    return {
        "pending": pending,
        "cards": cards,
        "sentences": sentences,
        "without_either": max(0, pending - cards - sentences),
        "seconds": round(took, 1),
        "exit_status": status,
    }


def told_after_a_kill(pending: int) -> dict[str, Any]:
    """SIGKILL with three people's commands pending: who is told by the next start, and how soon."""
    texts = [text for text in some(2 * pending) if not is_mistaken(text)][:pending]
    with SlackDouble() as slack, TemporaryDirectory() as state:
        slack.slack.faults.inject(slow(POST, 30.0, times=pending))
        with served(slack, FTCOST_STATE_DIR=state) as server:
            sent(slack, texts, 1000.0, PEOPLE)
            time.sleep(2.0)
            server.process.kill()
            server.process.wait(10)
        slack.slack.faults.clear()
        started, before = time.monotonic(), len(slack.calls(RESPONSE))
        with served(slack, FTCOST_STATE_DIR=state):
            slack.wait_for(lambda: len(slack.calls(RESPONSE)) - before >= len(PEOPLE), WAIT_SECONDS)
            took = time.monotonic() - started
    return {"pending": pending, "people": len(PEOPLE), "told_within_seconds": round(took, 1)}


class Strangers(NamedTuple):
    """How many connect, what each sends at once, and what byte by byte for as long as it may."""

    number: int
    at_once: bytes = b""
    drips: bool = False


STRANGERS: Final = {
    "16 silent": Strangers(16),
    "300 half-open": Strangers(300, b"POST /slack/events HTTP/1.1\r\nX: "),
    "300 large bodies": Strangers(300, b"POST / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n" + b"x" * 800_000),
    "300 dripping bodies": Strangers(
        300, b"POST /slack/events HTTP/1.1\r\nContent-Length: 900000\r\n\r\n", drips=True
    ),
    "pipelined requests": Strangers(300, b"GET /healthz HTTP/1.1\r\nHost: bot\r\n\r\n" * 500),
    "200 MB of header": Strangers(1, b"GET / HTTP/1.1\r\nX: " + b"x" * 200_000_000),
    "a negative length": Strangers(1, b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
}
DRIP_SECONDS: Final = 0.1


def strangers(name: str) -> dict[str, Any]:
    """What clients that send no request, or too many, cost a command, in time, memory and threads."""
    number, at_once, drips = STRANGERS[name]
    with warm() as (slack, server):
        port, pid = int(server.address.rpartition(":")[2]), server.process.pid
        before, connections, away = kept(pid), list[socket.socket](), threading.Event()
        for _ in range(number):
            connections.append(socket.create_connection(("127.0.0.1", port)))
            with suppress(ConnectionError):
                connections[-1].sendall(at_once)
        if drips:
            threading.Thread(target=_drip, args=(connections, away), daemon=True).start()
            time.sleep(5 * DRIP_SECONDS)
        load = sent(slack, some(10), 100.0)
        after = kept(pid)
        away.set()
        for each in connections:
            each.close()
    return {
        "ack_ms_at_most": round(1000 * max(load.acknowledged_seconds), 1),
        "memory_mb": round(after[0] - before[0], 1),
        "threads": after[1] - before[1],
    }


def _drip(connections: Sequence[socket.socket], away: threading.Event) -> None:
    while not away.wait(DRIP_SECONDS):
        for each in connections:
            with suppress(OSError):
                each.send(b"x")


def kept(pid: int) -> tuple[float, int]:
    """The most memory that a process has had, in MB, and its threads."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    memory, threads = (int(re.findall(rf"{name}:\s+(\d+)", status)[0]) for name in ("VmHWM", "Threads"))
    return memory / 1024, threads


HANGING: Final = "80 names of a hub that hangs"
HUGE: Final = "a config.json of 3 GB, asked for 20 times"
HUBS: Final = {HANGING: (80, hangs), HUGE: (20, is_huge)}


def hub(name: str) -> dict[str, Any]:
    """What a hostile model hub costs: acknowledgements of whoever asks it or not, memory, threads, disk."""
    number, answer = HUBS[name]
    texts = [f"org/model-{at} qlora" for at in range(number)]
    with HostileHub(answer) as hostile, TemporaryDirectory() as state:
        given = {"FTCOST_STATE_DIR": state, "HF_HUB_OFFLINE": "0", "HF_ENDPOINT": hostile.url}
        with warm(**given) as (slack, server):
            pid = server.process.pid
            before, disk, told = kept(pid), _disk_mb(state), len(slack.calls(RESPONSE))
            with ThreadPoolExecutor(1) as pool:
                asking = pool.submit(sent, slack, texts, 200.0)
                time.sleep(0.5)
                load = sent(slack, some(10), 100.0, (MEI,), GENERAL)
                most = [*load.acknowledged_seconds, *asking.result().acknowledged_seconds]
            slack.wait_for(lambda: len(slack.calls(RESPONSE)) - told >= number, WAIT_SECONDS)
            after, disk = kept(pid), _disk_mb(state) - disk
        sent_mb = hostile.sent_bytes / 1e6
    return {
        "ack_ms_at_most": round(1000 * max(most), 1),
        "memory_mb": round(after[0] - before[0], 1),
        "threads": after[1] - before[1],
        "disk_mb": round(disk, 2),
        "sent_by_hub_mb": round(sent_mb, 1),
    }


def _disk_mb(directory: str) -> float:
    return sum(each.stat().st_size for each in Path(directory).rglob("*") if each.is_file()) / 1e6


def main() -> None:
    """Print the figures."""
    for name, figures in fairness():
        print(name, json.dumps(figures), flush=True)
    for name in STRANGERS:
        print(name, json.dumps(strangers(name)), flush=True)
    for name in HUBS:
        print(name, json.dumps(hub(name)), flush=True)
    print("SIGTERM", json.dumps(ended_with_a_backlog(450, 4.0)), flush=True)
    print("SIGKILL", json.dumps(told_after_a_kill(30)), flush=True)


if __name__ == "__main__":
    main()

"""`kill -9` of the bot and of its store at random moments: is what was acknowledged in the ledger, and once?

    python tests/faults/kill_rounds.py embedded 50
    python tests/faults/kill_rounds.py redis 50        # the redis-server of this machine

A round: three writers book amounts that no other entry has, each command delivered twice; at some moment the
bot, the server or both are killed and started again; everything is delivered once more. Then the ledger is
read from the server itself and held against what the people in the channel were told. Only loopback is used.
"""

import argparse
import contextlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final

import redis

from bot.ledger import ChannelKey, Entry, budget_of
from bot.ledger.entries import read_entries
from bot.playground import SlackDouble
from bot.playground.events import slash_command
from bot.playground.people import ALEX, ML_TRAINING, TEAM_ID
from bot.playground.state import BOT_TOKEN
from bot.playground.wire import Json
from bot.store.embedded import EmbeddedServer

KEY: Final = str(ChannelKey(team_id=TEAM_ID, channel_id=ML_TRAINING))
WRITERS: Final = 3
COMMANDS: Final = 3
"""Of each writer in a round."""
MOST_SECONDS_TO_KILL: Final = 2.0
PATIENCE_SECONDS: Final = 25.0
LIMIT: Final = Decimal(100_000_000)
_AMOUNT: Final = re.compile(r"\$([\d,]+\.\d\d)")


@dataclass(slots=True)
class Bot:
    """`ftcost serve` against the double of Slack, in a process of its own."""

    slack: SlackDouble
    environ: dict[str, str]
    process: "subprocess.Popen[str] | None" = None

    def start(self) -> None:
        """Return when it listens."""
        line = [sys.executable, "-m", "bot", "serve"]
        self.process = subprocess.Popen(
            line, env={**os.environ, **self.environ}, stderr=subprocess.PIPE, text=True
        )
        assert self.process.stderr is not None
        said = (re.search(r'"address": "(.*?)"', line) for line in self.process.stderr)
        address = next(found[1] for found in said if found)
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.slack.connect(f"{address}/slack/events")

    def kill(self) -> None:
        """At once, whatever it does."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


class Embedded:
    """The server that the bot brings, which outlives a bot that is killed and is found again by the next."""

    def __init__(self, home: Path) -> None:
        self.environ = {"FTCOST_STATE_DIR": str(home)}
        self._socket = EmbeddedServer(home).socket_path

    def start(self) -> None:
        """The bot does that."""

    def client(self) -> "redis.Redis":
        """For reading beside the bot."""
        return redis.Redis(unix_socket_path=str(self._socket))

    def kill(self) -> None:
        """By the number that it says itself."""
        with contextlib.suppress(redis.RedisError), self.client() as client:
            pid = int(client.info("server")["process_id"])
            os.kill(pid, signal.SIGKILL)
            _until_gone(pid)


class RealRedis:
    """A redis-server that syncs every write: before 7.2 nobody can wait for the disk."""

    def __init__(self, home: Path) -> None:
        self._home = home / "redis"
        self._home.mkdir()
        self._path = self._home / "redis.sock"
        self.environ = {"FTCOST_STATE_DIR": str(home), "REDIS_URL": f"unix://{self._path}"}
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Return when it answers."""
        if self._process is not None:
            return
        program = shutil.which("redis-server")
        assert program, "there is no redis-server here"
        line = [
            program,
            "--port",
            "0",
            "--unixsocket",
            str(self._path),
            "--dir",
            str(self._home),
            "--save",
            "",
        ]
        durable = ("--appendonly", "yes", "--appendfsync", "always")
        self._process = subprocess.Popen([*line, *durable], stdout=subprocess.DEVNULL)
        _until(lambda: _answers(self.client()))

    def client(self) -> "redis.Redis":
        """For reading beside the bot."""
        return redis.Redis(unix_socket_path=str(self._path))

    def kill(self) -> None:
        """At once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _answers(client: "redis.Redis") -> bool:
    with contextlib.suppress(redis.RedisError):
        return bool(client.ping())
    return False


def _until(claim: Any, seconds: float = PATIENCE_SECONDS) -> bool:
    deadline = time.monotonic() + seconds
    while not claim():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _until_gone(pid: int) -> None:
    def is_gone() -> bool:
        try:
            return "Z" in Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True

    _until(is_gone)


@dataclass(slots=True)
class Rounds:
    """What was sent, and what the people in the channel were told."""

    slack: SlackDouble
    bot: Bot
    server: Embedded | RealRedis
    numbers: "count[int]" = field(default_factory=lambda: count(1))
    sent: dict[str, Json] = field(default_factory=dict)
    """Amount -> the payload that said it."""
    killed: Counter[str] = field(default_factory=Counter)

    def told(self) -> set[str]:
        """Every amount that anybody was shown as booked."""
        messages = (*self.slack.messages(), *self.slack.ephemerals(ALEX))
        return {amount for each in messages for amount in _booked(each)}

    def refused(self) -> int:
        """How often anybody was told that nothing was booked, or may be lost, and why."""
        said = [str(each.get("text")) for each in self.slack.ephemerals(ALEX)]
        return sum("Not booked" in each or "stands in the ledger" in each for each in said)

    def run(self, chance: random.Random) -> None:
        """One round; AssertionError where something was lost or booked twice."""
        self.server.start()
        if self.bot.process is None:
            self.bot.start()
        writers = [threading.Thread(target=self._write) for _ in range(WRITERS)]
        for each in writers:
            each.start()
        time.sleep(chance.uniform(0, MOST_SECONDS_TO_KILL))
        victims = chance.choice((("bot",), ("server",), ("bot", "server")))
        for victim in victims:
            (self.bot if victim == "bot" else self.server).kill()
        self.killed[" and ".join(victims)] += 1
        for each in writers:
            each.join()
        self.bot.kill()  # one that has lost its server leaves it alone for half a minute
        self.server.start()
        self.bot.start()
        self._again()
        self.check()

    def _write(self) -> None:
        for _ in range(COMMANDS):
            amount = f"{next(self.numbers)}.01"
            form = _form(self.slack, f"budget add {amount} usd")
            self.sent[amount] = form
            for _ in range(2):
                self.slack.http.command(form)

    def _again(self) -> None:
        """All of the round comes once more; then everybody was told that it is booked, or why it is not."""
        recent = list(self.sent)[-WRITERS * COMMANDS :]
        for amount in recent:
            self.slack.http.command(self.sent[amount])
        answered = _until(lambda: len(self.told()) + self.refused() >= len(self.sent))
        assert answered, f"left without a word: {sorted(set(recent) - self.told())}"

    def check(self) -> None:
        """The ledger, read from the server, against what was told."""
        entries = self.entries()
        booked = Counter(each.amount for each in entries if each.kind == "add")
        twice = [amount for amount, count in booked.items() if count > 1]
        assert not twice, f"booked twice: {twice}"
        lost = self.told() - booked.keys()
        assert not lost, f"acknowledged and lost: {sorted(lost)}"
        budget = budget_of(entries, datetime.now(UTC).date())
        assert budget is not None, "the limit is lost"
        total = sum(map(Decimal, booked))
        assert budget.committed == total, "the sum is another"
        assert budget.remaining == LIMIT - total, "what remains is another"

    def entries(self) -> tuple[Entry, ...]:
        """From the server itself."""
        _until(lambda: _answers(self.server.client()))
        with self.server.client() as client:
            return read_entries(client.lrange(KEY, 0, -1))


def _booked(message: Json) -> Iterator[str]:
    """The amounts that it says stand in the ledger: booked by it, or before it."""
    for block in message.get("blocks", ()):
        said = str((block.get("text") or {}).get("text", ""))
        if block.get("block_id") == "entries" or "stays one entry" in said:
            lines = (line for line in said.splitlines() if "committed" in line)
            for line in lines:
                yield from (found.replace(",", "") for found in _AMOUNT.findall(line))


def _form(slack: SlackDouble, text: str) -> Json:
    """A slash command as Slack would send it, to be sent as often as one likes."""
    state = slack.slack
    return slash_command(
        "/ftcost",
        text,
        person=state.workspace.person(ALEX),
        channel=state.workspace.channels[ML_TRAINING],
        trigger_id=state.permits.trigger(ALEX, channel=ML_TRAINING),
        response_url=f"{state.url}/response/{state.permits.response_url(ALEX, ML_TRAINING)}",
    )


def main() -> None:
    """Run the rounds and print what came of them; status 1 where something was lost or booked twice."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("store", choices=("embedded", "redis"))
    asked.add_argument("rounds", type=int, nargs="?", default=50)
    asked.add_argument("--seed", type=int, default=2026)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory() as home, SlackDouble(retry_delays_seconds=()) as slack:
        server = (Embedded if said.store == "embedded" else RealRedis)(Path(home))
        rounds = Rounds(slack=slack, bot=Bot(slack, _environ(slack, server)), server=server)
        try:
            server.start()
            rounds.bot.start()
            assert _until(lambda: _limited(slack)), "no limit was set"
            chance = random.Random(said.seed)
            for number in range(said.rounds):
                rounds.run(chance)
                print(f"round {number + 1}: {len(rounds.told())} told of {len(rounds.sent)}", flush=True)
        finally:
            rounds.bot.kill()
            with contextlib.suppress(redis.RedisError):
                booked = len([each for each in rounds.entries() if each.kind == "add"])
                counts = f"sent {len(rounds.sent)}, told of {len(rounds.told())}, booked {booked}"
                print(f"{said.store}: {counts}, refused with a sentence {rounds.refused()}")
            print(f"killed {dict(rounds.killed)}")
            server.kill()


def _environ(slack: SlackDouble, server: Embedded | RealRedis) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "SLACK_API_URL": slack.api_url,
        "FTCOST_PRICE_SOURCES": "snapshot",
        "FTCOST_BUDGET_MANAGERS": ALEX,
        "FTCOST_LOG": "json:info",
        "HF_HUB_OFFLINE": "1",
        "PORT": "0",
        **server.environ,
    }


def _limited(slack: SlackDouble) -> bool:
    slack.slash_command(f"budget set {LIMIT} usd")
    return _until(lambda: any("100,000,000" in each.get("text", "") for each in slack.messages()), 3.0)


if __name__ == "__main__":
    main()

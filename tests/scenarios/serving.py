"""`ftcost serve` as a process of its own, as tests start, hear, ask and end it."""

import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from urllib.error import HTTPError

from patience import PATIENCE_SECONDS

Serve = Callable[..., "Served"]


class Served:
    """One running process."""

    def __init__(self, environ: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], env=environ, stderr=subprocess.PIPE, text=True
        )
        self.log: list[str] = []

    def address(self) -> str:
        """Where it listens, once it says so."""
        return self.until_it_says(r'"address": "(.*?)"')[1]

    def until_it_says(self, pattern: str) -> re.Match[str]:
        """Read the log on to the line that says so, if none has yet."""
        assert self.process.stderr is not None
        giving_up = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        giving_up.start()
        try:
            for line in chain(tuple(self.log), map(self._kept, self.process.stderr)):
                if found := re.search(pattern, line):
                    return found
        finally:
            giving_up.cancel()
        raise AssertionError("".join(self.log))

    def _kept(self, line: str) -> str:
        self.log.append(line)
        return line

    def stop(self, how: signal.Signals = signal.SIGTERM) -> tuple[int, str, float]:
        """Exit status, the rest of the log, and how long it took."""
        started = time.monotonic()
        self.process.send_signal(how)
        _, rest = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, "".join([*self.log, rest]), time.monotonic() - started

    def end(self) -> None:
        """Stop it as an orchestrator does: killed at once, it would leave its store running."""
        if self.process.poll() is None:
            try:
                self.stop()
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.communicate()


def stores_below(state_dir: Path) -> list[str]:
    """The command lines of the Valkey servers that still keep their data there."""
    lines = [command_line(each) for each in Path("/proc").iterdir() if each.name.isdecimal()]
    return [line for line in lines if "valkey-server" in line and str(state_dir) in line]


def workers_of(process: subprocess.Popen[str]) -> set[int]:
    """The processes that answer: forks of the first, without the store."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
    return {int(each) for each in children if "bot serve" in command_line(Path(f"/proc/{each}"))}


def command_line(process: Path) -> str:
    """How a process was called; empty where it has ended."""
    try:
        return (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:  # it ended meanwhile
        return ""


def get(address: str, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"{address}{path}") as answer:  # noqa: S310  -- our own
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()

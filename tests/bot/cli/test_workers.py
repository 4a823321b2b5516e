"""Several processes: which end of one is the end of all."""

import subprocess
import sys
from typing import Final

import pytest
from patience import PATIENCE_SECONDS

from bot.cli.workers import REFUSED

PROGRAM: Final = """
import sys, threading
from bot.cli import workers

workers.FIRST_PAUSE_SECONDS = 0.01
stop, ended = threading.Event(), []
statuses = [int(each) for each in sys.argv[1:]]

def work(number, life):
    if number:
        threading.Event().wait()  # a healthy one, which ends with the others
    return statuses[life]

def seen(pid):
    ended.append(pid)
    if len(ended) == len(statuses):
        stop.set()

status = workers.Workers(2, work, seen).run(stop)
print(len(ended) - 1)  # the healthy one is among them
sys.exit(status)
"""
"""In a process of its own: pytest has threads, and no thread may have been started before."""


@pytest.mark.parametrize(
    ("statuses", "lives", "ends_with"),
    [
        ((REFUSED, 0), 1, 1),
        ((1, 0), 2, 0),  # an OSError of its start, which passes
        ((1, REFUSED, 0), 3, 0),  # the others serve with what this one is refused now
    ],
)
def test_only_a_refusal_at_the_very_start_ends_all(
    statuses: tuple[int, ...], lives: int, ends_with: int
) -> None:
    line = [sys.executable, "-c", PROGRAM, *map(str, statuses)]
    ended = subprocess.run(line, timeout=PATIENCE_SECONDS, capture_output=True, text=True, check=False)
    assert (int(ended.stdout.split()[-1]), ended.returncode) == (lives, ends_with), ended.stderr

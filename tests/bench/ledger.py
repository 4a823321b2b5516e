"""A ledger of 10 000 entries: `budget`, the line on a card, the export; `python tests/bench/ledger.py`.

Over an embedded server on this machine. The first question of a process reads everything, later ones what is
new. CPU time of this process beside the time on the clock, which other work on the machine stretches.
"""

import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from bot.cards.ledger import ledger_card
from bot.cli import garbage
from bot.i18n import load_texts
from bot.ledger import ChannelKey, Entry, Ledger, budget_of
from bot.ledger.entries import as_line
from bot.ledger.export import csv_lines
from bot.store.embedded import EmbeddedStore

ENTRIES: Final = 10_000
CALLS: Final = 20
KEY: Final = ChannelKey(team_id="T1", channel_id="C1")


def filled(state_dir: Path) -> EmbeddedStore:
    """A store with a limit and 10 000 commitments of this month."""
    store = EmbeddedStore(state_dir)
    store.wait_until_ready(10)
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"user_id": "U012AB3CD", "at": at, "currency": "CNY"}
    limit = Entry(entry_id="limit:1", kind="limit", amount="900000", period="month", **said)  # type: ignore[arg-type]
    store.append(str(KEY), as_line(limit))
    adds = (
        Entry(
            entry_id=f"add:message:C012AB3CD:1900000000.{number:06}",
            kind="add",
            thread_ts=f"1900000000.{number:06}",
            command="7b full fp16 n=10000 seq=1024 bs=32 epochs=3",
            amount="81.24",
            estimated_hours=3.2,
            estimated_bytes=70 * 2**30,
            estimated_amount="81.24",
            **said,  # type: ignore[arg-type]
        )
        for number in range(ENTRIES)
    )
    store.append(str(KEY), *map(as_line, adds))
    return store


def budget(ledger: Ledger) -> None:
    """What `budget` does after the acknowledgement, up to the card."""
    entries = ledger.entries(KEY)
    found = budget_of(entries, datetime.now(UTC).date())
    assert found
    ledger_card(found, entries, load_texts("en"))


def timed(name: str, run: Callable[[], object], calls: int = CALLS) -> None:
    """The median of both clocks."""
    wall, cpu = [], []
    for _ in range(calls):
        clock, busy = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - clock)
        cpu.append(time.process_time() - busy)
    shown = [f"{statistics.median(each) * 1000:8.1f}" for each in (wall, cpu)]
    print(f"{name:42} {shown[0]} ms on the clock {shown[1]} ms of CPU")


def main() -> None:
    """Print a line a case."""
    garbage.set_start_apart()  # as the server does
    with tempfile.TemporaryDirectory() as state_dir:
        store = filled(Path(state_dir))
        budget(Ledger(store))
        timed("budget, first of a process", lambda: budget(Ledger(store)))
        ledger = Ledger(store)
        budget(ledger)
        timed("budget, later", lambda: budget(ledger))
        timed("export of all lines", lambda: _exported(store), 3)
        tracemalloc.start()
        _exported(store)
        print(f"{'export, most memory at once':42} {tracemalloc.get_traced_memory()[1] / 2**20:8.1f} MiB")
        tracemalloc.stop()
        store.close()


def _exported(store: EmbeddedStore) -> int:
    pages = Ledger(store).pages(KEY)
    return sum(len(line) for line in csv_lines(entry for page in pages for entry in page))


if __name__ == "__main__":
    main()

"""Entries -> the runs that they are about, thread by thread; what was measured of each, and by whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from bot.ledger.entries import Entry


@dataclass(slots=True)
class Run:
    """What a thread booked for one run."""

    committed: Entry | None = None
    said: list[Entry] = field(default_factory=list)
    """What was measured, in the order in which it was said: each of its own day, and of whoever said it."""

    @property
    def measured(self) -> Entry | None:
        """All that was said of it together."""
        return together(self.said)

    @property
    def paid(self) -> Entry | None:
        """What says how much was paid: its day and its rate are those of the money, whatever came later."""
        return next((each for each in reversed(self.said) if each.amount), None)

    def is_measured_under(self, command: str) -> bool:
        """Whether what was measured of it was said under the card with `command`."""
        known = self.said[-1].command if self.said else ""
        return known == command or not (known and command)

    def taken_back_by(self, user_id: str) -> list[Entry]:
        """What goes on somebody's word: their own; who said nothing, and manages the budget, all."""
        return [each for each in self.said if each.user_id == user_id] or self.said


def together(said: Sequence[Entry]) -> Entry | None:
    """What was measured at different times as one; None where nothing was."""
    return reduce(_joined, said) if said else None


def _joined(before: Entry, entry: Entry) -> Entry:
    """What was measured before and is not said again holds."""
    kept = (names for names in _MEASURED if getattr(entry, names[0]) in (None, ""))
    return entry._replace(**{name: getattr(before, name) for names in kept for name in names})


_MEASURED: Final = (
    ("hours", "estimated_hours"),
    ("process_bytes", "estimated_bytes"),
    ("amount", "currency", "rate", "rate_currency", "estimated_amount"),
)
"""What was measured, and what it is held against: the card of the day on which it was said."""


def runs_of(entries: Iterable[Entry]) -> dict[str, list[Run]]:
    """The runs by thread, or by entry where there is none; several of a thread one after the other.

    A thread is about one run at a time: another of its cards takes the place of the one before, what was paid
    that of what was committed. What is added after it was paid is another run, and so is what was measured
    under another card than what was measured before.
    """
    found: dict[str, list[Run]] = {}
    for entry in entries:
        if entry.kind in OF_RUNS:
            _take(entry, found.setdefault(entry.thread_ts or entry.entry_id, [Run()]))
    return found


def _take(entry: Entry, runs: list[Run]) -> None:
    """What an entry makes of the runs of its thread."""
    if entry.kind == "actual":
        _measured_run(runs, entry.command).said.append(entry)
        return
    if entry.kind == "add":
        if runs[-1].paid:
            runs.append(Run())
        runs[-1].committed = entry
        return
    if entry.kind == "drop":
        runs[-1].committed = None
    elif (run := last_measured_of(runs)) is not None:
        gone = run.taken_back_by(entry.user_id)
        run.said = [each for each in run.said if each not in gone]
    _go_back(runs)


OF_RUNS: Final = frozenset({"add", "drop", "actual", "retract"})
"""Kinds of entries that are about a run, and have its card's command; a limit is about none."""


def _measured_run(runs: list[Run], command: str) -> Run:
    """The run that is measured under a card; a new one takes along what is committed and not yet paid."""
    if (known := measured_by(runs, command)) is not None:
        return known
    before, run = runs[-1], Run()
    if not before.paid:
        run.committed, before.committed = before.committed, None
    runs.append(run)
    return run


def measured_by(runs: Sequence[Run], command: str) -> Run | None:
    """Which of a thread's runs what is said under the card with `command` is about; None: another one."""
    if not runs[-1].said:
        return runs[-1]
    return next((run for run in reversed(runs) if run.said and run.is_measured_under(command)), None)


def last_measured_of(runs: Sequence[Run]) -> Run | None:
    """The latest that was measured."""
    return next((run for run in reversed(runs) if run.said), None)


def _go_back(runs: list[Run]) -> None:
    """To the run before, where nothing is left of the latest, or nothing that another does not do as well."""
    while len(runs) > 1 and not runs[-1].said and (runs[-1].committed is None or not runs[-2].paid):
        gone = runs.pop()
        runs[-1].committed = gone.committed or runs[-1].committed

"""Entries -> what a channel may spend; spent + committed + remaining is the limit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Final

from bot.ledger.entries import Entry, is_of_slack
from estimator.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A channel's money in the currency of its limit."""

    limit: Entry
    begins_later: bool = False
    """Whether its first day is still to come."""
    num_before: int = 0
    """Entries before its first day, which are in no sum."""
    spent: Decimal = Decimal(0)
    committed: Decimal = Decimal(0)
    unconverted: tuple[Entry, ...] = field(default=())
    """Without a rate to the limit's currency: shown, and in no sum."""

    @property
    def currency(self) -> str:
        """That of the limit."""
        return self.limit.currency

    @property
    def remaining(self) -> Decimal:
        """What is left of the limit; below zero: over it."""
        return Decimal(self.limit.amount) - self.spent - self.committed

    def money(self, amount: Decimal) -> Money:
        """`amount` in the currency of the limit."""
        return Money(amount=amount, currency=self.currency)


@dataclass(slots=True)
class _Run:
    """What a thread booked for one run."""

    committed: Entry | None = None
    actual: Entry | None = None
    """What was measured, all that was said of it together."""
    before: "_Run | None" = None
    """The run that its thread was about before."""

    @property
    def last_measured(self) -> "_Run | None":
        """The latest of its thread that was measured."""
        run: _Run | None = self
        while run is not None and run.actual is None:
            run = run.before
        return run

    @property
    def is_paid(self) -> bool:
        return self.actual is not None and bool(self.actual.amount)


def _runs(entries: Iterable[Entry]) -> list[tuple[str, _Run]]:
    """The runs by thread, or by entry where there is none; several of a thread one after the other.

    A thread is about one run at a time: another of its cards takes the place of the one before, what was paid
    that of what was committed; what is added after it was paid is another run.
    """
    found: list[tuple[str, _Run]] = []
    latest: dict[str, _Run] = {}
    for entry in entries:
        kind = entry.kind
        if kind not in _OF_RUNS:
            continue
        name = entry.thread_ts or entry.entry_id
        run = latest.get(name)
        if run is None or (kind == "add" and run.is_paid):
            run = latest[name] = _Run(before=run)
            found.append((name, run))
        if kind == "add":
            run.committed = entry
        elif kind == "drop":
            run.committed = None
        elif kind == "actual":
            run.actual = _together(run.actual, entry)
        elif (measured := run.last_measured) is not None:
            measured.actual = None
    return found


_OF_RUNS: Final = frozenset({"add", "drop", "actual", "retract"})


def _together(before: Entry | None, entry: Entry) -> Entry:
    """What was measured before and is not said again holds."""
    if before is None:
        return entry
    kept = (names for names in _MEASURED if getattr(entry, names[0]) in (None, ""))
    return entry._replace(**{name: getattr(before, name) for names in kept for name in names})


_MEASURED: Final = (
    ("hours", "estimated_hours"),
    ("process_bytes", "estimated_bytes"),
    ("amount", "currency", "rate", "rate_currency", "estimated_amount"),
)
"""What was measured, and what it is held against: the card of the day on which it was said."""


class Entries(tuple[Entry, ...]):
    """What a channel booked, oldest first; what follows from all of it is worked out once, when asked for."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Entries":
        """These entries, as they are where they are that already."""
        return entries if isinstance(entries, cls) else cls(entries)

    @cached_property
    def limit(self) -> Entry | None:
        """The limit in force: the one that was set last."""
        return next((each for each in reversed(self) if each.kind == "limit"), None)

    @cached_property
    def runs(self) -> tuple[tuple[str, _Run], ...]:
        """Each run with the name of its thread."""
        return tuple(_runs(self))

    def run_in(self, thread_ts: str) -> _Run | None:
        """What a thread is about now."""
        return next((run for name, run in reversed(self.runs) if name == thread_ts), None)

    @cached_property
    def committed(self) -> Mapping[str, Entry]:
        """What is committed by thread, or by entry where there is none."""
        return {name: run.committed for name, run in self.runs if run.committed and not run.is_paid}

    @cached_property
    def spent(self) -> tuple[Entry, ...]:
        """What was paid, run by run."""
        return tuple(run.actual for _, run in self.runs if run.actual and run.is_paid)

    @cached_property
    def budgets(self) -> dict[tuple[str, str, bool], Budget]:
        """By the days that count, as far as they were asked for."""
        return {}


def limit_of(entries: Iterable[Entry]) -> Entry | None:
    """The limit in force."""
    return Entries.of(entries).limit


def keeper_of(entries: Iterable[Entry]) -> str:
    """Whoever set the first limit, of those that Slack knows; empty where nobody did."""
    limits = (each for each in Entries.of(entries) if each.kind == "limit")
    return next((each.user_id for each in limits if is_of_slack(each.user_id)), "")


def measured_runs(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """What was measured of each run, the latest last."""
    found = (run.actual for _, run in Entries.of(entries).runs if run.actual)
    return tuple(sorted(found, key=lambda each: each.at))


def committed_in(entries: Iterable[Entry], thread_ts: str) -> Entry | None:
    """What is committed for the run of a thread."""
    return Entries.of(entries).committed.get(thread_ts) if thread_ts else None


def measured_in_thread(entries: Iterable[Entry], thread_ts: str) -> Entry | None:
    """What was measured of the run that a thread is about: what is said now takes its place."""
    run = Entries.of(entries).run_in(thread_ts) if thread_ts else None
    return run.actual if run else None


def last_measured(entries: Iterable[Entry], thread_ts: str) -> Entry | None:
    """What was measured of the latest run of a thread that was measured: what `actual drop` takes back."""
    run = Entries.of(entries).run_in(thread_ts) if thread_ts else None
    measured = run.last_measured if run else None
    return measured.actual if measured else None


def is_committed(entries: Iterable[Entry], entry: Entry) -> bool:
    """Whether the card of `entry` is in the budget already; another card of its thread is not."""
    before = committed_in(entries, entry.thread_ts)
    return before is not None and before.command == entry.command


def budget_of(entries: Iterable[Entry], today: date) -> Budget | None:
    """The budget on `today`; None where no limit was set."""
    known = Entries.of(entries)
    if (limit := known.limit) is None:
        return None
    first, last = _days(limit, today)
    key = (first, last, limit.start > today.isoformat())
    if key not in known.budgets:
        known.budgets[key] = replace(_budget_of(first, last, limit, known), begins_later=key[-1])
    return known.budgets[key]


def _days(limit: Entry, today: date) -> tuple[str, str]:
    """The first and the last day of a period; what a clock that runs ahead booked is of its own month."""
    if limit.period != "month":
        return "", _NEVER
    month = today.isoformat()[: len("2026-11")]
    return f"{month}-01", f"{month}-31"


_NEVER: Final = "9999-12-31"


def _budget_of(first: str, last: str, limit: Entry, entries: Entries) -> Budget:
    start = max(first, limit.start)
    spent, paid_otherwise = _sum((each for each in entries.spent if start <= each.day <= last), limit)
    open_ones = (each for each in entries.committed.values() if start <= each.day <= last)
    committed, committed_otherwise = _sum(open_ones, limit)
    early = chain(entries.spent, entries.committed.values()) if start > first else ()
    return Budget(
        limit=limit,
        num_before=sum(first <= each.day < start for each in early),
        spent=spent,
        committed=committed,
        unconverted=(*paid_otherwise, *committed_otherwise),
    )


def _sum(entries: Iterable[Entry], limit: Entry) -> tuple[Decimal, list[Entry]]:
    """In the currency of the limit, and those that have no rate to it."""
    total, unconverted = Decimal(0), []
    for entry in entries:
        amount = entry.under(limit)
        if amount is None:
            unconverted.append(entry)
        else:
            total += amount
    return total, unconverted

"""Entries -> what a channel may spend; spent + committed + remaining is the limit."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Final

from bot.ledger.entries import Entry, is_of_slack
from bot.ledger.runs import Run, last_measured_of, measured_by, runs_of
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


class Entries(tuple[Entry, ...]):
    """What a channel booked, oldest first; what follows from all of it is worked out once, when asked for."""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Entries":
        """These entries, as they are where they are that already."""
        return entries if isinstance(entries, cls) else cls(entries)

    @cached_property
    def limit(self) -> Entry | None:
        """The limit in force: the latest by its own time, wherever an import put it; of two the last."""
        limits = [each for each in reversed(self) if each.kind == "limit"]
        return max(limits, key=lambda each: each.at, default=None)

    @cached_property
    def runs(self) -> Mapping[str, list[Run]]:
        """The runs of each thread, or entry where there is none."""
        return runs_of(self)

    @cached_property
    def committed(self) -> Mapping[str, Entry]:
        """What is committed by thread, or by entry where there is none."""
        found = ((name, run) for name, runs in self.runs.items() for run in runs)
        return {name: run.committed for name, run in found if run.committed and not run.paid}

    @cached_property
    def spent(self) -> tuple[Entry, ...]:
        """What was paid, run by run."""
        return tuple(filter(None, (run.paid for runs in self.runs.values() for run in runs)))

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
    found = (run.measured for runs in Entries.of(entries).runs.values() for run in runs)
    return tuple(sorted(filter(None, found), key=lambda each: each.at))


def committed_in(entries: Iterable[Entry], thread_ts: str) -> Entry | None:
    """What is committed for the run of a thread."""
    return Entries.of(entries).committed.get(thread_ts) if thread_ts else None


def measured_in_thread(entries: Iterable[Entry], thread_ts: str, command: str = "") -> Entry | None:
    """What was measured of the run that a thread's card is about: what is said now takes its place."""
    runs = _runs_in(entries, thread_ts)
    run = measured_by(runs, command) if runs else None
    return run.measured if run else None


def last_measured(entries: Iterable[Entry], thread_ts: str) -> Run | None:
    """The latest run of a thread that was measured: of which `actual drop` takes something back."""
    return last_measured_of(_runs_in(entries, thread_ts))


def _runs_in(entries: Iterable[Entry], thread_ts: str) -> Sequence[Run]:
    return Entries.of(entries).runs.get(thread_ts, ()) if thread_ts else ()


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

"""Entries -> what a channel may spend; spent + committed + remaining is the limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Final

from bot.ledger.entries import Entry
from estimator.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A channel's money in the currency of its limit."""

    limit: Entry
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


def limit_of(entries: Sequence[Entry]) -> Entry | None:
    """The limit in force: the one that was set last."""
    return next((each for each in reversed(entries) if each.kind == "limit"), None)


@dataclass(slots=True)
class _Run:
    """What a thread booked for one run."""

    committed: Entry | None = None
    actual: Entry | None = None
    """What was measured, all that was said of it together."""

    @property
    def is_paid(self) -> bool:
        return self.actual is not None and bool(self.actual.amount)


def _runs(entries: Sequence[Entry]) -> Iterator[tuple[str, _Run]]:
    """The runs by thread, or by entry where there is none; several of a thread one after the other.

    A thread is about one run at a time: another of its cards takes the place of the one before, what was paid
    that of what was committed; what is added after it was paid is another run.
    """
    open_ones: dict[str, _Run] = {}
    for entry in entries:
        if entry.kind not in _OF_RUNS:
            continue
        name = entry.thread_ts or entry.entry_id
        run = open_ones.setdefault(name, _Run())
        if entry.kind == "actual":
            run.actual = _together(run.actual, entry)
        elif entry.kind == "drop":
            run.committed = None
        elif run.is_paid:
            yield name, run
            open_ones[name] = _Run(committed=entry)
        else:
            run.committed = entry
    yield from open_ones.items()


_OF_RUNS: Final = frozenset({"add", "drop", "actual"})


def _together(before: Entry | None, entry: Entry) -> Entry:
    """What was measured before and is not said again holds."""
    if before is None:
        return entry
    kept = {name: getattr(before, name) for name in _MEASURED if getattr(entry, name) in (None, "")}
    if kept and "amount" in kept:
        kept |= {
            name: getattr(before, name) for name in ("currency", "rate", "rate_currency", "estimated_amount")
        }
    return replace(entry, **kept)


_MEASURED: Final = ("hours", "process_bytes", "amount", "estimated_hours", "estimated_bytes")


def commitments(entries: Sequence[Entry]) -> tuple[dict[str, Entry], tuple[Entry, ...]]:
    """What is committed by thread, or by entry where there is none, and what was spent."""
    runs = tuple(_runs(entries))
    open_ones = {name: run.committed for name, run in runs if run.committed and not run.is_paid}
    return open_ones, tuple(run.actual for _, run in runs if run.actual and run.is_paid)


def measured_runs(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """What was measured of each run, the latest last."""
    found = (run.actual for _, run in _runs(entries) if run.actual)
    return tuple(sorted(found, key=lambda each: each.at))


def committed_in(entries: Sequence[Entry], thread_ts: str) -> Entry | None:
    """What is committed for the run of a thread."""
    return commitments(entries)[0].get(thread_ts) if thread_ts else None


def is_committed(entries: tuple[Entry, ...], entry: Entry) -> bool:
    """Whether the card of `entry` is in the budget already; another card of its thread is not."""
    before = committed_in(entries, entry.thread_ts)
    return before is not None and before.command == entry.command


def budget_of(entries: Sequence[Entry], today: date) -> Budget | None:
    """The budget on `today`; None where no limit was set."""
    if (limit := limit_of(entries)) is None:
        return None
    first = max(limit.start, today.replace(day=1).isoformat() if limit.period == "month" else "")
    open_ones, spent = commitments(entries)
    committed, paid = ([each for each in group if each.day >= first] for group in (open_ones.values(), spent))
    return Budget(
        limit=limit,
        spent=_sum(paid, limit),
        committed=_sum(committed, limit),
        unconverted=tuple(each for each in (*paid, *committed) if each.under(limit) is None),
    )


def _sum(entries: Sequence[Entry], limit: Entry) -> Decimal:
    return sum((each.under(limit) or Decimal(0) for each in entries), Decimal(0))

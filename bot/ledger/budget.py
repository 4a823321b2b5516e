"""Entries -> what a channel may spend; spent + committed + remaining is the limit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

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


def commitments(entries: Sequence[Entry]) -> tuple[dict[str, Entry], dict[str, Entry]]:
    """What is committed and what was spent, by thread, or by entry where there is none.

    A thread is about one run at a time: another of its cards takes the place of the one before, what was paid
    that of what was committed; what is added after it was paid is another run.
    """
    open_ones: dict[str, Entry] = {}
    spent: dict[str, Entry] = {}
    for entry in entries:
        name = entry.thread_ts or entry.entry_id
        if entry.kind == "add":
            open_ones[name] = entry
            if (before := spent.pop(name, None)) is not None:
                spent[before.entry_id] = before
        elif entry.kind == "drop":
            open_ones.pop(name, None)
        elif entry.kind == "actual" and entry.amount:
            open_ones.pop(name, None)
            spent[name] = entry
    return open_ones, spent


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
    committed, paid = ([each for each in group.values() if each.day >= first] for group in (open_ones, spent))
    return Budget(
        limit=limit,
        spent=_sum(paid, limit),
        committed=_sum(committed, limit),
        unconverted=tuple(each for each in (*paid, *committed) if each.under(limit) is None),
    )


def _sum(entries: Sequence[Entry], limit: Entry) -> Decimal:
    return sum((each.under(limit) or Decimal(0) for each in entries), Decimal(0))

"""What of an entry counts no longer, and why: nobody reads in a list what is in no sum as if it were."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from bot.ledger.budget import Entries
from bot.ledger.entries import Entry
from bot.ledger.runs import Run

Fate = Literal["", "replaced", "paid", "dropped", "taken_back"]
"""Of what counts no longer: said again, paid meanwhile, released, taken back; empty: all of it counts."""


@dataclass(frozen=True, slots=True)
class CountedEntry:
    """An entry, what counts of it and what does not: each with that alone; None: nothing of it is so."""

    entry: Entry
    counts: Entry | None
    gone: Entry | None = None
    fate: Fate = ""


def newest(entries: Sequence[Entry], most: int) -> list[CountedEntry]:
    """The last `most` entries, oldest first; what takes the place of one stands after it."""
    known, last = Entries.of(entries), entries[-most:]
    return [_counted(each, last[place:], known) for place, each in enumerate(last, 1)]


def _counted(entry: Entry, later: Sequence[Entry], known: Entries) -> CountedEntry:
    runs = known.runs.get(entry.thread_ts or entry.entry_id, ())
    if entry.kind == "actual":
        return _measured(entry, runs)
    fate: Fate = ""
    if entry.kind == "limit" and known.limit is not entry:
        fate = "replaced"
    elif entry.kind == "add":
        fate = _fate_of_commitment(entry, later, runs)
    return CountedEntry(entry, None, entry, fate) if fate else CountedEntry(entry, entry)


def _fate_of_commitment(entry: Entry, later: Sequence[Entry], runs: Sequence[Run]) -> Fate:
    if (run := next((each for each in runs if each.committed is entry), None)) is not None:
        return "paid" if run.paid else ""
    next_kinds = (each.kind for each in later if each.thread_ts == entry.thread_ts)
    kind = next((each for each in next_kinds if each in ("add", "drop")), "")
    return "dropped" if kind == "drop" else "replaced"


_MEASURES: Final[dict[str, Any]] = {"hours": None, "process_bytes": None, "amount": ""}
"""What an actual says, and how it says nothing of it."""


def _measured(entry: Entry, runs: Sequence[Run]) -> CountedEntry:
    """Each measure counts until it is said again."""
    run = next((each for each in runs if any(said is entry for said in each.said)), None)
    if run is None:
        return CountedEntry(entry, None, entry, "taken_back")
    after = run.said[next(place for place, said in enumerate(run.said, 1) if said is entry) :]
    of_it = _said_by(entry)
    again = of_it & set[str]().union(*map(_said_by, after))
    if not again:
        return CountedEntry(entry, entry)
    counts = _without(again, entry) if of_it - again else None
    return CountedEntry(entry, counts, _without(of_it - again, entry), "replaced")


def _said_by(actual: Entry) -> set[str]:
    return {name for name, nothing in _MEASURES.items() if getattr(actual, name) != nothing}


def _without(names: set[str], entry: Entry) -> Entry:
    return entry._replace(**{name: _MEASURES[name] for name in names})

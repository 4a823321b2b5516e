"""One line of a channel's ledger, as the store keeps it."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from estimator.money import Money

VERSION: Final = 1
"""Of an entry's form; each entry carries its own, since entries are never rewritten."""
Kind = Literal["limit", "add", "drop", "actual", "note"]
Period = Literal["month", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who booked what, when, for which card. Amounts are exact decimal text in their own currency."""

    entry_id: str
    """Names the message or press it came from: delivered twice, it is one entry."""
    kind: Kind
    user_id: str
    at: str
    """ISO 8601, UTC."""
    thread_ts: str = ""
    """The thread of the card; empty where there is none."""
    command: str = ""
    """The canonical command of the card, or the words of a note."""
    amount: str = ""
    currency: str = ""
    rate: str = ""
    """Units of the limit's currency for one unit of `currency`, on the day of the entry; empty: unknown."""
    period: Period = "total"
    """Of a limit."""
    start: str = ""
    """Of a limit: the first day that counts, ISO 8601; empty: all of them."""
    hours: float | None = None
    """What an actual measured."""
    process_bytes: int | None = None
    estimated_hours: float | None = None
    estimated_bytes: int | None = None
    estimated_amount: str = ""
    """In `currency`."""
    v: int = VERSION

    @property
    def money(self) -> Money | None:
        """The amount in its own currency."""
        return Money(amount=Decimal(self.amount), currency=self.currency) if self.amount else None

    @property
    def day(self) -> str:
        """The calendar day in UTC."""
        return self.at[:10]

    def in_limit(self, currency: str) -> Decimal | None:
        """The amount in the currency of the limit, at the rate of its day; None where none is known."""
        if not self.amount:
            return None
        if self.currency == currency:
            return Decimal(self.amount)
        if not self.rate:
            return None
        return (Decimal(self.amount) * Decimal(self.rate)).quantize(Decimal("0.01"))


def written(entry: Entry) -> bytes:
    """`entry` as a line of JSON, what is not said left out."""
    said = {name: value for name, value in asdict(entry).items() if value not in (None, "")}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def read_entries(lines: Sequence[bytes]) -> tuple[Entry, ...]:
    """The entries of these lines; those of a later version keep what this one knows."""
    known = Entry.__slots__
    return tuple(
        Entry(**{name: value for name, value in each.items() if name in known})
        for each in json.loads(b"[" + b",".join(lines) + b"]")
    )


def timestamp(now: datetime) -> str:
    """An instant as an entry keeps it: UTC, to the second."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")

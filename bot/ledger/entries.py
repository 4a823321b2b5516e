"""One line of a channel's ledger, as the store keeps it."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from bot.ledger.bounds import is_bytes, is_factor, is_hours, is_rate
from bot.ledger.migration import VERSION, migrated
from estimator.money import Money

EntryKind = Literal["limit", "add", "drop", "actual", "retract", "note", "correction"]
Period = Literal["month", "total"]


class Entry(NamedTuple):
    """Who booked what, when, for which card. Amounts are exact decimal text in their own currency.

    A named tuple: a process that is asked for the first time makes all of a channel's.
    """

    entry_id: str
    """Names the message or press it came from: delivered twice, it is one entry."""
    kind: EntryKind
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
    """Units of `rate_currency` for one unit of `currency`, on the day of the entry; empty: unknown."""
    rate_currency: str = ""
    """That of the limit on that day."""
    period: Period = "total"
    """Of a limit."""
    start: str = ""
    """Of a limit: the first day that counts, ISO 8601; empty: all of them."""
    rates: Mapping[str, str] | None = None
    """Of a limit: units of its currency for one of each that was booked before, on the day of the limit."""
    hours: float | None = None
    """What an actual measured."""
    process_bytes: int | None = None
    estimated_hours: float | None = None
    estimated_bytes: int | None = None
    estimated_amount: str = ""
    """In `currency`."""
    factors: Mapping[str, Sequence[float]] | None = None
    """Of a correction, by quantity: its middle, its ends, the number of runs; none: taken back."""
    v: int = VERSION

    @property
    def money(self) -> Money | None:
        """The amount in its own currency."""
        return Money(amount=Decimal(self.amount), currency=self.currency) if self.amount else None

    @property
    def says_nothing(self) -> bool:
        """Whether an actual measured nothing that can be: no run takes no time, or longer than all bounds."""
        return self.kind == "actual" and not (self.amount or self.hours or self.process_bytes)

    @property
    def day(self) -> str:
        """The calendar day in UTC."""
        return self.at[:10]

    def under(self, limit: "Entry") -> Decimal | None:
        """The amount in the currency of the limit, at the rate of its day; None where none is known.

        What was booked under a limit in another currency is taken at the rate of the day of this one.
        """
        if not self.amount:
            return None
        if self.currency == limit.currency:
            return Decimal(self.amount)
        kept = self.rate if self.rate_currency == limit.currency else ""
        if not (rate := kept or (limit.rates or {}).get(self.currency, "")):
            return None
        return (Decimal(self.amount) * Decimal(rate)).quantize(Decimal("0.01"))


_KNOWN: Final = frozenset(Entry._fields)


def as_line(entry: Entry) -> bytes:
    """`entry` as a line of JSON, what is not said left out."""
    said = {name: value for name, value in entry._asdict().items() if value is not None and value != ""}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def read_entries(lines: Sequence[bytes], limit_currency: str = "") -> tuple[Entry, ...]:
    """The entries of these lines; those of a later version keep what this one knows.

    `limit_currency` is that of the limit in force before them.
    """
    found = json.loads(b"[" + b",".join(lines) + b"]")
    if any(each.get("v") != VERSION for each in found):
        found = migrated(found, limit_currency)
    return tuple(map(_entry, found))


def _entry(said: Mapping[str, Any]) -> Entry:
    try:
        entry = Entry(**said)
    except TypeError:
        entry = Entry(**{name: value for name, value in said.items() if name in _KNOWN})
    if entry.rate and not is_rate(entry.rate):  # an earlier version took any of a table
        entry = entry._replace(rate="", rate_currency="")
    clean = _CLEAN.get(entry.kind)
    return clean(entry) if clean else entry


def _clean_actual(actual: Entry) -> Entry:
    """`actual` without what no run can have: an earlier version booked whatever was typed."""
    if actual.hours is not None and not is_hours(actual.hours):
        actual = actual._replace(hours=None)
    if actual.process_bytes is not None and not is_bytes(actual.process_bytes):
        actual = actual._replace(process_bytes=None)
    return actual


def _clean_limit(limit: Entry) -> Entry:
    """`limit` without rates that are none: an earlier version took any of a table, as it did factors."""
    rates = {name: rate for name, rate in (limit.rates or {}).items() if is_rate(rate)}
    return limit if len(rates) == len(limit.rates or {}) else limit._replace(rates=rates or None)


def _clean_correction(chosen: Entry) -> Entry:
    factors = {name: each for name, each in (chosen.factors or {}).items() if is_factor(each)}
    return chosen if len(factors) == len(chosen.factors or {}) else chosen._replace(factors=factors or None)


_CLEAN: Final = {"actual": _clean_actual, "limit": _clean_limit, "correction": _clean_correction}


_USER_ID: Final = re.compile(r"[UW][A-Z0-9]{2,20}")


def is_of_slack(user_id: str) -> bool:
    """Whether it names somebody in Slack; a table may say of anybody that they booked something."""
    return _USER_ID.fullmatch(user_id) is not None


def timestamp(now: datetime) -> str:
    """An instant as an entry keeps it: UTC, to the second."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")

"""A CSV -> entries: an export of ours as it stands, or a table of somebody's with a few of its columns."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final, get_args

from bot.language.kinds import CURRENCY_CODES
from bot.ledger.bounds import is_bytes, is_day, is_estimate, is_factor, is_hours, is_money, is_rate
from bot.ledger.correction import QUANTITIES
from bot.ledger.entries import Entry, EntryKind, Period, timestamp
from bot.ledger.export import FORMULA
from bot.ledger.migration import VERSION, migrated

MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 50_000
MOST_TEXT_CHARS: Final = 2_000
MOST_AHEAD: Final = timedelta(days=1)
"""Of a clock that runs ahead; what is of a later day would be the limit in force until then."""
_REQUIRED: Final = ("kind",)
_HAS_AMOUNT: Final = ("limit", "add")
_COLUMNS: Final = frozenset(Entry._fields)
_NO_TEXT: Final = re.compile("[\x00\ufffd]")
"""What is left of bytes that were read as UTF-8 and are none."""
_NUMBER: Final = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?", re.ASCII)
"""`1,234.56`; `1.234,56` and `12,5` would be read as something else than was meant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BadCell:
    """What is wrong in a row."""

    line: int
    """As an editor counts them, the header first."""
    column: str
    """Empty: the row, or the table, as a whole."""
    value: str = ""
    is_encoding: bool = False
    """The line is no UTF-8 text: a spreadsheet wrote it in the code of its country."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """Every row as an entry, or every mistake: a table is taken whole or not at all."""

    entries: tuple[Entry, ...] = ()
    mistakes: tuple[BadCell, ...] = ()

    def new_to(self, before: Iterable[Entry]) -> tuple[Entry, ...]:
        """Those that do not stand there yet."""
        known = {each.entry_id for each in before}
        return tuple(each for each in self.entries if each.entry_id not in known)


def read_csv(text: str, *, user_id: str, now: datetime) -> Imported:
    """The entries of a table; what its rows do not say is `user_id`'s, of `now`.

    A row without an id is named by its words, so that the same table twice is one table.
    """
    if broken := _NO_TEXT.search(text):
        line = text.count("\n", 0, broken.start()) + 1
        return Imported(mistakes=(BadCell(line=line, column="", is_encoding=True),))
    rows = csv.DictReader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    missing = [each for each in _REQUIRED if each not in (rows.fieldnames or ())]
    if missing:
        return Imported(mistakes=tuple(BadCell(line=1, column=each) for each in missing))
    reader = _Rows(user_id=user_id, now=now)
    try:
        found = [reader.read(row, rows.line_num) for row in islice(rows, MOST_ROWS + 1)]
    except csv.Error as error:
        return Imported(mistakes=(BadCell(line=rows.line_num, column="", value=str(error)),))
    if len(found) > MOST_ROWS:
        return Imported(mistakes=(BadCell(line=len(found), column="", value=str(MOST_ROWS)),))
    mistakes = tuple(reader.mistakes)
    if mistakes or not found:
        return Imported(mistakes=mistakes or (BadCell(line=1, column=""),))
    return Imported(entries=tuple(Entry(**each) for each in migrated(filter(None, found))))


class _Rows:
    """Reads row by row and collects what is wrong."""

    def __init__(self, *, user_id: str, now: datetime) -> None:
        self._user_id, self._at = user_id, timestamp(now)
        self._latest = timestamp(now + MOST_AHEAD)
        self._names: set[str] = set()
        self._rows: dict[str, dict[str, str]] = {}
        self.mistakes: list[BadCell] = []

    def read(self, row: Mapping[str | None, Any], line: int) -> dict[str, Any]:
        """The fields of an entry; what cannot be one is noted, the same row once more is nothing."""
        said = {
            name: text
            for name, cell in row.items()
            if name is not None and name in _COLUMNS and (text := _inert_undone(cell))
        }
        if entry_id := said.get("entry_id"):
            if self._rows.get(entry_id) == said:
                return {}
            if self._rows.setdefault(entry_id, said) is not said:
                self.mistakes.append(BadCell(line=line, column="entry_id", value=entry_id))
        found: dict[str, Any] = {}
        for name, value in said.items():
            try:
                found[name] = _value(name, value)
            except (ValueError, InvalidOperation, OverflowError):
                self.mistakes.append(BadCell(line=line, column=name, value=value))
        self.mistakes.extend(BadCell(line=line, column=each) for each in _absent(said))
        wrong = (name for name, can_be in self._whole_row(said) if name in found and not can_be(found[name]))
        self.mistakes.extend(BadCell(line=line, column=each, value=said[each]) for each in wrong)
        return {
            "user_id": self._user_id,
            "at": self._at,
            "v": VERSION,
            "entry_id": self._name(row),
            **found,
        }

    def _whole_row(self, said: Mapping[str, str]) -> Iterator[tuple[str, Callable[[Any], bool]]]:
        """What a cell can be in the light of the others."""
        if not (said.get("kind") == "add" and "command" in said):  # what a card estimates has no bounds
            yield "amount", is_money
        yield "at", lambda at: at <= self._latest

    def _name(self, row: Mapping[str | None, Any]) -> str:
        words, again = json.dumps([str(each) for each in row.values()], ensure_ascii=False), 0
        while (name := hashlib.sha256(f"{again}{words}".encode()).hexdigest()[:32]) in self._names:
            again += 1
        self._names.add(name)
        return f"import:{name}"


def _absent(said: Mapping[str, str]) -> Iterator[str]:
    """What a kind cannot do without."""
    if "kind" not in said:
        yield "kind"
    if said.get("kind") in _HAS_AMOUNT and "amount" not in said:
        yield "amount"
    if "amount" in said and "currency" not in said:
        yield "currency"
    if "rate" in said and "rate_currency" not in said and said.get("v") != "1":  # which did not say it
        yield "rate_currency"


def _inert_undone(value: Any) -> str:
    """A cell as it was before the export kept spreadsheets from running it."""
    text = value.strip() if isinstance(value, str) else ""
    return text[1:] if text[:1] == "'" and text.lstrip("'").startswith(FORMULA) else text


def _value(name: str, text: str) -> Any:
    """A cell as an entry has it.

    Raises:
        ValueError: it cannot be that.
    """
    if len(text) > MOST_TEXT_CHARS:
        raise ValueError(name)
    read = _READERS.get(name)
    return read(text) if read else text


def _decimal(text: str, can_be: Callable[[Any], bool]) -> str:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return format(_possible(Decimal(text.replace(",", "")), can_be), "f")


def _mapping(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError:
        found = None
    if not isinstance(found, dict):
        raise ValueError(text)  # noqa: TRY004  -- of a cell that somebody typed, not of a caller
    return found


def _rates(text: str) -> dict[str, str]:
    found = {_currency(name): str(rate) for name, rate in _mapping(text).items()}
    if not all(map(is_rate, found.values())):
        raise ValueError(text)
    return found


def _factors(text: str) -> dict[str, Any]:
    found = _mapping(text)
    if not found.keys() <= set(QUANTITIES) or not all(map(is_factor, found.values())):
        raise ValueError(text)
    return found


def _possible(number: Any, can_be: Callable[[Any], bool]) -> Any:
    if not can_be(number):
        raise ValueError(number)
    return number


def _one_of(text: str, choices: Any) -> str:
    if text not in choices:
        raise ValueError(text)
    return text


def _at(text: str) -> str:
    said = datetime.fromisoformat(text)
    found = said.astimezone(UTC) if said.tzinfo else said
    _possible(found.date(), is_day)
    return timestamp(found)


def _currency(text: str) -> str:
    return _one_of(text.upper(), CURRENCY_CODES)


_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "kind": lambda text: _one_of(text.lower(), get_args(EntryKind)),
    "period": lambda text: _one_of(text.lower(), get_args(Period)),
    "at": _at,
    "start": lambda text: _possible(datetime.fromisoformat(text).date(), is_day).isoformat(),
    **dict.fromkeys(("currency", "rate_currency"), _currency),
    **dict.fromkeys(("amount", "estimated_amount"), lambda text: _decimal(text, is_estimate)),
    "rate": lambda text: _decimal(text, is_rate),
    "rates": _rates,
    "factors": _factors,
    "hours": lambda text: _possible(float(text), is_hours),
    "process_bytes": lambda text: _possible(int(text), is_bytes),
    "estimated_hours": lambda text: _possible(float(text), is_estimate),
    **dict.fromkeys(("estimated_bytes", "v"), lambda text: _possible(int(text), is_estimate)),
}
"""Columns that are not any text."""

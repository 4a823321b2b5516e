"""A ledger as CSV, line by line, so that a long one need not fit into memory twice."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from bot.ledger.entries import Entry

COLUMNS: Final = Entry._fields
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The heading, then a line an entry; nothing that a spreadsheet would run as a formula."""
    yield _line(COLUMNS)
    for entry in entries:
        yield _line(_inert(value) for value in entry)


def _line(values: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _inert(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return json.dumps(value, separators=(",", ":"))
    if not isinstance(value, str) or not value.startswith(("'", *FORMULA)):
        return value
    return f"'{value}" if value.lstrip("'").startswith(FORMULA) else value

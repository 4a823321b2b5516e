"""A ledger as CSV, line by line, so that a long one need not fit into memory twice."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Final

from bot.ledger.entries import Entry

COLUMNS: Final = tuple(Entry.__slots__)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """The heading, then a line an entry; nothing that a spreadsheet would run as a formula."""
    yield _line(COLUMNS)
    for entry in entries:
        yield _line(_inert(value) for value in asdict(entry).values())


def _line(values: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _inert(value: Any) -> Any:
    if value is None:
        return ""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value

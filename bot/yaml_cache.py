"""Parsed YAML of the shipped catalogues, kept as JSON in the user's cache: it loads seventy times as fast.

A copy counts only for a file of the same place, size and time. JSON, so that nothing in the cache can run;
whatever is wrong with a copy, or with the place for it, the YAML is read and nobody hears of it.
"""

import json
import os
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any, Final

FORMAT: Final = "ftcost-yaml-1"
"""The first word of a copy; another one when the form below changes."""
Step = str | int


def cache_dir() -> Path | None:
    """Where copies lie, in the user's own cache; None where there is no such place."""
    base = os.environ.get("XDG_CACHE_HOME") or ""
    home = os.environ.get("HOME") or ""
    if Path(base).is_absolute():
        return Path(base) / "ftcost"
    return Path(home) / ".cache" / "ftcost" if Path(home).is_absolute() else None


def cached(path: Path, parse: Callable[[Path], Any]) -> Any:
    """What `parse` makes of the YAML file at `path`, from the copy of an earlier process where it holds."""
    directory = cache_dir()
    if directory is None:
        return parse(path)
    copy, stamp = directory / f"{path.stem}-{zlib.crc32(os.fsencode(path)):08x}.json", _stamp(path)
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        return _unpacked(copy.read_bytes(), stamp)
    document = parse(path)
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):
        _write(copy, _packed(document, stamp))
    return document


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{FORMAT} {found.st_size} {found.st_mtime_ns}"


def _packed(document: Any, stamp: str) -> bytes:
    """A line that says what this is a copy of, and the document with its dates beside it.

    Raises:
        ValueError, TypeError: JSON cannot say this document to the letter.
    """
    dates = list(_dates(document))
    body = json.dumps([dates, document], default=_iso, ensure_ascii=False, separators=(",", ":")).encode()
    packed = f"{stamp} {zlib.crc32(body)}\n".encode() + body
    if _unpacked(packed, stamp) != document:
        raise ValueError("JSON says something else than YAML said")
    return packed


def _unpacked(packed: bytes, stamp: str) -> Any:
    """The document.

    Raises:
        ValueError, LookupError, TypeError: it is not a copy of that file, or not whole.
    """
    head, _, body = packed.partition(b"\n")
    if head != f"{stamp} {zlib.crc32(body)}".encode():
        raise ValueError("a copy of something else")
    dates, document = json.loads(body)
    for *way, last in dates:
        holder = document
        for step in way:
            holder = holder[step]
        holder[last] = date.fromisoformat(holder[last])
    return document


def _dates(node: Any, way: tuple[Step, ...] = ()) -> Iterator[tuple[Step, ...]]:
    """The ways to all dates, which YAML has and JSON has not."""
    if type(node) is date:
        yield way
    elif isinstance(node, dict | list):
        for step, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _dates(inner, (*way, step))


def _iso(value: Any) -> str:
    if type(value) is not date:
        raise TypeError(f"JSON has no {type(value).__name__}")
    return value.isoformat()


def _write(copy: Path, packed: bytes) -> None:
    """Whole or not at all, for nobody else to read or write."""
    copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = copy.with_suffix(f".{os.getpid()}-{threading.get_ident()}.partial")
    try:
        partial.write_bytes(packed)
        partial.replace(copy)
    finally:
        partial.unlink(missing_ok=True)

"""Entries of earlier versions, read as this one writes them; what stands in a ledger is never rewritten."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

VERSION: Final = 2
"""Of an entry's form; each entry carries its own.

1: `rate` was to the currency of the limit in force, which was not said.
2: `rate_currency` says to which; a limit has `rates` for what was booked before in other currencies.
"""


def migrated(found: Iterable[Mapping[str, Any]], limit_currency: str = "") -> Iterator[dict[str, Any]]:
    """The same entries, oldest first, in the form of `VERSION`.

    `limit_currency` is that of the limit in force before them. Those of a later version stay as they are.
    """
    for each in found:
        if each.get("kind") == "limit":
            limit_currency = str(each.get("currency", ""))
        yield dict(each) if each.get("v", 1) >= VERSION else _from_1(each, limit_currency)


def _from_1(said: Mapping[str, Any], limit_currency: str) -> dict[str, Any]:
    to = {"rate_currency": limit_currency} if said.get("rate") else {}
    return {**said, **to, "v": VERSION}

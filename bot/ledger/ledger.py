"""The append-only ledger of each channel: an entry is booked once, on disk, or refused with the reason."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.ledger.entries import Entry, read_entries, written
from bot.store import Store

ATTEMPTS: Final = 200
"""Others may append between reading and writing; each attempt then begins with what they wrote."""
MOST_PAUSE_SECONDS: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKey:
    """Whose ledger."""

    team_id: str
    channel_id: str

    def __str__(self) -> str:
        return f"ledger:{self.team_id}:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Whether an entry stands in the ledger, and all that stands there now."""

    kept: bool
    is_repeated: bool = False
    """It stood there already; nothing was written."""
    entries: tuple[Entry, ...] = ()
    why: str = ""
    """Why it was refused, for the log and for the reader."""


def _has(before: tuple[Entry, ...], entry: Entry) -> bool:
    return any(each.entry_id == entry.entry_id for each in before)


class Ledger:
    """One list a channel in the store; a single key, so that a cluster keeps it in one place."""

    def __init__(self, store: Store, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._store, self._sleep = store, sleep

    def entries(self, key: ChannelKey) -> tuple[Entry, ...] | None:
        """Everything that was booked, oldest first; None while the store cannot be read."""
        lines = self._store.entries(str(key))
        return None if lines is None else read_entries(lines)

    def book(
        self,
        key: ChannelKey,
        entry: Entry,
        repeats: Callable[[tuple[Entry, ...], Entry], bool] = _has,
    ) -> Booked:
        """Append `entry` unless it `repeats` what stands there; decided on the list it is appended to."""
        for _ in range(ATTEMPTS):
            before = self.entries(key)
            if before is None:
                return Booked(kept=False, why=self._store.health().why)
            if _has(before, entry) or repeats(before, entry):
                return Booked(kept=True, is_repeated=True, entries=before)
            appended = self._store.append(str(key), written(entry), expected_length=len(before))
            if appended.kept:
                return Booked(kept=True, entries=(*before, entry))
            if appended.length == len(before) or not appended.length:
                return Booked(kept=False, entries=before, why=appended.why)
            self._sleep(random.uniform(0, MOST_PAUSE_SECONDS))  # noqa: S311  -- spreads the writers, guards nothing
        return Booked(kept=False, why="too many write at once")

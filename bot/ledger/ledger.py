"""The append-only ledger of each channel: an entry is booked once, on disk, or refused with the reason."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from bot.ledger.budget import Entries
from bot.ledger.entries import Entry, as_line, read_entries
from bot.store import Status, Store

ATTEMPTS: Final = 200
"""Others may append between reading and writing; each attempt then begins with what they wrote."""
MOST_PAUSE_SECONDS: Final = 0.02
AWAY_PAUSES_SECONDS: Final = (0.2, 0.4, 0.8, 1.6)
"""How a store is waited for that does not answer: one that starts, or fails over, is there in a moment."""
PAGE: Final = 1000
MOST_REMEMBERED: Final = 64
"""Channels whose entries are kept in this process, the latest of"""
MOST_REMEMBERED_ENTRIES: Final = 100_000
"""those that these are: some 70 MB."""


class UnreadableError(LookupError):
    """The store does not answer: nobody knows what was booked, least of all that nothing was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelKey:
    """Whose ledger."""

    team_id: str
    """The workspace that we are installed in, whoever speaks there."""
    channel_id: str

    def __str__(self) -> str:
        return f"ledger:{self.team_id}:{self.channel_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """Whether an entry stands in the ledger, and all that stands there now."""

    kept: bool
    is_repeated: bool = False
    """It stood there already; nothing was written."""
    entries: Entries = field(default_factory=Entries)
    why: str = ""
    """Why it was refused, for the log and for the reader."""
    is_away: bool = False
    """Refused because the store does not answer, not because it could lose it."""
    is_unsafe: bool = False
    """Not acknowledged, and yet it stands there: nobody could say that it is on disk, or on a replica."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """What was read of a channel, and the line that it ended with."""

    entries: Entries
    last: bytes


def _has(before: tuple[Entry, ...], entry: Entry) -> bool:
    return any(each.entry_id == entry.entry_id for each in before)


class Ledger:
    """One list a channel in the store; a single key, so that a cluster keeps it in one place."""

    def __init__(self, store: Store, *, sleep: Callable[[float], object] = time.sleep) -> None:
        self._store, self._sleep = store, sleep
        self._read: dict[ChannelKey, _Read] = {}
        self._listed: set[ChannelKey] = set()

    def unread(self, key: ChannelKey) -> dict[str, int]:
        """What of the store `entries` will read: the list, and from where."""
        known = self._read.get(key)
        return {str(key): len(known.entries) - 1 if known else 0}

    def entries(self, key: ChannelKey) -> Entries:
        """Everything that was booked, oldest first.

        What this process has read before is not read again: the last line of it still standing in its place
        says that it is the same list, of which only the rest is asked for.

        Raises:
            UnreadableError: the store cannot be read.
        """
        known = self._read.get(key)
        start = len(known.entries) - 1 if known else 0
        lines = self._lines(key, start)
        if known is None or lines[:1] != (known.last,):
            return self._joined(key, Entries(), lines if start == 0 else self._lines(key))
        return self._joined(key, known.entries, lines[1:]) if lines[1:] else known.entries

    def pages(self, key: ChannelKey, size: int = PAGE) -> Iterator[tuple[Entry, ...]]:
        """Likewise in pages, for a ledger that need not be in memory at once.

        Raises:
            UnreadableError: the store cannot be read.
        """
        start, limit_currency = 0, ""
        while True:
            if not (lines := self._lines(key, start, size)):
                return
            page = read_entries(lines, limit_currency)
            yield page
            start += len(lines)
            limit_currency = next((e.currency for e in reversed(page) if e.kind == "limit"), limit_currency)

    def _lines(self, key: ChannelKey, start: int = 0, most: int | None = None) -> tuple[bytes, ...]:
        lines = self._store.entries(str(key), start=start, most=most)
        if lines is None:
            raise UnreadableError(self._store.health().why)
        return lines

    def forget(self, key: ChannelKey) -> bool:
        """Delete everything of a channel, for good; whether nothing stands there any more."""
        self._store.delete(str(key))
        self._read.pop(key, None)
        return self._store.entries(str(key)) == ()

    def channels(self, team_id: str) -> tuple[str, ...]:
        """The channels of a workspace that booked something; some may have been deleted since."""
        lines = self._store.entries(f"ledgers:{team_id}") or ()
        return tuple(dict.fromkeys(line.decode(errors="replace") for line in lines))

    def _list_channel(self, key: ChannelKey) -> None:
        """Remember that a channel has a ledger, once a process."""
        if key in self._listed:
            return
        if (
            key.channel_id in self.channels(key.team_id)
            or self._store.append(f"ledgers:{key.team_id}", key.channel_id.encode()).kept
        ):
            self._listed.add(key)

    def _joined(self, key: ChannelKey, before: Entries, lines: Sequence[bytes]) -> Entries:
        """`before` and what `lines` add to it, remembered."""
        read = read_entries(lines, before.limit.currency if before.limit else "")
        return self._remembered(key, Entries((*before, *read)), lines)

    def _remembered(self, key: ChannelKey, entries: Entries, lines: Sequence[bytes]) -> Entries:
        """`entries`, of which the last stands in the store as the last of `lines`."""
        self._read.pop(key, None)
        if entries:
            self._read[key] = _Read(entries=entries, last=lines[-1])
            self._forget_oldest()
        return entries

    def _forget_oldest(self) -> None:
        """All but the channel with the latest news, where there are too many or they have too much."""
        room = MOST_REMEMBERED_ENTRIES
        for number, (name, read) in enumerate(reversed(tuple(self._read.items()))):
            room -= len(read.entries)
            if number and (room < 0 or number >= MOST_REMEMBERED):
                self._read.pop(name, None)

    def book(
        self,
        key: ChannelKey,
        entry: Entry,
        repeats: Callable[[tuple[Entry, ...], Entry], bool] = _has,
    ) -> Booked:
        """Append `entry` unless it `repeats` what stands there; decided on the list it is appended to."""

        def new(before: tuple[Entry, ...]) -> tuple[Entry, ...]:
            return () if _has(before, entry) or repeats(before, entry) else (entry,)

        return self.book_all(key, new)

    def entries_soon(self, key: ChannelKey) -> Entries:
        """Likewise; a store that does not answer is waited for: what is booked hangs on what stands there.

        Raises:
            UnreadableError: it did not come.
        """
        for pause_seconds in AWAY_PAUSES_SECONDS:
            with suppress(UnreadableError):
                return self.entries(key)
            self._sleep(pause_seconds)
        return self.entries(key)

    def book_all(self, key: ChannelKey, new: Callable[[tuple[Entry, ...]], tuple[Entry, ...]]) -> Booked:
        """Append what is `new` to what stands there, all of it or nothing.

        What stands there already, of a first delivery that may still wait for the disk or of a try of ours
        whose answer was lost, is acknowledged once it is on disk.
        """
        tried = False
        for _ in range(ATTEMPTS):
            try:
                before = self.entries_soon(key)
            except UnreadableError as away:
                return Booked(kept=False, why=str(away), is_away=True)
            wanted = new(before)
            lines = tuple(map(as_line, wanted))
            appended = self._store.append(str(key), *lines, expected_length=len(before))
            if appended.kept:
                self._list_channel(key)
                after = self._remembered(key, Entries((*before, *wanted)), lines) if wanted else before
                return Booked(kept=True, is_repeated=not (wanted or tried), entries=after)
            if not appended.length:
                health = self._store.health()
                if tried or not health.durable:
                    return Booked(
                        kept=False,
                        entries=before,
                        why=appended.why,
                        is_away=health.status is not Status.OK,
                        is_unsafe=tried and not wanted,
                    )
                tried = True
            self._sleep(random.uniform(0, MOST_PAUSE_SECONDS))  # noqa: S311  -- spreads the writers, guards nothing
        return Booked(kept=False, why="too many write at once")

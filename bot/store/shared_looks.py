"""What many threads look at in one moment, in one trip: with a trip each they wait for one another."""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, wait
from typing import Final, NamedTuple

from bot.store.port import Looked, StoreUnavailable

LONGEST_WAIT_SECONDS: Final = 0.02
"""A trip that takes longer (a long list, a server that hangs) keeps nobody waiting who comes after it."""


class Look(NamedTuple):
    """What one thread asks for."""

    keys: tuple[str, ...]
    lists: tuple[tuple[str, int], ...]
    """Each with where it is read from."""


Found = Looked | Exception
"""What one look saw, or why it alone saw nothing."""


class SharedLooks:
    """`look_for` many at once. Whoever comes while a trip is under way goes with the next one.

    Nobody is answered from a trip that had left when he came: what was written before is seen.
    """

    def __init__(self, look_for: Callable[[Sequence[Look]], Sequence[Found]]) -> None:
        self._look_for = look_for
        self._entering = threading.Lock()
        self._next: _Trip | None = None
        self._under_way: Future[dict[Look, Found]] | None = None

    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> Looked:
        """As if this look had a trip of its own."""
        look = Look(tuple(keys), tuple(lists.items()))
        with self._entering:
            before = self._under_way
            leads = self._next is None
            trip = self._next = self._next or _Trip()
            trip.looks[look] = None
        if leads:
            self._go(trip, before)
        found = trip.found.result()[look]
        if isinstance(found, Exception):
            raise found
        return found

    def _go(self, trip: "_Trip", before: "Future[dict[Look, Found]] | None") -> None:
        """In the thread of whoever came first."""
        try:
            if before is not None and not before.done():
                wait((before,), timeout=LONGEST_WAIT_SECONDS)
            with self._entering:
                self._next, self._under_way = None, trip.found
            looks = tuple(trip.looks)
            trip.found.set_result(dict(zip(looks, self._look_for(looks), strict=True)))
        except BaseException as error:  # whatever ends this thread, also while it waits: others wait for it
            with self._entering:
                self._next = None if self._next is trip else self._next
            ends = StoreUnavailable("whoever asked for all was ended")
            trip.found.set_exception(error if isinstance(error, Exception) else ends)
            raise


class _Trip:
    """Who goes, and what comes back."""

    def __init__(self) -> None:
        self.looks: dict[Look, None] = {}
        self.found: Future[dict[Look, Found]] = Future()

"""What was told of before: each act is answered once, also where whoever began with it was killed.

A mark in the store says who is at it, then that it is done. What Slack sends again is dropped while that
process lives, and after it is done; where the process has ended before, whoever hears of it takes it over.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import uuid4

from bot.observe import Metrics, get_log
from bot.slack.payloads import act_of_message
from bot.slack.processes import ALIVE_SECONDS, has_ended, this_process
from bot.store import Store, TimedValue
from bot.store.port import Claim, Swap

REMEMBERED_SECONDS: Final = 86_400.0
"""Slack's delayed events come again for up to a day."""
UNSURE_AFTER_SECONDS: Final = ALIVE_SECONDS / 2
"""After that others may have thought us ended, if it was us that stood still."""
_DONE: Final = b"done"
_AT_IT: Final = b"at it: "
_LOG: Final = get_log(__name__)


def acts_of_event(body: Mapping[str, Any]) -> dict[str, float]:
    """By `event_id` for a retry, by message for its twin, mention and message."""
    event = body.get("event", {})
    names = [f"event:{body['event_id']}"] if body.get("event_id") else []
    return remembered(*names, act_of_message(event))


def remembered(*acts: str) -> dict[str, float]:
    """These acts with the time for which they are; one without a name is always new."""
    return dict.fromkeys(filter(None, acts), REMEMBERED_SECONDS)


class Deduplicator:
    """Marks in the store: who is at an act, or that it is done."""

    def __init__(
        self, store: Store, metrics: Metrics, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._store, self._metrics, self._clock = store, metrics, clock
        self._at = _OfThread()

    def claim(self, acts: Mapping[str, float]) -> Claim:
        """What is asked of the store: these acts, each for so many seconds, for this process."""
        owner = _AT_IT + f"{this_process()} {uuid4().hex}".encode()
        return Claim(seconds={f"seen:{act}": seconds for act, seconds in acts.items()}, owner=owner)

    def begin(self, claim: Claim, owners: Sequence[bytes]) -> bool:
        """Whether the acts are ours to answer, who has them being known; this thread is at them then."""
        taken = zip(claim.seconds.items(), owners, strict=True)
        is_new = all(self._is_ours(claim, *name, owner) for name, owner in taken)
        lasting = [name for name, seconds in claim.seconds.items() if seconds == REMEMBERED_SECONDS]
        self._at.names = lasting if is_new else []
        self._at.owner, self._at.since = claim.owner, self._clock()
        if not is_new:
            self._metrics.duplicates.inc()
        return is_new

    def is_first(self, acts: Mapping[str, float]) -> bool:
        """Likewise, asking the store."""
        claim = self.claim(acts)
        return self.begin(claim, self._store.claim(claim).owners)

    def last_marks(self) -> list[TimedValue]:
        """That what this thread is at is done: to be written with the last of it, once."""
        if self._at.is_more_to_come:
            return []
        names, self._at.names = self._at.names, []
        return [(name, _DONE, REMEMBERED_SECONDS) for name in names]

    @contextmanager
    def not_yet_done(self) -> Iterator[None]:
        """What is written in the block is not the last of it."""
        self._at.is_more_to_come = True
        try:
            yield
        finally:
            self._at.is_more_to_come = False

    def is_still_ours(self) -> bool:
        """Whether nobody has taken over what this thread is at; asked of the store where it took long.

        A process that stood still is thought to have ended by those who cannot see it. What was taken over
        is theirs to answer, and to mark.
        """
        if self._at.is_lost:
            return False
        if not self._at.names or self._clock() - self._at.since < UNSURE_AFTER_SECONDS:
            return True
        if all(mark in {None, self._at.owner} for mark in self._store.get_many(self._at.names)):
            return True
        _LOG.warning("taken over by another process meanwhile", acts=self._at.names)
        self._at.names, self._at.is_lost = [], True
        return False

    def finish(self) -> None:
        """Write that, unless it was; this thread is at nothing then."""
        self._at.is_lost = False
        if marks := self.last_marks():
            self._store.set_many(marks)

    def is_in_hand(self, act: str) -> bool:
        """Whether an act has its answer, or somebody who lives is at it."""
        mark = self._store.get(f"seen:{act}") if act else None
        return mark is not None and (mark == _DONE or not self._has_ended(_process_in(mark)))

    def live(self) -> None:
        """Say that this process lives."""
        self._store.set(_alive(this_process()), b"1", ttl_seconds=ALIVE_SECONDS)

    def _is_ours(self, claim: Claim, name: str, seconds: float, owner: bytes) -> bool:
        if owner == claim.owner:
            return True
        if not owner.startswith(_AT_IT) or not self._has_ended(_process_in(owner)):
            return False
        _LOG.warning("taken over from a process that has ended", act=name)
        ours = Swap(name, owner, claim.owner, seconds)
        return self._store.swap_many([ours]) == (claim.owner,)

    def _has_ended(self, process: str) -> bool:
        if process == this_process():
            return False
        ended = has_ended(process)
        return self._store.get(_alive(process)) is None if ended is None else ended


def _process_in(mark: bytes) -> str:
    return mark.removeprefix(_AT_IT).partition(b" ")[0].decode(errors="replace")


def _alive(process: str) -> str:
    return f"alive:{process}"


class _OfThread(threading.local):
    """What a thread is at."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.owner, self.since = b"", 0.0
        self.is_more_to_come = self.is_lost = False

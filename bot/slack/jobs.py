"""What happens after the acknowledgement: pieces of work, whose they are, and which of them is next.

Nobody has more than a share: of the threads, so many work for one person and for one channel; and who was
served goes to the back. What was said in one thread is answered in its order.
"""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.answers.turns import ASKER
from bot.observe import Metrics, get_log, new_reference

Task = Callable[[], object]
Tell = Callable[..., None]
"""Tells whoever asked one sentence of the locales: its name, and its values."""

EACH_PERSON: Final = 4
EACH_CHANNEL: Final = 8
MOST_OF_A_PERSON: Final = 700
"""Unfinished ones; of one more, the asker hears that it is too much."""
MOST: Final = 1000
"""Of everybody: as many as can be told one by one that we are ending (docs/adr/0017)."""

HELD_SECONDS: Final = 60.0
"""A card waits so long for its channel. Beyond that nobody waits: each asker has the answer alone."""

_LOG = get_log(__name__)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Job:
    """A task, for whom and where."""

    task: Task
    tell: Tell
    person: str = ""
    channel: str = ""
    order: str = ""
    """Jobs of the same order run one after the other; empty: this one may run beside any."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """How to reach whoever waits for the answer; empty where nobody may: a message that was overheard."""
    since: float = field(default_factory=time.monotonic)


def run(job: Job, metrics: Metrics) -> None:
    """The job, with nothing escaping: a bug is logged under a reference that the user is told."""
    ASKER.set(job.person)
    try:
        job.task()
    except Exception:  # noqa: BLE001  -- the edge of the process: nobody above would tell the user
        reference = new_reference()
        metrics.failures.inc()
        _LOG.exception("answer failed", reference=reference)
        notified(job, "bug", reference=reference)


def notified(job: Job, notice: str, **values: str | int) -> bool:
    """Say one sentence to whoever asked; whether it went without an error of ours."""
    try:
        job.tell(notice, **values)
    except Exception:  # noqa: BLE001  -- likewise
        _LOG.exception("apology failed" if notice == "bug" else "notice failed", notice=notice)
        return False
    return True


class Holds:
    """Channels in which Slack wants to hear nothing for a while."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: dict[str, float] = {}
        self._ended = False

    def hold(self, channel: str, seconds: float) -> None:
        """Leave `channel` alone for so long, or longer where that was said before."""
        self._until[channel] = max(self._until.get(channel, 0.0), self._clock() + seconds)

    def seconds_left(self, channel: str) -> float:
        """How long it is still left alone."""
        if channel not in self._until or self._ended:
            return 0.0
        left = self._until[channel] - self._clock()
        if left <= 0:
            self._until.pop(channel, None)
        return max(left, 0.0)

    def end(self) -> None:
        """Hold nothing any more: the process ends before Slack wants to hear of us again."""
        self._ended = True

    def first_end(self) -> float | None:
        """In how many seconds the first of them ends; None where there is none."""
        ends = [left for channel in tuple(self._until) if (left := self.seconds_left(channel))]
        return min(ends, default=None)


class FairQueue:
    """Jobs that wait and that run; not safe to share between threads."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._by_person: OrderedDict[str, deque[Job]] = OrderedDict()
        self._orders: dict[str, deque[Job]] = {}
        self._unfinished: Counter[str] = Counter()
        self._persons: Counter[str] = Counter()
        self._channels: Counter[str] = Counter()
        self.running: set[Job] = set()

    def __len__(self) -> int:
        return sum(map(len, self._by_person.values()))

    def has_room(self, person: str) -> bool:
        """Whether one more of this person's would be taken."""
        return self._unfinished[person] < MOST_OF_A_PERSON and self._unfinished.total() < MOST

    def add(self, job: Job) -> None:
        """To the end of its person's queue, and of its order."""
        self._by_person.setdefault(job.person, deque()).append(job)
        self._unfinished[job.person] += 1
        if job.order:
            self._orders.setdefault(job.order, deque()).append(job)

    def take(self) -> Job | None:
        """The next that may run, of whoever was served longest ago; it counts as running."""
        for person in tuple(self._by_person):
            if self._persons[person] < EACH_PERSON and (job := self._first_of(person)) is not None:
                self._begin(job)
                return job
        return None

    def _first_of(self, person: str) -> Job | None:
        closed: set[str] = set()
        for job in self._by_person[person]:
            if job.channel in closed:
                continue
            if not self._is_open(job.channel):
                closed.add(job.channel)
            elif not job.order or self._orders[job.order][0] is job:
                return job
        return None

    def _is_open(self, channel: str) -> bool:
        held_seconds = self._holds.seconds_left(channel)
        return self._channels[channel] < EACH_CHANNEL and not 0 < held_seconds <= HELD_SECONDS

    def _begin(self, job: Job) -> None:
        self._by_person[job.person].remove(job)
        self._by_person.move_to_end(job.person)
        if not self._by_person[job.person]:
            del self._by_person[job.person]
        self._persons[job.person] += 1
        self._channels[job.channel] += 1
        self.running.add(job)

    def done(self, job: Job) -> None:
        """It ran; what comes after it may."""
        self.running.discard(job)
        _less(self._persons, job.person)
        _less(self._channels, job.channel)
        self._forget(job)

    def _forget(self, job: Job) -> None:
        _less(self._unfinished, job.person)
        if job.order:
            self._orders[job.order].remove(job)
            if not self._orders[job.order]:
                del self._orders[job.order]

    def take_all(self) -> tuple[Job, ...]:
        """Everything that waits, which will not run any more."""
        waiting = tuple(self._waiting())
        self._by_person.clear()
        for job in waiting:
            self._forget(job)
        return waiting

    def unfinished(self) -> tuple[Job, ...]:
        """What runs, and what waits."""
        return (*self.running, *self._waiting())

    def _waiting(self) -> Iterator[Job]:
        for jobs in self._by_person.values():
            yield from jobs


def _less(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]

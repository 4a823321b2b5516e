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

Action = Callable[[], object]
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
class Task:
    """Something to do, for whom and where."""

    do: Action
    tell: Tell
    person: str = ""
    channel: str = ""
    order: str = ""
    """Tasks of the same order run one after the other; empty: this one may run beside any."""
    waiting: Mapping[str, str] = field(default_factory=dict)
    """How to reach whoever waits for the answer; empty where nobody may: a message that was overheard."""
    since: float = field(default_factory=time.monotonic)


def run(task: Task, metrics: Metrics) -> None:
    """The task, with nothing escaping: a bug is logged under a reference that the user is told."""
    ASKER.set(task.person)
    try:
        task.do()
    except Exception:  # noqa: BLE001  -- the edge of the process: nobody above would tell the user
        reference = new_reference()
        metrics.failures.inc()
        _LOG.exception("answer failed", reference=reference)
        notified(task, "bug", reference=reference)


def notified(task: Task, notice: str, **values: str | int) -> bool:
    """Say one sentence to whoever asked; whether it went without an error of ours."""
    try:
        task.tell(notice, **values)
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
    """Tasks that wait and that run; not safe to share between threads."""

    def __init__(self, holds: Holds) -> None:
        self._holds = holds
        self._by_person: OrderedDict[str, deque[Task]] = OrderedDict()
        self._orders: dict[str, deque[Task]] = {}
        self._unfinished: Counter[str] = Counter()
        self._persons: Counter[str] = Counter()
        self._channels: Counter[str] = Counter()
        self.running: set[Task] = set()

    def __len__(self) -> int:
        return sum(map(len, self._by_person.values()))

    def has_room(self, person: str) -> bool:
        """Whether one more of this person's would be taken."""
        return self._unfinished[person] < MOST_OF_A_PERSON and self._unfinished.total() < MOST

    def add(self, task: Task) -> None:
        """To the end of its person's queue, and of its order."""
        self._by_person.setdefault(task.person, deque()).append(task)
        self._unfinished[task.person] += 1
        if task.order:
            self._orders.setdefault(task.order, deque()).append(task)

    def take(self) -> Task | None:
        """The next that may run, of whoever was served longest ago; it counts as running."""
        for person in tuple(self._by_person):
            if self._persons[person] < EACH_PERSON and (task := self._first_of(person)) is not None:
                self._begin(task)
                return task
        return None

    def _first_of(self, person: str) -> Task | None:
        closed: set[str] = set()
        for task in self._by_person[person]:
            if task.channel in closed:
                continue
            if not self._is_open(task.channel):
                closed.add(task.channel)
            elif not task.order or self._orders[task.order][0] is task:
                return task
        return None

    def _is_open(self, channel: str) -> bool:
        held_seconds = self._holds.seconds_left(channel)
        return self._channels[channel] < EACH_CHANNEL and not 0 < held_seconds <= HELD_SECONDS

    def _begin(self, task: Task) -> None:
        self._by_person[task.person].remove(task)
        self._by_person.move_to_end(task.person)
        if not self._by_person[task.person]:
            del self._by_person[task.person]
        self._persons[task.person] += 1
        self._channels[task.channel] += 1
        self.running.add(task)

    def done(self, task: Task) -> None:
        """It ran; what comes after it may."""
        self.running.discard(task)
        _less(self._persons, task.person)
        _less(self._channels, task.channel)
        self._forget(task)

    def _forget(self, task: Task) -> None:
        _less(self._unfinished, task.person)
        if task.order:
            self._orders[task.order].remove(task)
            if not self._orders[task.order]:
                del self._orders[task.order]

    def take_all(self) -> tuple[Task, ...]:
        """Everything that waits, which will not run any more."""
        waiting = tuple(self._waiting())
        self._by_person.clear()
        for task in waiting:
            self._forget(task)
        return waiting

    def unfinished(self) -> tuple[Task, ...]:
        """What runs, and what waits."""
        return (*self.running, *self._waiting())

    def _waiting(self) -> Iterator[Task]:
        for tasks in self._by_person.values():
            yield from tasks


def _less(counter: Counter[str], name: str) -> None:
    counter[name] -= 1
    if counter[name] <= 0:
        del counter[name]

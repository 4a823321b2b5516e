"""The threads that work after the acknowledgement: shared fairly, watched, ended with a word to everybody."""

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Final, Protocol

from bot.observe import Metrics, get_log
from bot.slack.attendant import LAST_VOICES, Attendant, last_words_seconds
from bot.slack.tasks import FairQueue, Holds, Task, run

THREADS: Final = 32
"""More than the cores: a worker mostly waits for Slack."""
MOST_THREADS: Final = 128
"""With those that take the place of workers who wait because Slack told them to."""
IDLE_SECONDS: Final = 30.0
SPARE_SECONDS: Final = 0.5

_LOG = get_log(__name__)


class Work(Protocol):
    """Somewhere to leave a task."""

    def has_room(self, person: str) -> bool:
        """Whether one more task of this person's would be done."""
        ...

    def submit(self, task: Task) -> None:
        """Do it soon, or say that it is too much; what escapes it is logged, and whoever asked is told."""
        ...

    def say(self, task: Task, notice: str) -> None:
        """A sentence to whoever waits for the task."""
        ...


class BackgroundPool:
    """Threads over a fair queue."""

    def __init__(self, metrics: Metrics, *, threads: int = THREADS, holds: Holds | None = None) -> None:
        self._metrics, self._most_awake = metrics, threads
        self.holds = holds or Holds()
        self._lock = threading.Lock()
        self._ready, self._done = threading.Condition(self._lock), threading.Condition(self._lock)
        self._queue = FairQueue(self.holds)
        self._threads = self._idle = self._pausing = 0
        self._closed = False
        self.attendant = Attendant(self.unfinished)
        self.stopping = threading.Event()

    def has_room(self, person: str) -> bool:
        """Whether one more task of this person's would be done."""
        with self._lock:
            return self._queue.has_room(person)

    def submit(self, task: Task) -> None:
        """Do the task on a thread of the pool; while stopping, too: it was acknowledged."""
        with self._lock:
            if accepted := self._queue.has_room(task.person):
                self._queue.add(task)
                self._metrics.working.inc()
                self._wake()
        if accepted:
            self.attendant.attend()
        else:
            self._metrics.turned_away.inc()
            self.attendant.say(task, "busy")

    def say(self, task: Task, notice: str) -> None:
        """A sentence to whoever waits for the task, soon."""
        self.attendant.say(task, notice)

    def unfinished(self) -> tuple[Task, ...]:
        """What was accepted and is not done."""
        with self._lock:
            return self._queue.unfinished()

    def waiting(self) -> tuple[Mapping[str, str], ...]:
        """How to reach each of those who wait for what is not done, or for a word that it will not be."""
        tasks = (*self.unfinished(), *self.attendant.owed())
        return tuple(task.waiting for task in tasks if task.waiting)

    def pause(self, seconds: float) -> None:
        """Wait, but not into the end of the process; meanwhile another thread takes the place of this one."""
        with self._lock:
            self._pausing += 1
            if len(self._queue):
                self._wake()
        self.stopping.wait(seconds)
        with self._lock:
            self._pausing -= 1

    def drain(self, timeout_seconds: float) -> bool:
        """Finish what was accepted, and tell those whose answer is not done; whether nobody was left."""
        deadline = time.monotonic() + timeout_seconds
        self.stopping.set()
        self.attendant.hurry()
        left = self._finish(deadline, timeout_seconds)
        telling = ThreadPoolExecutor(1).submit(self.attendant.say_to_all, left, "stopping", deadline)
        slow = self._running_at(deadline - _for_last_words(1, timeout_seconds))
        everybody = self.attendant.say_to_all(slow, "stopping_perhaps", deadline) & telling.result()
        everybody &= self.attendant.close(deadline)
        finished = not self._running_at(deadline)
        with self._lock:
            self._closed = True
            self._ready.notify_all()
        if left or slow:
            _LOG.warning("ended before the work", not_begun=len(left), not_done=len(slow))
        return everybody and finished

    def _finish(self, deadline: float, timeout_seconds: float) -> tuple[Task, ...]:
        """Work on while there is time to tell the others; those that are left."""
        self.holds.end()
        with self._lock:
            self._ready.notify_all()
            while len(self._queue):
                spare = deadline - time.monotonic() - _for_last_words(len(self._queue), timeout_seconds)
                if spare <= 0:
                    break
                self._done.wait(min(spare, SPARE_SECONDS))
            left = self._queue.take_all()
        self._metrics.working.dec(len(left))
        return left

    def _running_at(self, until: float) -> tuple[Task, ...]:
        """What still runs then; sooner, where nothing does."""
        with self._lock:
            while self._queue.running:
                spare = until - time.monotonic()
                if spare <= 0 or not self._done.wait(spare):
                    break
            return tuple(self._queue.running)

    def _wake(self) -> None:
        """Somebody for what has come; the lock is held."""
        awake = self._threads - self._pausing
        if self._idle:
            self._ready.notify()
        elif awake < self._most_awake and self._threads < MOST_THREADS:
            self._threads += 1
            threading.Thread(target=self._work, name=f"work-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while (task := self._next()) is not None:
            run(task, self._metrics)
            with self._lock:
                self._queue.done(task)
                self._metrics.working.dec()
                self._done.notify_all()

    def _next(self) -> Task | None:
        """The next task; None where this thread is not needed any more."""
        with self._lock:
            while not self._closed and self._threads - self._pausing <= self._most_awake:
                if (task := self._queue.take()) is not None:
                    if len(self._queue):
                        self._wake()
                    return task
                self._idle += 1
                self._ready.wait(self._seconds_to_look())
                self._idle -= 1
            self._threads -= 1
            self._ready.notify()  # what has become possible is another's now
            return None

    def _seconds_to_look(self) -> float:
        """What waits may wait for a channel that Slack holds back: nobody announces its end."""
        ends = self.holds.first_end() if len(self._queue) else None
        return IDLE_SECONDS if ends is None else ends + 0.01


def _for_last_words(number: int, timeout_seconds: float) -> float:
    """How long before the end to begin with telling so many; few leave most of the time to the work."""
    needed = last_words_seconds(number)
    return (needed if number > LAST_VOICES else min(needed, timeout_seconds / 3)) + SPARE_SECONDS

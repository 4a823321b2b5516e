"""What happens after the acknowledgement: on our own threads, watched, finished before the process ends."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any, Final, Protocol

from bot.observe import Metrics, get_log, new_reference
from bot.store import Store

THREADS: Final = 32
"""More than the cores: a worker mostly waits for Slack, up to 15 s where Slack asks for it."""

Task = Callable[[], None]
Apology = Callable[[str], None]
"""Tells the user that something broke, under this reference."""

_LOG = get_log(__name__)


class Work(Protocol):
    """Somewhere to leave a task."""

    def submit(self, task: Task, apologise: Apology) -> None:
        """Run `task` soon; whatever escapes it is logged, and the user gets an apology."""
        ...


class BackgroundPool:
    """A pool of threads that can be drained."""

    def __init__(self, metrics: Metrics, *, threads: int = THREADS) -> None:
        self._metrics = metrics
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._lock = threading.Lock()
        self._unfinished: set[Future[None]] = set()
        self.stopping = threading.Event()

    def submit(self, task: Task, apologise: Apology) -> None:
        """Run `task` on a thread of the pool; while stopping, too: it was acknowledged."""
        future = self._pool.submit(run, task, apologise, self._metrics)
        with self._lock:
            self._unfinished.add(future)
        self._metrics.working.inc()
        future.add_done_callback(self._finished)

    def pause(self, seconds: float) -> None:
        """Wait, but not into the end of the process."""
        self.stopping.wait(seconds)

    def drain(self, timeout_seconds: float) -> bool:
        """Finish what was acknowledged; whether all of it was in time."""
        self.stopping.set()
        with self._lock:
            unfinished = tuple(self._unfinished)
        late = wait(unfinished, timeout_seconds).not_done
        self._pool.shutdown(wait=False, cancel_futures=True)
        return not late

    def _finished(self, future: Future[None]) -> None:
        with self._lock:
            self._unfinished.discard(future)
        self._metrics.working.dec()


def run(task: Task, apologise: Apology, metrics: Metrics) -> None:
    """`task`, with nothing escaping: a bug is logged under a reference that the user is told."""
    try:
        task()
    except Exception:  # noqa: BLE001  -- the edge of the process: nobody above would tell the user
        reference = new_reference()
        metrics.failures.inc()
        _LOG.exception("answer failed", reference=reference)
        _apologise(apologise, reference)


def _apologise(apologise: Apology, reference: str) -> None:
    try:
        apologise(reference)
    except Exception:  # noqa: BLE001  -- likewise
        _LOG.exception("apology failed", reference=reference)


REMEMBERED_SECONDS: Final = 86_400
"""Slack's delayed events come again for up to a day."""


class Deduplicator:
    """Marks in the store: by `event_id` for a retry, by message for its twin, mention and message."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store, self._metrics = store, metrics

    def is_new(self, body: Mapping[str, Any]) -> bool:
        """Whether this event callback is the first to tell of its event."""
        event = body.get("event", {})
        keys = [f"event:{body['event_id']}"] if body.get("event_id") else []
        if event.get("ts") and event.get("channel"):
            keys.append(f"message:{event['channel']}:{event['ts']}")
        return self.is_first(*keys)

    def is_first(self, *acts: str, seconds: float = REMEMBERED_SECONDS) -> bool:
        """Whether nobody has told of any of these acts before, to us or to another process."""
        new = self._store.claim([f"seen:{act}" for act in acts], ttl_seconds=seconds)
        if not new:
            self._metrics.duplicates.inc()
        return new


class ThreadQueues:
    """Queues over a pool of workers."""

    def __init__(self, work: Work, metrics: Metrics) -> None:
        self._work, self._metrics = work, metrics
        self._lock = threading.Lock()
        self._waiting: dict[str, deque[tuple[Task, Apology]]] = {}

    def submit(self, name: str, task: Task, apologise: Apology) -> None:
        """Run `task` after everything that was submitted under the same name before."""
        with self._lock:
            if (waiting := self._waiting.get(name)) is not None:
                waiting.append((task, apologise))
                return
            self._waiting[name] = deque([(task, apologise)])
        self._work.submit(lambda: self._run_all(name), apologise)

    def _run_all(self, name: str) -> None:
        while (following := self._next(name)) is not None:
            task, apologise = following
            run(task, apologise, self._metrics)

    def _next(self, name: str) -> tuple[Task, Apology] | None:
        with self._lock:
            if waiting := self._waiting[name]:
                return waiting.popleft()
            del self._waiting[name]
            return None

"""What happens after the acknowledgement: on our own threads, watched, finished before the process ends."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, Protocol

from bot.observe import Metrics, get_log, new_reference

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


class Workers:
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

"""One after the other what belongs to one thread, in the order it came; a busy thread takes one worker."""

import threading
from collections import deque

from bot.listeners.work import Apology, Task, Work, run
from bot.observe import Metrics


class Strands:
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

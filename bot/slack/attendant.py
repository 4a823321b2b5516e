"""A word to those who wait: that it takes long, that there are too many, that we are ending."""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from bot.observe import get_log
from bot.slack.delivery import TIMEOUT_SECONDS
from bot.slack.tasks import Task, notified

LONG_SECONDS: Final = 10.0
AGAIN_SECONDS: Final = 60.0
"""One person hears the same sentence no sooner than this."""
LOOK_SECONDS: Final = 1.0
VOICES: Final = 8
LAST_VOICES: Final = 400
"""Threads that say at the end what there is to say: each call of Slack's may take its whole time."""
PATIENCE: Final = "patience"
"""The one sentence that is owed to nobody: the answer itself follows."""
MOST_UNSAID: Final = 200
"""Beyond so many nobody is asked for patience: whoever still waits a second later is looked at again."""
_LOG = get_log(__name__)


class Attendant:
    """Looks at who waits, every second while anybody does; speaks on threads of its own."""

    def __init__(self, unfinished: Callable[[], Sequence[Task]]) -> None:
        self._unfinished = unfinished
        self._voices = ThreadPoolExecutor(VOICES, thread_name_prefix="notice")
        self._lock = threading.Lock()
        self._said: dict[tuple[str, str], float] = {}
        self._saying: dict[Future[bool], tuple[Task, str]] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def attend(self) -> None:
        """Begin to look, if that has not begun."""
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_on, name="attendant", daemon=True)
                self._thread.start()

    def owed(self) -> tuple[Task, ...]:
        """Tasks that will not be done, and whose askers have not been told so yet."""
        with self._lock:
            return tuple(task for task, notice in self._saying.values() if notice != PATIENCE)

    def hurry(self) -> None:
        """Ask nobody for patience any more, and say what is owed with as many voices as there are."""
        self._ended.set()
        with self._lock:
            few, self._voices = self._voices, ThreadPoolExecutor(LAST_VOICES, thread_name_prefix="last")
            unsaid = tuple(self._saying.items())
        for future, (task, notice) in unsaid:
            if future.cancel() and notice != PATIENCE:
                self._submit(task, notice)
        few.shutdown(wait=False)

    def close(self, deadline: float) -> bool:
        """Say nothing new; whether everything that was owed was said before the deadline."""
        with self._lock:
            saying = tuple(self._saying)
        told, late = wait(saying, max(0.0, deadline - time.monotonic()))
        for future in told:  # whoever waits for it may be woken before it is noted
            self._said_it(future)
        self._voices.shutdown(wait=False, cancel_futures=True)
        return not late

    def look(self) -> None:
        """Tell those who have waited long and did not hear of it."""
        now = time.monotonic()
        for task in self._unfinished():
            if now - task.since > LONG_SECONDS:
                self.say(task, PATIENCE)

    def say(self, task: Task, notice: str) -> None:
        """A sentence to whoever waits for the task; each person hears it once a minute."""
        if not task.waiting or not self._is_news(task.person, notice):
            return
        self._submit(task, notice)

    def _submit(self, task: Task, notice: str) -> None:
        with self._lock:
            try:
                future = self._voices.submit(notified, task, notice)
            except RuntimeError:  # closed meanwhile
                _LOG.warning("notice not sent", notice=notice)
                return
            self._saying[future] = (task, notice)
        future.add_done_callback(self._said_it)

    def say_to_all(self, tasks: Sequence[Task], notice: str, deadline: float) -> bool:
        """The same sentence to each of them, once each; whether all were told before the deadline."""
        waiting = [task for task in tasks if task.waiting]
        if not waiting:
            return True
        voices = ThreadPoolExecutor(min(len(waiting), LAST_VOICES), thread_name_prefix="last")
        futures = [voices.submit(notified, task, notice) for task in waiting]
        try:
            return all(each.result(max(0.0, deadline - time.monotonic())) for each in futures)
        except TimeoutError:
            return False
        finally:
            voices.shutdown(wait=False, cancel_futures=True)

    def _is_news(self, person: str, notice: str) -> bool:
        now, key = time.monotonic(), (person, notice)
        with self._lock:
            if notice == PATIENCE and len(self._saying) >= MOST_UNSAID:
                return False
            if now - self._said.get(key, -AGAIN_SECONDS) < AGAIN_SECONDS:
                return False
            self._said = {each: at for each, at in self._said.items() if now - at < AGAIN_SECONDS}
            self._said[key] = now
        return True

    def _said_it(self, future: Future[bool]) -> None:
        with self._lock:
            self._saying.pop(future, None)

    def _look_on(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.look()


def last_words_seconds(number: int) -> float:
    """How long it takes at most to tell so many."""
    return math.ceil(number / LAST_VOICES) * TIMEOUT_SECONDS

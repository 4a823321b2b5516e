"""Several processes that do the same work: begun by one that does nothing else, begun again where one ends.

They share what the first has loaded and the sockets that it listens on. If it is killed they end, too.
"""

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Final, NoReturn

from bot.observe import get_log

REFUSED: Final = 78
"""The status of a worker that says, at the start of all, that no other would fare better."""
CRASHED: Final = 70
LOOK_SECONDS: Final = 0.1
END_SECONDS: Final = 19.0
LONG_SECONDS: Final = 30.0
"""A worker that lived so long did not die of its start: the next begins at once."""
FIRST_PAUSE_SECONDS: Final = 1.0
MOST_PAUSE_SECONDS: Final = 30.0
WorkerRun = Callable[[int, int], int]
"""What a worker does, given its number and how often one of that number has ended before; its status."""
_LOG: Final = get_log(__name__)


class Workers:
    """So many processes, each with its number."""

    def __init__(self, number: int, work: WorkerRun, ended: Callable[[int], object]) -> None:
        self._work, self._ended = work, ended
        self._alive: dict[int, tuple[int, float]] = {}
        self._due: dict[int, float] = dict.fromkeys(range(number), 0.0)
        self._lives: Counter[int] = Counter()
        self._pauses: dict[int, float] = {}
        self._status: int | None = None
        self._life = os.pipe()

    def run(self, stop: threading.Event) -> int:
        """Keep them running until `stop`, or until one says that it makes no sense; the exit status.

        No thread may have been started before.
        """
        gc.freeze()  # what is shared is not looked at, so that it stays shared
        while self._status is None and not stop.is_set():
            self._begin_due()
            stop.wait(LOOK_SECONDS)
            self._look()
        self._end()
        return self._status or 0

    def _begin_due(self) -> None:
        now = time.monotonic()
        for number in [each for each, at in self._due.items() if at <= now]:
            del self._due[number]
            pid = os.fork()
            if not pid:
                self._be(number)
            self._alive[pid] = (number, now)

    def _be(self, number: int) -> NoReturn:
        """A worker, to its end; nothing that the first process registered for its own end is done here."""
        status = CRASHED
        try:
            os.close(self._life[1])
            threading.Thread(target=self._end_with_the_first, name="life", daemon=True).start()
            status = self._work(number, self._lives[number])
        except SystemExit as ending:
            status = ending.code if isinstance(ending.code, int) else CRASHED
        except BaseException:  # noqa: BLE001  -- the edge of a process
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(status)

    def _end_with_the_first(self) -> None:
        os.read(self._life[0], 1)  # nobody writes: it returns when the first process is gone
        os.kill(os.getpid(), signal.SIGTERM)

    def _look(self) -> None:
        for pid, (number, since) in tuple(self._alive.items()):
            ended, how = os.waitpid(pid, os.WNOHANG)
            if not ended:
                continue
            del self._alive[pid]
            self._ended(pid)
            status = os.waitstatus_to_exitcode(how)
            self._lives[number] += 1
            if status == REFUSED and self._lives[number] == 1:  # later, what stands in its way passes
                self._status = 1
            elif self._status is None:
                self._again(number, since, status)

    def _again(self, number: int, since: float, status: int) -> None:
        lived_seconds = time.monotonic() - since
        pause = 0.0 if lived_seconds > LONG_SECONDS else self._pauses.get(number, FIRST_PAUSE_SECONDS)
        self._pauses[number] = min(2 * pause, MOST_PAUSE_SECONDS) or FIRST_PAUSE_SECONDS
        self._due[number] = time.monotonic() + pause
        _LOG.warning("worker ended, beginning it again", worker=number, status=status)

    def _end(self) -> None:
        """End all of them, each with a word to those who wait for it."""
        for pid in self._alive:
            os.kill(pid, signal.SIGTERM)
        deadline, self._status = time.monotonic() + END_SECONDS, self._status or 0
        while self._alive and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS / 2)
            self._look()
        for pid in self._alive:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)

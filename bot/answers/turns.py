"""One at a time, in turn: whoever has a computation done goes to the back of those who wait for one."""

import threading
from collections import OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

ASKER: Final[ContextVar[str]] = ContextVar("ASKER", default="")
"""For whom this thread works; empty where it is one person's alone, as in a terminal."""


class Turns:
    """A lock that is handed on person by person, however often one of them asks."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[threading.Event]] = OrderedDict()
        self._taken = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold the lock; it comes to each person once before it comes to anybody twice."""
        self._wait(ASKER.get())
        try:
            yield
        finally:
            self._hand_on()

    def _wait(self, person: str) -> None:
        with self._lock:
            if not self._taken:
                self._taken = True
                return
            gate = threading.Event()
            self._waiting.setdefault(person, deque()).append(gate)
        gate.wait()

    def _hand_on(self) -> None:
        """To the first of the person who waits longest; it stays taken."""
        with self._lock:
            if not self._waiting:
                self._taken = False
                return
            person, gates = next(iter(self._waiting.items()))
            gate = gates.popleft()
            self._waiting.move_to_end(person)
            if not gates:
                del self._waiting[person]
        gate.set()

"""What the measuring of coverage is spent on: its tracer doubles the time of a test.

Of one test over a table the first cases are measured, and of those that are marked `untraced` nothing: they
look for a wrong answer among many, or at seconds. Nor of those that drive a browser: others ask as much.
The floors of coverage hold for what is measured.
"""

import os
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import pytest

MEASURED_CASES: Final = 5
_LEFT_OUT: Final = ("untraced", "browser")
_IS_LEFT_OUT: Final = pytest.StashKey[bool]()
_OF_CHILDREN: Final = "COVERAGE_PROCESS_CONFIG"
"""By which coverage starts itself in the processes of a test."""


def choose(items: Sequence[pytest.Item]) -> None:
    """Note which of them are run without the tracer."""
    cases = Counter[str]()
    for item in items:
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        is_marked = any(map(item.get_closest_marker, _LEFT_OUT))
        item.stash[_IS_LEFT_OUT] = cases[test] > MEASURED_CASES or is_marked


@contextmanager
def measured(item: pytest.Item) -> Iterator[None]:
    """The tracer on, where there is one, or off: here, and in threads and processes that the test begins."""
    here, others = sys.gettrace(), threading.gettrace()
    if here is None or not item.stash.get(_IS_LEFT_OUT, False):
        yield
        return
    sys.settrace(None)
    threading.settrace(None)
    of_children = os.environ.pop(_OF_CHILDREN, None)
    try:
        yield
    finally:
        if of_children is not None:
            os.environ[_OF_CHILDREN] = of_children
        threading.settrace(others)
        sys.settrace(here)

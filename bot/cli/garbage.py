"""When the interpreter looks for garbage: never in a command that soon ends, rarely in a server.

What is not needed any more is freed at once all the same; this is about values that hold each other.
"""

import atexit
import gc
from typing import Final

YOUNG: Final = 20_000
"""New values between two looks at the youngest; an answer makes some ten thousand, of which few stay."""
OLDER: Final = 20
"""Looks at the youngest for one at those that stayed, and of these for one at all."""


def leave_it_to_the_end() -> None:
    """For a command that soon ends: what it would free, the end of the process frees."""
    gc.disable()
    atexit.register(gc.freeze)  # the interpreter would look once more


def set_start_apart() -> None:
    """For a server that is ready: what it started with is never looked at again, the rest rarely.

    A look at everything stops all threads: for 110 to 390 ms before this, for a few now.
    """
    atexit.unregister(gc.freeze)
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, OLDER, OLDER)
    gc.enable()

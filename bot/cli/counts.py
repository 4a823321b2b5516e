"""Where the workers of one installation count together, and what is left of those that were killed."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

PREFIX: Final = "ftcost-metrics-"


@contextmanager
def counted_in(state_dir: Path) -> Iterator[Path]:
    """A directory of ours alone, gone afterwards; what nobody counts in any more goes before.

    It is locked by whoever made it and by the workers that come of it: a kill gives that back.
    """
    with _opened(state_dir) as all_of_them:
        fcntl.flock(all_of_them, fcntl.LOCK_EX)  # one start at a time: a new one is not locked at once
        for each in state_dir.glob(f"{PREFIX}*"):
            if not _is_in_use(each):
                shutil.rmtree(each, ignore_errors=True)
        ours = TemporaryDirectory(prefix=PREFIX, dir=state_dir)
        lock = os.open(ours.name, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield Path(ours.name)
    finally:
        os.close(lock)
        ours.cleanup()


def _is_in_use(directory: Path) -> bool:
    """Whether somebody counts there; what is gone, or somebody else's, is not ours to clear either."""
    try:
        with _opened(directory) as found:
            fcntl.flock(found, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    found = os.open(directory, os.O_RDONLY)
    try:
        yield found
    finally:
        os.close(found)

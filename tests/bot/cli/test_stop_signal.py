"""A signal that comes just as the process begins to wait for it ends it all the same."""

import subprocess
import sys

from patience import PATIENCE_SECONDS

INTERRUPTED = """
import os, signal
from bot.cli.serve import stop_signal
stop = stop_signal()
with stop._cond:  # as `Event.wait` holds it for a moment
    os.kill(os.getpid(), signal.SIGTERM)
stop.wait()
"""


def test_a_signal_to_whoever_begins_to_wait() -> None:
    subprocess.run([sys.executable, "-c", INTERRUPTED], timeout=PATIENCE_SECONDS, check=True)

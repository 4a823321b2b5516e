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


UNHEARD = """
import signal, threading
from bot.cli.serve import stop_signal, wait_for
stop = stop_signal()
def end():
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
threading.Timer(0.3, end).start()
wait_for(stop)
"""


def test_a_signal_that_does_not_wake_the_main_thread_is_heard_all_the_same() -> None:
    """As one that comes between its last look and the beginning of its wait."""
    subprocess.run([sys.executable, "-c", UNHEARD], check=True, timeout=PATIENCE_SECONDS)

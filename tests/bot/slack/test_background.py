"""What was acknowledged is finished; what breaks is logged under the reference that the user gets."""

import threading
from collections.abc import Callable
from functools import partial

from structlog.testing import capture_logs

from bot.observe import Metrics
from bot.slack.background import BackgroundPool


def broken() -> None:
    raise ZeroDivisionError


def test_a_task_that_breaks_is_logged_under_the_reference_that_the_user_gets() -> None:
    metrics, told = Metrics(), list[str]()
    workers = BackgroundPool(metrics, threads=1)
    with capture_logs() as logs:
        workers.submit(broken, told.append)
        assert workers.drain(5)
    assert [entry["reference"] for entry in logs] == told
    assert metrics.registry.get_sample_value("ftcost_failures_total") == 1


def test_an_apology_that_breaks_escapes_nowhere() -> None:
    workers = BackgroundPool(Metrics(), threads=1)
    with capture_logs() as logs:
        workers.submit(broken, lambda _reference: broken())
        assert workers.drain(5)
    assert [entry["event"] for entry in logs] == ["answer failed", "apology failed"]


def waiting(gate: threading.Event) -> Callable[[], None]:
    def wait() -> None:
        gate.wait(5)

    return wait


def nobody(_reference: str) -> None:
    """Nobody is told."""


def test_what_waits_is_finished_before_the_end() -> None:
    gate, done = threading.Event(), list[int]()
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(waiting(gate), nobody)
    for number in range(3):
        workers.submit(partial(done.append, number), nobody)
    threading.Timer(0.05, gate.set).start()
    assert workers.drain(5)
    assert done == [0, 1, 2]


def test_what_hangs_is_given_up_in_time() -> None:
    gate = threading.Event()
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(waiting(gate), nobody)
    assert not workers.drain(0.05)
    gate.set()


def test_a_pause_does_not_reach_into_the_end_of_the_process() -> None:
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(lambda: workers.pause(60), nobody)
    assert workers.drain(5)

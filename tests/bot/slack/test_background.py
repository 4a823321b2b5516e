"""What was acknowledged is finished or told of; what breaks is logged under the reference that is told."""

import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from patience import PATIENCE_SECONDS, until
from structlog.testing import capture_logs

from bot.observe import Metrics
from bot.slack import attendant, tasks
from bot.slack.background import BackgroundPool
from bot.slack.tasks import EACH_PERSON, Holds, Task


def broken(*_said: Any, **_values: Any) -> None:
    raise ZeroDivisionError


def nobody(*_said: Any, **_values: Any) -> None:
    """Nobody is told."""


def task(do: Callable[[], object], tell: Callable[..., None] = nobody, **named: Any) -> Task:
    named.setdefault("waiting", {"user_id": named.get("person", "")})
    return Task(do=do, tell=tell, **named)


def waiting(gate: threading.Event) -> Callable[[], object]:
    return lambda: gate.wait(PATIENCE_SECONDS)


class Told:
    """Everything that was said, with what it was said of."""

    def __init__(self) -> None:
        self.said: list[tuple[Any, ...]] = []

    def __call__(self, *said: Any, **values: Any) -> None:
        self.said.append((*said, *values.values()))

    def until(self, number: int) -> None:
        until(lambda: len(self.said) >= number)


def test_a_task_that_breaks_is_logged_under_the_reference_that_the_user_gets() -> None:
    metrics, told = Metrics(), Told()
    workers = BackgroundPool(metrics, threads=1)
    with capture_logs() as logs:
        workers.submit(task(broken, told))
        assert workers.drain(PATIENCE_SECONDS)
    assert [("bug", entry["reference"]) for entry in logs] == told.said
    assert metrics.registry.get_sample_value("ftcost_failures_total") == 1


def test_an_apology_that_breaks_escapes_nowhere() -> None:
    workers = BackgroundPool(Metrics(), threads=1)
    with capture_logs() as logs:
        workers.submit(task(broken, broken))
        assert workers.drain(PATIENCE_SECONDS)
    assert [entry["event"] for entry in logs] == ["answer failed", "apology failed"]


def test_what_waits_is_finished_before_the_end() -> None:
    gate, done = threading.Event(), list[int]()
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(task(waiting(gate)))
    for number in range(3):
        workers.submit(task(partial(done.append, number)))
    threading.Timer(0.05, gate.set).start()
    assert workers.drain(PATIENCE_SECONDS)
    assert done == [0, 1, 2]


def test_what_hangs_is_given_up_in_time_and_its_asker_told() -> None:
    gate, told, begun = threading.Event(), Told(), threading.Event()
    workers = BackgroundPool(Metrics(), threads=1)

    def hanging() -> None:
        begun.set()
        gate.wait(PATIENCE_SECONDS)

    workers.submit(task(hanging, told))
    assert begun.wait(PATIENCE_SECONDS)
    assert not workers.drain(1.0)
    gate.set()
    told.until(1)
    assert told.said == [("stopping_perhaps",)]


def test_what_cannot_be_begun_before_the_end_is_told_so_each_once() -> None:
    gate, told, done = threading.Event(), Told(), list[int]()
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(task(waiting(gate)))

    def tell(number: int, notice: str) -> None:
        told(number, notice)
        if len(told.said) == 450:
            gate.set()

    for number in range(450):
        workers.submit(task(partial(done.append, number), partial(tell, number), person=str(number % 3)))
    assert workers.drain(10)  # two rounds of 400 voices might take all of it
    assert sorted(told.said) == [(number, "stopping") for number in range(450)]
    assert done == []


def test_what_was_overheard_is_told_nothing() -> None:
    gate, told = threading.Event(), Told()
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(task(waiting(gate), told, waiting={}))
    workers.submit(task(waiting(gate), told, waiting={}))
    threading.Timer(0.3, gate.set).start()
    workers.drain(0.2)
    assert told.said == []


def test_a_pause_does_not_reach_into_the_end_of_the_process() -> None:
    workers = BackgroundPool(Metrics(), threads=1)
    workers.submit(task(lambda: workers.pause(60)))
    assert workers.drain(PATIENCE_SECONDS)


def test_whoever_pauses_holds_up_nobody() -> None:
    workers, done = BackgroundPool(Metrics(), threads=2), threading.Event()
    for person in "abc":
        workers.submit(task(lambda: workers.pause(60), person=person, channel=person))
    workers.submit(task(done.set, person="d", channel="d"))
    assert done.wait(PATIENCE_SECONDS)
    assert workers.drain(PATIENCE_SECONDS)


def test_threads_that_took_a_place_leave_nothing_behind() -> None:
    workers, done = BackgroundPool(Metrics(), threads=2), list[int]()

    def work(number: int) -> None:
        if number % 2:
            workers.pause(0.05)
        done.append(number)

    for number in range(60):
        person = str(number % 3)
        workers.submit(task(partial(work, number), person=person, channel="here", order=person))
    until(lambda: len(done) == 60)
    assert [each for each in done if each % 3 == 0] == list(range(0, 60, 3))
    assert workers.drain(PATIENCE_SECONDS)


def test_a_channel_that_is_held_waits_alone_and_goes_on_by_itself() -> None:
    now = [0.0]
    workers = BackgroundPool(Metrics(), holds=Holds(lambda: now[0]))
    here, there = threading.Event(), threading.Event()
    workers.holds.hold("here", 0.1)
    workers.submit(task(here.set, channel="here"))
    workers.submit(task(there.set, channel="there"))
    assert there.wait(PATIENCE_SECONDS)
    assert not here.is_set()
    now[0] = 0.2
    assert here.wait(PATIENCE_SECONDS)
    assert workers.drain(PATIENCE_SECONDS)


def test_one_persons_flood_leaves_room_for_another() -> None:
    workers, gate, other = BackgroundPool(Metrics(), threads=8), threading.Event(), threading.Event()
    for _ in range(100):
        workers.submit(task(waiting(gate), person="a"))
    workers.submit(task(other.set, person="b"))
    assert other.wait(PATIENCE_SECONDS)
    gate.set()
    assert workers.drain(PATIENCE_SECONDS)


def test_one_too_many_is_turned_away_with_one_sentence_a_person() -> None:
    workers, gate, told = BackgroundPool(Metrics(), threads=2), threading.Event(), Told()
    for _ in range(tasks.MOST_OF_A_PERSON + 5):
        workers.submit(task(waiting(gate), told, person="a"))
    assert not workers.has_room("a")
    assert workers.has_room("b")
    told.until(1)
    gate.set()
    assert workers.drain(PATIENCE_SECONDS)
    assert told.said == [("busy",)]
    assert workers.has_room("a")


def test_threads_are_bounded() -> None:
    before = threading.active_count()
    workers, gate = BackgroundPool(Metrics(), threads=8), threading.Event()
    for number in range(200):
        workers.submit(task(waiting(gate), person=str(number), channel=str(number)))
    assert threading.active_count() <= before + 8 + 1  # and the attendant
    gate.set()
    assert workers.drain(PATIENCE_SECONDS)


def test_who_waits_long_is_told_once() -> None:
    workers, gate, told = BackgroundPool(Metrics(), threads=1), threading.Event(), Told()
    long_ago = time.monotonic() - 11
    for _ in range(EACH_PERSON + 2):
        workers.submit(task(waiting(gate), told, person="a", since=long_ago))
    workers.submit(task(waiting(gate), told, person="b"))
    workers.attendant.look()
    workers.attendant.look()
    told.until(1)
    gate.set()
    assert workers.drain(PATIENCE_SECONDS)
    assert told.said == [("patience",)]


class Chorus:
    """Tells as Slack does that answers nobody until so many have been spoken to."""

    def __init__(self, number: int) -> None:
        self.told, self._number, self._all_speak = Told(), number, threading.Event()

    def __call__(self, person: str, notice: str) -> None:
        self.told(person, notice)
        if len(self.told.said) >= self._number:
            self._all_speak.set()
        self._all_speak.wait(PATIENCE_SECONDS)


def test_who_is_owed_a_word_at_the_end_has_it() -> None:
    people = [str(number) for number in range(attendant.MOST_UNSAID + 5 * attendant.VOICES)]
    workers, chorus = BackgroundPool(Metrics()), Chorus(len(people))
    for person in people:
        workers.say(task(nobody, partial(chorus, person), person=person), "interrupted")
    assert {each["user_id"] for each in workers.waiting()} == set(people)
    workers.say(task(nobody, partial(chorus, "patient"), person="patient"), "patience")
    assert workers.drain(PATIENCE_SECONDS)
    assert sorted(chorus.told.said) == sorted((person, "interrupted") for person in people)
    assert workers.waiting() == ()


def test_who_could_not_be_told_in_time_is_not_counted_as_told() -> None:
    workers, chorus = BackgroundPool(Metrics()), Chorus(2)
    workers.say(task(nobody, partial(chorus, "a"), person="a"), "busy")
    assert not workers.drain(0.1)
    chorus("b", "busy")

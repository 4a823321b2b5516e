"""Whoever waited when a process was killed is told by the next; whoever was answered is not."""

from collections.abc import Mapping

import pytest

from bot.slack.in_flight import InFlight
from bot.slack.payloads import Destination, destination_of_record
from bot.slack.processes import ALIVE_SECONDS
from bot.store.memory import MemoryStore

ALEX = Destination(team_id="T1", channel_id="C1", user_id="U1", thread_ts="1.0", is_unanswered=True)
MEI = Destination(team_id="T1", channel_id="C1", user_id="U2", response_url="https://hooks.slack.com/1")


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(clock: Clock) -> MemoryStore:
    return MemoryStore(clock=clock)


class Process:
    """A process with people who wait."""

    def __init__(self, store: MemoryStore, *waiting: Destination, clock: Clock | None = None) -> None:
        self.waiting = [each.as_record() for each in waiting]
        self.told: list[Destination] = []
        self.list = InFlight(store, lambda: tuple(self.waiting), self._tell, clock=clock or store._clock)

    def _tell(self, record: Mapping[str, str]) -> None:
        self.told.append(destination_of_record(record))


def test_the_next_start_tells_those_whom_a_killed_process_left(store: MemoryStore, clock: Clock) -> None:
    Process(store, ALEX, MEI).list.beat()
    clock.now += ALIVE_SECONDS + 1
    following = Process(store)
    following.list.beat()
    assert following.told == [ALEX, MEI]
    third = Process(store)
    third.list.beat()
    assert third.told == []


@pytest.mark.parametrize("has_a_place", [True, False])
def test_a_process_killed_before_it_could_tell_leaves_them_to_the_next(
    store: MemoryStore, clock: Clock, *, has_a_place: bool
) -> None:
    Process(store, ALEX, MEI).list.beat()
    owed = list[Mapping[str, str]]()
    second = InFlight(store, lambda: tuple(owed), owed.append, clock=clock)
    for _ in range(round(2 * ALIVE_SECONDS) + 2):
        clock.now += 0.5
        if has_a_place:
            second.beat()
    second.beat()
    assert owed == [ALEX.as_record(), MEI.as_record()]
    clock.now += ALIVE_SECONDS + 1
    third = Process(store)
    third.list.beat()
    assert third.told == [ALEX, MEI]


def test_a_process_killed_in_the_middle_of_telling_has_forgotten_nobody(
    store: MemoryStore, clock: Clock
) -> None:
    def killed(_record: Mapping[str, str]) -> None:
        raise SystemExit

    Process(store, ALEX, MEI).list.beat()
    clock.now += ALIVE_SECONDS + 1
    with pytest.raises(SystemExit):
        InFlight(store, tuple, killed, clock=clock).beat()
    clock.now += ALIVE_SECONDS + 1
    third = Process(store)
    third.list.beat()
    assert third.told == [ALEX, MEI]


def test_one_who_cannot_be_told_keeps_nobody_else_waiting(store: MemoryStore, clock: Clock) -> None:
    def tell(record: Mapping[str, str]) -> None:
        if not told:
            told.append("nobody")
            raise RuntimeError("gone")
        told.append(record["user_id"])

    told: list[str] = []
    Process(store, ALEX, MEI).list.beat()
    clock.now += ALIVE_SECONDS + 1
    InFlight(store, tuple, tell, clock=clock).beat()
    assert told == ["nobody", MEI.user_id]


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_forward_or_back_leaves_nobody_out(
    store: MemoryStore, clock: Clock, hours: int
) -> None:
    wrong = Clock()
    first = Process(store, ALEX, clock=wrong)
    first.list.beat()
    wrong.now += hours * 3600
    for _ in range(60):
        wrong.now += 0.5
        clock.now += 0.5
        first.list.beat()
    others = Process(store)
    others.list.beat()
    assert others.told == []  # the first still says that its place is its own
    clock.now += ALIVE_SECONDS + 1
    others.list.beat()
    assert others.told == [ALEX]


def test_who_is_alive_is_left_alone(store: MemoryStore) -> None:
    Process(store, ALEX).list.beat()
    other = Process(store, MEI)
    other.list.beat()
    assert other.told == []


def test_a_store_that_forgot_everything_makes_nobody_dead(store: MemoryStore, clock: Clock) -> None:
    first, second = Process(store, ALEX), Process(store, MEI)
    for _ in range(60):
        clock.now += 0.5
        first.list.beat()
        second.list.beat()
        if clock.now % 7 == 0:
            store._values.clear()
    assert (first.told, second.told) == ([], [])


def test_who_was_answered_is_not_told(store: MemoryStore, clock: Clock) -> None:
    first = Process(store, ALEX)
    first.list.beat()
    first.waiting.clear()
    first.list.beat()
    clock.now += ALIVE_SECONDS + 1
    following = Process(store)
    following.list.beat()
    assert following.told == []


def test_a_clean_end_leaves_nothing(store: MemoryStore) -> None:
    first = Process(store, ALEX)
    first.list.beat()
    first.list.close()
    following = Process(store)
    following.list.beat()
    assert following.told == []


@pytest.mark.parametrize(
    "kept", [b"\xff", b"{}", b"[1]", b'{"at": "x"}', b'{"at": 1, "waiting": [{"user_id": 1}, 2]}']
)
def test_what_somebody_else_left_there_hurts_nobody(store: MemoryStore, kept: bytes) -> None:
    store.set("in-flight:0", kept, ttl_seconds=60)
    process = Process(store)
    process.list.beat()
    assert len(process.told) <= 1

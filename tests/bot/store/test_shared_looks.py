"""Looks of many threads in few trips: no older answer, no error of another's, no longer wait for it."""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial

import pytest
from patience import PATIENCE_SECONDS, until

from bot.store.port import Looked, StoreUnavailable
from bot.store.shared_looks import Found, Look, SharedLooks

THREADS = 20


class Server:
    """Answers with what it holds when a trip arrives, once it is let."""

    def __init__(self) -> None:
        self.value = b"old"
        self.trips: list[Sequence[Look]] = []
        self.is_open = threading.Event()

    def look_for(self, looks: Sequence[Look]) -> list[Found]:
        value = self.value
        self.trips.append(looks)
        assert self.is_open.wait(PATIENCE_SECONDS)
        if self.value == b"gone":
            raise StoreUnavailable("gone")
        return [_found(each, value) for each in looks]


def _found(look: Look, value: bytes) -> Found:
    if look.keys == ("wrong",):
        return StoreUnavailable("not allowed")
    return tuple(value for _ in look.keys), tuple((name.encode(),) for name, _ in look.lists)


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def looks(server: Server, monkeypatch: pytest.MonkeyPatch) -> SharedLooks:
    monkeypatch.setattr("bot.store.shared_looks.LONGEST_WAIT_SECONDS", PATIENCE_SECONDS)
    return SharedLooks(server.look_for)


Go = Callable[[Callable[[], Looked]], "Future[Looked]"]


@pytest.fixture
def go() -> Go:
    return ThreadPoolExecutor(THREADS + 1).submit


def _first_under_way(looks: SharedLooks, server: Server, go: Go) -> "Future[Looked]":
    first = go(partial(looks.look, ["a"], {}))
    until(lambda: bool(server.trips))
    return first


def _aboard(looks: SharedLooks) -> int:
    return 0 if looks._next is None else len(looks._next.looks)


def test_those_who_come_while_one_is_under_way_go_together(
    looks: SharedLooks, server: Server, go: Go
) -> None:
    _first_under_way(looks, server, go)
    others = [go(partial(looks.look, [f"k{at}"], {"l": at})) for at in range(THREADS)]
    until(lambda: _aboard(looks) == THREADS)
    server.is_open.set()
    assert [each.result(PATIENCE_SECONDS) for each in others] == [((b"old",), ((b"l",),))] * THREADS
    assert [len(looks) for looks in server.trips] == [1, THREADS]


def test_the_same_look_of_many_is_one(looks: SharedLooks, server: Server, go: Go) -> None:
    _first_under_way(looks, server, go)
    others = [go(partial(looks.look, ["a"], {})) for _ in range(2)]
    until(lambda: _aboard(looks) == 1)
    server.is_open.set()
    assert [each.result(PATIENCE_SECONDS) for each in others] == [((b"old",), ())] * 2
    assert server.trips[1] == (Look(("a",), ()),)


def test_nobody_is_answered_from_a_trip_that_had_left(looks: SharedLooks, server: Server, go: Go) -> None:
    first = _first_under_way(looks, server, go)
    server.value = b"new"
    late = go(partial(looks.look, ["a"], {}))
    until(lambda: _aboard(looks) == 1)
    server.is_open.set()
    assert first.result(PATIENCE_SECONDS) == ((b"old",), ())
    assert late.result(PATIENCE_SECONDS) == ((b"new",), ())


def test_an_error_of_one_look_is_its_own(looks: SharedLooks, server: Server, go: Go) -> None:
    _first_under_way(looks, server, go)
    wrong, right = (go(partial(looks.look, [key], {})) for key in ("wrong", "right"))
    until(lambda: _aboard(looks) == 2)
    server.is_open.set()
    assert right.result(PATIENCE_SECONDS) == ((b"old",), ())
    with pytest.raises(StoreUnavailable, match="not allowed"):
        wrong.result(PATIENCE_SECONDS)


def test_all_of_a_lost_trip_are_told_and_the_next_one_goes(
    looks: SharedLooks, server: Server, go: Go
) -> None:
    _first_under_way(looks, server, go)
    both = [go(partial(looks.look, [key], {})) for key in ("a", "b")]
    until(lambda: _aboard(looks) == 2)
    server.value = b"gone"
    server.is_open.set()
    for each in both:
        with pytest.raises(StoreUnavailable, match="gone"):
            each.result(PATIENCE_SECONDS)
    server.value = b"back"
    assert looks.look(["a"], {}) == ((b"back",), ())


def test_whoever_is_ended_while_he_waits_to_go_leaves_nobody_behind(
    looks: SharedLooks, server: Server, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A signal ends the main thread wherever it is."""

    def ended(*_futures: object, timeout: float) -> None:
        until(lambda: _aboard(looks) == 2)
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.store.shared_looks.wait", ended)
    first = _first_under_way(looks, server, go)
    leading = go(partial(looks.look, ["a"], {}))
    until(lambda: _aboard(looks) == 1)
    with_him = go(partial(looks.look, ["b"], {}))
    with pytest.raises(KeyboardInterrupt):
        leading.result(PATIENCE_SECONDS)
    with pytest.raises(StoreUnavailable):
        with_him.result(PATIENCE_SECONDS)
    server.is_open.set()
    assert first.result(PATIENCE_SECONDS) == looks.look(["c"], {}) == ((b"old",), ())


def test_a_trip_that_takes_long_holds_nobody_up(
    server: Server, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.shared_looks.LONGEST_WAIT_SECONDS", 0.001)
    looks = SharedLooks(server.look_for)
    _first_under_way(looks, server, go)
    go(partial(looks.look, ["b"], {}))
    until(lambda: len(server.trips) == 2)
    server.is_open.set()

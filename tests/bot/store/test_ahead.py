"""What is read ahead is good for one reading, and never for what was written meanwhile."""

import threading
from collections.abc import Mapping, Sequence

import pytest
from typing_extensions import override

from bot.store.ahead import ReadAhead
from bot.store.memory import MemoryStore
from bot.store.port import Looked, Swap


class Counted(MemoryStore):
    """Counts its trips."""

    def __init__(self) -> None:
        super().__init__()
        self.trips: list[str] = []

    @override
    def get(self, key: str) -> bytes | None:
        self.trips.append(f"get {key}")
        return super().get(key)

    @override
    def look(self, keys: Sequence[str], lists: Mapping[str, int]) -> Looked:
        found = super().look(keys, lists)
        self.trips = [f"look {len(keys)} {len(lists)}"]
        return found


@pytest.fixture
def below() -> Counted:
    store = Counted()
    store.set("a", b"1", ttl_seconds=60)
    store.set("b", b"2", ttl_seconds=60)
    store.append("list", b"x")
    store.append("list", b"y")
    store.trips.clear()
    return store


def test_values_and_lists_come_in_one_trip(below: Counted) -> None:
    store = ReadAhead(below)
    with store.ahead(["a", "b", "none"], {"list": 1}):
        assert store.get("a") == b"1"
        assert store.get_many(["b", "none"]) == (b"2", None)
        assert store.entries("list", start=1) == (b"y",)
    assert below.trips == ["look 3 1"]


def test_a_list_from_elsewhere_is_asked_for(below: Counted) -> None:
    store = ReadAhead(below)
    with store.ahead([], {"list": 1}):
        assert store.entries("list") == (b"x", b"y")
    with store.ahead([], {"list": 0}):
        assert store.entries("list", most=1) == (b"x",)


def test_a_second_reading_asks_again(below: Counted) -> None:
    store = ReadAhead(below)
    with store.ahead(["a"], {"list": 0}):
        assert store.get("a") == b"1"
        below.set("a", b"3", ttl_seconds=60)
        below.append("list", b"z")
        assert store.get("a") == b"3"
        assert store.entries("list") == (b"x", b"y")
        assert store.entries("list") == (b"x", b"y", b"z")


@pytest.mark.parametrize("way", ["set", "set_many", "set_if_absent", "swap_many", "delete", "append"])
def test_what_is_written_is_not_read_from_before(below: Counted, way: str) -> None:
    store = ReadAhead(below)
    with store.ahead(["a", "none"], {"list": 0}):
        if way == "set":
            store.set("a", b"9", ttl_seconds=60)
            assert store.get("a") == b"9"
        elif way == "set_many":
            store.set_many([("a", b"9", 60.0)])
            assert store.get("a") == b"9"
        elif way == "set_if_absent":
            assert store.set_if_absent("none", b"9", ttl_seconds=60)
            assert store.get("none") == b"9"
        elif way == "swap_many":
            store.swap_many([Swap("a", b"1", b"9", 60.0)], [("none", b"8", 60.0)])
            assert (store.get("a"), store.get("none")) == (b"9", b"8")
        elif way == "delete":
            store.delete("a")
            assert store.get("a") is None
        else:
            store.append("list", b"z")
            assert store.entries("list") == (b"x", b"y", b"z")


def test_within_another_only_what_is_missing_is_read(below: Counted) -> None:
    store = ReadAhead(below)
    with store.ahead(["a"]):
        with store.ahead(["a", "b"]):
            assert below.trips == ["look 1 0"]
            assert store.get("b") == b"2"
        assert store.get("a") == b"1"
    assert below.trips == ["look 1 0"]


def test_afterwards_and_elsewhere_nothing_is_known(below: Counted) -> None:
    store = ReadAhead(below)
    elsewhere: list[bytes | None] = []
    with store.ahead(["a"]):
        below.set("a", b"3", ttl_seconds=60)
        other = threading.Thread(target=lambda: elsewhere.append(store.get("a")))
        other.start()
        other.join()
    assert elsewhere == [b"3"]
    assert store.get("a") == b"3"

"""One suite over every store: memory, Redis (an embedded Valkey), and the one that always answers."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS, until

from bot.store import Store
from bot.store.ahead import ReadAhead
from bot.store.embedded import EmbeddedStore
from bot.store.memory import MemoryStore
from bot.store.port import Claim, Claimed, Swap
from bot.store.resilient import ResilientStore
from bot.store.updates import Update, write_updates


@pytest.fixture(scope="module")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path_factory.mktemp("state"))
    store.wait_until_ready(PATIENCE_SECONDS)
    yield store
    store.close()


@pytest.fixture(params=["memory", "embedded", "resilient", "ahead"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    embedded: EmbeddedStore = request.getfixturevalue("embedded")
    if request.param == "embedded":
        return embedded
    resilient = ResilientStore(embedded)
    return resilient if request.param == "resilient" else ReadAhead(resilient)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    return f"test:{request.node.name}"


def test_a_key_has_the_value_that_was_set_last(store: Store, key: str) -> None:
    store.set(key, b"one", ttl_seconds=60)
    store.set(key, b"\x00two\xff", ttl_seconds=60)
    assert store.get(key) == b"\x00two\xff"


def test_values_and_lists_come_in_one_look(store: Store, key: str) -> None:
    store.set(key, b"one", ttl_seconds=60)
    store.append(f"{key}:list", b"x")
    kept = store.entries(f"{key}:list")
    assert store.look([key, f"{key}:none"], {f"{key}:list": 0, f"{key}:nobody": 0}) == (
        (b"one", None),
        (kept, ()),
    )
    assert store.look([], {f"{key}:list": 0}) == ((), (kept,))
    assert store.look([key], {}) == ((b"one",), ())


def test_each_of_many_threads_sees_what_it_looks_at(store: Store, key: str) -> None:
    at_once = threading.Barrier(20)
    for at in range(20):
        store.set(f"{key}:{at}", b"%d" % at, ttl_seconds=60)
    store.append(f"{key}:list", b"x", b"y")

    def looked(at: int) -> object:
        at_once.wait()
        if at == 7 and not isinstance(store, MemoryStore):
            return store.look([], {f"{key}:7": 0})  # no list
        return store.look([f"{key}:{at}"], {f"{key}:list": at % 2})

    entries = store.entries(f"{key}:list")
    assert entries is not None
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(looked, range(20)))
    expected: list[object] = [((b"%d" % at,), (entries[at % 2 :],)) for at in range(20)]
    if not isinstance(store, MemoryStore):
        expected[7] = ((), ((),))
    assert found == expected


def test_a_key_of_another_type_is_absent_to_a_look(store: Store, key: str) -> None:
    store.set(key, b"one", ttl_seconds=60)
    store.append(f"{key}:list", b"x")
    if isinstance(store, MemoryStore):
        return
    assert store.look([f"{key}:list"], {key: 0}) == ((None,), ((),))


def test_all_of_several_keys_are_claimed_by_the_first(store: Store, key: str) -> None:
    one, other, third = f"{key}:one", f"{key}:other", f"{key}:third"

    def claimed(owner: bytes, *names: str) -> tuple[bytes, ...]:
        return store.claim(Claim(seconds=dict.fromkeys(names, 60.0), owner=owner)).owners

    assert claimed(b"a", one, other) == (b"a", b"a")
    assert claimed(b"a", one, other) == (b"a", b"a")  # asked again after a lost answer
    assert b"a" in claimed(b"b", third, other)
    assert claimed(b"c", third) == (b"b",)
    assert not store.set_if_absent(one, ttl_seconds=60)


def test_what_is_looked_at_comes_with_a_claim(store: Store, key: str) -> None:
    store.set(key, b"one", ttl_seconds=60)
    store.append(f"{key}:list", b"x")
    kept = store.entries(f"{key}:list")
    claim = Claim(seconds={f"{key}:mine": 60.0}, owner=b"a")
    found = store.claim(claim, [key, f"{key}:none"], {f"{key}:list": 0})
    assert found == Claimed(owners=(b"a",), looked=((b"one", None), (kept,)))


def test_a_value_is_replaced_while_it_stands(store: Store, key: str) -> None:
    store.set(key, b"one", ttl_seconds=60)
    ours = Swap(key, b"one", b"two", 60.0)
    assert store.swap_many([ours]) == (b"two",)
    assert store.get(key) == b"two"
    assert store.swap_many([ours]) == (b"two",)  # asked again after a lost answer
    assert store.swap_many([ours._replace(value=b"three")]) == (b"two",)
    assert store.get(key) == b"two"


def test_of_several_each_is_replaced_by_itself_and_the_rest_is_kept_where_all_were(
    store: Store, key: str
) -> None:
    one, none, last = f"{key}:one", f"{key}:none", f"{key}:last"
    store.set(one, b"1", ttl_seconds=60)
    late = [Swap(one, b"0", b"2", 60.0), Swap(none, None, b"n", 60.0)]
    assert store.swap_many(late, [(last, b"done", 60.0)]) == (b"1", b"n")
    assert store.get_many([one, none, last]) == (b"1", b"n", None)
    again = [Swap(one, b"1", b"2", 60.0), Swap(none, None, b"n", 60.0)]
    assert store.swap_many(again, [(last, b"done", 60.0)]) == (b"2", b"n")
    assert store.get_many([one, none, last]) == (b"2", b"n", b"done")
    assert store.swap_many([Swap(f"{key}:gone", b"g", b"h", 60.0)]) == (None,)
    assert store.get(f"{key}:gone") is None


def test_what_is_replaced_lives_for_as_long_as_was_said(store: Store, key: str) -> None:
    store.swap_many([Swap(key, None, b"1", 0.02)], [(f"{key}:then", b"2", 0.02)])
    threading.Event().wait(0.04)
    assert store.get_many([key, f"{key}:then"]) == (None, None)


def test_a_value_that_is_replaced_by_its_like_lives_anew(store: Store, key: str) -> None:
    store.set(key, b"1", ttl_seconds=0.05)
    assert store.swap_many([Swap(key, b"1", b"1", 60.0)]) == (b"1",)
    threading.Event().wait(0.1)
    assert store.get(key) == b"1"


def test_of_many_who_replace_the_same_exactly_one_does(store: Store, key: str) -> None:
    def replaced(number: int) -> bool:
        ours = Swap(key, None, b"%d" % number, 60.0)
        return store.swap_many([ours]) == (ours.value,)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(replaced, range(40))) == 1


def test_of_many_updates_none_is_lost(store: Store, key: str) -> None:
    def add(number: int) -> None:
        mine = b"%d " % number
        write_updates(store, [Update(key, None, lambda stood: (stood or b"") + mine, 60.0)], attempts=100)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(12)))
    kept = store.get(key)
    assert kept
    assert sorted(map(int, kept.split())) == list(range(12))


def test_an_update_that_is_late_too_often_has_the_word(store: Store, key: str) -> None:
    store.set(key, b"theirs", ttl_seconds=60)
    ours = Update(key, None, lambda stood: (stood or b"none") + b" and ours", 60.0)
    then = [(f"{key}:then", b"done", 60.0)]
    assert write_updates(store, [ours], then, attempts=0) == {key: b"none and ours"}
    assert store.get_many([key, f"{key}:then"]) == (b"none and ours", b"done")


def test_an_unknown_key_has_no_value(store: Store, key: str) -> None:
    assert store.get(key) is None


def test_a_key_is_forgotten_after_its_ttl(store: Store, key: str) -> None:
    store.set(key, b"1", ttl_seconds=0.02)
    threading.Event().wait(0.04)
    assert store.get(key) is None


def test_a_deleted_key_has_no_value(store: Store, key: str) -> None:
    store.set(key, b"1", ttl_seconds=60)
    store.delete(key)
    assert store.get(key) is None


def test_only_the_first_sets_what_is_absent(store: Store, key: str) -> None:
    assert store.set_if_absent(key, ttl_seconds=60)
    assert not store.set_if_absent(key, ttl_seconds=60)


def test_of_many_at_once_exactly_one_is_first(store: Store, key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        firsts = list(pool.map(lambda _: store.set_if_absent(key, ttl_seconds=60), range(40)))
    assert sum(firsts) == 1


def test_a_lock_is_held_by_one_until_it_is_given_back(store: Store, key: str) -> None:
    token = store.acquire(key, ttl_seconds=60)
    assert token
    assert store.acquire(key, ttl_seconds=60) is None
    store.release(key, token)
    assert store.acquire(key, ttl_seconds=60)


def test_a_lock_is_not_given_back_by_a_stranger(store: Store, key: str) -> None:
    assert store.acquire(key, ttl_seconds=60)
    store.release(key, "not the token")
    assert store.acquire(key, ttl_seconds=60) is None


def test_a_lock_of_a_dead_holder_ends_with_its_ttl(store: Store, key: str) -> None:
    assert store.acquire(key, ttl_seconds=0.02)
    threading.Event().wait(0.04)
    assert store.acquire(key, ttl_seconds=60)


def test_a_lock_lasts_longer_for_its_holder_alone(store: Store, key: str) -> None:
    names = (f"{key}:{number}" for number in itertools.count())

    def in_time() -> tuple[str, str] | None:
        """A lock of a moment that became one of a minute; a busy machine may be too late for that."""
        name = next(names)
        token = store.acquire(name, ttl_seconds=0.1)
        assert token
        assert not store.extend(name, "not the token", ttl_seconds=60)
        return (name, token) if store.extend(name, token, ttl_seconds=60) else None

    found = until(in_time)
    assert found
    name, token = found
    threading.Event().wait(0.15)
    assert store.acquire(name, ttl_seconds=60) is None
    store.release(name, token)
    assert not store.extend(name, token, ttl_seconds=60)


def test_several_are_added_together_or_not_at_all(store: Store, key: str) -> None:
    assert store.append(key, b"a", b"b", expected_length=0).length == 2
    assert not store.append(key, b"c", b"d", expected_length=1).kept
    assert store.append(key, *(b"%d" % n for n in range(9_000))).length == 9_002
    assert store.entries(key, start=1, most=2) == (b"b", b"0")


def test_a_list_keeps_what_was_appended_in_order(store: Store, key: str) -> None:
    assert [store.append(key, entry).length for entry in (b"a", b"b", b"c")] == [1, 2, 3]
    assert store.entries(key) == (b"a", b"b", b"c")
    assert store.entries(key, start=2) == (b"c",)


def test_an_unknown_list_is_empty(store: Store, key: str) -> None:
    assert store.entries(key) == ()


def test_an_append_on_an_outdated_view_is_refused(store: Store, key: str) -> None:
    store.append(key, b"a", expected_length=0)
    late = store.append(key, b"b", expected_length=0)
    assert not late.kept
    assert late.why
    assert store.entries(key) == (b"a",)


def test_of_many_appends_on_the_same_view_exactly_one_is_kept(store: Store, key: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        appended = list(pool.map(lambda n: store.append(key, b"%d" % n, expected_length=0), range(16)))
    assert sum(one.kept for one in appended) == 1


def test_a_ledger_may_write_where_entries_survive(store: Store) -> None:
    health = store.health()
    assert health.durable == (health.backend == "embedded")
    assert health.durable or health.why


def test_memory_forgets_the_least_recently_used_first() -> None:
    store = MemoryStore(capacity=2)
    for key in ("a", "b"):
        store.set(key, b"1", ttl_seconds=60)
    store.get("a")
    store.set("c", b"1", ttl_seconds=60)
    assert [store.get(key) for key in ("a", "b", "c")] == [b"1", None, b"1"]


def test_state_is_private_to_its_user(embedded: EmbeddedStore) -> None:
    directory: Path = embedded.server.socket_path.parent
    assert directory.stat().st_mode & 0o077 == 0


def test_several_keys_are_kept_and_read_at_once(store: Store, key: str) -> None:
    store.set_many([(f"{key}:1", b"one", 60), (f"{key}:2", b"two", 60)])
    assert store.get_many([f"{key}:1", f"{key}:none", f"{key}:2"]) == (b"one", None, b"two")


def test_asking_again_after_a_lost_answer_is_no_duplicate(embedded: EmbeddedStore, key: str) -> None:
    assert embedded.set_if_absent(key, b"mine", ttl_seconds=60)
    assert embedded.set_if_absent(key, b"mine", ttl_seconds=60)
    assert not embedded.set_if_absent(key, b"another's", ttl_seconds=60)


def test_a_key_of_another_type_has_no_value_and_is_no_outage(embedded: EmbeddedStore, key: str) -> None:
    embedded.append(key, b"entry")
    assert embedded.get(key) is None
    assert embedded.get_many([key]) == (None,)
    assert not embedded.set_if_absent(key, ttl_seconds=60)
    assert embedded.swap_many([Swap(key, b"x", b"y", 60.0)]) == (None,)
    embedded.set(f"{key}:text", b"text", ttl_seconds=60)
    assert embedded.entries(f"{key}:text") == ()

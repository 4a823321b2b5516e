"""One answer for one act: who is at it, whether they still live, and that it is done."""

import os
import subprocess
import sys
from collections.abc import Mapping

import pytest

from bot.observe import Metrics
from bot.slack.processes import has_ended, this_process
from bot.slack.seen import REMEMBERED_SECONDS, UNSURE_AFTER_SECONDS, Deduplicator, acts_of_event, remembered
from bot.store.memory import MemoryStore
from bot.store.resilient import ResilientStore

ACTS = remembered("command:1")
SAY_NAME = "from bot.slack.processes import this_process; print(this_process())"


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def gone() -> str:
    """A process that has ended on this machine."""
    said = subprocess.run([sys.executable, "-c", SAY_NAME], capture_output=True, text=True, check=True)
    return said.stdout.strip()


def begun_by(store: MemoryStore, process: str, acts: Mapping[str, float] = ACTS) -> None:
    """As if that process had begun with the acts, and not come to their end."""
    seen = Deduplicator(store, Metrics())
    claim = seen.claim(acts)
    assert seen.begin(claim, store.claim(claim).owners)
    for name in claim.seconds:
        mark = claim.owner.replace(this_process().encode(), process.encode())
        store.set(name, mark, ttl_seconds=REMEMBERED_SECONDS)


def test_a_process_knows_of_those_beside_it_whether_they_live(gone: str) -> None:
    assert has_ended(this_process()) is False
    assert has_ended(gone) is True
    assert has_ended(f"elsewhere/{os.getpid()}/1/abc") is None
    for strange in ("", "///", "a", "\x00"):
        assert has_ended(strange) is None


def test_while_somebody_is_at_it_and_when_it_is_done_a_repeat_is_none(store: MemoryStore) -> None:
    ours, others = (Deduplicator(store, Metrics()) for _ in range(2))
    assert ours.is_first(ACTS)
    assert not ours.is_first(ACTS)
    assert not others.is_first(ACTS)
    ours.finish()
    assert not others.is_first(ACTS)
    assert others.is_in_hand("command:1")


def test_what_a_process_that_ended_had_begun_is_taken_over_once(store: MemoryStore, gone: str) -> None:
    begun_by(store, gone)
    ours, others = (Deduplicator(store, Metrics()) for _ in range(2))
    assert not ours.is_in_hand("command:1")
    assert ours.is_first(ACTS)
    assert not others.is_first(ACTS)
    assert others.is_in_hand("command:1")


def test_who_cannot_be_seen_lives_as_long_as_it_says_so(store: MemoryStore) -> None:
    begun_by(store, elsewhere := "elsewhere/7/1/abc")
    ours = Deduplicator(store, Metrics())
    store.set(f"alive:{elsewhere}", b"1", ttl_seconds=60)
    assert not ours.is_first(ACTS)
    store.delete(f"alive:{elsewhere}")
    assert ours.is_first(ACTS)


def test_a_repeat_that_reached_another_process_is_taken_over_when_the_first_ends() -> None:
    """Each process has a memory of its own before the store that they share."""
    shared, elsewhere = MemoryStore(), "elsewhere/7/1/abc"
    shared.set(f"alive:{elsewhere}", b"1", ttl_seconds=60)
    begun_by(shared, elsewhere)
    ours = Deduplicator(ResilientStore(shared), Metrics())
    assert not ours.is_first(ACTS)
    shared.delete(f"alive:{elsewhere}")
    assert ours.is_first(ACTS)


def test_what_a_third_process_took_over_is_taken_over_from_that_one() -> None:
    shared, first, third = MemoryStore(), "elsewhere/7/1/abc", "elsewhere/8/1/abc"
    for each in (first, third):
        shared.set(f"alive:{each}", b"1", ttl_seconds=60)
    begun_by(shared, first)
    ours = Deduplicator(ResilientStore(shared), Metrics())
    assert not ours.is_first(ACTS)
    shared.delete("seen:command:1")
    begun_by(shared, third)
    shared.delete(f"alive:{first}")
    assert not ours.is_first(ACTS)
    assert not ours.is_first(ACTS)
    shared.delete(f"alive:{third}")
    assert ours.is_first(ACTS)


def test_the_twin_of_an_event_that_was_taken_over_is_none(store: MemoryStore, gone: str) -> None:
    event = {"event": {"channel": "C1", "ts": "1.1"}}
    mention, message = (acts_of_event({"event_id": name, **event}) for name in ("Ev1", "Ev2"))
    begun_by(store, gone, mention)
    ours = Deduplicator(store, Metrics())
    assert ours.is_first(mention)
    ours.finish()
    assert not ours.is_first(message)


def test_what_is_not_the_last_of_an_answer_says_nothing_of_its_end(store: MemoryStore) -> None:
    ours = Deduplicator(store, Metrics())
    assert ours.is_first(ACTS)
    with ours.not_yet_done():
        assert ours.last_marks() == []
    assert [name for name, _, _ in ours.last_marks()] == ["seen:command:1"]
    assert ours.last_marks() == []


def test_the_moment_of_a_double_click_is_not_made_longer(store: MemoryStore) -> None:
    ours = Deduplicator(store, Metrics())
    assert ours.is_first({**ACTS, "click:somewhere": 1.0})
    assert [name for name, _, _ in ours.last_marks()] == ["seen:command:1"]


@pytest.mark.parametrize("mark", [b"", b"\xff\x00", b"x" * 9, b"at it: ", b"at it: a/b c"])
def test_a_mark_of_another_shape_stands(store: MemoryStore, mark: bytes) -> None:
    store.set("seen:command:1", mark, ttl_seconds=60)
    store.set("alive:", b"1", ttl_seconds=60)
    store.set("alive:a/b", b"1", ttl_seconds=60)
    assert not Deduplicator(store, Metrics()).is_first(ACTS)


def test_who_stood_still_for_long_asks_whether_it_was_taken_over(store: MemoryStore) -> None:
    now = 0.0
    ours = Deduplicator(store, Metrics(), clock=lambda: now)
    assert ours.is_first(ACTS)
    assert ours.is_still_ours()
    now = UNSURE_AFTER_SECONDS
    assert ours.is_still_ours()
    store.delete("seen:command:1")  # an emptied store says nothing of others
    assert ours.is_still_ours()
    begun_by(store, "elsewhere/7/1/abc")
    theirs = store.get("seen:command:1")
    assert not ours.is_still_ours()
    assert not ours.is_still_ours()
    ours.finish()
    assert store.get("seen:command:1") == theirs
    assert ours.is_first(remembered("command:2"))
    assert ours.is_still_ours()

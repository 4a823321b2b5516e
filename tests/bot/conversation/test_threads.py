"""The cards of a thread: from the store, from the messages, one change at a time."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from typing_extensions import override

from bot.conversation.card_state import CardState
from bot.conversation.followups import first
from bot.conversation.threads import PostedCard, ThreadKey, ThreadState, ThreadStore
from bot.store.memory import MemoryStore

KEY = ThreadKey(channel_id="C1", thread_ts="1.0")
ROOT = first("7b bs=32")
SECOND = ROOT.then("7b bs=16", "second")
THIRD = SECOND.then("7b bs=8", "third")


class Messages:
    """What Slack has; counts how often it was asked."""

    def __init__(self, *cards: PostedCard, readable: bool = True) -> None:
        self.cards, self.readable, self.asked = cards, readable, 0

    def __call__(self, key: ThreadKey) -> Sequence[PostedCard] | None:
        self.asked += 1
        return self.cards if self.readable else None


def posted(ts: str, carried: CardState, answers: str = "") -> PostedCard:
    return PostedCard(carried=carried, ts=ts, answers=answers)


def test_a_thread_is_read_from_its_messages_once() -> None:
    history = Messages(posted("1.0", ROOT), posted("1.2", SECOND, "1.1"))
    threads = ThreadStore(MemoryStore(), history)
    for _ in range(3):
        known = threads.known(KEY)
        assert known.head == PostedCard(carried=SECOND, ts="1.2", answers="1.1")
        assert known.answered == ("1.1",)
    assert history.asked == 1


def test_a_thread_without_cards_is_read_once_too() -> None:
    history = Messages()
    threads = ThreadStore(MemoryStore(), history)
    assert threads.known(KEY) == threads.known(KEY) == ThreadState()
    assert history.asked == 1


def test_a_thread_that_may_not_be_read_says_so_and_is_not_asked_for_again() -> None:
    history = Messages(readable=False)
    threads = ThreadStore(MemoryStore(), history)
    assert not threads.known(KEY).readable
    assert not threads.known(KEY).readable
    assert history.asked == 1


def test_a_posted_card_needs_no_reading() -> None:
    history = Messages()
    threads = ThreadStore(MemoryStore(), history)
    threads.add(KEY, PostedCard(carried=ROOT, ts="1.0"))
    threads.add(KEY, PostedCard(carried=SECOND, ts="1.2", answers="1.1"))
    assert [each.carried for each in threads.known(KEY).cards] == [ROOT, SECOND]
    assert history.asked == 0


def test_what_was_known_survives_a_flush_in_between() -> None:
    store = MemoryStore()
    threads = ThreadStore(store, Messages())
    threads.add(KEY, PostedCard(carried=ROOT, ts="1.0"))
    known = threads.known(KEY)
    store.delete(str(KEY))
    threads.add(KEY, PostedCard(carried=SECOND, ts="1.2"), known)
    assert len(threads.known(KEY).cards) == 2


def test_a_card_that_another_process_remembers_meanwhile_is_kept() -> None:
    store = MemoryStore()
    ours, theirs = ThreadStore(store, Messages()), ThreadStore(store, Messages())
    ours.add(KEY, PostedCard(carried=ROOT, ts="1.0"))
    known = ours.known(KEY)
    theirs.add(KEY, PostedCard(carried=SECOND, ts="1.1", answers="1.05"))
    ours.add(KEY, PostedCard(carried=THIRD, ts="1.2", answers="1.15"), known)
    found = ours.known(KEY)
    assert [each.carried for each in found.cards] == [ROOT, SECOND, THIRD]
    assert found.answered == ("1.05", "1.15")


def test_what_was_read_is_replaced_in_one_trip() -> None:
    store = MemoryStore()
    threads = ThreadStore(store, Messages(posted("1.0", ROOT), posted("1.1", SECOND)))
    known = threads.known(KEY)
    there = threads.with_card(KEY, PostedCard(carried=THIRD, ts="1.2"), known)
    assert there.before == store.get(str(KEY))


def test_the_head_is_the_newest_card_whatever_the_order_of_writing() -> None:
    threads = ThreadStore(MemoryStore(), Messages())
    threads.add(KEY, PostedCard(carried=SECOND, ts="1.2"))
    threads.add(KEY, PostedCard(carried=ROOT, ts="1.0"))
    head = threads.known(KEY).head
    assert head
    assert head.carried == SECOND


def test_a_kept_thread_of_another_version_is_read_anew() -> None:
    store = MemoryStore()
    store.set(str(KEY), b'{"v":99}', ttl_seconds=60)
    threads = ThreadStore(store, Messages(posted("1.0", ROOT)))
    assert threads.known(KEY).cards


def test_one_turn_at_a_time() -> None:
    threads, inside, most = ThreadStore(MemoryStore(), Messages()), [0], [0]

    def work() -> None:
        with threads.turn(KEY) as turn:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            assert turn.is_ours()
            inside[0] -= 1

    workers = [threading.Thread(target=work) for _ in range(8)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert most == [1]


def test_a_turn_that_was_flushed_away_is_known_to_be_lost() -> None:
    store = MemoryStore()
    threads = ThreadStore(store, Messages())
    with threads.turn(KEY) as turn:
        store.delete(f"lock:{KEY}")
        assert not turn.is_ours()


@dataclass
class Clock:
    """Time that passes when it is told to, and what was to be done meanwhile."""

    now: float = 0.0
    due: list[tuple[float, Callable[[], None]]] = field(default_factory=list)

    def timer(self, seconds: float, function: Callable[[], None]) -> "Timer":
        return Timer(clock=self, seconds=seconds, function=function)

    def pass_by(self, seconds: float) -> None:
        until = self.now + seconds
        while self.due and min(self.due, key=lambda each: each[0])[0] <= until:
            at, function = min(self.due, key=lambda each: each[0])
            self.due.remove((at, function))
            self.now = at
            function()
        self.now = until


@dataclass
class Timer:
    """Stands for `threading.Timer`."""

    clock: Clock
    seconds: float
    function: Callable[[], None]
    daemon: bool = False

    def start(self) -> None:
        self.clock.due.append((self.clock.now + self.seconds, self.function))

    def cancel(self) -> None:
        self.clock.due = [each for each in self.clock.due if each[1] != self.function]


def test_a_turn_lasts_as_long_as_a_slow_slack_makes_us_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("threading.Timer", clock.timer)
    store = MemoryStore(clock=lambda: clock.now)
    with ThreadStore(store, Messages()).turn(KEY):
        for _ in range(60):  # half a minute: several calls, each slower than the lock lives
            clock.pass_by(0.5)
            assert store.acquire(str(KEY), ttl_seconds=60) is None, clock.now
    assert clock.due == []
    assert store.acquire(str(KEY), ttl_seconds=60)


def test_patience_ends_and_the_reply_is_answered_out_of_turn() -> None:
    store, slept = MemoryStore(), list[float]()
    store.acquire(str(KEY), ttl_seconds=60)
    with ThreadStore(store, Messages(), sleep=slept.append).turn(KEY) as turn:
        assert turn.is_ours()
    assert 20 <= sum(slept) <= 30


class Breakable(MemoryStore):
    lost = 0

    @property
    @override
    def breaks(self) -> int:
        return self.lost


def test_after_an_outage_a_thread_is_read_again_once() -> None:
    """A server that failed over may have forgotten the newest card; its messages have not."""
    history, store = Messages(posted("1.0", ROOT)), Breakable()
    threads = ThreadStore(store, history)
    threads.add(KEY, posted("1.0", ROOT))
    older = store.get(str(KEY))
    assert older is not None
    threads.add(KEY, posted("1.2", SECOND))
    history.cards = (posted("1.0", ROOT), posted("1.2", SECOND))
    store.set(str(KEY), older, ttl_seconds=60)
    store.lost += 1
    for _ in range(3):
        assert threads.known(KEY).head == posted("1.2", SECOND)
    assert history.asked == 1


def test_a_process_reads_a_thread_once_itself_before_it_trusts_the_store() -> None:
    """Another process that answered from its memory may have ended before the store could be told."""
    history, store = Messages(posted("1.0", ROOT), posted("1.2", SECOND, "1.1")), MemoryStore()
    ThreadStore(store, history).add(KEY, posted("1.0", ROOT))
    threads = ThreadStore(store, history)
    for _ in range(3):
        known = threads.known(KEY)
        assert known.head == posted("1.2", SECOND, "1.1")
        assert known.answered == ("1.1",)
    assert history.asked == 1


def test_where_slack_is_not_heard_then_it_is_asked_again() -> None:
    history, store = Messages(posted("1.2", SECOND), readable=False), MemoryStore()
    ThreadStore(store, history).add(KEY, posted("1.0", ROOT))
    threads = ThreadStore(store, history)
    assert threads.known(KEY).head == posted("1.0", ROOT)
    history.readable = True
    assert threads.known(KEY).head == posted("1.2", SECOND)


def test_what_is_read_again_is_answered_once() -> None:
    history, store = Messages(posted("1.2", SECOND, "1.1")), MemoryStore()
    for _ in range(3):
        assert ThreadStore(store, history).known(KEY).answered == ("1.1",)

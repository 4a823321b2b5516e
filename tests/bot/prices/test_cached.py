"""One question to a source for many askers, a value before the question, and failures that are remembered."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import dogpile.cache.region
import dogpile.lock
import pytest
from patience import PATIENCE_SECONDS, until
from pydantic import ValidationError
from structlog.testing import capture_logs
from typing_extensions import override

from bot.prices import refresher as refresher_of_source
from bot.prices.cached import _KEY, AGAIN_SECONDS, CachedSource
from bot.prices.port import MissingPart, SourceAnswer, SourceDown, TimeLeft
from bot.prices.refresher import Refresher
from bot.prices.source_config import Terms
from bot.store.memory import MemoryStore
from estimator.money import Money, Offer

TERMS = Terms(soft_seconds=0.05, hard_seconds=6000, deadline_seconds=30, lock_seconds=60, failure_seconds=60)
LASTING = TERMS.model_copy(update={"soft_seconds": 600.0})


def now() -> datetime:
    return datetime.now(UTC)


class Counting:
    """Sells one offer whose price is the number of times it was asked."""

    name = "counting"

    def __init__(
        self, before: Callable[[], object] = lambda: None, now: Callable[[], datetime] = now
    ) -> None:
        self.times, self._before, self._now = 0, before, now

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        self.times += 1
        times = self.times
        self._before()
        price = Money(amount=Decimal(times), currency="USD")
        offer = Offer(provider="p", gpu="t4", num_gpus=1, price_per_hour=price, source="counting: test")
        return SourceAnswer(fetched_at=self._now(), offers=(offer,))


def amount(source: CachedSource) -> Decimal | None:
    return source.reading.offers[0].price_per_hour.amount if source.reading else None


class Later:
    """The time of readings and of dogpile, which can be put forward."""

    seconds = 0.0

    def now(self) -> datetime:
        return now() + timedelta(seconds=self.seconds)

    def time(self) -> float:
        return self.now().timestamp()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Later:
    clock = Later()
    monkeypatch.setattr(dogpile.cache.region, "time", clock)
    monkeypatch.setattr(dogpile.lock, "time", clock)
    return clock


def test_a_reading_that_lacks_a_part_is_renewed_sooner(clock: Later) -> None:
    class Partly(Counting):
        def read(self, time_left: TimeLeft) -> SourceAnswer:
            missing = (MissingPart(part="a", why="HTTP 500"),) if not self.times else ()
            return super().read(time_left).model_copy(update={"missing": missing})

    terms = TERMS.model_copy(update={"soft_seconds": 43_200.0, "hard_seconds": 604_800.0})
    asked = Partly(now=clock.now)
    source = CachedSource(asked, MemoryStore(), terms, now=clock.now)
    source.refresh()
    assert source.reading is not None
    assert source.reading.missing
    clock.seconds = 1.2 * AGAIN_SECONDS
    source.refresh()
    assert not source.reading.missing
    clock.seconds += 1.2 * AGAIN_SECONDS
    source.refresh()
    assert asked.times == 2


def test_many_replicas_ask_once() -> None:
    store, source = MemoryStore(), Counting(before=lambda: time.sleep(0.05))
    replicas = [CachedSource(source, store, LASTING, now=now) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(CachedSource.refresh, replicas))
    assert source.times == 1
    assert {amount(replica) for replica in replicas} == {Decimal(1)}


class Late(MemoryStore):
    """Whoever comes to the lock comes late: another has renewed the value meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], object] | None = None

    @override
    def acquire(self, name: str, *, ttl_seconds: float) -> str | None:
        if (meanwhile := self.meanwhile) is not None:
            self.meanwhile = None
            meanwhile()
        return super().acquire(name, ttl_seconds=ttl_seconds)


def test_a_replica_that_comes_late_to_the_lock_does_not_ask_again(clock: Later) -> None:
    store, source = Late(), Counting(now=clock.now)
    first, second = (CachedSource(source, store, LASTING, now=clock.now) for _ in range(2))
    first.refresh()
    clock.seconds = 2 * LASTING.soft_seconds
    store.meanwhile = first.refresh
    second.refresh()
    assert source.times == 2
    assert amount(second) == 2


def test_a_replica_has_the_old_value_while_another_asks(clock: Later) -> None:
    store, asked, go_on = MemoryStore(), threading.Event(), threading.Event()
    source = Counting()
    CachedSource(source, store, LASTING, now=clock.now).refresh()
    clock.seconds = 2 * LASTING.soft_seconds

    def wait() -> None:
        asked.set()
        go_on.wait(PATIENCE_SECONDS)

    slow = Counting(before=wait)
    asking = threading.Thread(target=CachedSource(slow, store, LASTING, now=clock.now).refresh)
    asking.start()
    assert asked.wait(PATIENCE_SECONDS)
    other = CachedSource(Counting(), store, LASTING, now=clock.now)
    other.refresh()
    assert amount(other) == 1
    go_on.set()
    asking.join()


def test_a_restarted_process_has_the_last_reading_from_disk_without_any_store(tmp_path: Path) -> None:
    CachedSource(Counting(), MemoryStore(), LASTING, now=now, state_dir=tmp_path).refresh()

    def fail() -> None:
        raise SourceDown("gone")

    again = CachedSource(Counting(before=fail), MemoryStore(), LASTING, now=now, state_dir=tmp_path)
    again.refresh()
    assert amount(again) == 1
    assert again.down is not None


def test_a_reading_on_disk_older_than_the_hard_limit_is_not_used(tmp_path: Path) -> None:
    CachedSource(Counting(), MemoryStore(), LASTING, now=now, state_dir=tmp_path).refresh()

    def fail() -> None:
        raise SourceDown("gone")

    later = CachedSource(
        Counting(before=fail),
        MemoryStore(),
        LASTING,
        now=lambda: now() + timedelta(seconds=6001),
        state_dir=tmp_path,
    )
    later.refresh()
    assert later.reading is None


def test_a_failure_is_not_repeated_at_once_by_any_replica() -> None:
    store = MemoryStore()

    def fail() -> None:
        raise SourceDown("timed out")

    first, second = Counting(before=fail), Counting()
    CachedSource(first, store, TERMS, now=now).refresh()
    replica = CachedSource(second, store, TERMS, now=now)
    assert replica.refresh() == TERMS.failure_seconds
    assert second.times == 0
    assert replica.down is not None
    assert replica.down.why == "timed out"


def test_a_source_that_comes_back_is_no_longer_down() -> None:
    failing = [True]

    def fail() -> None:
        if failing[0]:
            raise SourceDown("timed out")

    terms = TERMS.model_copy(update={"failure_seconds": 0.02})
    source = CachedSource(Counting(before=fail), MemoryStore(), terms, now=now)
    source.refresh()
    failing[0] = False
    time.sleep(2 * terms.failure_seconds)  # longer does no harm
    source.refresh()
    assert source.down is None
    assert amount(source) == 2


def test_a_bug_in_a_reader_is_a_source_that_is_down() -> None:
    def crash() -> None:
        raise ZeroDivisionError

    source = CachedSource(Counting(before=crash), MemoryStore(), TERMS, now=now)
    source.refresh()
    assert source.down is not None
    assert "ZeroDivisionError" in source.down.why


def test_a_value_that_is_not_ours_in_the_store_is_a_miss() -> None:
    store, source = MemoryStore(), Counting()
    store.set(_KEY + "counting", b'{"ct": 1.0, "v": 2}|{"nonsense": 1}', ttl_seconds=60)
    cache = CachedSource(source, store, LASTING, now=now)
    cache.refresh()
    assert amount(cache) == 1


def test_a_kept_price_beyond_all_measure_is_a_miss() -> None:
    store, source = MemoryStore(), Counting()
    CachedSource(source, store, LASTING, now=now).refresh()
    kept = store.get(_KEY + "counting")
    assert kept is not None
    store.set(_KEY + "counting", kept.replace(b'"amount":"1"', b'"amount":"9E+999999"'), ttl_seconds=60)
    cache = CachedSource(source, store, LASTING, now=now)
    cache.refresh()
    assert (amount(cache), source.times) == (Decimal(2), 2)


def test_a_kept_reading_on_which_our_own_check_fails_is_not_believed() -> None:
    store, source = MemoryStore(), Counting()
    CachedSource(source, store, LASTING, now=now).refresh()
    failures = iter([ArithmeticError("9" * 10_000)])

    def accepted(_: str, reading: SourceAnswer) -> SourceAnswer:
        for error in failures:
            raise error
        return reading

    cache = CachedSource(source, store, LASTING, now=now, accepted=accepted)
    with capture_logs() as logs:
        cache.refresh()
    assert amount(cache) is not None
    assert max(len(str(each)) for each in logs) < 1000


def test_what_another_process_read_is_not_published_where_it_is_refused() -> None:
    def refused(_: str, reading: SourceAnswer) -> SourceAnswer:
        raise SourceDown("none of its prices can be true")

    store = Late()
    store.meanwhile = CachedSource(Counting(), store, LASTING, now=now).refresh
    cache = CachedSource(Counting(), store, LASTING, now=now, accepted=refused)
    cache.refresh()
    assert cache.reading is None
    assert cache.down is not None


def test_a_refresher_outlives_an_error_that_nobody_foresaw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refresher_of_source, "AFTER_ERROR_SECONDS", 0.0)
    cache = CachedSource(Counting(), MemoryStore(), LASTING, now=now)
    refreshed: list[float] = []

    def fails_once() -> float:
        refreshed.append(0.0)
        if len(refreshed) == 1:
            raise OverflowError("9" * 10_000)
        return 0.0

    cache.refresh = fails_once  # type: ignore[method-assign]  # nobody knows what else can fail
    refresher = Refresher(cache, least_pause_seconds=0.01)
    refresher.want()
    until(lambda: refreshed)
    refresher.want()
    until(lambda: len(refreshed) == 2)
    refresher.stop()


def test_a_reading_is_parsed_and_checked_once_in_a_refresh(
    clock: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    parse = SourceAnswer.model_validate_json

    def parsed(value: bytes) -> SourceAnswer:
        done.append("parsed")
        return parse(value)

    def accepted(name: str, reading: SourceAnswer) -> SourceAnswer:
        done.append(name)
        return reading

    monkeypatch.setattr(SourceAnswer, "model_validate_json", parsed)
    store, source = MemoryStore(), Counting(now=clock.now)
    asks, is_told = (CachedSource(source, store, LASTING, now=clock.now, accepted=accepted) for _ in range(2))
    for _ in range(2):
        asks.refresh()
        assert done == ["counting"]
        done.clear()
        is_told.refresh()
        assert done == ["parsed", "counting"]
        done.clear()
        clock.seconds += 2 * LASTING.soft_seconds
    assert source.times == 2


def test_a_lock_outlives_the_reading_that_it_guards() -> None:
    with pytest.raises(ValidationError, match="another process would ask"):
        Terms(soft_seconds=1, hard_seconds=9, deadline_seconds=60, lock_seconds=60, failure_seconds=1)


def test_a_source_has_its_time_once_and_not_for_each_request() -> None:
    time_left = TimeLeft(0.02)
    assert 0 < time_left.seconds(60) <= 0.02
    assert time_left.seconds(0.001) == 0.001
    time.sleep(0.03)  # longer does no harm
    with pytest.raises(SourceDown, match="in time"):
        time_left.seconds(60)


def test_a_refresher_asks_again_only_when_somebody_wants_it() -> None:
    source = Counting()
    cache = CachedSource(source, MemoryStore(), TERMS, now=now)
    refresher = Refresher(cache, least_pause_seconds=0.01)
    refresher.want()
    assert cache.settled.wait(PATIENCE_SECONDS)
    time.sleep(0.15)  # in which nothing may happen
    assert source.times == 1
    refresher.want()
    until(lambda: source.times == 2)
    refresher.stop()

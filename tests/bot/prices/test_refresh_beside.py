"""Whoever finds prices past due is answered from what is held; what is made anew is made beside them."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import dogpile.cache.region
import pytest
from patience import PATIENCE_SECONDS, patient, until

from bot.files import read_config
from bot.prices import book as book_of_prices
from bot.prices import let_by
from bot.prices.book import Book, Wanted
from bot.prices.cached import CachedSource
from bot.prices.config import price_config
from bot.prices.listed import Overrides, Snapshot
from bot.prices.port import SourceAnswer, TimeLeft
from bot.prices.prices import Listed, Prices
from bot.prices.refresher import Refresher
from bot.prices.source_config import Terms
from bot.store.memory import MemoryStore
from estimator.money import Money, Offer
from estimator.prices.book import PriceBook

GPUS = ("h100-80gb",)
TERMS = Terms(soft_seconds=600, hard_seconds=6000, deadline_seconds=4, lock_seconds=5, failure_seconds=60)
CALLERS = 32


class Market:
    """A source whose price is the number of times it was asked, and its clock."""

    name = "market"

    def __init__(self) -> None:
        self.now, self.times = datetime(2026, 11, 24, 12, tzinfo=UTC), 0

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        self.times += 1
        price = Money(amount=Decimal(self.times), currency="USD")
        said = {"provider": "p", "gpu": GPUS[0], "num_gpus": 1, "source": "market: test"}
        offer = Offer.model_validate({**said, "price_per_hour": price, "as_of": self.now.date()})
        return SourceAnswer(fetched_at=self.now, offers=(offer,))

    def time(self) -> float:
        return self.now.timestamp()

    def past_due(self) -> None:
        self.now += timedelta(seconds=3 * TERMS.soft_seconds)


@pytest.fixture
def market(monkeypatch: pytest.MonkeyPatch) -> Market:
    market = Market()
    monkeypatch.setattr(dogpile.cache.region, "time", market)
    return market


@pytest.fixture
def source(market: Market) -> CachedSource:
    cache = CachedSource(market, MemoryStore(), TERMS, now=lambda: market.now)
    cache.refresh()
    return cache


def opened(market: Market, refresher: Refresher) -> Prices:
    listed = Listed(
        overrides=Overrides(()),
        snapshot=Snapshot(rows=()),
        rates=(),
        policy=price_config(read_config("prices")).policy,
    )
    return Prices(listed, live=[refresher], now=lambda: market.now)


def price(prices: Prices) -> Decimal:
    (offer,) = prices.gather(GPUS).offers
    return offer.price_per_hour.amount


def test_callers_of_a_reading_past_due_are_let_by_before_it_is_read_anew(
    market: Market, source: CachedSource
) -> None:
    done: list[str] = []
    read = source.refresh

    def refreshed() -> float:
        done.append("read anew")
        return read()

    def let_by() -> float:
        done.append("let by")
        return 0.0

    source.refresh = refreshed  # type: ignore[method-assign]  # watched
    refresher = Refresher(source, let_by_seconds=let_by)
    market.past_due()
    refresher.want()
    until(lambda: market.times == 2)
    refresher.stop()
    assert done[:2] == ["let by", "read anew"]


def test_the_first_reading_is_not_put_off(market: Market) -> None:
    def never() -> float:
        raise AssertionError("somebody waits for it")

    source = CachedSource(market, MemoryStore(), TERMS, now=lambda: market.now)
    refresher = Refresher(source, let_by_seconds=never)
    refresher.want()
    assert source.settled.wait(PATIENCE_SECONDS)
    refresher.stop()
    assert market.times == 1


def test_a_caller_finds_the_plain_question_answered_in_a_book_that_was_made_beside(
    market: Market, source: CachedSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    prices = opened(market, Refresher(source, let_by_seconds=lambda: PATIENCE_SECONDS))
    assert price(prices) == 1
    us = threading.current_thread()
    built = Prices._built

    def beside(make: Callable[..., Any]) -> Callable[..., Any]:
        def made_beside(*arguments: Any) -> Any:
            assert threading.current_thread() is not us
            return make(*arguments)

        return made_beside

    monkeypatch.setattr(Prices, "_built", beside(built))
    monkeypatch.setattr(book_of_prices, "PriceBook", beside(PriceBook))
    monkeypatch.setattr(let_by, "LET_BY_SECONDS", 0.0)
    market.past_due()
    assert price(prices) == 1
    source.refresh()
    until(lambda: price(prices) == 2)
    prices.close()


def test_of_many_who_ask_the_same_one_finds_it(monkeypatch: pytest.MonkeyPatch, market: Market) -> None:
    made: list[PriceBook] = []
    all_here = threading.Barrier(CALLERS)

    def counted(*arguments: Any) -> PriceBook:
        time.sleep(0.01)  # the others have time to ask meanwhile
        made.append(PriceBook(*arguments))
        return made[-1]

    monkeypatch.setattr(book_of_prices, "PriceBook", counted)
    book = Book(market.read(patient()).offers, ())

    def asks(_: int) -> int:
        all_here.wait(PATIENCE_SECONDS)
        return id(book.find(Wanted(gpus=GPUS)))

    with ThreadPoolExecutor(CALLERS) as pool:
        found = set(pool.map(asks, range(CALLERS)))
    assert (len(found), len(made)) == (1, 1)

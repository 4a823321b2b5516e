"""The ledger: exact under concurrency, once whatever is delivered twice, refused where it could be lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS, was_quick
from typing_extensions import override

from bot.answers.occasion import refusal_of
from bot.i18n import load_texts
from bot.ledger import ChannelKey, Entry, Ledger, budget_of
from bot.ledger.budget import Entries, is_committed
from bot.ledger.commands import limit_in
from bot.ledger.entries import as_line, read_entries
from bot.ledger.export import csv_lines
from bot.ledger.ledger import AWAY_PAUSES_SECONDS
from bot.store import Appended, Status, StoreHealth
from bot.store.embedded import EmbeddedStore
from bot.store.memory import MemoryStore
from bot.store.resilient import ResilientStore

KEY = ChannelKey(team_id="T1", channel_id="C1")
TODAY = date(2026, 11, 29)


def an_entry(name: str = "1", **more: object) -> Entry:
    said = {"kind": "add", "user_id": "U1", "at": "2026-11-29T08:00:00Z", "amount": "1.10", "currency": "CNY"}
    return Entry(entry_id=name, **{**said, **more})  # type: ignore[arg-type]


LIMIT = an_entry("limit", kind="limit", amount="5000", period="month")


def test_an_entry_reads_as_it_was_written() -> None:
    entry = an_entry(hours=4.2, process_bytes=71 * 2**30, command="7b «全参»")
    assert read_entries([as_line(entry)]) == (entry,)


def test_a_later_versions_entry_keeps_what_is_known() -> None:
    later = as_line(an_entry(v=2)).replace(b"{", b'{"colour":"red",', 1)
    assert read_entries([later])[0].amount == "1.10"


def test_100_adds_from_two_replicas_each_delivered_twice(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    store.wait_until_ready(PATIENCE_SECONDS)
    replicas = (Ledger(ResilientStore(store)), Ledger(ResilientStore(store)))
    assert replicas[0].book(KEY, LIMIT).kept
    deliveries = [(replicas[n % 2], str(n % 100)) for n in range(200)]
    with ThreadPoolExecutor(16) as pool:
        booked = list(pool.map(lambda each: each[0].book(KEY, an_entry(each[1])), deliveries))
    entries = replicas[0].entries(KEY)
    store.close()
    assert all(each.kept for each in booked)
    assert sum(each.is_repeated for each in booked) == 100
    assert len(entries) == 101
    budget = budget_of(entries, TODAY)
    assert budget
    assert budget.committed == Decimal("110.00")
    assert [budget.spent, budget.remaining] == [Decimal(0), Decimal("4890.00")]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-31T23:59:59Z", "0"),
        ("2026-11-01T00:00:00Z", "1.10"),
        ("2026-11-30T23:59:59Z", "1.10"),
        ("2026-12-01T00:00:00Z", "0"),  # a clock that ran ahead booked it
    ],
)
@pytest.mark.parametrize("kind", ["add", "actual"])
def test_an_entry_counts_in_the_month_of_its_own_day(kind: str, at: str, expected: str) -> None:
    budget = budget_of((LIMIT, an_entry(kind=kind, at=at, thread_ts="1.1")), TODAY)
    assert budget
    assert budget.spent + budget.committed == Decimal(expected)
    assert budget.remaining == Decimal(5000) - Decimal(expected)


def test_each_month_has_its_own_entries_whatever_was_asked_before() -> None:
    days = ("2026-11-29T08:00:00Z", "2026-12-01T00:00:00Z", "2026-12-31T23:59:59Z")
    entries = Entries((LIMIT, *(an_entry(at, at=at, thread_ts=at) for at in days)))
    found = [budget_of(entries, date(2026, month, 29)) for month in (11, 12, 11, 10)]
    assert [each and each.committed for each in found] == [Decimal(n) for n in ("1.10", "2.20", "1.10", "0")]


class Starting(MemoryStore):
    """Cannot be read for the first few times."""

    away = 3

    @override
    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        self.away -= 1
        return None if self.away >= 0 else super().entries(key, start=start, most=most)


def test_a_store_that_is_there_in_a_moment_is_waited_for() -> None:
    store, pauses = Starting(), list[float]()
    assert Ledger(store, sleep=pauses.append).book(KEY, an_entry()).kept
    assert pauses == list(AWAY_PAUSES_SECONDS[:3])
    store.away, pauses[:] = 10**6, []
    refused = Ledger(store, sleep=pauses.append).book(KEY, an_entry("2"))
    assert (refused.kept, refused.is_away) == (False, True)
    assert pauses == list(AWAY_PAUSES_SECONDS)


class Unsafe(MemoryStore):
    """Writes, and can never say that it is safe."""

    @override
    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> Appended:
        super().append(key, *values, expected_length=expected_length)
        return Appended(kept=False, why="no replica had it in time")

    @override
    def health(self) -> StoreHealth:
        return StoreHealth(status=Status.OK, backend="test", durable=True)


def test_what_stands_there_and_may_be_lost_is_not_called_not_booked() -> None:
    booked = Ledger(Unsafe()).book(KEY, an_entry())
    assert not booked.kept
    assert booked.is_unsafe
    said = refusal_of(booked, load_texts("en")).card.text
    assert "stands in the ledger" in said
    assert "no replica had it in time" in said


class LosesAnswers(MemoryStore):
    """Writes, and the first answer of it is lost."""

    lost = False

    @override
    def append(self, key: str, *values: bytes, expected_length: int | None = None) -> Appended:
        appended = super().append(key, *values, expected_length=expected_length)
        if self.lost:
            return appended
        self.lost = True
        return Appended(kept=False, why="no answer in time")

    @override
    def health(self) -> StoreHealth:
        return StoreHealth(status=Status.OK, backend="test", durable=True)


def test_a_try_whose_answer_was_lost_is_not_booked_again() -> None:
    ledger = Ledger(LosesAnswers())
    booked = ledger.book(KEY, an_entry())
    assert booked.kept
    assert not booked.is_repeated
    assert len(ledger.entries(KEY)) == 1


def test_a_store_that_could_lose_it_is_refused_with_the_reason() -> None:
    booked = Ledger(ResilientStore(MemoryStore())).book(KEY, an_entry())
    assert not booked.kept
    assert "memory" in booked.why


def test_the_same_card_twice_is_one_entry_until_it_is_dropped() -> None:
    ledger = Ledger(MemoryStore())
    card = {"thread_ts": "1.1"}
    assert not ledger.book(KEY, an_entry("a", **card), is_committed).is_repeated
    assert ledger.book(KEY, an_entry("b", **card), is_committed).is_repeated
    ledger.book(KEY, an_entry("c", kind="drop", amount="", **card))
    assert not ledger.book(KEY, an_entry("d", **card), is_committed).is_repeated


def test_another_card_of_the_thread_takes_the_place_of_the_first() -> None:
    ledger = Ledger(MemoryStore())
    ledger.book(KEY, LIMIT)
    ledger.book(KEY, an_entry("a", thread_ts="1.1", command="7b bs=32"), is_committed)
    second = an_entry("b", thread_ts="1.1", command="7b bs=16", amount="7")
    booked = ledger.book(KEY, second, is_committed)
    assert not booked.is_repeated
    budget = budget_of(booked.entries, TODAY)
    assert budget
    assert budget.committed == Decimal(7)


def test_what_is_added_after_it_was_paid_is_another_run() -> None:
    first = (an_entry("a", thread_ts="1.1"), an_entry("p", kind="actual", amount="2", thread_ts="1.1"))
    corrected = an_entry("q", kind="actual", amount="3", thread_ts="1.1")
    again = (an_entry("b", thread_ts="1.1"), an_entry("r", kind="actual", amount="4", thread_ts="1.1"))
    budget = budget_of((LIMIT, *first, corrected, *again), TODAY)
    assert budget
    assert [budget.spent, budget.committed] == [Decimal(7), Decimal(0)]


def test_what_was_paid_takes_the_place_of_what_was_committed() -> None:
    paid = an_entry("p", kind="actual", amount="2", thread_ts="1.1")
    budget = budget_of((LIMIT, an_entry(thread_ts="1.1"), paid), TODAY)
    assert budget
    assert [budget.spent, budget.committed, budget.remaining] == [Decimal(2), Decimal(0), Decimal(4998)]


def test_a_month_begins_anew_and_other_currencies_are_converted() -> None:
    old = an_entry("o", at="2026-10-31T23:59:59Z")
    usd = an_entry("u", amount="10", currency="USD", rate="7.123456", rate_currency="CNY")
    lost = an_entry("x", currency="KES")
    budget = budget_of((LIMIT, old, usd, lost), TODAY)
    assert budget
    assert budget.committed == Decimal("71.23")
    assert budget.unconverted == (lost,)


@pytest.mark.untraced
def test_10_000_entries_are_added_up_in_no_time() -> None:
    lines = [
        as_line(an_entry(str(n), command="7b full fp16 n=10000", thread_ts=str(n))) for n in range(10_000)
    ]
    assert budget_of((LIMIT, *read_entries(lines)), TODAY)
    assert was_quick(lambda: budget_of((LIMIT, *read_entries(lines)), TODAY), 1)  # 0.1 alone


def test_csv_runs_nothing_in_a_spreadsheet() -> None:
    lines = list(csv_lines([an_entry(command="=HYPERLINK(1)", kind="note")]))
    assert len(lines) == 2
    assert ",'=HYPERLINK(1)," in lines[1]


@pytest.mark.parametrize(
    ("said", "amount", "currency", "period", "start"),
    [
        ("5000 cny per month", "5000", "CNY", "month", ""),
        ("$90", "90", "USD", "total", ""),
        ("5k cny total from 2026-12-01", "5000", "CNY", "total", "2026-12-01"),
        ("300", "300", "EUR", "total", ""),
        ("5000 cny from 2026-11-01", "5000", "CNY", "total", "2026-11-01"),
        ("5000 cny from 2026-11-01 per month", "5000", "CNY", "month", "2026-11-01"),
        ("500usd/month", "500", "USD", "month", ""),
        ("每月5000元", "5000", "CNY", "month", ""),
        ("5000元每月", "5000", "CNY", "month", ""),
        ("总计 2万元 从2026-11-01起", "20000", "CNY", "total", "2026-11-01"),
    ],
)
def test_limits(said: str, amount: str, currency: str, period: str, start: str) -> None:
    limit = limit_in(said, "EUR")
    assert limit
    assert (limit.money.amount, limit.money.currency) == (Decimal(amount), currency)
    assert (limit.period, limit.start) == (period, start)


@pytest.mark.parametrize(
    "said",
    [
        "",
        "lots",
        "-5 usd",
        "5 usd from tomorrow",
        "5 usd per week",
        "5 usd total per month",
        "5 usd from 2026-13-01",
        "0 usd",
    ],
)
def test_no_limits(said: str) -> None:
    assert limit_in(said, "USD") is None

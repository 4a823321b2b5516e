"""What was measured: read as people write it, laid together by run, summed up by its middle."""

import time
from datetime import date
from decimal import Decimal

import pytest

from bot.ledger import Entry, budget_of
from bot.ledger.budget import measured_runs
from bot.ledger.commands import measured_in
from bot.ledger.correction import correction_of, factors_of
from estimator.money import Money

TODAY = date(2026, 11, 29)


def an_entry(name: str = "1", **more: object) -> Entry:
    said = {"kind": "add", "user_id": "U1", "at": "2026-11-29T08:00:00Z", "amount": "1.10", "currency": "CNY"}
    return Entry(entry_id=name, **{**said, **more})  # type: ignore[arg-type]


LIMIT = an_entry("limit", kind="limit", amount="5000", period="month")


def test_what_was_measured() -> None:
    measured = measured_in("4.2h 71gb ¥120 nicely")
    assert measured.hours == 4.2
    assert measured.process_bytes == 71 * 2**30
    assert measured.money
    assert measured.money.currency == "CNY"
    assert measured.unread == ("nicely",)


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        *(("90min", 1.5), ("1h30m", 1.5), ("4.2小时", 4.2), ("1天", 24)),
        *(("90 min", 1.5), ("1 h 30 min", 1.5), ("1 day 3 hours 6min", 27.1), ("1 小时 30 分", 1.5)),
        *(("4h 4.2h", 4.2), ("1h 20gb 30min", 0.5)),
    ],
)
def test_hours_as_people_write_them(said: str, hours: float) -> None:
    assert measured_in(said).hours == pytest.approx(hours)


@pytest.mark.parametrize("said", ["4.2parsecs", "4.2h71gb", "h", "-3h", "120"])
def test_what_was_not_measured(said: str) -> None:
    measured = measured_in(said)
    assert measured.hours is None
    assert measured.process_bytes is None


@pytest.mark.parametrize("said", ["20", "4h 20", "+20", "20 4", "1万", "1,204.5", "71gb, +2.5"])
def test_a_number_alone_measures_nothing(said: str) -> None:
    measured = measured_in(said)
    assert measured.unmarked
    assert measured.unmarked.word in said.split()
    assert measured.money is None
    assert (measured.unread, measured.impossible) == ((), ())


def test_a_number_alone_on_top_of_money_is_money() -> None:
    measured = measured_in("+20", "CNY")
    assert measured.money == Money(amount=Decimal(20), currency="CNY")
    assert measured.unmarked is None
    assert measured_in("20", "CNY").unmarked


@pytest.mark.parametrize(
    ("said", "may_be"),
    [
        ("4", ["4h", "4cny", "4gb"]),
        ("1,204.5", ["1204.5h", "1204.5cny", "1204.5gb"]),
        ("50000", ["50000h", "50000cny"]),
        ("2万", ["20000h", "20000cny", "20000gb"]),
        ("100k", ["100000cny"]),
        ("+4", ["+4h", "+4cny"]),
    ],
)
def test_what_a_number_alone_may_be_is_offered_as_far_as_a_run_has_it(said: str, may_be: list[str]) -> None:
    unmarked = measured_in(said).unmarked
    assert unmarked
    assert unmarked.marked("CNY") == may_be


def test_what_was_measured_of_a_run_is_one_whatever_it_was_told_in() -> None:
    hours = an_entry("a", kind="actual", amount="", thread_ts="1.1", hours=4.2, estimated_hours=4.0)
    paid = an_entry("b", kind="actual", amount="3", thread_ts="1.1", at="2026-11-29T09:00:00Z")
    (run,) = measured_runs((LIMIT, hours, paid))
    assert (run.hours, run.estimated_hours, run.amount) == (4.2, 4.0, "3")
    budget = budget_of((LIMIT, paid, hours), TODAY)
    assert budget
    assert budget.spent == Decimal(3)


def test_what_was_measured_stays_beside_the_card_that_it_was_held_against() -> None:
    """A thread went on to a card of ten hours: those that were measured before are not divided by them."""
    hours = an_entry("a", kind="actual", amount="", thread_ts="1.1", hours=4.2, estimated_hours=4.0)
    paid = an_entry("b", kind="actual", amount="3", thread_ts="1.1", estimated_hours=10.0)
    (run,) = measured_runs((LIMIT, hours, paid))
    assert (run.hours, run.estimated_hours, run.amount) == (4.2, 4.0, "3")


def test_one_absurd_run_does_not_move_the_middle() -> None:
    hours = (0.9, 1.0, 1.1, 1.2, 80_000.0)
    runs = [an_entry(str(n), kind="actual", hours=each, estimated_hours=1.0) for n, each in enumerate(hours)]
    found = factors_of(runs)["time"]
    assert [found.middle, found.low, found.high] == pytest.approx([1.1, 0.9, 80_000.0])
    assert factors_of(runs[::3])["time"].middle == pytest.approx((0.9 * 1.2) ** 0.5)


@pytest.mark.parametrize(
    "kept", [[float("inf"), 1, 2, 3], [float("nan"), 1, 2, 3], ["x", 1, 2, 3], [1, 2, 3], "x"]
)
def test_a_correction_that_is_none_is_left_out(kept: object) -> None:
    chosen = an_entry("c", kind="correction", factors={"time": kept, "memory": [1.1, 1.0, 1.2, 3]})
    assert list(correction_of((chosen,))) == ["memory"]


@pytest.mark.parametrize(
    "said", ["4h, 71gb, $5", "4小时，71GB，5美元", "4h and 71 gb for 5 usd", "71gib; $ 5; 4 h"]
)
def test_what_stands_between_measures(said: str) -> None:
    measured = measured_in(said)
    assert (measured.hours, measured.process_bytes) == (4, 71 * 2**30)
    assert measured.money == Money(amount=Decimal(5), currency="USD")
    assert measured.unread == ()


def test_a_long_word_takes_no_time() -> None:
    started = time.process_time()
    assert measured_in("1.1" * 3_000).unread
    assert measured_in("1h" * 3_000 + "!").unread
    assert time.process_time() - started < 1

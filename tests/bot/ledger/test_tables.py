"""A ledger as CSV and back; entries of earlier versions; a list that this process has read before."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from typing_extensions import override

from bot.ledger import ChannelKey, Entry, Ledger, budget_of
from bot.ledger.budget import measured_runs
from bot.ledger.commands import limit_in, measured_in
from bot.ledger.conversion import rated, with_rates
from bot.ledger.correction import correction_of
from bot.ledger.entries import as_line, read_entries
from bot.ledger.export import csv_lines
from bot.ledger.import_csv import Imported, read_csv
from bot.ledger.ledger import MOST_REMEMBERED
from bot.store.memory import MemoryStore
from estimator.money import FxRate

KEY = ChannelKey(team_id="T1", channel_id="C1")
NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)
TODAY = NOW.date()
RATES = (FxRate(base="USD", quote="CNY", rate=Decimal("6.6"), as_of=TODAY, source="test"),)
OLD = (
    b'{"entry_id":"limit:1","kind":"limit","user_id":"U1","at":"2026-11-01T08:00:00Z","amount":"5000",'
    b'"currency":"CNY","period":"month","v":1}',
    b'{"entry_id":"add:2","kind":"add","user_id":"U1","at":"2026-11-02T08:00:00Z","thread_ts":"1.1",'
    b'"command":"7b lora","amount":"10","currency":"USD","rate":"7.123456","v":1}',
    b'{"entry_id":"actual:3","kind":"actual","user_id":"U1","at":"2026-11-03T08:00:00Z","thread_ts":"1.1",'
    b'"amount":"9","currency":"USD","rate":"7","hours":4.2,"v":1}',
)
"""Lines as version 1 wrote them."""


def an_entry(name: str = "1", **more: object) -> Entry:
    said = {"kind": "add", "user_id": "U1", "at": "2026-11-29T08:00:00Z", "amount": "1.10", "currency": "CNY"}
    return Entry(entry_id=name, **{**said, **more})  # type: ignore[arg-type]


def taken(text: str) -> Imported:
    return read_csv(text, user_id="U9", now=NOW)


def test_entries_of_version_1_say_to_which_currency_their_rate_is() -> None:
    budget = budget_of(entries := read_entries(OLD), date(2026, 11, 29))
    assert budget
    assert budget.spent == Decimal(63)
    assert [each.rate_currency for each in entries] == ["", "CNY", "CNY"]
    assert {each.v for each in entries} == {2}


def test_a_page_of_version_1_knows_the_limit_before_it() -> None:
    ledger, store = Ledger(MemoryStore()), MemoryStore()
    for line in OLD:
        store.append(str(KEY), line)
    ledger = Ledger(store)
    pages = list(ledger.pages(KEY, size=1))
    assert [page[0].rate_currency for page in pages] == ["", "CNY", "CNY"]


def test_an_import_of_a_version_1_export_is_migrated_too() -> None:
    heading = "entry_id,kind,user_id,at,amount,currency,rate,v\n"
    found = taken(
        heading + "a,limit,U1,2026-11-01T08:00:00Z,50,CNY,,1\nb,add,U1,2026-11-02T08:00:00Z,1,USD,7,1\n"
    )
    assert found.entries[1].rate_currency == "CNY"


def test_a_limit_in_another_currency_takes_its_days_rates_for_what_was_booked_before() -> None:
    before = (an_entry("l", kind="limit", amount="5000"), an_entry("a", amount="66"))
    dollars = an_entry("m", kind="limit", amount="500", currency="USD")
    budget = budget_of((*before, with_rates(dollars, before, RATES)), TODAY)
    assert budget
    assert [budget.currency, budget.committed] == ["USD", Decimal("10.00")]
    assert budget.unconverted == ()


def test_a_rate_to_another_limit_is_not_taken_for_one_to_this() -> None:
    euros = rated(an_entry("a", amount="10", currency="USD"), an_entry("l", kind="limit"), RATES)
    assert (euros.rate, euros.rate_currency) == ("6.6", "CNY")
    budget = budget_of((euros, an_entry("m", kind="limit", amount="500", currency="EUR")), TODAY)
    assert budget
    assert budget.unconverted == (euros,)


def test_an_export_comes_back_as_it_was() -> None:
    entries = (
        an_entry("l", kind="limit", amount="5000", period="month", start="2026-11-01", rates={"USD": "6.6"}),
        an_entry("a", command='=7b «全参», "quoted"', thread_ts="1.1", rate="6.6", rate_currency="USD"),
        an_entry("b", kind="actual", hours=4.2, process_bytes=71 * 2**30, estimated_hours=4.0),
    )
    assert taken("".join(csv_lines(entries))).entries == entries


def test_a_table_of_somebodys_is_taken_and_its_rows_are_named_by_their_words() -> None:
    table = "kind,amount,currency,at,command\n" + 2 * "add,90,cny,2026-11-02,cloud bill\n"
    first, again = taken(table), taken("\ufeff" + table)
    assert [each.user_id for each in first.entries] == ["U9", "U9"]
    assert first.entries[0].at == "2026-11-02T00:00:00Z"
    assert len({each.entry_id for each in first.entries}) == 2
    assert first == again


def test_every_mistake_of_a_table_is_told_by_its_line() -> None:
    found = taken(
        "kind,amount,currency,at,hours\nadd,much,CNY,,\nspend,1,CNY,,\nadd,,,,\nadd,1,XYZ,soon,-1\n"
    )
    assert found.entries == ()
    told = [(each.line, each.column) for each in found.mistakes]
    assert told == [(2, "amount"), (3, "kind"), (4, "amount"), (5, "currency"), (5, "at"), (5, "hours")]


@pytest.mark.parametrize(
    "text", ["", "\n", "amount,currency\n1,CNY\n", "kind\n", "\x00,\x00\n1", "kind\nadd,\x00\n"]
)
def test_what_is_no_table_is_refused(text: str) -> None:
    assert taken(text).mistakes


class Counting(MemoryStore):
    """Counts the lines that were read."""

    read = 0

    @override
    def entries(self, key: str, *, start: int = 0, most: int | None = None) -> tuple[bytes, ...] | None:
        found = super().entries(key, start=start, most=most)
        self.read += len(found or ())
        return found

    def put(self, key: str, lines: Sequence[bytes]) -> None:
        self._lists[key] = list(lines)


def test_what_was_read_before_is_not_read_again() -> None:
    store = Counting()
    ledger = Ledger(store)
    store.append(str(KEY), *(as_line(an_entry(str(n))) for n in range(1000)))
    assert len(ledger.entries(KEY)) == 1000
    Ledger(store).book(KEY, an_entry("of another process"))
    store.read = 0
    entries = ledger.entries(KEY)
    assert entries
    assert entries[-1].entry_id == "of another process"
    assert store.read == 2


def test_what_was_booked_here_is_not_read_again() -> None:
    store = Counting()
    ledger = Ledger(store)
    for n in range(5):
        assert ledger.book(KEY, an_entry(str(n), thread_ts=str(n))).kept
    store.read = 0
    booked = ledger.book(KEY, an_entry("last", thread_ts="last"))
    assert ledger.entries(KEY) is booked.entries
    assert store.read == 2, "the line that stood last, before and after"


def test_what_is_kept_beside_the_entries_is_what_they_say() -> None:
    """Two processes book by turns; at every step the sums of each are those of a first reading."""
    store = MemoryStore()
    ours, others = Ledger(store), Ledger(store)
    kinds = ("add", "actual", "drop", "add", "note", "limit", "add", "actual")
    for n, kind in enumerate(kinds * 4):
        writer = ours if n % 3 else others
        amount = "" if kind in ("drop", "note") else str(n + 1)
        limit = {"period": ("month", "total")[n % 2]} if kind == "limit" else {}
        entry = an_entry(str(n), kind=kind, amount=amount, thread_ts=str(n % 5), **limit)
        assert writer.book(KEY, entry).kept
        fresh = Ledger(store).entries(KEY)
        assert fresh
        for ledger in (ours, others):
            assert ledger.entries(KEY) == fresh
            assert budget_of(ledger.entries(KEY), TODAY) == budget_of(tuple(fresh), TODAY)
            assert measured_runs(ledger.entries(KEY)) == measured_runs(tuple(fresh))


def test_of_many_channels_those_with_the_latest_news_are_kept() -> None:
    store = Counting()
    ledger = Ledger(store)
    channels = [ChannelKey(team_id="T1", channel_id=f"C{n}") for n in range(MOST_REMEMBERED + 2)]
    for channel in channels:
        ledger.book(channel, an_entry("a"))
        ledger.book(channel, an_entry("b"))
    for channel, read in ((channels[-1], 1), (channels[2], 1), (channels[1], 2)):
        store.read = 0
        assert len(ledger.entries(channel)) == 2
        assert store.read == read


@pytest.mark.parametrize("left", [0, 1, 2, 5])
def test_a_list_that_is_another_is_read_anew(left: int) -> None:
    store = Counting()
    ledger = Ledger(store)
    store.append(str(KEY), *(as_line(an_entry(str(n))) for n in range(3)))
    ledger.entries(KEY)
    store.put(str(KEY), [as_line(an_entry(f"new {n}")) for n in range(left)])
    assert [each.entry_id for each in ledger.entries(KEY)] == [f"new {n}" for n in range(left)]


def test_an_export_of_all_that_can_be_booked_comes_back() -> None:
    """At the bounds of what is typed, with what a hand may put into a note."""
    measured = [measured_in(said) for said in ("0.0001h 1mib $0.01", "3652.5days 20736gib $1000000000")]
    notes = ("=1+1", "'=1+1", "-5", "'-5", 'a,"b"', "'", "x\ny", "机\u2028器", "@you")
    limit = limit_in("1000000000 vnd per month from 2099-12-31", "USD")
    assert limit
    entries = (
        *(
            an_entry(
                f"m{number}",
                kind="actual",
                hours=each.hours,
                process_bytes=each.process_bytes,
                amount=format(each.money.amount, "f") if each.money else "",
                estimated_hours=1e9,
                estimated_bytes=10**15,
                estimated_amount="123456789012.34",
                rate="0.00003912",
                rate_currency="VND",
            )
            for number, each in enumerate(measured)
        ),
        *(
            an_entry(f"n{number}", kind="note", amount="", currency="", command=each)
            for number, each in enumerate(notes)
        ),
        an_entry("l", kind="limit", start=limit.start, period=limit.period, rates={"USD": "0.00003912"}),
        an_entry("d", kind="drop", amount="", currency="", thread_ts="1.1"),
        an_entry("r", kind="retract", amount="", currency="", thread_ts="1.1"),
        an_entry("c", kind="correction", amount="", currency="", factors={"time": [1.1, 0.0001, 80000.0, 3]}),
    )
    assert all(each.hours and each.process_bytes for each in measured)
    found = taken("".join(csv_lines(read_entries([as_line(each) for each in entries]))))
    assert found.mistakes == ()
    assert found.entries == entries


def test_what_an_earlier_version_took_of_a_table_breaks_nothing_and_leaves_as_one_that_comes_back() -> None:
    lines = [
        b'{"entry_id":"l","kind":"limit","user_id":"U1","at":"2026-11-01T08:00:00Z","amount":"50",'
        b'"currency":"CNY","rates":{"USD":"x","EUR":"7.6","GBP":[1]},"v":2}',
        b'{"entry_id":"a","kind":"add","user_id":"U1","at":"2026-11-02T08:00:00Z","amount":"1","currency":"USD",'
        b'"rate":"0","rate_currency":"CNY","v":2}',
        b'{"entry_id":"c","kind":"correction","user_id":"U1","at":"2026-11-02T08:00:00Z",'
        b'"factors":{"time":"x","memory":[Infinity,1,1,3],"money":[1.1,1.0,1.2,3]},"v":2}',
        b'{"entry_id":"m","kind":"actual","user_id":"U1","at":"2026-11-02T08:00:00Z","hours":Infinity,"v":2}',
    ]
    entries = read_entries(lines)
    budget = budget_of(entries, TODAY)
    assert budget
    assert len(budget.unconverted) == 1
    assert list(correction_of(entries)) == ["money"]
    assert entries[0].rates == {"EUR": "7.6"}
    assert taken("".join(csv_lines(entries))).entries == entries

"""What is wrong in a table is told by its line, and nothing of it is booked."""

import csv
import io
from datetime import UTC, datetime

import pytest

from bot.ledger.import_csv import Imported, read_csv

NOW = datetime(2026, 11, 29, 8, tzinfo=UTC)


def taken(text: str) -> Imported:
    return read_csv(text, user_id="U9", now=NOW)


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        *(
            ("amount", each)
            for each in ("1.234,56", "12,5", "1,23,456", "1 234", "1_000", "1e5", "-1", "NaN")
        ),
        *(("hours", each) for each in ("4,2", "0", "inf", "nan", "1e400", "9" * 30)),
        *(("process_bytes", each) for each in ("1", "9" * 30)),
        *(("at", each) for each in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01")),
        *(("amount", each) for each in ("0", "0.001", "1000000000.01", "9" * 17)),
        *(("rate", each) for each in ("0", "0.0", "9" * 17, "7,1")),
        *(("start", each) for each in ("0001-01-01", "1999-12-31", "2100-01-01")),
        *(("at", each) for each in ("2098-01-01", "1999-12-31")),
        *(("factors", each) for each in ('{"time":"x"}', '{"pace":[1,1,1,3]}', '{"time":[Infinity,1,1,3]}')),
        *(("rates", each) for each in ('{"USD":"x"}', '{"XXX":"1"}', "[" * 1_990, "7")),
    ],
)
def test_a_cell_that_may_mean_something_else_is_told_by_its_line(column: str, cell: str) -> None:
    row = {"kind": "add", "amount": "1", "currency": "CNY", "rate_currency": "USD", column: cell}
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, row)
    writer.writeheader()
    writer.writerow(row)
    assert [(each.line, each.column, each.value) for each in taken(buffer.getvalue()).mistakes] == [
        (2, column, cell)
    ]


@pytest.mark.parametrize("kind", ["limit", "add", "actual"])
def test_an_amount_that_nobody_could_type_is_refused_of_every_kind(kind: str) -> None:
    (mistake,) = taken(f"kind,amount,currency\n{kind},0,CNY\n").mistakes
    assert (mistake.line, mistake.column, mistake.value) == (2, "amount", "0")


def test_a_rate_says_to_which_currency_it_is() -> None:
    (mistake,) = taken("kind,amount,currency,rate\nadd,1,CNY,7.1\n").mistakes
    assert (mistake.line, mistake.column, mistake.value) == (2, "rate_currency", "")


def test_a_card_may_cost_what_nobody_would_type() -> None:
    found = taken("kind,amount,currency,command\nadd,0.00,CNY,7b\nadd,5000000000,CNY,10t\n")
    assert [each.amount for each in found.entries] == ["0.00", "5000000000"]


def test_thousands_are_read_as_everywhere() -> None:
    found = taken('kind,amount,currency\nadd,"1,234.56",CNY\n')
    assert [each.amount for each in found.entries] == ["1234.56"]


def test_a_name_stands_for_one_row() -> None:
    row = "a,add,1,CNY\n"
    assert len(taken(f"entry_id,kind,amount,currency\n{row}{row}").entries) == 1
    (mistake,) = taken(f"entry_id,kind,amount,currency\n{row}a,add,2,CNY\n").mistakes
    assert (mistake.line, mistake.column, mistake.value) == (3, "entry_id", "a")

"""What of an entry counts no longer, and why."""

import random
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from bot.ledger import Entry, budget_of
from bot.ledger.fates import newest

NOVEMBER: Final = date(2026, 11, 29)


def entry(name: str, kind: str, amount: str = "", **more: object) -> Entry:
    said = {"user_id": "UALEX", "thread_ts": "1.1", "command": "7b lora", "currency": "USD" if amount else ""}
    at = f"{NOVEMBER}T08:00:00Z"
    return Entry(entry_id=name, kind=kind, amount=amount, at=at, **{**said, **more})  # type: ignore[arg-type]


LIMIT: Final = entry("limit", "limit", "5000", thread_ts="", period="month")
ADD, DROP, RETRACT = entry("a", "add", "90"), entry("d", "drop"), entry("r", "retract")
BOTH, MORE = entry("p", "actual", "300", hours=4.0), entry("q", "actual", "320")


def listed(*entries: Entry) -> list[tuple[str, str, str]]:
    """Of each: the measures that count, the fate of the rest, the rest."""

    def said(part: Entry | None) -> str:
        hours = f"{part.hours:g}h" if part and part.hours else ""
        return " ".join(filter(None, (part.amount if part else "", hours)))

    return [(said(each.counts), each.fate, said(each.gone)) for each in newest(entries, 12)]


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ((BOTH,), [("300 4h", "", "")]),
        ((BOTH, MORE), [("4h", "replaced", "300"), ("320", "", "")]),
        ((MORE, BOTH), [("", "replaced", "320"), ("300 4h", "", "")]),
        ((BOTH, MORE, RETRACT), [("", "taken_back", "300 4h"), ("", "taken_back", "320"), ("", "", "")]),
        ((ADD,), [("90", "", "")]),
        ((ADD, DROP), [("", "dropped", "90"), ("", "", "")]),
        ((ADD, entry("b", "add", "50")), [("", "replaced", "90"), ("50", "", "")]),
        ((ADD, BOTH), [("", "paid", "90"), ("300 4h", "", "")]),
        ((ADD, entry("h", "actual", hours=4.0)), [("90", "", ""), ("4h", "", "")]),
        ((ADD, BOTH, RETRACT), [("90", "", ""), ("", "taken_back", "300 4h"), ("", "", "")]),
        ((ADD, entry("b", "add", "50", thread_ts="2.2")), [("90", "", ""), ("50", "", "")]),
        ((LIMIT, entry("new", "limit", "9")), [("", "replaced", "5000"), ("9", "", "")]),
    ],
)
def test_what_counts_no_longer_says_why(
    entries: tuple[Entry, ...], found: list[tuple[str, str, str]]
) -> None:
    assert listed(*entries) == found


@pytest.mark.parametrize("seed", range(20))
def test_what_is_listed_as_counting_is_what_the_sums_count(seed: int) -> None:
    chance, said = random.Random(seed), [LIMIT]
    kinds = ("add", "actual", "actual", "drop", "retract")
    for number in range(80):
        kind, user = chance.choice(kinds), chance.choice(("UALEX", "UMEI"))
        is_money = kind == "add" or (kind == "actual" and chance.random() < 0.8)
        amount = str(chance.randint(1, 99)) if is_money else ""
        thread, card = chance.choice(("", "1.1", "2.2")), chance.choice(("7b lora", "7b qlora"))
        hours = 2.0 if kind == "actual" else None
        said.append(
            entry(str(number), kind, amount, user_id=user, thread_ts=thread, command=card, hours=hours)
        )
        found = budget_of(said, NOVEMBER)
        assert found
        counting = (each.counts for each in newest(said, len(said)) if each.entry.kind != "limit")
        sums = sum(Decimal(each.amount) for each in counting if each and each.amount)
        assert sums == found.spent + found.committed

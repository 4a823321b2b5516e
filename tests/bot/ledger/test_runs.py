"""Which run an entry of a thread is about, of which day its money is, and who takes back what."""

import random
from datetime import date
from decimal import Decimal

import pytest

from bot.ledger import Budget, Entry, budget_of
from bot.ledger.budget import last_measured, limit_of, measured_in_thread, measured_runs
from bot.ledger.correction import correction_of

NOVEMBER, DECEMBER = date(2026, 11, 29), date(2026, 12, 1)


def entry(name: str, kind: str, amount: str = "", day: date = NOVEMBER, **more: object) -> Entry:
    said = {"user_id": "UALEX", "thread_ts": "1.1", "command": "7b lora", "currency": "USD" if amount else ""}
    at = f"{day}T08:00:00Z"
    return Entry(entry_id=name, kind=kind, amount=amount, at=at, **{**said, **more})  # type: ignore[arg-type]


LIMIT = entry("limit", "limit", "5000", thread_ts="", period="month")
ADD, PAID = entry("a", "add", "90"), entry("p", "actual", "100")
SECOND = entry("b", "add", "90")


def budget(*entries: Entry, day: date = NOVEMBER) -> Budget:
    found = budget_of((LIMIT, *entries), day)
    assert found
    return found


def test_nobody_takes_back_what_another_said() -> None:
    """Who adds the memory to somebody's money may take the memory back, and not the money."""
    memory = entry("m", "actual", user_id="UMEI", process_bytes=30 * 2**30)
    retract = entry("r", "retract", user_id="UMEI")
    assert budget(ADD, PAID, memory, retract).spent == 100
    assert budget(ADD, PAID, entry("n", "actual", "1", user_id="UMEI"), retract).spent == 100
    (run,) = measured_runs((ADD, PAID, memory, retract))
    assert run.process_bytes is None
    assert budget(ADD, PAID, memory, retract, entry("s", "retract")).committed == 90


def test_whoever_manages_takes_back_all_of_it() -> None:
    memory = entry("m", "actual", user_id="UMEI", process_bytes=30 * 2**30)
    assert measured_runs((ADD, PAID, memory, entry("r", "retract", user_id="UBOSS"))) == ()


def test_money_keeps_its_own_day() -> None:
    memory = entry("m", "actual", day=DECEMBER, process_bytes=30 * 2**30)
    assert budget(ADD, PAID, memory).spent == 100
    assert budget(ADD, PAID, memory, day=DECEMBER).spent == 0


@pytest.mark.parametrize(
    ("between", "spent"),
    [
        ((), 110),
        ((SECOND, entry("d", "drop")), 110),
        ((SECOND, entry("d", "drop"), entry("e", "drop")), 110),
        ((SECOND,), 210),
        (
            (entry("b", "add", "90"), entry("q", "actual", "7"), entry("r", "retract"), entry("d", "drop")),
            110,
        ),
        ((entry("r", "retract"),), 110),
    ],
)
def test_a_thread_goes_back_to_the_run_before(between: tuple[Entry, ...], spent: int) -> None:
    said = (ADD, PAID, *between)
    found = measured_in_thread(said, "1.1", "7b lora")
    assert budget(*said, entry("z", "actual", "110")).spent == spent
    assert (found is not None) is (spent == 110 and between[-1:] != (entry("r", "retract"),))


def test_what_was_measured_belongs_to_the_card_that_it_was_said_under() -> None:
    hours = entry("h", "actual", hours=4.0, estimated_hours=4.0)
    other = entry("o", "actual", command="70b lora", process_bytes=2**36, estimated_bytes=2**36)
    runs = measured_runs((ADD, hours, other))
    assert [(each.command, each.hours, each.process_bytes) for each in runs] == [
        ("7b lora", 4.0, None),
        ("70b lora", None, 2**36),
    ]
    again = entry("i", "actual", hours=5.0, estimated_hours=4.0)
    assert [each.hours for each in measured_runs((ADD, hours, other, again))] == [5.0, None]
    assert measured_in_thread((hours, other), "1.1", "13b lora") is None


def test_what_is_paid_under_another_card_takes_the_place_of_what_is_committed() -> None:
    hours, paid = entry("h", "actual", hours=4.0), entry("o", "actual", "6", command="70b lora")
    found = budget(ADD, hours, paid)
    assert [found.spent, found.committed] == [Decimal(6), Decimal(0)]
    back = budget(ADD, hours, paid, entry("r", "retract"))
    assert [back.spent, back.committed] == [Decimal(0), Decimal(90)]
    run = last_measured((ADD, hours, paid, entry("r", "retract")), "1.1")
    assert run
    assert run.said == [hours]
    assert budget(ADD, PAID, paid).spent == Decimal(106)


def test_an_imported_old_limit_is_not_the_one_in_force() -> None:
    old = entry("old", "limit", "3", day=date(2025, 1, 1), thread_ts="")
    same = entry("same", "limit", "4", thread_ts="")
    assert limit_of((LIMIT, old)) == LIMIT
    assert limit_of((LIMIT, old, same)) == same


def test_nor_is_an_imported_old_correction() -> None:
    chosen = entry("c", "correction", factors={"time": [1.1, 1.0, 1.2, 3]})
    old = entry("d", "correction", day=date(2025, 1, 1))
    assert list(correction_of((chosen, old))) == ["time"]
    assert correction_of((chosen, entry("e", "correction"))) == {}


@pytest.mark.parametrize("seed", range(20))
def test_the_sums_are_those_of_a_count_beside_them(seed: int) -> None:
    """A thread is a pile of runs, each of what is committed and what is paid."""
    chance, said = random.Random(seed), list[Entry]()
    piles: dict[str, list[list[int]]] = {thread: [[0, 0]] for thread in ("1.1", "2.2", "3.3")}
    for number in range(60):
        thread, kind = chance.choice(list(piles)), chance.choice(("add", "actual", "drop"))
        amount, runs = chance.randint(1, 99), piles[thread]
        said.append(entry(str(number), kind, "" if kind == "drop" else str(amount), thread_ts=thread))
        if kind == "add":
            if runs[-1][1]:
                runs.append([0, 0])
            runs[-1][0] = amount
        elif kind == "actual":
            runs[-1][1] = amount
        else:
            runs[-1][0] = 0
            if not runs[-1][1] and len(runs) > 1:
                runs.pop()
        found = budget(*said)
        spent = sum(run[1] for pile in piles.values() for run in pile)
        committed = sum(run[0] for pile in piles.values() for run in pile if not run[1])
        assert [found.spent, found.committed, found.remaining] == [spent, committed, 5000 - spent - committed]

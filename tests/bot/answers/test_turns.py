"""Computing goes round: it comes to everybody once before it comes to anybody twice."""

import threading
from contextlib import suppress

from patience import PATIENCE_SECONDS, until

from bot.answers.turns import ASKER, Turns


def test_one_persons_many_do_not_keep_another_waiting_for_more_than_one() -> None:
    turns, order, started = Turns(), list[str](), list[threading.Thread]()

    def ask(person: str) -> None:
        ASKER.set(person)
        with turns.turn():
            order.append(person)

    with turns.turn():
        for person in "aaaab":
            started.append(threading.Thread(target=ask, args=(person,)))
            started[-1].start()
            until(lambda: sum(map(len, turns._waiting.values())) == len(started))
    for each in started:
        each.join(PATIENCE_SECONDS)
    assert "".join(order) == "abaaa"


def test_what_breaks_hands_on() -> None:
    turns = Turns()
    for _ in range(2):
        with suppress(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError
    with turns.turn():
        pass

"""Computing goes round: it comes to everybody once before it comes to anybody twice."""

import threading
import time
from contextlib import suppress

from bot.answers.turns import ASKER, Turns


def test_one_persons_many_do_not_keep_another_waiting_for_more_than_one() -> None:
    turns, order, started = Turns(), list[str](), list[threading.Thread]()

    def ask(person: str) -> None:
        ASKER.set(person)
        with turns.turn():
            order.append(person)

    with turns.turn():
        for person in "aaaab":
            before = threading.active_count()
            started.append(threading.Thread(target=ask, args=(person,)))
            started[-1].start()
            assert threading.active_count() > before
            time.sleep(0.05)  # until it waits
    for each in started:
        each.join(10)
    assert "".join(order) == "abaaa"


def test_what_breaks_hands_on() -> None:
    turns = Turns()
    for _ in range(2):
        with suppress(ZeroDivisionError), turns.turn():
            raise ZeroDivisionError
    with turns.turn():
        pass

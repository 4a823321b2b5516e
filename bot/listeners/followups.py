"""Follow-ups: what is said or pressed in a card's thread, in turn, each answer naming its base."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.answers.followups import alternatives, stepped, unchanged
from bot.conversation.card_state import Carried
from bot.conversation.followups import Move, Step, Unchanged, moved
from bot.conversation.threads import Known
from bot.language import Reading
from bot.slack.payloads import Place
from bot.slack.responder import Desk, thread_of

ATTEMPTS: Final = 3
"""How often a turn that was lost (a flushed store) is taken again."""

Deliver = Callable[[], None]
Answer = Callable[[Known], Deliver | None]
"""A thread -> what to deliver, computed but not sent; None: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A message in a thread, or what a button says in somebody's name."""

    text: str
    ts: str = ""
    to_us: bool = True
    """Whether it mentions us or is a direct message; if not, most of it is none of our business."""
    under_our_card: bool = False
    """Whether the thread's first message is ours."""


def in_turn(desk: Desk, place: Place, answer: Answer) -> None:
    """Compute and deliver an answer while nobody else changes the thread."""
    if not place.thread_ts:
        _sent(answer(Known()))
        return
    key = thread_of(place)
    for attempt in range(ATTEMPTS):
        with desk.threads.turn(key) as turn:
            deliver = answer(desk.threads.known(key))
            if turn.is_ours() or attempt == ATTEMPTS - 1:
                _sent(deliver)
                return


def _sent(deliver: Deliver | None) -> None:
    if deliver is not None:
        deliver()


def converse(desk: Desk, place: Place, said: Said) -> None:
    """Answer what was said in a thread, if it is for us."""
    in_turn(desk, place, lambda known: _answer(desk, place, said, known))


def _answer(desk: Desk, place: Place, said: Said, known: Known) -> Deliver | None:
    if said.ts in known.answered:
        return None
    if known.head is None:
        return _answer_without_base(desk, place, said, known)
    base = known.head.carried
    request = desk.answers.request(base.command)
    if request is None:
        return lambda: desk.answer(desk.answers.read(base.command), place)
    read = desk.answers.read if said.to_us else desk.answers.read_plain
    reading = read(said.text, request)
    if reading.outcome == "conversation":
        return None
    return answer_reading(desk, place, reading, base, known, said.ts)


def _answer_without_base(desk: Desk, place: Place, said: Said, known: Known) -> Deliver | None:
    """In a thread of other people's messages; or of ours, which we may not read and nobody kept."""
    reading = desk.answers.read(said.text)
    if (
        not known.readable
        and reading.outcome in ("problems", "command")
        and (said.to_us or said.under_our_card)
    ):
        return lambda: desk.notify(place, "unreadable")
    if not said.to_us:
        return None
    return answer_reading(desk, place, reading, None, known, said.ts)


def answer_reading(
    desk: Desk, place: Place, reading: Reading, base: Carried | None, known: Known, ts: str
) -> Deliver | None:
    """A follow-up of `base`, or whatever else the reading asks for."""
    if reading.command == "compare" and not reading.arguments and base:
        return _compared(desk, place, base)
    move = moved(reading, base, desk.answers.request)
    if move is None:
        return lambda: desk.answer(reading, place, answers=ts)
    return answer_move(desk, place, move, known, ts)


def _compared(desk: Desk, place: Place, base: Carried) -> Deliver | None:
    request = desk.answers.request(base.command)
    if request is None:
        return lambda: desk.notify(place, "lost")
    reply = alternatives(desk.answers, request, desk.asker(place))
    return lambda: desk.deliver(reply, place)


def answer_move(desk: Desk, place: Place, move: Move, known: Known, ts: str = "") -> Deliver:
    """The next card, or why there is none."""
    if isinstance(move, Unchanged):
        same = unchanged(desk.answers, move, desk.asker(place))
        return lambda: desk.deliver(same, place)
    if not isinstance(move, Step):
        return lambda: desk.notify(place, move)
    link = desk.link(place.channel_id, known.ts_of(move.against), place.thread_ts)
    reply = stepped(desk.answers, move, desk.asker(place), link)
    return lambda: desk.deliver(reply, place, carried=move.after, known=known, answers=ts)


def as_known(carried: Carried, known: Known) -> Carried:
    """`carried` with all that the thread knows of it: buttons have no room for every step."""
    posted = known.card(carried)
    return posted.carried if posted and len(posted.carried.trail) > len(carried.trail) else carried

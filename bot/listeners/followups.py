"""Follow-ups: what is said or pressed in a card's thread, in turn, each answer naming its base."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bot.answers.followups import alternatives, granted, one_line, stepped, unchanged
from bot.answers.recipes import recipe_reply
from bot.cards.sections import PROGRAM
from bot.conversation.card_state import CardState
from bot.conversation.followups import Move, Step, Unchanged, at_prices_shown, moved
from bot.conversation.threads import FLAT, ThreadKey, ThreadState
from bot.language import Reading, is_thanks
from bot.language.pastes.paste import Paste
from bot.slack.payloads import Destination, thread_of
from bot.slack.responder import Responder

ATTEMPTS: Final = 3
"""How often a turn that was lost (a flushed store) is taken again."""

Deliver = Callable[[], object]
AnswerInThread = Callable[[ThreadState], Deliver | None]
"""A thread -> what to deliver, computed but not sent; None: nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadMessage:
    """A message in a thread, or what a button says in somebody's name."""

    text: str
    ts: str = ""
    to_us: bool = True
    """Whether it mentions us or is a direct message; if not, most of it is none of our business."""
    under_our_card: bool = False
    """Whether the thread's first message is ours."""


def thread_lock(responder: Responder, destination: Destination, answer: AnswerInThread) -> None:
    """Compute and deliver an answer while nobody else changes the thread."""
    if not destination.is_continued:
        _sent(answer(ThreadState()))
        return
    key = thread_of(destination)
    for attempt in range(ATTEMPTS):
        with responder.threads.turn(key) as turn, responder.ahead(destination):
            deliver = answer(responder.threads.known(key))
            if turn.is_ours() or attempt == ATTEMPTS - 1:
                _sent(deliver)
                return


def _sent(deliver: Deliver | None) -> None:
    if deliver is not None:
        deliver()


def converse(responder: Responder, destination: Destination, said: ThreadMessage) -> None:
    """AnswerInThread what was said in a thread, if it is for us."""
    thread_lock(responder, destination, lambda known: _answer(responder, destination, said, known))


def _answer(
    responder: Responder, destination: Destination, said: ThreadMessage, known: ThreadState
) -> Deliver | None:
    if said.ts in known.answered:
        return None
    known = _with_card_outside(responder, destination, known)
    if known.head is None:
        return _answer_without_base(responder, destination, said, known)
    if destination.is_flat and is_whole(alone := responder.answers.read(said.text)):
        return answer_reading(responder, destination, alone, None, known, said.ts)
    base = known.head.carried
    request = responder.answers.request(base.command)
    if request is None:
        return lambda: responder.answer(responder.answers.read(base.command), destination)
    read = responder.answers.read if said.to_us else responder.answers.read_plain
    reading = read(said.text, request)
    if reading.outcome == "conversation":
        return None
    return answer_reading(responder, destination, reading, base, known, said.ts)


def _with_card_outside(responder: Responder, destination: Destination, known: ThreadState) -> ThreadState:
    """A thread in a direct message that has no card goes on from the one that stands flat beside it.

    It is begun under one's own question, whose answer stands below and not in it.
    """
    if known.head is not None or destination.is_flat or not destination.is_direct:
        return known
    flat = responder.threads.known(ThreadKey(channel_id=destination.channel_id, thread_ts=FLAT))
    card = flat.answering(destination.thread_ts) or flat.standing_at(destination.thread_ts)
    return replace(known, cards=(card,)) if card else known


def is_whole(reading: Reading) -> bool:
    """Whether it is a question of its own: a model and something else; less follows on the card before."""
    is_run = reading.request is not None and "model" in reading.changes and len(reading.changes) > 1
    is_paste = reading.paste is not None and reading.request is not None
    return is_run or is_paste or bool(reading.compared)


def _answer_without_base(
    responder: Responder, destination: Destination, said: ThreadMessage, known: ThreadState
) -> Deliver | None:
    """In a thread of other people's messages; or of ours, which we may not read and nobody kept."""
    reading = responder.answers.read(said.text)
    if (
        not known.readable
        and reading.outcome in ("problems", "command")
        and (said.to_us or said.under_our_card)
    ):
        return lambda: responder.askers.notify(destination, "unreadable")
    if not said.to_us:
        return None
    return answer_reading(responder, destination, reading, None, known, said.ts)


def answer_reading(
    responder: Responder,
    destination: Destination,
    reading: Reading,
    base: CardState | None,
    known: ThreadState,
    ts: str,
) -> Deliver | None:
    """A follow-up of `base`, or whatever else the reading asks for."""
    if reading.command == "compare" and not reading.arguments and base:
        return _compared(responder, destination, base)
    if reading.command == "recipe" and base and len(reading.arguments.split()) <= 1:
        return _recipe(responder, destination, base, reading.arguments)
    request = responder.answers.request(base.command) if base else None
    if reading.command == "ask" and request:
        asker = responder.askers.in_thread_of(destination, base)
        said = one_line(responder.answers, request, reading.arguments, asker)
        return lambda: responder.deliver(said, destination, answers=ts)
    if reading.wish and request:
        reading = granted(
            responder.answers, reading, request, responder.askers.in_thread_of(destination, base)
        )
    if base and not destination.is_flat and is_unread(reading):
        notice = "thanked" if is_thanks(reading.text) else "in_thread"
        return lambda: responder.askers.notify(destination, notice, program=PROGRAM["slack"])
    move = moved(reading, base, responder.answers.request)
    if move is None:
        return lambda: responder.answer(reading, destination, answers=ts, base=base)
    return answer_move(responder, destination, move, known, ts, reading.paste)


def is_unread(reading: Reading) -> bool:
    """Whether nothing in a text is ours; who speaks under a card knows us, and is not greeted."""
    return reading.outcome == "help" and not reading.command and not reading.not_done


def _recipe(responder: Responder, destination: Destination, base: CardState, named: str) -> Deliver | None:
    request = responder.answers.request(base.command)
    if request is None:
        return lambda: responder.askers.notify(destination, "lost")
    reply = recipe_reply(responder.answers, request, named, responder.askers.of_card(destination, base))
    return lambda: responder.deliver(reply, destination)


def _compared(responder: Responder, destination: Destination, base: CardState) -> Deliver | None:
    request = responder.answers.request(base.command)
    if request is None:
        return lambda: responder.askers.notify(destination, "lost")
    asker = responder.askers.in_thread_of(destination, base)
    reply = alternatives(responder.answers, request, asker, base.noted)
    return lambda: responder.deliver(reply, destination)


def answer_move(
    responder: Responder,
    destination: Destination,
    move: Move,
    known: ThreadState,
    ts: str = "",
    paste: Paste | None = None,
) -> Deliver:
    """The next card, or why there is none."""
    if not isinstance(move, Step | Unchanged):
        return lambda: responder.askers.notify(destination, move)
    asker = responder.askers.in_thread_of(destination, move.base)
    if isinstance(move, Unchanged):
        same = unchanged(responder.answers, move, asker)
        return lambda: responder.deliver(same, destination)
    link = responder.identity.link(destination.channel_id, known.ts_of(move.against), destination.thread_ts)
    step = at_prices_shown(move, known.shown)
    reply = responder.answers.told(stepped(responder.answers, step, asker, link), paste, asker)
    return lambda: responder.deliver(reply, destination, carried=step.after, known=known, answers=ts)


def as_known(carried: CardState, known: ThreadState) -> CardState:
    """`carried` with all that the thread knows of it: buttons have no room for every step."""
    posted = known.card(carried)
    if posted is None:
        return carried
    theirs = posted.carried
    if len(theirs.trail) > len(carried.trail):
        return theirs
    return replace(
        carried,
        language=carried.language or theirs.language,
        currency=carried.currency or theirs.currency,
        shown=carried.shown or theirs.shown,
        noted=carried.noted or theirs.noted,
    )

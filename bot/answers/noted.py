"""What a thread was told of its prices' sources: said once, and again only when there is something new."""

from dataclasses import replace
from hashlib import sha256
from typing import Final

from bot.answers.reply import Reply
from bot.answers.shown import shown_of
from bot.conversation.card_state import CardState
from bot.conversation.followups import first
from estimator.result import Estimate, Note, NoteCode

MARK_CHARS: Final = 4
_OF_THE_THREAD: Final = {
    NoteCode.SOURCE_DOWN: "source",
    NoteCode.SOURCE_PARTLY: "parts",
    NoteCode.REFRESHING: "source",
    NoteCode.OLD_RATES: "",
    NoteCode.SETTINGS_HELD: "said",
    NoteCode.PUBLIC_PRICES: "",
}
"""Notes that hold for a whole thread -> which of their parameters makes them another one."""


def as_posted(carried: CardState | None, reply: Reply) -> CardState:
    """`carried`, or the first of its thread, with what its card says and the next one goes on from."""
    estimate = reply.estimate
    carried = carried or first(reply.command, reply.language, estimate.currency if estimate else "")
    if estimate is None:
        return replace(carried, shown=None)
    return replace(carried, shown=shown_of(estimate), noted=noted(estimate, carried.noted))


def noted(estimate: Estimate, before: str = "") -> str:
    """Marks of what the thread has been told once this card stands in it, after `before`.

    When all is well again nothing is left: the next trouble is news.
    """
    now = _marks(estimate)
    return " ".join(sorted(now | set(before.split()))) if now else ""


def with_news_alone(estimate: Estimate, told: str) -> Estimate:
    """`estimate` without the notes that its thread was told, unless one of them is new: then with all."""
    if not _marks(estimate) <= set(told.split()):
        return estimate
    news = tuple(note for note in estimate.notes if note.code not in _OF_THE_THREAD)
    return estimate if len(news) == len(estimate.notes) else replace(estimate, notes=news)


def _marks(estimate: Estimate) -> set[str]:
    return {_mark(note) for note in estimate.notes if note.code in _OF_THE_THREAD}


def _mark(note: Note) -> str:
    """Few characters, for a button has little room."""
    said = note.parameters.get(_OF_THE_THREAD[note.code], "")
    return sha256(f"{note.code} {said}".encode()).hexdigest()[:MARK_CHARS]

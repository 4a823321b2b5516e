"""Where something was said about money and by whom, and what every answer to it has in common."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Final
from uuid import uuid4

from bot.answers.reply import CURRENCY_OF, Asker, Reply
from bot.cards import ledger as cards
from bot.cards.block import Card, code_span
from bot.conversation.shown import Shown
from bot.i18n import Texts
from bot.ledger import Booked, ChannelKey, Entry, EntryKind, UnreadableError
from bot.ledger.budget import committed_in
from bot.ledger.entries import timestamp
from bot.ledger.runs import OF_RUNS
from estimator.money import Money

PRESSED: Final = "button:"
"""Begins the name of an act that is the same whoever does it, and how often: a button's that books once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where something was said about money, and by whom."""

    key: ChannelKey
    asker: Asker
    may_write: bool
    managers: tuple[str, ...] = ()
    """Those who may write; nobody: whoever sets the first limit will be it."""
    closed: str = ""
    """Why the ledger is neither kept nor shown here, as a sentence of the locales; empty: it is open."""
    command: str = ""
    """The card of the thread; empty where there is none."""
    shown: Shown | None = None
    """The price that it showed."""
    thread_ts: str = ""
    act: str = ""
    """Names what was typed or pressed: delivered twice, it is one entry."""


def barred(occasion: Occasion, texts: Texts) -> Reply | None:
    """Why somebody may not write here; None where they may."""
    if occasion.closed:
        return reply_of(cards.told(occasion.closed, texts), texts)
    if not occasion.may_write:
        return reply_of(cards.not_allowed_card(occasion.managers, texts), texts)
    return None


def refusal_of(booked: Booked, texts: Texts) -> Reply:
    """Why nothing was booked, in one sentence."""
    name = "unsafe" if booked.is_unsafe else "refused_away" if booked.is_away else "refused"
    said = cards.told(name, texts, why=code_span(booked.why))
    return replace(reply_of(said, texts), outcome="not_booked")


def unread_reply(texts: Texts) -> Reply:
    """That nobody can say what was booked."""
    return reply_of(cards.told("unreadable", texts), texts)


def unread_refusal(away: UnreadableError, texts: Texts) -> Reply:
    """That nothing was booked, since nobody can say what stands there."""
    return refusal_of(Booked(kept=False, why=str(away), is_away=True), texts)


def assumed_currency(occasion: Occasion) -> str:
    """In which an amount is meant that says none."""
    return occasion.asker.currency or CURRENCY_OF[occasion.asker.language]


def today() -> date:
    """In UTC, as the ledger counts."""
    return datetime.now(UTC).date()


def entry_of(kind: EntryKind, occasion: Occasion, money: Money | None = None) -> Entry:
    """What is to be booked on an occasion, named by the act that it came from."""
    return Entry(
        entry_id=f"{kind}:{occasion.act or uuid4().hex}",
        kind=kind,
        user_id=occasion.asker.user_id,
        at=timestamp(datetime.now(UTC)),
        thread_ts=occasion.thread_ts,
        command=occasion.command if kind in OF_RUNS else "",
        amount=format(money.amount, "f") if money else "",
        currency=money.currency if money else "",
    )


def standing(booked: Booked, entry: Entry) -> Entry:
    """What stands in the ledger by the same act, or for the same card."""
    same = (each for each in booked.entries if each.entry_id == entry.entry_id)
    return next(same, None) or committed_in(booked.entries, entry.thread_ts) or entry


def reply_of(card: Card, texts: Texts, *, for_everybody: bool = False) -> Reply:
    """A card of the ledger."""
    return Reply(card=card, outcome="done", language=texts.language, for_everybody=for_everybody)

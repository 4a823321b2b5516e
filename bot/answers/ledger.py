"""`budget`, `actual`, `history`: what was typed, booked in the channel's ledger and said back."""

from dataclasses import replace
from typing import Final

from bot.answers.actuals import ActualAnswers
from bot.answers.answers import Answerer
from bot.answers.card_estimates import CardEstimates
from bot.answers.history import HistoryAnswers
from bot.answers.occasion import (
    Occasion,
    assumed_currency,
    entry_of,
    refusal_of,
    reply_of,
    standing,
    today,
    unread_refusal,
    unread_reply,
)
from bot.answers.reply import Reply
from bot.answers.shown import as_shown, moved_line
from bot.cards import history, phrases
from bot.cards import ledger as cards
from bot.cards.block import Card, code_span
from bot.cards.entry_lines import entry_line
from bot.i18n import Language, Texts
from bot.language import Reading
from bot.ledger import Booked, Budget, ChannelKey, Entry, Ledger, UnreadableError, budget_of
from bot.ledger.budget import Entries, committed_in, is_committed
from bot.ledger.commands import begins_with_money, limit_in, money_in
from bot.ledger.conversion import rated, with_rates
from bot.ledger.correction import correction_of

IMPORT: Final = ("budget", "import")
EXPORT: Final = ("budget", "export")
"""What comes with a table, and what leaves as one."""
MONEY_COMMANDS: Final = frozenset({"budget", "actual", "history"})
MOST_NOTE_CHARS: Final = 200


class Bookkeeper:
    """The ledger's answers; every write is on disk before a word is said of it."""

    def __init__(self, ledger: Ledger, answers: Answerer) -> None:
        self._ledger, self._answers = ledger, answers
        self._cards = CardEstimates(answers)
        self._actuals, self._history = ActualAnswers(ledger, self._cards), HistoryAnswers(ledger)

    def answer(self, reading: Reading, occasion: Occasion) -> Reply:
        """The reply to `budget …`, `actual …`, `history …`."""
        texts = self._answers.texts(occasion.asker.language)
        try:
            return self._answer(reading, occasion, texts)
        except UnreadableError as away:
            is_question = reading.command == "history" or not reading.arguments.strip()
            return unread_reply(texts) if is_question else unread_refusal(away, texts)

    def _answer(self, reading: Reading, occasion: Occasion, texts: Texts) -> Reply:
        if occasion.closed:
            return reply_of(cards.told(occasion.closed, texts), texts)
        if reading.command == "history":
            return self._history.answer(reading.arguments, occasion, texts)
        if reading.command == "actual":
            return self._actuals.answer(reading.arguments, occasion, texts)
        verb, _, rest = reading.arguments.strip().partition(" ")
        return self._budget(verb.lower(), rest.strip(), occasion, texts)

    def run_to_add(self, reading: Reading, occasion: Occasion) -> Reading | None:
        """The run of `budget add SPEC`, where the asker may book it; in a thread a change of its card."""
        verb, _, rest = reading.arguments.partition(" ")
        if reading.command != "budget" or verb != "add" or not self._may_book(occasion):
            return None
        if not rest.strip() or money_in(rest, assumed_currency(occasion)):
            return None
        run = self._answers.read(rest, self._answers.request(occasion.command))
        if run.request is not None:
            return run
        is_run = run.outcome == "problems" and len(rest.split()) > 1 and not begins_with_money(rest)
        return run if is_run else None

    def add(self, occasion: Occasion) -> Reply:
        """Commit the card of the occasion's thread."""
        texts = self._answers.texts(occasion.asker.language)
        if not occasion.thread_ts and not self._cards.is_private(occasion):
            return reply_of(cards.told("no_thread", texts), texts)
        try:
            return self._add("", occasion, texts)
        except UnreadableError as away:
            return unread_refusal(away, texts)

    def _may_book(self, occasion: Occasion) -> bool:
        return occasion.may_write and not occasion.closed

    def entries(self, key: ChannelKey) -> Entries:
        """All that was booked in a channel, waited for: who may write hangs on it.

        Raises:
            UnreadableError: the store cannot be read.
        """
        return self._ledger.entries_soon(key)

    def unread(self, key: ChannelKey) -> dict[str, int]:
        """What of the store `line` will read, for whoever reads ahead."""
        return self._ledger.unread(key)

    def sums(self, key: ChannelKey, language: Language) -> str:
        """The channel's budget in a line, or that it cannot be read; empty where it has none."""
        texts = self._answers.texts(language)
        try:
            budget = budget_of(self._ledger.entries(key), today())
        except UnreadableError:
            return texts("ledger.unreadable")
        return cards.sums_line(budget, texts) if budget else ""

    def channels(self, team_id: str) -> tuple[str, ...]:
        """Those that booked something."""
        return self._ledger.channels(team_id)

    def line(self, reply: Reply, key: ChannelKey, thread_ts: str = "") -> Reply:
        """`reply` with what its channel has to say under a card that everybody sees.

        That is its budget, where it has one, and its own correction, where it chose to see it.
        """
        if reply.requested is None or not reply.for_everybody:
            return reply
        try:
            entries = self._ledger.entries(key)
        except UnreadableError:  # the card is worth more than the line under it
            return reply
        texts, estimate, card = self._answers.texts(reply.language), reply.requested.estimate, reply.card
        if own := history.correction_line(correction_of(entries), estimate, texts):
            card = cards.with_note(card, own)
        if budget := budget_of(entries, today()):
            before, rates = committed_in(entries, thread_ts), self._answers.service.rates()
            said = cards.budget_line(
                budget, cards.AskedRun(estimate=estimate, rates=rates, before=before), texts
            )
            card = cards.with_line(card, said, texts) if said else card
        return reply if card is reply.card else replace(reply, card=card)

    def _budget(self, verb: str, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if not verb:
            return self._shown(occasion, texts)
        if verb == "import":
            return reply_of(cards.told("how_import", texts), texts)
        writes = {"set": self._set, "add": self._add, "drop": self._drop, "note": self._note}
        if verb not in writes:
            return reply_of(cards.told("how", texts), texts)
        if not occasion.may_write:
            return reply_of(cards.not_allowed_card(occasion.managers, texts), texts)
        return writes[verb](rest, occasion, texts)

    def _shown(self, occasion: Occasion, texts: Texts) -> Reply:
        entries = self._ledger.entries(occasion.key)
        budget = budget_of(entries, today())
        if budget is None:
            said = cards.told("none" if occasion.managers else "none_of_nobody", texts)
            return reply_of(said, texts)
        return reply_of(cards.ledger_card(budget, entries, texts, occasion.managers), texts)

    def _set(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        limit = limit_in(rest, self._currency(occasion))
        if limit is None:
            return reply_of(cards.told("how_set", texts, said=code_span(rest)), texts)
        before = self._ledger.entries_soon(occasion.key)
        entry = with_rates(entry_of("limit", occasion, limit.money), before, self._answers.service.rates())
        in_force_at = before.limit.at if before.limit else ""
        at = max(entry.at, in_force_at)  # also where the clock that set it runs behind
        return self._booked(entry._replace(period=limit.period, start=limit.start, at=at), occasion, texts)

    def _add(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if rest:
            money = money_in(rest, self._currency(occasion))
            if money is None:
                return reply_of(cards.told("how_add", texts, said=code_span(rest)), texts)
            entry = entry_of("add", occasion, money)._replace(thread_ts="", command="")
            return self._booked(self._rated(entry, occasion), occasion, texts)
        if self._cards.is_private(occasion):
            return reply_of(cards.told("private", texts), texts)
        entry = self._cards.beside(entry_of("add", occasion), occasion)
        if not entry.estimated_amount:
            return reply_of(cards.told(self._why_no_cost(occasion), texts), texts)
        entry = entry._replace(amount=entry.estimated_amount)
        return self._booked(self._rated(entry, occasion), occasion, texts)

    def _why_no_cost(self, occasion: Occasion) -> str:
        """Why the card of the thread has nothing to book, as a sentence of the ledger."""
        estimate = self._cards.today(occasion)
        if estimate is None:
            return "nothing_to_add"
        return "no_price" if estimate.fits else "not_fitting"

    def _currency(self, occasion: Occasion) -> str:
        """In which an amount is meant that says none: that of the limit, where there is one."""
        limit = self._ledger.entries_soon(occasion.key).limit
        return limit.currency if limit else assumed_currency(occasion)

    def _drop(self, _rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if committed_in(self._ledger.entries_soon(occasion.key), occasion.thread_ts) is None:
            return reply_of(cards.told("nothing_to_drop", texts), texts)
        return self._booked(entry_of("drop", occasion), occasion, texts)

    def _note(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if not rest:
            return reply_of(cards.told("how", texts), texts)
        entry = entry_of("note", occasion)._replace(command=rest[:MOST_NOTE_CHARS].replace("\ufffd", "?"))
        return self._booked(entry, occasion, texts)

    def _advice(self, entry: Entry, budget: Budget, occasion: Occasion, texts: Texts) -> str:
        """Of a card that was added: whether prices moved since; past the limit, what would stay under."""
        today = self._cards.today(occasion) if entry.kind == "add" and entry.command else None
        if today is None:
            return ""
        moved = moved_line(today, occasion.shown, texts)
        if budget.remaining >= 0:
            return moved
        estimate = as_shown(today, occasion.shown)
        rates = self._answers.service.rates()
        asked = cards.AskedRun(estimate=estimate, rates=rates, before=entry)
        return phrases.lines(moved, cards.cheapest_under(budget, asked, texts))

    def _rated(self, entry: Entry, occasion: Occasion) -> Entry:
        """`entry` with the day's rate to the currency of the limit."""
        limit = self._ledger.entries_soon(occasion.key).limit
        return rated(entry, limit, self._answers.service.rates())

    def _booked(self, entry: Entry, occasion: Occasion, texts: Texts) -> Reply:
        repeats = is_committed if entry.kind == "add" else _never
        booked = self._ledger.book(occasion.key, entry, repeats)
        if not booked.kept:
            return refusal_of(booked, texts)
        budget = budget_of(booked.entries, today())
        advice = self._advice(entry, budget, occasion, texts) if budget and not booked.is_repeated else ""
        return reply_of(_after(booked, entry, advice, texts), texts, for_everybody=not booked.is_repeated)


def _after(booked: Booked, entry: Entry, advice: str, texts: Texts) -> Card:
    if booked.is_repeated:
        return cards.told("repeated", texts, entry=entry_line(standing(booked, entry), texts))
    if (budget := budget_of(booked.entries, today())) is None:
        return cards.told("kept_without_limit", texts, entry=entry_line(entry, texts))
    replaced = committed_in(booked.entries[:-1], entry.thread_ts) if entry.kind == "add" else None
    return cards.booked_card(budget, entry, texts, replaced=replaced, advice=advice)


def _never(_before: tuple[Entry, ...], _entry: Entry) -> bool:
    return False

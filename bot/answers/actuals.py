"""`actual 4.2h 71gb $17`, `actual +$5`, `actual drop`: what was measured of the run of a thread."""

from dataclasses import replace
from decimal import Decimal

from bot.answers.card_estimates import CardEstimates
from bot.answers.occasion import (
    PRESSED,
    Occasion,
    assumed_currency,
    entry_of,
    refusal_of,
    reply_of,
    standing,
    today,
)
from bot.answers.reply import Reply
from bot.cards import history
from bot.cards import ledger as cards
from bot.cards.block import code_span
from bot.cards.entry_lines import entry_line
from bot.i18n import Texts
from bot.ledger import Booked, Entry, Ledger, budget_of
from bot.ledger.bounds import MONEY, is_hours
from bot.ledger.budget import Entries, committed_in, last_measured, measured_in_thread
from bot.ledger.commands import Measured, measured_in
from bot.ledger.conversion import rated
from bot.ledger.runs import Run, together
from estimator.money import convert


class ActualAnswers:
    """Runs as they were."""

    def __init__(self, ledger: Ledger, estimates: CardEstimates) -> None:
        self._ledger, self._cards = ledger, estimates

    def answer(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        """The reply to `actual …`."""
        if not occasion.command:
            return reply_of(cards.told("no_card", texts), texts)
        if self._cards.is_private(occasion):
            return reply_of(cards.told("private", texts), texts)
        if not rest.strip():
            return reply_of(cards.told("how_actual_alone", texts), texts)
        if measured_in(rest).takes_back:
            return self._taken_back(occasion, texts)
        return self._measured(rest, occasion, texts)

    def _measured(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        before = self._ledger.entries_soon(occasion.key)
        held = measured_in_thread(before, occasion.thread_ts, occasion.command)
        paid_in = held.currency if held and held.amount else ""
        said = measured_in(rest, paid_in)
        measured = self._in_money_of(held, said)
        if measured is None or measured.unread:
            unread = code_span(" ".join(said.unread) or rest)
            return reply_of(cards.told("how_actual", texts, said=unread), texts)
        if measured.unmarked:
            currency = paid_in or assumed_currency(occasion)
            return reply_of(history.of_what_card(measured.unmarked, currency, texts), texts)
        entry = entry_of("actual", occasion, measured.money)
        entry = self._cards.beside(entry._replace(entry_id=_named(entry, before, occasion)), occasion)
        entry = entry._replace(hours=measured.hours, process_bytes=measured.process_bytes)
        entry = rated(entry, before.limit, self._cards.rates())
        if measured.impossible or not _is_possible(_laid(entry, measured, before)):
            return reply_of(cards.impossible_card(" ".join(measured.impossible) or rest, texts), texts)

        def new(before: tuple[Entry, ...]) -> tuple[Entry, ...]:
            known = any(each.entry_id == entry.entry_id for each in before)
            return () if known else (_laid(entry, measured, before),)

        booked = self._ledger.book_all(occasion.key, new)
        if not booked.kept:
            return refusal_of(booked, texts)
        entry = standing(booked, entry)
        if booked.is_repeated:
            return reply_of(cards.told("repeated", texts, entry=entry_line(entry, texts)), texts)
        effect = _effect(booked, entry, is_added=bool(measured.added))
        return reply_of(history.actual_card(entry, effect, texts), texts, for_everybody=True)

    def _in_money_of(self, before: Entry | None, measured: Measured) -> Measured | None:
        """`+$5` in the money of what it comes on top of; None where there is no rate."""
        if before is None or not before.amount or measured.money is None or "money" not in measured.added:
            return measured
        found = convert(measured.money, before.currency, self._cards.rates())
        if found is None:
            return None
        amount = found[0].amount.quantize(Decimal("0.01"))
        return replace(measured, money=found[0].model_copy(update={"amount": amount}))

    def _taken_back(self, occasion: Occasion, texts: Texts) -> Reply:
        """As if it had not been said: what is committed for the run counts again."""
        before, retract = self._ledger.entries_soon(occasion.key), entry_of("retract", occasion)
        run = last_measured(before, occasion.thread_ts)
        if run is None:
            return reply_of(cards.told("nothing_measured", texts), texts)
        if not _may_take_back(run, occasion):
            return reply_of(cards.told("not_your_actual", texts), texts)

        def new(before: tuple[Entry, ...]) -> tuple[Entry, ...]:
            known = any(each.entry_id == retract.entry_id for each in before)
            now = last_measured(before, occasion.thread_ts)
            return (retract,) if not known and now and _may_take_back(now, occasion) else ()

        booked = self._ledger.book_all(occasion.key, new)
        if not booked.kept:
            return refusal_of(booked, texts)
        gone = run.taken_back_by(occasion.asker.user_id)
        said = cards.taken_back_card(
            together(gone),
            together([each for each in run.said if each not in gone]),
            budget_of(before, today()),
            budget_of(booked.entries, today()),
            texts,
        )
        return reply_of(said, texts, for_everybody=not booked.is_repeated)


def _may_take_back(run: Run, occasion: Occasion) -> bool:
    """Whoever said some of it, of that; who manages the budget, all of it."""
    return occasion.may_write or any(each.user_id == occasion.asker.user_id for each in run.said)


def _named(entry: Entry, before: tuple[Entry, ...], occasion: Occasion) -> str:
    """A button's is one entry, whoever presses it and how often; after `actual drop` it is another."""
    if not occasion.act.startswith(PRESSED):
        return entry.entry_id
    dropped = sum(each.kind == "retract" and each.thread_ts == occasion.thread_ts for each in before)
    return f"{entry.entry_id}:{dropped}" if dropped else entry.entry_id


def _laid(entry: Entry, measured: Measured, before: tuple[Entry, ...]) -> Entry:
    """`entry` with what it adds to."""
    held = measured_in_thread(before, entry.thread_ts, entry.command)
    if held is None or not measured.added:
        return entry
    if "hours" in measured.added and held.hours:
        entry = entry._replace(hours=(entry.hours or 0) + held.hours)
    if "money" in measured.added and held.amount and held.currency == entry.currency:
        entry = entry._replace(amount=format(Decimal(entry.amount) + Decimal(held.amount), "f"))
    return entry


def _is_possible(entry: Entry) -> bool:
    """Whether it is still within bounds with what it adds to."""
    return (entry.hours is None or is_hours(entry.hours)) and Decimal(entry.amount or 0) <= MONEY.high


def _effect(booked: Booked, entry: Entry, *, is_added: bool) -> history.Effect:
    before = Entries(booked.entries[:-1])
    return history.Effect(
        committed=committed_in(before, entry.thread_ts),
        measured=measured_in_thread(before, entry.thread_ts, entry.command),
        is_added=is_added,
        before=budget_of(before, today()),
        after=budget_of(booked.entries, today()),
    )

"""`budget`, `actual`, `history`: what was typed, booked in the channel's ledger and said back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Final
from uuid import uuid4

from bot.answers.answers import CURRENCY_OF, Answerer, Asker, Reply
from bot.answers.estimates import PricedEstimate
from bot.cards import history, phrases
from bot.cards import ledger as cards
from bot.cards.block import Block, Card, code_span
from bot.i18n import Language, Texts
from bot.language import Reading
from bot.ledger import Booked, Budget, ChannelKey, Entry, Kind, Ledger, budget_of
from bot.ledger.budget import commitments, committed_in, is_committed, limit_of, measured_runs
from bot.ledger.commands import Wanted, limit_in, measured_in, money_in, wanted_in
from bot.ledger.conversion import rated, with_rates
from bot.ledger.correction import LEAST_RUNS, correction_of, factors_of, offered
from bot.ledger.entries import timestamp
from estimator.money import Money

IMPORT: Final = ("budget", "import")
EXPORT: Final = ("budget", "export")
"""What comes with a table, and what leaves as one."""
COMMANDS: Final = frozenset({"budget", "actual", "history"})
MOST_NOTE_CHARS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Where something was said about money, and by whom."""

    key: ChannelKey
    asker: Asker
    may_write: bool
    is_shared: bool = False
    """With another company."""
    command: str = ""
    """The card of the thread; empty where there is none."""
    thread_ts: str = ""
    act: str = ""
    """Names what was typed or pressed: delivered twice, it is one entry."""


class Bookkeeper:
    """The ledger's answers; every write is on disk before a word is said of it."""

    def __init__(self, ledger: Ledger, answers: Answerer) -> None:
        self._ledger, self._answers = ledger, answers

    def answer(self, reading: Reading, occasion: Occasion) -> Reply:
        """The reply to `budget …`, `actual …`, `history …`."""
        texts = self._answers.texts(occasion.asker.language)
        if occasion.is_shared:
            return reply_of(cards.told("shared", texts), texts)
        if reading.command == "history":
            return self._history(reading.arguments, occasion, texts)
        if reading.command == "actual":
            return self._actual(reading.arguments, occasion, texts)
        verb, _, rest = reading.arguments.strip().partition(" ")
        return self._budget(verb.lower(), rest.strip(), occasion, texts)

    def run_to_add(self, reading: Reading, occasion: Occasion) -> Reading | None:
        """The run of `budget add SPEC`, where the asker may book it; in a thread a change of its card."""
        verb, _, rest = reading.arguments.partition(" ")
        if reading.command != "budget" or verb != "add" or not self._may_book(occasion):
            return None
        if not rest.strip() or money_in(rest, _currency(occasion)):
            return None
        run = self._answers.read(rest, self._answers.request(occasion.command))
        is_run = run.request is not None or (run.outcome == "problems" and len(rest.split()) > 1)
        return run if is_run else None

    def add(self, occasion: Occasion) -> Reply:
        """Commit the card of the occasion's thread."""
        texts = self._answers.texts(occasion.asker.language)
        if not occasion.thread_ts and not self._is_private(occasion):
            return reply_of(cards.told("no_thread", texts), texts)
        return self._add("", occasion, texts)

    def _may_book(self, occasion: Occasion) -> bool:
        return occasion.may_write and not occasion.is_shared

    def entries(self, key: ChannelKey) -> tuple[Entry, ...] | None:
        """All that was booked in a channel; None while the store cannot be read."""
        return self._ledger.entries(key)

    def unread(self, key: ChannelKey) -> dict[str, int]:
        """What of the store `line` will read, for whoever reads ahead."""
        return self._ledger.unread(key)

    def sums(self, key: ChannelKey, language: Language) -> str:
        """The channel's budget in a line; empty where it has none."""
        entries = self._ledger.entries(key)
        budget = budget_of(entries, today()) if entries else None
        return cards.sums_line(budget, self._answers.texts(language)) if budget else ""

    def channels(self, team_id: str) -> tuple[str, ...]:
        """Those that booked something."""
        return self._ledger.channels(team_id)

    def line(self, reply: Reply, key: ChannelKey, thread_ts: str = "") -> Reply:
        """`reply` with what its channel has to say under a card that everybody sees.

        That is its budget, where it has one, and its own correction, where it chose to see it.
        """
        entries = self._ledger.entries(key) if reply.requested and reply.for_everybody else None
        if not entries or reply.requested is None:
            return reply
        texts, estimate, card = self._answers.texts(reply.language), reply.requested.estimate, reply.card
        if own := history.correction_line(correction_of(entries), estimate, texts):
            card = cards.with_note(card, own)
        if budget := budget_of(entries, today()):
            before, rates = committed_in(entries, thread_ts), self._answers.service.rates()
            said = cards.run_line(
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
            return reply_of(cards.told("not_allowed", texts), texts)
        return writes[verb](rest, occasion, texts)

    def _shown(self, occasion: Occasion, texts: Texts) -> Reply:
        entries = self._ledger.entries(occasion.key)
        if entries is None:
            return reply_of(cards.told("unreadable", texts), texts)
        budget = budget_of(entries, today())
        if budget is None:
            return reply_of(cards.told("none", texts), texts)
        return reply_of(cards.budget_card(budget, entries, texts), texts)

    def _set(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        limit = limit_in(rest, _currency(occasion))
        if limit is None:
            return reply_of(cards.told("how_set", texts, said=code_span(rest)), texts)
        before = self._ledger.entries(occasion.key) or ()
        entry = with_rates(_entry("limit", occasion, limit.money), before, self._answers.service.rates())
        return self._booked(replace(entry, period=limit.period, start=limit.start), occasion, texts)

    def _add(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if rest:
            money = money_in(rest, _currency(occasion))
            if money is None:
                return reply_of(cards.told("how_add", texts, said=code_span(rest)), texts)
            entry = replace(_entry("add", occasion, money), thread_ts="", command="")
            return self._booked(self._rated(entry, occasion), occasion, texts)
        if self._is_private(occasion):
            return reply_of(cards.told("private", texts), texts)
        entry = self._estimated(_entry("add", occasion), occasion)
        if not entry.estimated_amount:
            return reply_of(cards.told("no_card" if not occasion.command else "no_price", texts), texts)
        entry = replace(entry, amount=entry.estimated_amount)
        return self._booked(self._rated(entry, occasion), occasion, texts)

    def _drop(self, _rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if occasion.thread_ts not in commitments(self._ledger.entries(occasion.key) or ())[0]:
            return reply_of(cards.told("nothing_to_drop", texts), texts)
        return self._booked(_entry("drop", occasion), occasion, texts)

    def _note(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        if not rest:
            return reply_of(cards.told("how", texts), texts)
        return self._booked(
            replace(_entry("note", occasion), command=rest[:MOST_NOTE_CHARS]), occasion, texts
        )

    def _actual(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        measured = measured_in(rest, _currency(occasion))
        if not occasion.command:
            return reply_of(cards.told("no_card", texts), texts)
        if self._is_private(occasion):
            return reply_of(cards.told("private", texts), texts)
        if measured.unread or not rest.strip():
            return reply_of(cards.told("how_actual", texts, said=code_span(" ".join(measured.unread))), texts)
        entry = self._estimated(_entry("actual", occasion, measured.money), occasion)
        entry = replace(entry, hours=measured.hours, process_bytes=measured.process_bytes)
        booked = self._ledger.book(occasion.key, self._rated(entry, occasion))
        if not booked.kept:
            return refusal_of(booked, texts)
        if booked.is_repeated:
            return reply_of(cards.told("repeated", texts, entry=cards.entry_line(entry, texts)), texts)
        before = booked.entries[:-1]
        effect = history.Effect(
            committed=committed_in(before, entry.thread_ts),
            before=budget_of(before, today()),
            after=budget_of(booked.entries, today()),
        )
        return reply_of(history.actual_card(entry, effect, texts), texts, for_everybody=True)

    def _history(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        wanted, entries = wanted_in(rest), self._ledger.entries(occasion.key)
        if entries is None:
            return reply_of(cards.told("unreadable", texts), texts)
        runs = measured_runs(entries)
        if wanted.verb:
            return self._correct(wanted.verb, runs, occasion, texts)
        found = [each for each in runs if _is_wanted(each, wanted, occasion)][-wanted.most :]
        if not found:
            return reply_of(cards.told("no_history" if not runs else "no_such_history", texts), texts)
        is_whole = not (wanted.is_mine or wanted.models)
        card = history.history_card(
            found,
            texts,
            unmeasured=len(commitments(entries)[0]) if is_whole else 0,
            offer=_correction_offer(runs, entries, texts) if is_whole else None,
        )
        return reply_of(card, texts)

    def _correct(self, verb: str, runs: Sequence[Entry], occasion: Occasion, texts: Texts) -> Reply:
        """Show the channel's own ratios on its cards from now on, or no longer."""
        if not occasion.may_write:
            return reply_of(cards.told("not_allowed", texts), texts)
        factors = offered(factors_of(runs)) if verb == "correct" else {}
        if verb == "correct" and not factors:
            return reply_of(cards.told("too_few_runs", texts, count=LEAST_RUNS), texts)
        kept = {name: each.kept() for name, each in factors.items()}
        booked = self._ledger.book(
            occasion.key, replace(_entry("correction", occasion), factors=kept or None)
        )
        if not booked.kept:
            return refusal_of(booked, texts)
        said = texts("ledger.correcting" if kept else "ledger.not_correcting")
        card = cards.said_card(phrases.lines(said, *history.factor_lines(factors, texts)), said)
        return reply_of(card, texts, for_everybody=not booked.is_repeated)

    def _is_private(self, occasion: Occasion) -> bool:
        """Whether its asker alone knows the card: what everybody may read says nothing of it."""
        request = self._answers.request(occasion.command)
        return request is not None and bool(request.private)

    def _estimated(self, entry: Entry, occasion: Occasion) -> Entry:
        """`entry` with what the card of the thread estimates of it."""
        request = self._answers.request(occasion.command)
        found = request and self._answers.answered(
            request.spec, replace(occasion.asker, currency=entry.currency or occasion.asker.currency)
        )
        if not isinstance(found, PricedEstimate) or (best := found.estimate.headline) is None:
            return entry
        said = replace(
            entry,
            estimated_hours=round(best.time.run_seconds.likely / 3600, 4),
            estimated_bytes=round(best.memory.process_bytes.likely),
        )
        if not best.quotes:
            return said
        quote, retries = best.quotes[0], found.estimate.schedule.retries
        cost = phrases.run_cost(quote).likely
        if entry.kind == "add":
            cost = phrases.retried_amount(quote, retries)
        if entry.currency and cost.currency != entry.currency:
            return said
        amount = format(cost.amount.quantize(Decimal("0.01")), "f")
        return replace(said, estimated_amount=amount, currency=cost.currency)

    def _rated(self, entry: Entry, occasion: Occasion) -> Entry:
        """`entry` with the day's rate to the currency of the limit."""
        limit = limit_of(self._ledger.entries(occasion.key) or ())
        return rated(entry, limit, self._answers.service.rates())

    def _booked(self, entry: Entry, occasion: Occasion, texts: Texts) -> Reply:
        repeats = is_committed if entry.kind == "add" else _never
        booked = self._ledger.book(occasion.key, entry, repeats)
        if not booked.kept:
            return refusal_of(booked, texts)
        budget = budget_of(booked.entries, today())
        return reply_of(_after(booked, entry, budget, texts), texts, for_everybody=not booked.is_repeated)


def _after(booked: Booked, entry: Entry, budget: Budget | None, texts: Texts) -> Card:
    if booked.is_repeated:
        return cards.told("repeated", texts, entry=cards.entry_line(_standing(booked, entry), texts))
    if budget is None:
        return cards.told("kept_without_limit", texts, entry=cards.entry_line(entry, texts))
    replaced = committed_in(booked.entries[:-1], entry.thread_ts) if entry.kind == "add" else None
    return cards.budget_card(budget, booked.entries, texts, replaced=replaced)


def _standing(booked: Booked, entry: Entry) -> Entry:
    """What was booked before, by the same act or for the same card."""
    same = (each for each in booked.entries if each.entry_id == entry.entry_id)
    return next(same, None) or committed_in(booked.entries, entry.thread_ts) or entry


def _is_wanted(entry: Entry, wanted: Wanted, occasion: Occasion) -> bool:
    """Mine where `me` is said; of the models that are named, or with the words."""
    words = entry.command.lower().split()
    mine = not wanted.is_mine or entry.user_id == occasion.asker.user_id
    return mine and all(word in words or word in (words or [""])[0] for word in wanted.models)


def _correction_offer(runs: Sequence[Entry], entries: Sequence[Entry], texts: Texts) -> Block | None:
    """The button that puts the middle of all runs on the cards, or takes it off."""
    if correction_of(entries):
        return history.correction_button(texts, takes_back=True)
    return history.correction_button(texts, takes_back=False) if offered(factors_of(runs)) else None


def _never(_before: tuple[Entry, ...], _entry: Entry) -> bool:
    return False


def refusal_of(booked: Booked, texts: Texts) -> Reply:
    """Why nothing was booked, in one sentence."""
    return reply_of(
        cards.told("refused_away" if booked.is_away else "refused", texts, why=code_span(booked.why)), texts
    )


def _currency(occasion: Occasion) -> str:
    return occasion.asker.currency or CURRENCY_OF[occasion.asker.language]


def today() -> date:
    """In UTC, as the ledger counts."""
    return datetime.now(UTC).date()


def _entry(kind: Kind, occasion: Occasion, money: Money | None = None) -> Entry:
    return Entry(
        entry_id=f"{kind}:{occasion.act or uuid4().hex}",
        kind=kind,
        user_id=occasion.asker.user_id,
        at=timestamp(datetime.now(UTC)),
        thread_ts=occasion.thread_ts,
        command=occasion.command,
        amount=format(money.amount, "f") if money else "",
        currency=money.currency if money else "",
    )


def reply_of(card: Card, texts: Texts, *, for_everybody: bool = False) -> Reply:
    """A card of the ledger."""
    return Reply(card=card, outcome="listing", language=texts.language, for_everybody=for_everybody)

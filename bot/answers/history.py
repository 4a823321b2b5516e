"""`history`: a channel's runs, estimated and measured, and its own correction."""

from collections.abc import Sequence

from bot.answers.occasion import Occasion, barred, entry_of, refusal_of, reply_of, today
from bot.answers.reply import Reply
from bot.cards import ledger as cards
from bot.cards import phrases
from bot.cards.block import Block
from bot.cards.history import correction_button, factor_lines, history_card
from bot.i18n import Texts
from bot.ledger import Entry, Ledger
from bot.ledger.budget import measured_runs
from bot.ledger.commands import HistoryQuery, wanted_in
from bot.ledger.correction import LEAST_RUNS, correction_of, factors_of, offered


class HistoryAnswers:
    """What the ledger remembers of runs."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def answer(self, rest: str, occasion: Occasion, texts: Texts) -> Reply:
        """The reply to `history …`."""
        wanted, entries = wanted_in(rest), self._ledger.entries(occasion.key)
        runs = [each for each in measured_runs(entries) if not each.says_nothing]
        if wanted.verb:
            return self._correct(wanted.verb, runs, occasion, texts)
        found = [each for each in runs if _is_wanted(each, wanted, occasion)][-wanted.most :]
        if not found:
            return reply_of(cards.told("no_history" if not runs else "no_such_history", texts), texts)
        is_whole = not (wanted.is_mine or wanted.models)
        card = history_card(
            found,
            texts,
            today(),
            unmeasured=len(entries.committed) if is_whole else 0,
            left_out=len(measured_runs(entries)) - len(runs) if is_whole else 0,
            offer=_correction_offer(runs, entries, texts) if is_whole else None,
        )
        return reply_of(card, texts)

    def _correct(self, verb: str, runs: Sequence[Entry], occasion: Occasion, texts: Texts) -> Reply:
        """Show the channel's own ratios on its cards from now on, or no longer."""
        if (why_not := barred(occasion, texts)) is not None:
            return why_not
        factors = offered(factors_of(runs)) if verb == "correct" else {}
        if verb == "correct" and not factors:
            return reply_of(cards.told("too_few_runs", texts, count=LEAST_RUNS), texts)
        kept = {name: each.kept() for name, each in factors.items()}
        entry = entry_of("correction", occasion)._replace(factors=kept or None)
        booked = self._ledger.book(occasion.key, entry)
        if not booked.kept:
            return refusal_of(booked, texts)
        said = texts("ledger.correcting" if kept else "ledger.not_correcting")
        card = cards.said_card(phrases.lines(said, *factor_lines(factors, texts)), said)
        return reply_of(card, texts, for_everybody=not booked.is_repeated)


def _is_wanted(entry: Entry, wanted: HistoryQuery, occasion: Occasion) -> bool:
    """Mine where `me` is said; of the models that are named, or with the words."""
    words = entry.command.lower().split()
    model = next((word for word in words if word.startswith("model=")), (words or [""])[0])
    mine = not wanted.is_mine or entry.user_id == occasion.asker.user_id
    said = (word.removeprefix("model=") for word in wanted.models)
    return mine and all(word in words or word in model for word in said)


def _correction_offer(runs: Sequence[Entry], entries: Sequence[Entry], texts: Texts) -> Block | None:
    """The button that puts the middle of all runs on the cards, or takes it off."""
    if correction_of(entries):
        return correction_button(texts, takes_back=True)
    return correction_button(texts, takes_back=False) if offered(factors_of(runs)) else None

"""A ledger as a table: written out for a file, and taken from one."""

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from typing import Final

from bot.answers.answers import Answerer
from bot.answers.occasion import Occasion, barred, refusal_of, reply_of, today, unread_reply
from bot.answers.reply import Reply
from bot.cards import ledger_tables as tables
from bot.ledger import ChannelKey, Entry, Ledger, UnreadableError, budget_of
from bot.ledger.budget import limit_of
from bot.ledger.conversion import rated
from bot.ledger.export import csv_lines
from bot.ledger.import_csv import read_csv

MOST_MISTAKES: Final = 8
NEWEST: Final = 100
"""Entries of a table that is shown where no file may be left: a message holds fewer."""


class LedgerTables:
    """CSV out and in."""

    def __init__(self, ledger: Ledger, answers: Answerer) -> None:
        self._ledger, self._answers = ledger, answers

    def lines(self, key: ChannelKey) -> Iterator[str] | None:
        """The ledger as CSV, page by page; None where nothing was booked.

        Raises:
            UnreadableError: the store cannot be read; the lines may raise it too.
        """
        pages = self._ledger.pages(key)
        first = next(pages, None)
        return csv_lines(chain(first, chain.from_iterable(pages))) if first else None

    def shown(self, occasion: Occasion, refused: str) -> Reply:
        """The newest lines in a message: `refused` is Slack's word against a file."""
        texts = self._answers.texts(occasion.asker.language)
        count, newest = 0, deque[Entry](maxlen=NEWEST)
        try:
            for page in self._ledger.pages(occasion.key):
                count += len(page)
                newest.extend(page)
        except UnreadableError:
            return unread_reply(texts)
        return reply_of(tables.csv_card("".join(csv_lines(newest)), count, texts, refused), texts)

    def take(self, table: str, occasion: Occasion) -> Reply:
        """Book the rows of a table, all of them or none; what stands there already stays one entry."""
        texts = self._answers.texts(occasion.asker.language)
        if (why_not := barred(occasion, texts)) is not None:
            return why_not
        found = read_csv(table, user_id=occasion.asker.user_id, now=datetime.now(UTC))
        if found.mistakes:
            said = tables.import_mistakes(found.mistakes, MOST_MISTAKES, texts)
            return replace(reply_of(said, texts), outcome="not_booked")
        rates = self._answers.service.rates()

        wanted: tuple[Entry, ...] = ()

        def new(before: tuple[Entry, ...]) -> tuple[Entry, ...]:
            nonlocal wanted
            wanted = found.new_to(before)
            limit = limit_of((*before, *wanted))
            return tuple(each if each.rate else rated(each, limit, rates) for each in wanted)

        booked = self._ledger.book_all(occasion.key, new)
        if not booked.kept:
            return refusal_of(booked, texts)
        added = len(wanted)
        card = tables.imported_card(
            added, len(found.entries) - added, budget_of(booked.entries, today()), texts
        )
        return replace(reply_of(card, texts), for_everybody=added > 0)

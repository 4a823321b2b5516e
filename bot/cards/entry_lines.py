"""An entry of a ledger in a line: when, what, how much, under which card, by whom."""

from datetime import date

from bot.cards import dates, phrases
from bot.cards import format as fmt
from bot.cards.block import clipped, code_span
from bot.i18n import Texts
from bot.ledger import Entry
from bot.ledger.entries import is_of_slack
from bot.ledger.fates import CountedEntry
from bot.ledger.runs import OF_RUNS


def entry_line(entry: Entry, texts: Texts) -> str:
    """`2026-11-29 · limit · ¥5,000.00 · @Alex`."""
    return phrases.joined(booked_line(entry, texts), person(entry.user_id), texts=texts)


def listed_line(each: CountedEntry, texts: Texts) -> str:
    """`2026-11-29 · measured · 4.0 h · replaced: ¥300.00 · @Mei`: what counts no longer says why."""
    counts = _said_by(each.counts, texts) if each.counts else ""
    gone = texts(f"ledger.fate.{each.fate}", said=_said_by(each.gone, texts)) if each.gone else ""
    line = _line(each.entry, phrases.joined(counts, gone, texts=texts), texts)
    return phrases.joined(line, person(each.entry.user_id), texts=texts)


def booked_line(entry: Entry, texts: Texts) -> str:
    """Without who booked it."""
    return _line(entry, _said_by(entry, texts), texts)


def _line(entry: Entry, said: str, texts: Texts) -> str:
    """Day, kind and what is said; the command of the run, or of a note its words."""
    command = entry.command if entry.kind in OF_RUNS or entry.kind == "note" else ""
    shown = code_span(clipped(command, 60)) if command else ""
    return phrases.joined(entry.day, texts(f"ledger.kind.{entry.kind}"), said, shown, texts=texts)


def _said_by(entry: Entry, texts: Texts) -> str:
    """The amount, with its period of a limit; what was measured."""
    if entry.says_nothing:
        return texts("ledger.says_nothing")
    said = measured_line(entry, texts)
    if entry.kind == "limit":
        return texts("ledger.limit", amount=said, period=period_of(entry, texts))
    return said


def measured_line(entry: Entry, texts: Texts) -> str:
    """`$4.00 · 4.2 h · 71 GiB`, as far as an entry says it."""
    amount = fmt.exact_money(entry.money, texts) if entry.money else ""
    hours = fmt.duration(entry.hours * 3600, texts) if entry.hours else ""
    memory = fmt.gib(entry.process_bytes, texts) if entry.process_bytes else ""
    return phrases.joined(amount, hours, memory, texts=texts)


def period_of(limit: Entry, texts: Texts) -> str:
    """`a month`, `in total from Jan 1, 2027`."""
    period = texts(f"ledger.period.{limit.period}")
    start = start_of(limit, texts)
    return texts("ledger.period_from", period=period, day=start) if start else period


def start_of(limit: Entry, texts: Texts) -> str:
    """Its first day that counts, where it says one."""
    return dates.day(date.fromisoformat(limit.start), texts) if limit.start else ""


def person(user_id: str) -> str:
    """Their name, as Slack shows it; what a table said of nobody in Slack stays as it is, inert."""
    return f"<@{user_id}>" if is_of_slack(user_id) else code_span(user_id)

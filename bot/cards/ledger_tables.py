"""A ledger as a table, in words: its newest lines, what is wrong with one, what was booked of it."""

from collections.abc import Sequence
from typing import Final

from bot.cards import phrases
from bot.cards.block import Card, clipped, code_span, escape, section
from bot.cards.ledger import sums_line
from bot.i18n import Texts
from bot.ledger import Budget
from bot.ledger.import_csv import BadCell

MOST_CSV_CHARS: Final = 2_600
"""A section holds 3 000, and says what is left out."""


def csv_card(text: str, count: int, texts: Texts, refused: str) -> Card:
    """The newest of `count` lines as a code block: Slack took no file, and why."""
    heading, *lines = text.replace("`", "'").splitlines()
    kept: list[str] = []
    room = MOST_CSV_CHARS - len(escape(heading))
    for line in reversed(lines):
        room -= len(escape(line)) + 1
        if room < 0:
            break
        kept.insert(0, line)
    shown = "```" + escape("\n".join((heading, *kept))) + "```"
    left = texts("ledger.export_cut", count=count - len(kept)) if len(kept) < count else ""
    why = texts("ledger.no_file", why=code_span(refused))
    return Card(texts("ledger.export"), (section(phrases.lines(shown, left, why), block_id="ledger"),))


def import_mistakes(mistakes: Sequence[BadCell], most: int, texts: Texts) -> Card:
    """Every mistake of a table by its line, as far as a card holds them."""
    lines = [texts("ledger.import_mistakes")]
    for each in mistakes[:most]:
        name = "import_cell" if each.value else "import_absent" if each.column else "import_empty"
        name = "import_encoding" if each.is_encoding else name
        value = code_span(clipped(each.value, 60))
        lines.append(texts(f"ledger.{name}", line=each.line, column=code_span(each.column), value=value))
    if len(mistakes) > most:
        lines.append(texts("ledger.import_more", count=len(mistakes) - most))
    return Card(lines[0], (section("\n".join(lines), block_id="ledger"),))


def imported_card(added: int, known: int, budget: Budget | None, texts: Texts) -> Card:
    """How many rows were booked, how many stood there, and the budget with them."""
    said = texts.counted("ledger.imported", added, added=added, known=known)
    sums = sums_line(budget, texts) if budget else ""
    return Card(said, (section(phrases.lines(said, sums), block_id="ledger"),))

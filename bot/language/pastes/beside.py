"""`actual ¥120` before or after a log that stands in no fence: what was said of the run, and its log."""

from collections.abc import Iterator

from bot.language.ledger_words import money_line
from bot.language.normalize import normalized


def measured_beside(text: str) -> tuple[str, str] | None:
    """The log and what was said beside it; None where nobody begins or ends with `actual …`."""
    for log, said in _split(text.strip()):
        money = money_line(normalized(said)) if log.strip() else None
        if money is not None and money.command == "actual" and money.is_strict:
            return log, said.strip()
    return None


def _split(text: str) -> Iterator[tuple[str, str]]:
    """A line of its own, or what stands on the line of an object of JSON or Python."""
    for mark in ("\n", "{"):
        if (at := text.find(mark)) > 0:
            yield text[at:], text[:at]
    for mark in ("\n", "}"):
        if 0 < (at := text.rfind(mark) + 1) < len(text):
            yield text[:at], text[at:]

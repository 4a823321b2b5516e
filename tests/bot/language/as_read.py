"""A text as it is read: its fields, or what is wrong with it."""

from typing import Any

from bot.cli.parse import reading_document
from bot.i18n import load_texts
from bot.language import Vocabulary, read


def as_read(text: str, everybody: Vocabulary) -> dict[str, Any]:
    """What is read, less the words set aside; of problems the code and the token."""
    reading = read(text, everybody)
    if reading.problems:
        return {"problems": [[problem.code, problem.token] for problem in reading.problems]}
    said = reading_document(reading, load_texts)
    said.pop("unused", None)
    return said

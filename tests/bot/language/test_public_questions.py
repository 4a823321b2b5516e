"""Questions as people put them in public, each with where it was asked: what is read of it, or asked back."""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from bot.cli.parse import reading_document
from bot.files import load_catalog, load_sellers
from bot.i18n import load_texts
from bot.language import Vocabulary, read, vocabulary_of

with (Path(__file__).parent / "public_questions.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
FEWEST = 100


@pytest.fixture(scope="module")
def everybody() -> Vocabulary:
    """Every seller as shipped, whom people name too."""
    return vocabulary_of(load_catalog(), load_sellers(None))


@pytest.mark.untraced
def test_a_public_question_is_read(everybody: Vocabulary) -> None:
    wanted = {row["text"]: json.loads(row["wanted"]) for row in ROWS}
    assert {text: _said(text, everybody) for text in wanted} == wanted


def test_each_question_says_where_and_when_it_was_asked() -> None:
    assert len(ROWS) >= FEWEST
    assert all(row["source"].startswith("https://github.com/") for row in ROWS)
    assert all(len(row["date"]) == len("2024-05-14") for row in ROWS)
    assert sum(not row["text"].isascii() for row in ROWS) >= FEWEST // 3


def _said(text: str, everybody: Vocabulary) -> dict[str, Any]:
    """What is read, less the words set aside; of problems the code and the token."""
    reading = read(text, everybody)
    if reading.problems:
        return {"problems": [[problem.code, problem.token] for problem in reading.problems]}
    said = reading_document(reading, load_texts)
    said.pop("unused", None)
    return said

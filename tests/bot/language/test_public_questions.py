"""Questions as people put them in public, each with where it was asked: what is read of it, or asked back."""

import csv
import json
from pathlib import Path

import pytest
from as_read import as_read

from bot.files import load_catalog, load_sellers
from bot.language import Vocabulary, vocabulary_of

with (Path(__file__).parent / "public_questions.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
FEWEST = 200


@pytest.fixture(scope="module")
def everybody() -> Vocabulary:
    """Every seller as shipped, whom people name too."""
    return vocabulary_of(load_catalog(), load_sellers(None))


@pytest.mark.untraced
def test_a_public_question_is_read(everybody: Vocabulary) -> None:
    wanted = {row["text"]: json.loads(row["wanted"]) for row in ROWS}
    assert {text: as_read(text, everybody) for text in wanted} == wanted


def test_each_question_says_where_and_when_it_was_asked() -> None:
    assert len(ROWS) >= FEWEST
    assert all(row["source"].startswith("https://github.com/") for row in ROWS)
    assert all(len(row["date"]) == len("2024-05-14") for row in ROWS)
    assert sum(not row["text"].isascii() for row in ROWS) >= FEWEST // 3

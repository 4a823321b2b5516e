"""Wordings that were once read as something else, by kind: what is read of each, or what is asked back."""

import csv
import json
from pathlib import Path

import pytest
from as_read import as_read

from bot.files import load_catalog, load_sellers
from bot.language import Vocabulary, read, vocabulary_of

FOLDER = Path(__file__).parent / "wordings"
FEWEST = 20
"""Wordings of a kind, of both languages."""


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


FILES = sorted(FOLDER.glob("*.csv"))
ROWS = [(file.stem, row["text"], row["wanted"]) for file in FILES for row in _rows(file)]


@pytest.fixture(scope="module")
def everybody() -> Vocabulary:
    """Every seller as shipped, whom people name too."""
    return vocabulary_of(load_catalog(), load_sellers(None))


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in ROWS}))
def test_a_wording_is_read(everybody: Vocabulary, kind: str) -> None:
    wanted = {text: json.loads(said) for of, text, said in ROWS if of == kind}
    assert {text: as_read(text, everybody) for text in wanted} == wanted


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_kind_has_wordings_enough_in_both_languages(file: Path) -> None:
    texts = {row["text"] for row in _rows(file)}
    assert len(texts) >= FEWEST
    assert any(not text.isascii() for text in texts)
    assert any(text.isascii() for text in texts)


def test_a_suggestion_reads_without_a_problem(everybody: Vocabulary) -> None:
    for _, text, _ in ROWS:
        for problem in (reading := read(text, everybody)).problems:
            for suggestion in problem.suggestions if len(reading.problems) == 1 else ():
                assert problem.span is not None
                start, end = problem.span
                line = f"{reading.text[:start]}{suggestion}{reading.text[end:]}"
                assert read(line, everybody).problems == (), (text, suggestion)

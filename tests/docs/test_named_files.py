"""Files that a document names are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCUMENTS = sorted((ROOT / "docs").rglob("*.md"))
NAMED = re.compile(r"`((?:bot|estimator|config|tests|scripts|docs)/[\w./-]*[\w/])(?::[^`]*)?`")


def test_the_glossary_names_a_file_for_every_word() -> None:
    words = [
        line for line in (ROOT / "docs/glossary.md").read_text("utf-8").splitlines() if line.startswith("| ")
    ]
    assert len(words) > 60
    assert [line for line in words[1:] if not NAMED.search(line) and "---" not in line] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.stem)
def test_every_file_that_a_document_names_is_there(document: Path) -> None:
    named = NAMED.findall(document.read_text(encoding="utf-8"))
    assert [path for path in named if not (ROOT / path).exists()] == []

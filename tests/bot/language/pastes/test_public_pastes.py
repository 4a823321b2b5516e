"""Configurations and logs as people pasted them in public, each with its source: what is taken of them."""

import csv
import json
import time
from pathlib import Path
from typing import Any

import pytest

from bot.language import Vocabulary
from bot.language.pasted import read_paste
from bot.language.pastes.paste import recognised

HERE = Path(__file__).parent
FEWEST = 50
MOST_MS = 50

with (HERE / "public.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))


def _text(row: dict[str, str]) -> str:
    return (HERE / "public" / row["file"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_a_public_paste_is_read(names: Vocabulary, row: dict[str, str]) -> None:
    assert _said(_text(row), names) == json.loads(row["wanted"])


def test_each_paste_says_where_and_when_it_was_pasted() -> None:
    assert len(ROWS) >= FEWEST
    assert all(row["source"].startswith("https://github.com/") for row in ROWS)
    assert all(len(row["date"]) == len("2024-05-14") for row in ROWS)
    assert {row["file"] for row in ROWS} == {file.name for file in (HERE / "public").iterdir()}


@pytest.mark.untraced
def test_a_public_paste_is_read_at_once(names: Vocabulary) -> None:
    recognised(_text(ROWS[0]), names)
    for row in ROWS:
        text = _text(row)
        assert min(_milliseconds(text, names) for _ in range(3)) < MOST_MS, row["file"]


def _milliseconds(text: str, names: Vocabulary) -> float:
    begun = time.process_time()
    read_paste(text, names)
    return 1000 * (time.process_time() - begun)


def _said(text: str, names: Vocabulary) -> dict[str, Any]:
    """What is taken and measured, and what the words around it change of that."""
    paste, reading = recognised(text, names), read_paste(text, names)
    assert paste is not None
    assert reading is not None
    document = paste.document()
    said = {name: document.get(name) for name in ("kind", "spec", "measured", "not_estimated")}
    if reading.request is not None and paste.around:
        own = {**document.get("defaults", {}), **document["spec"]}
        words = reading.request.said().items()
        said["with_words"] = {name: value for name, value in words if own.get(name) != value}
    return {name: value for name, value in said.items() if value}

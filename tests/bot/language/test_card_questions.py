"""Questions in a card's thread: what each of them changes, or what of the card it asks for."""

import csv
import json
from pathlib import Path

import pytest

from bot.language import Request, Vocabulary, read_plain

with (Path(__file__).parent / "card_questions.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))

CARD = Request.of_fields(
    {
        "model": "llama-3.1-8b",
        "method": "lora",
        "lora_rank": 16,
        "num_examples": 20_000,
        "gpu": "a100-80gb",
        "num_gpus": 2,
    }
)


@pytest.mark.parametrize("row", ROWS, ids=[row["text"] for row in ROWS])
def test_a_question_changes_what_it_names(names: Vocabulary, row: dict[str, str]) -> None:
    reading = read_plain(row["text"], names, CARD)
    wanted = json.loads(row["changes"])
    if "command" in wanted:
        assert read_plain(row["text"], names).outcome != "conversation"  # asked before the card is known
        assert (reading.command, reading.arguments) == (wanted["command"], wanted["arguments"])
        return
    assert reading.request is not None
    said = reading.request.said()
    assert {name: said.get(name) for name in reading.changes} == wanted

"""Questions as people type them, in both languages: what is read of each, and what is set aside."""

import csv
import json
from pathlib import Path

import pytest

from bot.cli.parse import reading_document
from bot.i18n import load_texts
from bot.language import Request, Vocabulary, read, read_plain

with (Path(__file__).parent / "questions.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = list(csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE))
CARD = (Path(__file__).parent / "about_cards.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("row", ROWS, ids=[row["text"] for row in ROWS])
def test_a_question_is_read(names: Vocabulary, row: dict[str, str]) -> None:
    said = reading_document(read(row["text"], names), load_texts)
    wanted = json.loads(row["wanted"])
    assert {name: said.get(name) for name in wanted} == wanted


@pytest.mark.parametrize("text", CARD)
def test_a_question_about_a_card_is_answered(names: Vocabulary, text: str) -> None:
    base = Request.of_fields({"model": "7b", "method": "lora", "gpu": "h100-80gb", "num_gpus": 2})
    assert read_plain(text, names, base).outcome in {"spec", "command"}


def test_a_word_that_is_set_aside_is_listed(names: Vocabulary) -> None:
    reading = read("7b lora 老 normal", names)
    assert reading.spec is not None
    assert reading.unused == ("老", "normal")


@pytest.mark.parametrize(
    "said", ["save every 500 steps", "eval every 100 steps", "100 steps warmup", "每500步保存一次"]
)
def test_the_steps_of_something_else_are_listed(names: Vocabulary, said: str) -> None:
    reading = read(f"7b lora {said}", names)
    assert reading.spec is not None
    assert (reading.spec.num_steps, reading.unused) == (None, (said,))


@pytest.mark.parametrize("text", ["7b qlroa", "7b h10", "7b ecpochs=3", "7b 48h", "7b 4xh10"])
def test_slips_digits_and_settings_still_stop(names: Vocabulary, text: str) -> None:
    assert read(text, names).outcome == "problems"


def test_a_suggestion_keeps_the_count_and_reads(names: Vocabulary) -> None:
    (problem,) = read("7b lora 4xh10", names).problems
    assert problem.suggestions[0] == "4xh100"
    for suggestion in problem.suggestions:
        assert read(f"7b lora {suggestion}", names).spec is not None

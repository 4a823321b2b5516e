"""The JSON of `ftcost parse`, one text or a batch, and its exit statuses."""

import json
from functools import partial

import pytest

from bot.cli.parse import parse_batch, parse_document
from bot.i18n import load_texts
from bot.language import Vocabulary

parsed = partial(parse_document, texts=load_texts)
BASE = "7b lora r=8 bs=32"


@pytest.mark.parametrize(
    ("text", "base", "plain", "document", "status"),
    [
        ("7b lora", None, False, {"model": "7b", "method": "lora"}, 0),
        ("bs=16", BASE, False, {"model": "7b", "method": "lora", "global_batch_size": 16, "lora_rank": 8}, 0),
        ("bs=16", BASE, True, {"model": "7b", "method": "lora", "global_batch_size": 16, "lora_rank": 8}, 0),
        ("how much?", None, False, {"help": True}, 0),
        ("help seq", None, False, {"help": True}, 0),
        ("", BASE, False, {"help": True}, 0),
        ("", BASE, True, {"followup": False}, 0),
        ("looks good", BASE, True, {"followup": False}, 0),
        ("undo", BASE, True, {"command": "undo", "arguments": ""}, 0),
        ("undo", None, False, {"command": "undo", "arguments": ""}, 0),
        ("vs root", BASE, False, {"command": "vs", "arguments": "root"}, 0),
        ("compare 7b | 13b", None, False, {"command": "compare", "arguments": "7b | 13b"}, 0),
    ],
)
def test_a_text_gives_its_document(
    names: Vocabulary,
    text: str,
    base: str | None,
    plain: bool,  # noqa: FBT001  -- a column of the table
    document: dict[str, object],
    status: int,
) -> None:
    assert parsed(text, vocabulary=names, base=base, plain=plain) == (document, status)


@pytest.mark.parametrize("plain", [False, True])
def test_problems_are_listed_with_status_one(
    names: Vocabulary,
    plain: bool,  # noqa: FBT001  -- a column of the table
) -> None:
    document, status = parsed("bs=0 ecpochs=3", vocabulary=names, base=BASE, plain=plain)
    assert status == 1
    assert [sorted(problem) for problem in document["problems"]] == [["message", "suggestions", "token"]] * 2
    assert [problem["token"] for problem in document["problems"]] == ["bs=0", "ecpochs=3"]
    assert document["problems"][1]["suggestions"][0] == "epochs=3"


def test_messages_are_english_unless_chinese_was_asked_for(names: Vocabulary) -> None:
    english = parsed("7b bs=0", vocabulary=names)[0]["problems"][0]["message"]
    chinese = parsed("7b bs=0 lang=zh", vocabulary=names)[0]["problems"][0]["message"]
    from_base = parsed("bs=0", vocabulary=names, base="7b lang=zh")[0]["problems"][0]["message"]
    assert "out of range" in english
    assert "超出范围" in chinese
    assert chinese == from_base


@pytest.mark.parametrize("base", ["bs=0 7b", "nonsense", "lora", "", "undo"])
def test_a_base_that_is_wrong_returns_its_own_problems(names: Vocabulary, base: str) -> None:
    for plain in (False, True):
        document, status = parsed("bs=16", vocabulary=names, base=base, plain=plain)
        assert status == 1
        assert document["problems"]


def test_a_batch_answers_line_by_line_whatever_comes(names: Vocabulary) -> None:
    lines = [
        '{"text": "7b"}',
        "not json",
        '{"text": "bs=16", "base": "7b"}',
        '{"text": 3}',
        "[]",
        "",
        '{"text": "nice", "base": "7b", "plain": true}',
        '{"text": "7b", "base": null, "plain": null}',
        '{"text": "\\ud800 7b \\u5168\\u53c2"}',
        '{"text": "7b", "bass": "x"}',
        "[" * 100_000,
    ]
    answers = [json.loads(answer) for answer in parse_batch(lines, names, load_texts)]
    assert [next(iter(answer)) for answer in answers] == [
        *("model", "problems", "model", "problems", "problems", "problems", "followup", "model", "model"),
        *("problems", "problems"),
    ]
    assert all("\n" not in answer for answer in parse_batch(lines, names, load_texts))

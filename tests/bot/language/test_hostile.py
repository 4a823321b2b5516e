"""Nothing that anybody types raises, and all of it is bounded work."""
# ruff: noqa: E501, SIM905  -- lists of pieces read as text

import random
from collections.abc import Iterator

import pytest
from draws import draws
from hypothesis import given, settings
from hypothesis import strategies as st
from patience import was_quick

from bot.cli.parse import reading_document
from bot.i18n import load_texts
from bot.language import Request, Vocabulary, message, read, read_plain
from bot.language.merge import Reading

MOST_SECONDS = 0.1
"""Work that grows with the square of a text takes seconds; how fast it really is, `make bench` says."""
BASE = Request.of_fields({"model": "7b", "method": "qlora", "lora_rank": 8, "num_gpus": 8})

HAND_MADE = [
    *(character * 2000 for character in "a19,:=<>²٣🔥一&`*_~-—.；、\x00\u202e\u200b\ud800ﷺ㎏\u0301|/\\\"'()"),
    *(
        unit * 600
        for unit in (
            "1,",
            ":a:",
            "n=",
            "n=,",
            "<@",
            "&amp;",
            "a-",
            "> ",
            "- ",
            "4x",
            "1万",
            "用两张",
            "，1",
            "长度:",
            "长=",
            "n=1万",
        )
    ),
    *(
        unit * 99
        for unit in ("7b ", "n=1 ", "llama ", "zzqk ", "abc=1 ", "x1 ", "1 ", "a ", "of ", "model ", "gpu ")
    ),
    *(
        unit * 49
        for unit in ("bs of ", "samples 10k ", "3 epochs ", "llamb 7b ", "model foo ", "h100 x ", "a=b c:d ")
    ),
    "n=" + "9" * 1990,
    "n=1e" + "9" * 1900,
    "n=0." + "0" * 1900 + "1",
    "price=¥" + "1" * 1900,
    "price=" + "cny" * 600,
    "targets=" + "a+" * 900,
    "model=" + "a/" * 900,
    "<https://huggingface.co/" * 80,
    "<https://a|" * 150,
    "<!channel> " * 60,
    "4x" * 500 + "h100",
    "\ud83d" * 3 + "7b" + "\udd25" * 3,
    "7b \N{ZERO WIDTH JOINER}" * 200,
    "{0} {token} %s %(x)s ${HOME}",
    "__proto__=1 constructor=2 None=3",
    "7b lora\x00bs=16",
    "'; drop table ledger; --",
]
PIECES = [
    *"7b 13b lora qlora full r=8 bs=16 bs=0 n=10,000 n=10,00 seq 4k 4xh100 h100x8 8 gpus of nodes price budget = : , ; ?".split(),
    *"<@U1> <https://x|y> &lt; &amp; * _ ~ ` ( [ > • — “ ” 两张 4090 长度 三轮 1万条 🔥 ² ٣ ：： ＝ auto any undo help".split(),
    *"model=foo/bar gpu=any tokens=30m tp=3 freeze 4bit targets= =32 x × nan inf +5 0x10 1e999 -5 1h30m \u202e \x07".split(),
]


def _readings(names: Vocabulary, text: str) -> Iterator[Reading]:
    for base in (None, BASE):
        yield read(text, names, base)
        yield read_plain(text, names, base)


def _holds(names: Vocabulary, text: str) -> None:
    for reading in _readings(names, text):
        reading_document(reading, load_texts)
        for problem in reading.problems:
            assert message(problem, load_texts("zh"))
            message(problem, load_texts("en")).encode("utf-8")
        if reading.request is not None:
            assert Request.of_fields(reading.request.said()) == reading.request


@pytest.mark.untraced
@pytest.mark.parametrize("text", HAND_MADE, ids=lambda text: ascii(text[:12]))
def test_hostile_text_is_read_in_no_time(names: Vocabulary, text: str) -> None:
    _holds(names, text)
    assert was_quick(lambda: read(text, names), MOST_SECONDS)


@pytest.mark.untraced
def test_thousands_of_mixed_up_texts_raise_nothing(names: Vocabulary) -> None:
    dice = random.Random(20)
    for _ in range(draws(300, 2000)):
        pieces = dice.choices(PIECES, k=dice.randint(1, 25))
        _holds(names, dice.choice((" ", "", ",", "\n")).join(pieces))


@pytest.mark.untraced
@given(st.text(max_size=300))
@settings(max_examples=draws(100, 600))
def test_any_text_raises_nothing(names: Vocabulary, text: str) -> None:
    _holds(names, text)


@pytest.mark.untraced
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=40).map(" ".join))
@settings(max_examples=draws(100, 600))
def test_any_mixture_of_words_raises_nothing(names: Vocabulary, text: str) -> None:
    _holds(names, text)


def test_numbers_in_a_row_are_refused_without_a_try_at_each(names: Vocabulary) -> None:
    """Nothing but numbers says nothing; a GPU among them is still one, and so is what a key binds."""
    assert [problem.token for problem in read("7b 1 2 3 4", names).problems] == ["1", "2", "3", "4"]
    said = read("7b lora bs 8 4090", names).request
    assert said is not None
    assert (said.spec.global_batch_size, said.spec.gpu) == (8, "rtx-4090")

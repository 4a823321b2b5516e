"""Reading is bounded work, counted in calls: no clock, no machine."""

import pytest
from work import calls_of

from bot.language import Request, Vocabulary, read, read_plain, warm_up

MOST_CALLS = 45_000
"""Of one line: some four milliseconds of a slow processor's core."""
BASE = Request.of_fields({"model": "7b", "method": "qlora", "lora_rank": 8, "num_gpus": 8})
UNITS = (
    *("= epochs <@U1> tokens ", "h100 x ", "n=1 ", "用两张", "1,", "gpu ", "no ", "onmycpu ", "on cpu "),
    *("4bits ", "1.5h ", "４０９０ ", "910b ", "1e9 ", "10,000 ", "百 ", "单 ", "two ", "v ", "q ", "不用 "),
    *(
        "disabling ",
        "any cloud but ",
        "and ",
        "or ",
        "per_device ",
        "qwen1.5-32b ",
        "每 ",
        "没有 ",
        "开发集 ",
    ),
    *(
        "<https://a.b/c|d> ",
        "🔥4090 ",
        "```7b``` ",
        ":fire: 8 ",
        "eval set ",
        "astep ",
        "欧元 ",
        "不推荐:１６,",
        "bs:１６,",
        "llamb 7b ",
    ),
)
"""The kinds that made the reader work hardest, of every word of the grammar and of thousands of pairs."""


def _line(unit: str, share: float = 1.0) -> str:
    """As many units as 2 000 characters and 100 tokens hold, or a share of them."""
    tokens = 1 if ":" in unit else len(unit.split()) or 1  # a key with its value is one
    most = 270 if unit.startswith("=") else 96 // tokens
    return unit * int(share * min(1980 // len(unit), most))


def _calls(names: Vocabulary, text: str) -> int:
    return calls_of(lambda: read(text, names))


@pytest.mark.untraced
@pytest.mark.parametrize("unit", UNITS)
def test_no_line_takes_more_than_so_many_calls(names: Vocabulary, unit: str) -> None:
    warm_up(names)
    assert _calls(names, _line(unit)) < MOST_CALLS


@pytest.mark.untraced
@pytest.mark.parametrize("unit", UNITS)
def test_a_line_twice_as_long_takes_twice_the_work(names: Vocabulary, unit: str) -> None:
    warm_up(names)
    read_plain(_line(unit), names, BASE)
    half, whole = _calls(names, _line(unit, 0.5)), _calls(names, _line(unit))
    assert whole < 2.6 * half

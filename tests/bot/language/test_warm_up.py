"""After a warm-up no reader waits for a pattern."""

import re

import pytest

from bot.language import Vocabulary, read, read_plain, warm_up


def test_nothing_is_compiled_by_a_line_after_it(names: Vocabulary, monkeypatch: pytest.MonkeyPatch) -> None:
    warm_up(names)

    def refused(pattern: str, flags: int = 0) -> re.Pattern[str]:
        raise AssertionError(pattern)

    monkeypatch.setattr(re, "compile", refused)
    for line in (
        "7b lora 4090 :tada: <https://x.y|z>",
        "两张4090 训练7b 要多久",
        "which optimizer did you use?",
    ):
        read(line, names)
        read_plain(line, names)

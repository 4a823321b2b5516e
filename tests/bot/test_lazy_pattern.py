"""A lazy pattern is the pattern, compiled when it is first used."""

import re

import pytest

from bot.lazy_pattern import compile_waiting, lazily


def test_it_does_what_the_compiled_pattern_does() -> None:
    lazy, compiled = (
        lazily(r"(?P<word>[a-z]+)\d", re.IGNORECASE),
        re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE),
    )
    text = "Ab1 c2 3"
    assert lazy.findall(text) == compiled.findall(text)
    assert lazy.sub("-", text) == compiled.sub("-", text)
    assert [found["word"] for found in lazy.finditer(text)] == ["Ab", "c"]
    assert lazy.search(text, 3) is not None
    assert lazy.match("1") is None
    assert lazy.pattern == compiled.pattern


def test_it_is_compiled_by_its_first_use_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled: list[str] = []
    compile_now = re.compile

    def recorded(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_now(pattern, flags)

    monkeypatch.setattr(re, "compile", recorded)
    lazy = lazily("lazy?")
    assert compiled == []
    assert lazy.match("laz")
    assert lazy.fullmatch("lazy")
    assert compiled == ["lazy?"]


def test_what_stays_up_compiles_what_waits_once(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting, used = lazily("waits?"), lazily("used?")
    assert used.match("use")
    compiled: list[str] = []
    compile_now = re.compile

    def recorded(pattern: str, flags: int = 0) -> re.Pattern[str]:
        compiled.append(pattern)
        return compile_now(pattern, flags)

    monkeypatch.setattr(re, "compile", recorded)
    compile_waiting()
    assert "waits?" in compiled
    assert "used?" not in compiled
    before = len(compiled)
    compile_waiting()
    assert waiting.match("wait")
    assert len(compiled) == before

"""The page draws every short code that our sentences have."""

import re
from pathlib import Path

import pytest

import bot
from bot.i18n import LANGUAGES

PACKAGE = Path(bot.__file__).parent
CODE = re.compile(r":([a-z][a-z0-9_]{2,40}):")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_short_code_of_the_locales_is_drawn(language: str) -> None:
    drawn = set(re.findall(r'^  "?([a-z0-9_+-]+)"?:', _read("playground/page/emoji.js"), re.MULTILINE))
    said = set(CODE.findall(_read(f"../config/locales/{language}.yaml")))
    assert said - drawn == set()


def _read(path: str) -> str:
    return (PACKAGE / path).read_text(encoding="utf-8")

"""Numbers among the words: digits, number words, and Chinese scales after a space."""

import re

from bot.language import words
from bot.language.match import Numeral, Text
from bot.language.phrases import chinese_number
from bot.language.units import CHINESE_SCALES
from bot.language.values import looks_like_number


def numeral_at(text: Text, at: int) -> Numeral | None:
    """The number at `at`, if a word there is one."""
    if at not in text.numerals:
        text.numerals[at] = _numeral_at(text, at)
    return text.numerals[at]


def _numeral_at(text: Text, at: int) -> Numeral | None:
    atom = text.word(at)
    if atom is None:
        return None
    if looks_like_number(atom.text):
        scaled = text.word(at + 1)
        if scaled is not None and scaled.text in CHINESE_SCALES:
            return Numeral(atom.text + scaled.text, 2)
        return Numeral(atom.text, 1)
    if (value := words.NUMBER_WORDS.get(atom.squashed)) is None:
        value = chinese_number(atom.text)
    return None if value is None else Numeral(str(value), 1, is_word=True)


GLUED = re.compile(r"(?P<number>\d[\d,._]*(?:k|m|w)?)-?(?P<noun>[a-z]+)", re.IGNORECASE | re.ASCII)
"""`3epochs`, `8-gpu`."""

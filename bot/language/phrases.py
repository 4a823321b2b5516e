"""Chinese: a run of characters cut into words by the longest match, numbers with their unit."""

import re
from collections.abc import Iterator

from bot.language.lookup import CHINESE_SIZES, CHINESE_WORDS
from bot.language.units import CHINESE_SCALES
from bot.language.words import CHINESE_DIGITS

_CHARACTERS = "\u3007\u3400-\u4dbf\u4e00-\u9fff"
HAS_CHINESE = re.compile(f"[{_CHARACTERS}]")
_RUN = re.compile(
    # a number with a Chinese unit: 1万, 24小时, 27.08元/小时
    r"(?P<number>[¥$€£]?[+-]?\d[\d,._]*(?:e[+-]?\d+)?"
    r"(?:[百千万亿]+(?:人民币|元)?|(?:人民币|元|小时|分钟|天|毫秒|秒))(?:/(?:小时|卡时|[a-z]{1,8}))?"
    r"|[¥$€£]\d[\d,._]*/(?:小时|卡时))"
    f"|(?P<chinese>[{_CHARACTERS}]+)|(?P<other>[^{_CHARACTERS}]+)",
    re.IGNORECASE,
)
_LONGEST_NUMERAL = 12
_NUMERAL = re.compile("[一二两三四五六七八九十百千万亿]+")


def segmented(text: str) -> Iterator[tuple[str, int]]:
    """The words of `text`, each with where it begins; what is no word stays in one piece."""
    at = 0
    while at < len(text):
        found = _RUN.match(text, at)
        if found is None:
            break
        if found.lastgroup == "chinese":
            yield from _chinese(found.group(), at)
            at = found.end()
            continue
        end = _end_of_other(found) if found.lastgroup == "other" else found.end()
        yield text[at:end], at
        at = end


def _end_of_other(found: re.Match[str]) -> int:
    """A run that ends in a number leaves the number to the Chinese unit after it."""
    text, end = found.string, found.end()
    begin = end
    while begin > found.start() and text[begin - 1] in "0123456789.,_":
        begin -= 1
    is_number_after_mark = found.start() < begin < end and not text[begin - 1].isalnum()
    return begin if is_number_after_mark and _RUN.match(text, begin).lastgroup == "number" else end  # type: ignore[union-attr]  # a digit always matches


def _chinese(run: str, start: int) -> Iterator[tuple[str, int]]:
    at = unknown_from = 0
    while at < len(run):
        size = _size_at(run, at)
        if size == 0:
            at += 1
            continue
        if unknown_from < at:
            yield run[unknown_from:at], start + unknown_from
        yield run[at : at + size], start + at
        at = unknown_from = at + size
    if unknown_from < at:
        yield run[unknown_from:at], start + unknown_from


def _size_at(run: str, at: int) -> int:
    """Characters of the longest word or numeral at `at`; 0 where there is none."""
    numeral = _NUMERAL.match(run, at)
    longest_numeral = numeral.end() - at if numeral else 0
    for size in CHINESE_SIZES.get(run[at], ()):
        if size > longest_numeral and run[at : at + size] in CHINESE_WORDS:
            return size
    return longest_numeral


def chinese_number(numeral: str) -> int | None:
    """`两` 2, `十二` 12, `三十` 30, `两万` 20000; None where it is no number of that form."""
    if len(numeral) > _LONGEST_NUMERAL:
        return None
    total, section, digit = 0, 0, 0
    for character in numeral:
        if character in CHINESE_DIGITS:
            if digit:
                return None
            digit = CHINESE_DIGITS[character]
        elif character == "十" or CHINESE_SCALES.get(character, 10**4) < 10**4:
            section += (digit or 1) * CHINESE_SCALES.get(character, 10)
            digit = 0
        elif character in CHINESE_SCALES and (section or digit):
            total, section, digit = total + (section + digit) * CHINESE_SCALES[character], 0, 0
        else:
            return None
    return total + section + digit or None

"""Numbers written as words, and what stands between a number and what it counts."""

import re
from collections.abc import Sequence
from math import prod

from bot.language.kinds import CHINESE_SCALES

NUMBER_WORDS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "eighteen": 18,
    "single": 1,
    "dual": 2,
    "twin": 2,
    "octa": 8,
    "couple": 2,
    "pair": 2,
    "triple": 3,
    "quad": 4,
    "两": 2,
    "单": 1,
    "双": 2,
    "俩": 2,
    "仨": 3,
    "一对": 2,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "eighty": 80, "ninety": 90}
ENGLISH = {
    **{word: number for word, number in NUMBER_WORDS.items() if word.isascii() and number > 0},
    **_TENS,
    **{
        tens + unit: _TENS[tens] + NUMBER_WORDS[unit]
        for tens in _TENS
        for unit in ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    },
}
"""English numbers below a hundred, squashed: `thirtytwo`."""
SCALES_IN_WORDS = {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
COUNTING_ALONE = frozenset(
    ("single", "dual", "twin", "octa", "couple", "pair", "triple", "quad", "单", "双", "俩", "仨", "一对")
)
"""Count what follows, and are the value of no key."""
ENGLISH_SCALES = {"thousand": "k", "million": "m", "billion": "b", "trillion": "t"}
CHINESE_ZEROS = "零〇"
CHINESE_DIGITS = {
    "一": 1,
    "二": 2,
    "两": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
}

OR_MORE = ("多", "余")
"""After a number: `3万多条`."""
LONGEST_NUMERAL = 12
NUMERAL = f"(?![{CHINESE_ZEROS}])[{''.join((*CHINESE_DIGITS, '十', *CHINESE_SCALES))}{CHINESE_ZEROS}]"
"""A character of a Chinese number, the first of it no zero, as an expression."""

CLASSIFIERS = ("个", "块", "片", "颗", "枚")
"""Between a number and what it counts, beside the nouns of the table: `四块4090`, `3个epoch`."""


def english_number(words: Sequence[str]) -> tuple[int, int] | None:
    """Value and number of words of `sixteen`, `thirty two`, `fifty thousand`, `two hundred fifty`."""
    number, size = _below_a_hundred(words)
    if not size:
        return None
    if words[size : size + 1] == ["hundred"]:
        rest, more = _below_a_hundred(words[size + 1 :])
        number, size = number * 100 + rest, size + 1 + more
    while (scale := SCALES_IN_WORDS.get(words[size] if size < len(words) else "")) is not None:
        number, size = number * scale, size + 1
    return number, size


def _below_a_hundred(words: Sequence[str]) -> tuple[int, int]:
    first = words[0] if words else ""
    if first in _TENS and (whole := ENGLISH.get(first + words[1] if len(words) > 1 else "")):
        return whole, 2
    return (ENGLISH[first], 1) if first in ENGLISH else (0, 0)


def chinese_number(numeral: str) -> int | None:
    """`十二` 12, `两万` 20000, `一万二` 12000, `一百零五` 105; None where it is no number of that form."""
    if len(numeral) > LONGEST_NUMERAL or numeral.isascii():
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
        elif character not in CHINESE_ZEROS or digit or not (total or section):
            return None
    return total + section + digit * _scale_of_last(numeral) or None


_SCALED = re.compile(r"(?P<number>\d{1,4})(?P<scale>[万亿])", re.ASCII)
_REST = re.compile(r"(?P<number>\d{1,4})(?P<scale>[百千万]{1,2})?", re.ASCII)


def scaled(first: str, rest: str) -> int | None:
    """`3万` and `5千` 35000, `3万` and `5` the same; None where the second does not go on with the first."""
    one, other = _SCALED.fullmatch(first), _REST.fullmatch(rest)
    if one is None or other is None:
        return None
    scale, number = CHINESE_SCALES[one["scale"]], int(other["number"])
    of_rest = (
        prod(CHINESE_SCALES[each] for each in other["scale"])
        if other["scale"]
        else 1
        if number > 9
        else scale // 10
    )
    return int(one["number"]) * scale + number * of_rest if number * of_rest < scale else None


def _scale_of_last(numeral: str) -> int:
    """Of the digit at the end: `三千五` is 3500, `三十五` 35."""
    before = CHINESE_SCALES.get(numeral[-2:-1], 10)
    return before // 10

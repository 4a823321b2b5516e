"""Numbers written as words, and what stands between a number and what it counts."""

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
    "single": 1,
    "dual": 2,
    "couple": 2,
    "pair": 2,
    "triple": 3,
    "quad": 4,
    "两": 2,
    "单": 1,
    "双": 2,
}
ENGLISH_SCALES = {"thousand": "k", "million": "m", "billion": "b", "trillion": "t"}
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

CLASSIFIERS = ("个", "块")
"""Between a number and what it counts, beside the nouns of the table: `四块4090`, `3个epoch`."""

_LONGEST_NUMERAL = 12


def chinese_number(numeral: str) -> int | None:
    """`两` 2, `十二` 12, `两万` 20000, `一万二` 12000; None where it is no number of that form."""
    if len(numeral) > _LONGEST_NUMERAL or numeral.isascii():
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
    return total + section + digit * _scale_of_last(numeral) or None


def _scale_of_last(numeral: str) -> int:
    """Of the digit at the end: `三千五` is 3500, `三十五` 35."""
    before = CHINESE_SCALES.get(numeral[-2:-1], 10)
    return before // 10

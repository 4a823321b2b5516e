"""Numbers that are none, asked back and never guessed: `几千条`, `a few thousand`, `5k to 10k samples`."""

from itertools import pairwise
from typing import Final

from bot.language import numerals, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import MORE_NOUNS, NOUNS, key_named
from bot.language.keys import Key
from bot.language.kinds import CHINESE_SCALES, Real, ValueFault, Whole
from bot.language.numerals import CHINESE_DIGITS, CLASSIFIERS, chinese_number
from bot.language.rules.counts import described
from bot.language.rules.gpus import gpu_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.short_numbers import short
from bot.language.told_words import ROUGHLY, SEVERAL
from bot.language.values import currency_of, number_of, scale_of

_ABOVE: Final = frozenset(("上", "近", "过", "成"))
"""`上万条`: that many or more, or almost."""
_SCALES: Final = frozenset((*CHINESE_SCALES, "十"))
_NEIGHBOURS: Final = frozenset(one + other for one, other in pairwise("一两三四五六七八九")) | {
    "三五",
    "一二",
    "二三",
}
_PAIRS: Final = frozenset(
    pair + scale
    for pair in _NEIGHBOURS
    for scale in ("", "十", "百", "千", "万", "十万", "百万", "千万", "亿", "百亿", "千亿")
)
"""`两三千`: one of two neighbours."""
_FEW: Final = frozenset(("few", "several", "many", "couple"))
_ENGLISH: Final = {
    "grand": 1000,
    "dozen": 12,
    "hundred": 100,
    "thousand": 10**3,
    "k": 10**3,
    "million": 10**6,
    "billion": 10**9,
}
_OF_MONEY: Final = frozenset(("grand",))
"""Said of money alone, whether a currency is named or not."""
_PLURALS: Final = {
    "handful": 5,
    "tens": 10,
    **{f"{word}s": scale for word, scale in _ENGLISH.items() if len(word) > 1},
}
_TENS: Final = frozenset(("十", "百", *(f"{digit}十" for digit in "二三四五六七八九")))
"""`十几万`, `二十几条`."""
_TO: Final = frozenset(("to", "到", "至"))
_JOINING: Final = _TO | {"and"}
_DASHES: Final = frozenset(("-", "~", "–"))
_LOOK_BACK: Final = 3
_BUDGET, _PRICE = KEY_OF_FIELD["budget"], KEY_OF_FIELD["price_per_gpu_hour"]
_OF_CARDS: Final = frozenset((*CLASSIFIERS, "张"))
_BUDGETED: Final = frozenset(("budget", "预算"))
_PER_HOUR: Final = phrase_set(sentences.PER_HOUR_ASKED)
_Found = tuple[int, tuple[float, ...]]
"""Words of an amount that nobody knows, and two that it may be."""


@opened_by(SEVERAL, _ABOVE, ROUGHLY, _PAIRS, _TENS, _FEW, _PLURALS)
def vague_count(text: TokenStream, at: int) -> Match | None:
    """`几千条`, `十几万条`, `两三千条`, `several hundred samples`, `tens of thousands of rows`."""
    found = _in_chinese(text, at) or _in_english(text, at)
    if found is None:
        return None
    size, amounts = found
    if (money := _vague_money(text, at, size, amounts)) is not None:
        return money
    if text.squashed(at) == "couple":
        return None  # `a couple thousand rows` are two thousand
    counted = _noun_at(text, at + size)
    if counted is None and _are_gpus(text, at + size):
        counted = KEY_OF_FIELD["num_gpus"], int(text.squashed(at + size) in _OF_CARDS)
    key = counted[0] if counted else _key_before(text, at)
    size += counted[1] if counted else 0
    return _asked_back(key, amounts, size) if key else None


def count_between(text: TokenStream, at: int) -> Match | None:
    """`5000到10000条`, `1-2万条`, `5k to 10k samples`: two numbers with one noun."""
    word = text.atoms[at]
    is_dashed = word.text[-1:] in _DASHES
    may_go_on = is_dashed or text.clean[word.end : word.end + 1] in _DASHES
    if not may_go_on and text.squashed(at + 1) not in _JOINING:
        return None
    first = numeral_at(text, at)
    if first is None or first.is_word:
        return None
    is_between = at > 0 and text.squashed(at - 1) == "between"
    begin = at + first.size + (text.squashed(at + first.size) in (_JOINING if is_between else _TO))
    is_joined = is_dashed or begin > at + first.size or text.gap(begin) in _DASHES
    second = numeral_at(text, begin) if is_joined else None
    counted = _noun_at(text, begin + second.size) if second else None
    if second is None or counted is None:
        return None
    lower = first.text.rstrip("-~–")
    ends = [_number(counted[0], each) for each in (lower, second.text)]
    if ends[0] is not None and ends[1] is not None and lower[-1:].isdigit() and ends[0] < ends[1]:
        scale = scale_of(second.text)
        ends[0] *= scale if ends[0] * scale < ends[1] else 1
    amounts = tuple(end for end in ends if end is not None)
    return _asked_back(counted[0], amounts, begin + second.size + counted[1] - at) if amounts else None


def _vague_money(text: TokenStream, at: int, size: int, amounts: tuple[float, ...]) -> Match | None:
    """`几百块预算`, `budget of a few hundred dollars`, `a couple of grand`: which amount is asked."""
    unit = text.squashed(at + size)
    currency = currency_of(unit) if unit and unit not in NOUNS else None
    is_named = isinstance(currency, str) and not _are_gpus(text, at + size)
    is_of_money = is_named or text.squashed(at + size - 1) in _OF_MONEY
    is_budget = text.squashed(at + size) in _BUDGETED or _key_before(text, at, money=True)
    if not (is_of_money or is_budget):
        return None
    key = _PRICE if phrase_size(text, at + size + is_named, _PER_HOUR) else _BUDGET
    code = str(currency).lower() if is_named else ""
    return _asked_back(key, amounts, size + is_named, unit=code)


def _are_gpus(text: TokenStream, at: int) -> bool:
    """Whether `块` or the word at `at` is of cards: `几十块4090`."""
    return gpu_at(text, at + (text.squashed(at) in _OF_CARDS)) is not None


def _asked_back(key: Key, amounts: tuple[float, ...], size: int, *, unit: str = "") -> Match:
    numbers = dict.fromkeys(map(int, amounts))
    is_money = key in (_BUDGET, _PRICE)
    if key.field == "num_gpus":  # also before a name without a space: `几十张4090`
        return Match(size, "wrong", fault=_fault(key, tuple(f"{each}x" for each in numbers)))
    suggestions = tuple(
        f"{key.name}={each if each % 1000 or is_money else short(each)}{unit}" for each in numbers
    )
    return Match(size, "wrong", fault=_fault(key, suggestions))


def _fault(key: Key, suggestions: tuple[str, ...]) -> ValueFault:
    return ValueFault("vague_number", {"key": key.name}, suggestions)


def _number(key: Key, written: str) -> float | None:
    value = number_of(key.kind, written)
    return value if isinstance(value, int | float) else None


def _in_chinese(text: TokenStream, at: int) -> _Found | None:
    word = text.squashed(at)
    if word in _PAIRS:
        scale = _scale(word[2:])
        return 1, tuple(CHINESE_DIGITS[digit] * scale for digit in word[:2])
    if word in _TENS and text.squashed(at + 1) in SEVERAL:
        size, scale = _scale_at(text, at + 2)
        tens = chinese_number(word) or _scale(word)
        return 2 + size, ((tens + _scale(word[-1]) / 2) * scale,)
    if (about := ROUGHLY.get(word)) is not None:
        return 1, (about, 2 * about)
    size, scale = _scale_at(text, at + 1)
    if not size or word not in SEVERAL | _ABOVE:
        return None
    return 1 + size, ((2 * scale, 5 * scale) if word in SEVERAL else (scale, 2 * scale))


def _scale_at(text: TokenStream, at: int) -> tuple[int, int]:
    """Words of `千`, `十万` and what they come to; none, and 1."""
    word = text.word(at)
    is_scale = word is not None and word.text != "" and all(character in _SCALES for character in word.text)
    if word is None or not is_scale:
        return 0, 1
    after = text.word(at + 1)
    if after is not None and after.text in CHINESE_SCALES and after.start == word.end:  # `十` and `万`
        return 2, _scale(word.text + after.text)
    return 1, _scale(word.text)


def _scale(word: str) -> int:
    return chinese_number(f"一{word}") or 1


def _in_english(text: TokenStream, at: int) -> _Found | None:
    size, scale = int(text.squashed(at) in _FEW), 1
    size += size and text.squashed(at + size) == "of"
    table = _ENGLISH if size else _PLURALS
    while (more := table.get(text.squashed(at + size))) is not None:
        scale, size = scale * more, size + 1
        size += text.squashed(at + size) == "of"
    return (size, (2 * scale, 5 * scale)) if scale > 1 else None


def _noun_at(text: TokenStream, at: int) -> tuple[Key, int] | None:
    """What is counted, and its words: `条`, `个 样本`, `training examples`."""
    noun_at = at + (text.squashed(at) in numerals.OR_MORE)
    noun_at += text.squashed(noun_at) in CLASSIFIERS
    noun_at += described(text, noun_at)
    noun = text.squashed(noun_at)
    key = NOUNS.get(noun) or MORE_NOUNS.get(noun)
    if key is None and noun == "data":
        key = key_named("samples")
    is_counted = key is not None and isinstance(key.kind, Whole | Real)
    return (key, noun_at + 1 - at) if key is not None and is_counted else None


def _key_before(text: TokenStream, at: int, *, money: bool = False) -> Key | None:
    """`数据几千`, `a dataset of a few thousand`; a key that has its own value is passed by: `n=10k 几百`."""
    places = [at - back for back in range(1, min(at, _LOOK_BACK) + 1)]
    before = (key_named(text.squashed(place)) for place in places if not _has_its_value(text, place, at))
    if money:
        return next((key for key in before if key in (_BUDGET, _PRICE)), None)
    return next((key for key in before if key is not None and isinstance(key.kind, Whole | Real)), None)


def _has_its_value(text: TokenStream, place: int, at: int) -> bool:
    return text.binds(place + 1) and place + 2 < at

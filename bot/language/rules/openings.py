"""What a word could begin, told from the word alone: only the rules that it may open are tried at it."""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from bot.language import numerals, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import KEY_NAMES, MORE_KEY_NAMES
from bot.language.kinds import CHINESE_SCALES, COUNT_SUFFIXES, ValueFault, squash
from bot.language.normalize import has_refused_digit
from bot.language.numerals import chinese_number
from bot.language.small_words import ARTICLES
from bot.language.values import currency_of, looks_like_number, number_of
from bot.language.vocabulary import Vocabulary, begins_one_of
from estimator.model.module_names import KNOWN_NAMES
from estimator.spec import SIZES

(NUMERIC, DIGIT, MIXED, JOINED, SLASH, RELEASE, STAR, REFUSED, ARTICLE, MONEY) = (1 << n for n in range(10))
"""A number; a digit, a mark, a hyphen, `/`, `@` in it; a lone `*`; a digit of another script; `a`; money."""
(NAME, KEY, SIZE_KEY, GPU, SPOKEN, LEFT_OUT, MODULE) = (1 << n for n in range(10, 17))
"""A name, a key, the key of a size, a GPU, a phrase may begin so; a seller left out; modules."""
(NUMERAL, FOLLOWED, COUNT, COUNT_OF, BOUND, FIRST_OF_RULES) = (1 << n for n in range(17, 23))
"""Of the place: a number, one that a word follows, one that counts, both; a mark that binds; a bit a rule."""

_LONGEST_KEPT: Final = 48
"""Characters of a word whose traits are kept for the next text that has it."""


def _beginnings(names: set[str]) -> frozenset[str]:
    return frozenset(name[:end] for name in names for end in range(1, len(name) + 1))


_KEYS: Final = {**KEY_NAMES, **MORE_KEY_NAMES}
_OF_MONEY: Final = (KEY_OF_FIELD["budget"], KEY_OF_FIELD["price_per_gpu_hour"])
_PHRASES: Final = tuple(sorted(sentences.PHRASES))
_OF_KEYS: Final = _beginnings(set(_KEYS))
_OF_SIZES: Final = _beginnings({name for name, key in _KEYS.items() if key.field in SIZES})
_COUNT: Final = re.compile(
    rf"[\d.,_]+(?:e[+-]?\d+)?(?:[{''.join(COUNT_SUFFIXES)}]|[{''.join(CHINESE_SCALES)}]+)?",
    re.IGNORECASE,
)
_SELLERS_LEFT_OUT: Final = ("non-", "not-", "no-", "non", "no", "-", "!")
LETTERS_OF_MODULES: Final = ("qv", "qk", "qkv", "qkvo")
MODULES: Final = frozenset(map(squash, KNOWN_NAMES))
_MARKS: Final = frozenset("/+,")
_OPENING_MODULES: Final = MODULES | frozenset(LETTERS_OF_MODULES)


def traits_of(word: str, squashed: str, names: Vocabulary) -> int:
    """Everything that `word` could begin, as the sum of its traits."""
    told = _traits_of if len(word) <= _LONGEST_KEPT else _traits_of.__wrapped__
    return told(word, squashed, names)


@lru_cache(maxsize=8192)
def _traits_of(word: str, squashed: str, names: Vocabulary) -> int:
    traits = sum(trait for trait, is_so in _OF_A_WORD if is_so(word, squashed))
    if begins_one_of(_PHRASES, squashed):
        traits |= SPOKEN
    if names.begins_a_name(squashed):
        traits |= NAME | GPU * names.begins_a_gpu(squashed)
    return traits | LEFT_OUT * (seller_left_out(word, names) is not None)


def seller_left_out(word: str, names: Vocabulary) -> str | None:
    """The seller whose prices are not wanted, in one word: `-cudo`, `no-cudo`, `non-cudo`."""
    lower = word.lower()
    mark = next((mark for mark in _SELLERS_LEFT_OUT if lower.startswith(mark)), "")
    return names.provider_keys.get(squash(lower.removeprefix(mark))) if mark else None


def names_money(word: str) -> bool:
    """Whether a word is an amount with its currency: `$5`, `2.1usd/h`."""
    return any(getattr(number_of(key.kind, word), "currency", None) is not None for key in _OF_MONEY)


def is_count(number: str) -> bool:
    """Whether a number may count something: `10k`, no `8bit`."""
    return _COUNT.fullmatch(number) is not None


_SPOKEN_NUMBERS: Final = (numerals.ENGLISH, numerals.NUMBER_WORDS, numerals.SCALES_IN_WORDS)


def _is_numeric(word: str, squashed: str) -> bool:
    is_spoken = any(squashed in table for table in _SPOKEN_NUMBERS)
    return is_spoken or looks_like_number(word) or chinese_number(word) is not None


_OF_A_WORD: Final[tuple[tuple[int, Callable[[str, str], bool]], ...]] = (
    (NUMERIC, _is_numeric),
    (DIGIT, lambda word, _: any(map(str.isdigit, word))),
    (MIXED, lambda word, _: not word.isalpha()),
    (JOINED, lambda word, _: "-" in word or "_" in word),
    (SLASH, lambda word, _: "/" in word),
    (RELEASE, lambda word, _: "@" in word),
    (STAR, lambda word, _: word == "*"),
    (REFUSED, lambda word, _: has_refused_digit(word)),
    (ARTICLE, lambda _, squashed: squashed in ARTICLES),
    (MONEY, lambda word, _: names_money(word) or not isinstance(currency_of(word), ValueFault)),
    (MODULE, lambda word, squashed: squashed in _OPENING_MODULES or not _MARKS.isdisjoint(word)),
    (KEY, lambda _, squashed: squashed in _OF_KEYS),
    (SIZE_KEY, lambda _, squashed: squashed in _OF_SIZES),
)

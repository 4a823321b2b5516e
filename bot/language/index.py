"""The grammar's table, turned round: from a squashed spelling to what it means."""

import re
from collections import defaultdict
from collections.abc import Iterable

from bot.language import numerals, sentences, small_words, words
from bot.language.catalogued import SELLERS_NAMES
from bot.language.grammar import KEYS
from bot.language.keys import Key
from bot.language.kinds import DURATION_SECONDS, Choice, Pairs, squash
from bot.lazy_pattern import lazily

CHINESE = lazily("[\u3007\u3400-\u4dbf\u4e00-\u9fff]")
"""A Chinese character."""
_WORD_ENDS = re.compile(r"[ _-]")


def has_chinese(text: str) -> bool:
    """Whether any of it is Chinese."""
    return not text.isascii() and CHINESE.search(text) is not None


def _begins_in_chinese(word: str) -> bool:
    """`CHINESE.match`, which takes as long to compile as all of these words."""
    return "\u3400" <= word[:1] <= "\u9fff"


def _spelled(*, casual: bool) -> dict[str, Key]:
    names = {
        s: key for key in KEYS for s in ((key.name, *key.aliases) if casual else (*key.nouns, *key.more))
    }
    return {squash(name): key for name, key in names.items()}


def _setters(*, casual: bool) -> dict[str, Pairs]:
    entries = [word for key in KEYS for word in key.words if word.alone]
    if casual:
        entries.append(words.ANY_GPU)
    found = {squash(s): w.sets for w in entries for s in (w.spellings if casual else w.more)}
    for key in KEYS:
        for name in (key.name, *key.aliases) if casual else key.more:
            if key.alone:
                found[squash(name)] = key.alone
            if key.alone and key.alone[0][1] is True:
                found[f"no{squash(name)}"] = ((key.field, False),)
    return found


KEY_NAMES = _spelled(casual=True)
MORE_KEY_NAMES = _spelled(casual=False)
SETTERS = _setters(casual=True)
MORE_SETTERS = _setters(casual=False)
NOUNS = {squash(noun): key for key in KEYS for noun in key.nouns}
MORE_NOUNS = {squash(noun): key for key in KEYS for noun in key.more_nouns}
FILLERS = frozenset(squash(word) for word in (*small_words.FILLERS_EN, *small_words.FILLERS_ZH))
MORE_FILLERS = frozenset(squash(word) for word in small_words.FILLERS_MORE)
EVERYDAY = frozenset((*small_words.EVERYDAY, *small_words.EVERYDAY_NAMES))
COMMANDS = {spelling: names[0] for names in words.COMMANDS for spelling in names}

ALL_NAMES = frozenset(
    (
        *KEY_NAMES,
        *MORE_KEY_NAMES,
        *SETTERS,
        *MORE_SETTERS,
        *NOUNS,
        *MORE_NOUNS,
        *FILLERS,
        *MORE_FILLERS,
        *(value for key in KEYS if isinstance(key.kind, Choice) for value in key.kind.words),
    )
)
"""Every squashed spelling of the grammar."""

ENDS_OF_KEYS = frozenset(
    squash(end)
    for key in KEYS
    for name in (key.name, *key.aliases, *key.more)
    for end in (name, _WORD_ENDS.split(name)[-1])
)
"""Last words of keys: where `:` binds."""

CHINESE_WORDS = frozenset(
    word
    for word in (
        *ALL_NAMES,
        *numerals.NUMBER_WORDS,
        *numerals.CLASSIFIERS,
        *DURATION_SECONDS,
        *SELLERS_NAMES,
        *COMMANDS,
        *words.YES,
        *words.NO,
        *(squash(s) for w in words.LANGUAGES for s in w.spellings),
        *sentences.ALL,
        *small_words.CALLED,
        *small_words.CHANGED_TO,
    )
    if _begins_in_chinese(word)
)


def _sizes(spellings: Iterable[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, set[int]] = defaultdict(set)
    for word in spellings:
        found[word[0]].add(len(word))
    return {first: tuple(sorted(sizes, reverse=True)) for first, sizes in found.items()}


CHINESE_SIZES = _sizes(CHINESE_WORDS)
"""First character -> how long the words that begin with it are, the longest first."""


def key_named(name: str) -> Key | None:
    """The key of a squashed name."""
    return KEY_NAMES.get(name) or MORE_KEY_NAMES.get(name)


def is_known(name: str) -> bool:
    """Whether a squashed word means something to the grammar, the catalogues aside."""
    return (
        name in FILLERS
        or name in SETTERS
        or name in KEY_NAMES
        or name in NOUNS
        or name in MORE_SETTERS
        or name in MORE_KEY_NAMES
        or name in MORE_FILLERS
    )

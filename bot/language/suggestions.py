"""The nearest known words to one that is not: keys, words of the grammar, models, GPUs, providers."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from bot.language import sentences, words
from bot.language.grammar import KEY_OF_FIELD, KEYS
from bot.language.index import COMMANDS, key_named
from bot.language.kinds import Choice, Name, ValueFault, squash
from bot.language.values import GLUED, number_of
from bot.language.vocabulary import Vocabulary
from bot.lazy_pattern import lazily
from estimator.model.module_names import KNOWN_NAMES

_CUTOFF = 65
_LIMIT = 3
_SHORTEST_WORD, _LONGEST_WORD = 2, 48
"""Shorter and longer words have no near ones that anybody meant."""

_NUMBER_WITH_UNIT = lazily(
    r"(?:[¥$€£]\d[\d,._]*|\d[\d,._]*(?=[^\d,._]))[^\d\s,._/]{0,7}(?:/\S{1,9})?", re.IGNORECASE
)
_COUNTED = lazily(
    r"(?P<before>\d{1,5}[x*])?(?P<gpu>[a-z][a-z0-9-]*?)(?P<after>[x*]\d{1,5})?", re.IGNORECASE | re.ASCII
)
_COUNTS = tuple(KEY_OF_FIELD[name] for name in ("num_examples", "sequence_length"))
_WITH_UNITS = tuple(KEY_OF_FIELD[name] for name in ("deadline_seconds", "budget", "price_per_gpu_hour"))

_MODULES = frozenset(
    map(squash, (*KNOWN_NAMES, *words.TARGET_GROUPS, *words.TARGET_ALIASES, words.ALL_LINEAR))
)
_KEY_NAMES = {squash(name): name for key in KEYS for name in (*key.aliases, key.name)}
_WORDS = {
    **{squash(s): s for key in KEYS for word in key.words for s in word.spellings if word.alone},
    **{squash(name): name for key in KEYS if key.alone for name in (key.name, f"no-{key.name}")},
    **{name: name for name in COMMANDS},
}


def for_word(word: str, names: Vocabulary, *, cutoff: int = _CUTOFF) -> tuple[str, ...]:
    """Words, keys and names like `word`, nearest first; a count stays with its GPU."""
    if (counted := _COUNTED.fullmatch(word)) and (counted["before"] or counted["after"]):
        near = for_name(counted["gpu"], names.shown_gpus)
        return tuple(f"{counted['before'] or ''}{name}{counted['after'] or ''}" for name in near)
    return _for_word(squash(word), names, cutoff)


@lru_cache(maxsize=1024)
def _for_word(word: str, names: Vocabulary, cutoff: int) -> tuple[str, ...]:
    near = _nearest(word, _all_names(names), cutoff=cutoff)
    return tuple(_distinct(near, names))[:_LIMIT]


@lru_cache(maxsize=8)
def _all_names(names: Vocabulary) -> Mapping[str, str]:
    return {**{name: f"{shown}=" for name, shown in _KEY_NAMES.items()}, **names.shown, **_WORDS}


_SHORTEST_SLIP, _LONG_WORD = 4, 8
"""Letters from which a word may be a slip of ours by one letter, and by two."""


@lru_cache(maxsize=4096)
def is_near_miss(word: str, names: Vocabulary) -> bool:
    """Whether a squashed word without digits is a slip of one of ours, and no English word of its own."""
    if word in sentences.ORDINARY or len(word) > _LONGEST_WORD or len(word) < _SHORTEST_SLIP - 1:
        return False
    from rapidfuzz import process  # noqa: PLC0415  -- most texts have no unknown word
    from rapidfuzz.distance import OSA  # noqa: PLC0415

    most = 2 if len(word) >= _LONG_WORD else 1
    near = process.extract(word, _slips(names), scorer=OSA.distance, score_cutoff=most, limit=3)
    if len(word) < _SHORTEST_SLIP:
        return any(sorted(name) == sorted(word) for name, _, _ in near)
    return bool(near)


@lru_cache(maxsize=8)
def _slips(names: Vocabulary) -> tuple[str, ...]:
    """Names without digits that a slip may have been meant as."""
    every = (*_all_names(names), *names.families)
    return tuple(
        name for name in every if name.isascii() and name.isalpha() and len(name) >= _SHORTEST_SLIP - 1
    )


def _nearest(word: str, names: Mapping[str, str], *, cutoff: int) -> list[str]:
    if len(word) < _SHORTEST_WORD or len(word) > _LONGEST_WORD:
        return []
    from rapidfuzz import fuzz, process  # noqa: PLC0415  -- most texts have no mistake

    found = process.extract(word, names.keys(), scorer=fuzz.ratio, score_cutoff=cutoff, limit=4 * _LIMIT)
    found.sort(key=lambda hit: (-hit[1], hit[0][:1] != word[:1], len(hit[0]), hit[0]))
    return [names[hit[0]] for hit in found if hit[0] != word]


def _distinct(shown: Iterable[str], names: Vocabulary) -> list[str]:
    """One spelling for each thing meant."""
    found: dict[str, str] = {}
    for name in shown:
        key = squash(name)
        found.setdefault(names.gpu_keys.get(key) or names.model_keys.get(key) or key, name)
    return list(found.values())


def for_key(key: str, value: str) -> tuple[str, ...]:
    """`ecpochs`, `3` -> `epochs=3`; a key that cannot take the value stands only where none can."""
    near = _nearest(squash(key), _KEY_NAMES, cutoff=60)[:_LIMIT]
    fitting = [name for name in near if _takes(name, value)]
    return tuple(f"{name}={value}" for name in fitting or _nearest(squash(key), _KEY_NAMES, cutoff=75)[:1])


def _takes(name: str, value: str) -> bool:
    key = key_named(squash(name))
    if key is None:
        return False
    if isinstance(key.kind, Choice):
        return squash(value) in key.kind.words
    if key.kind is Name.TARGETS:
        return squash(value) in _MODULES
    return isinstance(key.kind, Name) or not isinstance(number_of(key.kind, value), ValueFault)


@lru_cache(maxsize=1024)
def for_number(word: str) -> tuple[str, ...]:
    """`24h` -> `deadline=24h`, `10k` -> `n=10k`; nothing for a bare number, which may be anything."""
    if not _NUMBER_WITH_UNIT.fullmatch(word):
        return ()
    if found := GLUED.fullmatch(word):
        key = key_named(squash(found["noun"]))
        if key and _takes(key.name, found["number"]):
            return (f"{key.name}={found['number']}",)
    keys = _COUNTS if _takes(_COUNTS[0].name, word) else _WITH_UNITS
    return tuple(f"{key.name}={word}" for key in keys if _takes(key.name, word))


def for_name(word: str, shown: Mapping[str, str], *, cutoff: int = 60) -> tuple[str, ...]:
    """The nearest of a few names: the words of one choice, or one catalogue."""
    return tuple(dict.fromkeys(_nearest(squash(word), shown, cutoff=cutoff)))[:_LIMIT]

"""What changes neither memory nor time: `lr 2e-4`, `alpha=32`, `100 warmup steps`."""

import re
from typing import Final

from bot.language import run_words
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.kinds import Pairs
from bot.language.numerals import CLASSIFIERS
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size

_WITHOUT_EFFECT: Final = phrase_set(run_words.WITHOUT_EFFECT)
_NUMBER: Final = re.compile(r"\d[\d.,]*(?:e[+-]?\d+)?%?", re.IGNORECASE | re.ASCII)
_PLACES: Final = frozenset(("num_steps", "num_epochs", "step_seconds"))
_WARMING_UP: Final = phrase_set(run_words.WARMING_UP)
_OF_LORA: Final[Pairs] = (("method", "lora"),)
"""What `lora alpha 16` says all the same."""
_ORDINAL: Final = ("第",)
_CALLED: Final = frozenset(("of", "is", "to", "for", "over", "为", "是", "设", "设为", "设成"))


@opened_by(_WITHOUT_EFFECT)
def without_effect(text: TokenStream, at: int) -> Match | None:
    """Set aside with their value, so that its digits stop nobody; the card lists them."""
    word = text.word(at)
    if word is None:
        return None
    if _NUMBER.fullmatch(word.text):
        steps = _steps(text, at + 1)
        steps += text.squashed(at + 1 + steps) == "of" if steps else 0
        if steps and (warming := phrase_size(text, at + 1 + steps, _WARMING_UP)):
            return Match(size=1 + steps + warming, role="aside", casual=False)
        size = phrase_size(text, at + 1, _WITHOUT_EFFECT)
        has_its_own = text.binds(at + 1 + size) or _NUMBER.fullmatch(text.squashed(at + 1 + size))
        return _aside(text, at, 1 + size) if size and not has_its_own else None
    size = phrase_size(text, at, _WITHOUT_EFFECT)
    if not size:
        return None
    if text.binds(at + size) and text.word(at + size + 1):
        return _aside(text, at, size + 2)._replace(key_shaped=True)
    called = text.squashed(at + size) in _CALLED
    after = text.word(at + size + called)
    is_number = after is not None and _NUMBER.fullmatch(after.text)
    return _aside(text, at, size + called + 1) if is_number else _aside(text, at, size)


@opened_by(_ORDINAL)
def ordinal(text: TokenStream, at: int) -> Match | None:
    """`第2轮`, `第 500 步`: where in the run something happens, not how long it is."""
    numeral = numeral_at(text, at + 1) if text.squashed(at) in _ORDINAL else None
    if numeral is None:
        return None
    noun = at + 1 + numeral.size
    noun += text.squashed(noun) in CLASSIFIERS
    key = NOUNS.get(text.squashed(noun)) or MORE_NOUNS.get(text.squashed(noun))
    is_place = key is not None and key.field in _PLACES
    return Match(size=noun + 1 - at, role="aside", casual=False) if is_place else None


def _aside(text: TokenStream, at: int, size: int) -> Match:
    """`warmup 100 steps`: the noun belongs to it."""
    sets = _OF_LORA if text.squashed(at) == "lora" else ()
    return Match(size=size + _steps(text, at + size), role="aside", sets=sets, casual=False, weak=True)


def _steps(text: TokenStream, at: int) -> int:
    noun = text.squashed(at)
    return int(noun in NOUNS and NOUNS[noun].field == "num_steps")

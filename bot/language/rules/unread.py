"""What no rule knows: a stray mark, a bare number, a family without its size, a word."""

import re

from bot.language import suggestions
from bot.language.index import FILLERS
from bot.language.kinds import DURATION_SECONDS, ValueFault, Whole
from bot.language.normalize import has_refused_digit
from bot.language.rules.asides import set_aside
from bot.language.rules.keys import key_at
from bot.language.rules.match import Match, TokenStream
from bot.language.rules.models import misspelt
from bot.language.rules.unknown_things import unlisted_gpu
from bot.language.values import SIZE, looks_like_number

_NUMBER_ALONE = re.compile(r"[+-]?[\d.,_]+(?:e[+-]?\d+)?[a-z%]{0,2}", re.IGNORECASE | re.ASCII)
_USUAL_LENGTHS = frozenset(str(2**power) for power in range(8, 18))
"""Bare numbers by which most people mean a sequence."""
MOST_SIZES = 6
"""Sizes of a family that are offered."""


def unknown(text: TokenStream, at: int) -> Match:
    """What no rule knows: a stray mark, a bare number, or a word."""
    word = text.word(at)
    if word is None:
        return _stray_mark(text, at)
    if match := unlisted_gpu(text, at):
        return match
    if (
        _NUMBER_ALONE.fullmatch(word.text)
        or has_refused_digit(word.text)
        or suggestions.for_number(word.text)
    ):
        return _bare_number(text, at)
    return (
        misspelt(text, at)
        or _family(text, at)
        or _name_and_size(text, at)
        or set_aside(text, at)
        or Match(size=1, role="unknown", fault=ValueFault("unknown_word"))
    )


def _name_and_size(text: TokenStream, at: int) -> Match | None:
    """`llama 8b`: the first word of models' names, and a size that none of them has."""
    after = text.word(at + 1)
    if text.squashed(at) not in text.names.model_heads or after is None or not SIZE.fullmatch(after.text):
        return None
    return Match(size=2, role="unknown", fault=ValueFault("unknown_word"))


def _family(text: TokenStream, at: int) -> Match | None:
    """A family of models without the size: `llama2`, `qwen 2.5`; `llama 8b` is a slip of another kind."""
    families = text.names.families
    phrases = text.phrases(at) or (text.squashed(at),)
    size = next((size for size in range(len(phrases), 0, -1) if phrases[size - 1] in families), 0)
    after = text.word(at + size)
    if not size or (after is not None and SIZE.fullmatch(after.text)):
        return None
    fault = ValueFault("model_without_size", {}, families[phrases[size - 1]][:MOST_SIZES])
    return Match(size=size, role="unknown", fault=fault)


def _stray_mark(text: TokenStream, at: int) -> Match:
    if text.atoms[at].text == ":":
        return Match(size=1, role="filler")
    size = 1 + (text.word(at + 1) is not None)
    return Match(size=size, role="unknown", fault=ValueFault("unknown_key"))


def _bare_number(text: TokenStream, at: int) -> Match:
    """A number alone; before a key that wants one, the key is named: `4k context`."""
    found = key_at(text, at + 1) if text.word(at + 1) else None
    is_filler = text.squashed(at + 1) in FILLERS  # `8 data parallel`
    if found and not is_filler and isinstance(found[0].kind, Whole) and not text.binds(at + 1 + found[1]):
        after = text.word(at + 1 + found[1])
        if after is None or not looks_like_number(after.text):
            suggestion = f"{found[0].name}={text.atoms[at].text}"
            return Match(
                size=1 + found[1], role="unknown", fault=ValueFault("number_first", {}, (suggestion,))
            )
    if text.squashed(at + 1) in DURATION_SECONDS and text.atoms[at].text.isdigit():
        suggestion = f"deadline={text.atoms[at].text}{text.squashed(at + 1)}"  # `88 hours`
        return Match(size=2, role="unknown", fault=ValueFault("bare_number", {}, (suggestion,)))
    lengths = (f"seq={text.atoms[at].text}",) if text.squashed(at) in _USUAL_LENGTHS else ()
    return Match(size=1, role="unknown", fault=ValueFault("bare_number", {}, lengths))

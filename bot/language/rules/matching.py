"""The rules tried on a text, atom by atom: the first that takes what stands there."""

from functools import lru_cache

from bot.language.rules.amounts import may_be_money
from bot.language.rules.match import Match, TokenStream, numeral_at
from bot.language.rules.openings import (
    BOUND,
    COUNT,
    COUNT_OF,
    DIGIT,
    FOLLOWED,
    MONEY,
    NUMERAL,
    NUMERIC,
    is_count,
)
from bot.language.rules.rules import BITS, OPENING, RULES, TRAITS, Rule
from bot.language.rules.unread import unknown


def matches_of(text: TokenStream) -> list[tuple[int, Match]]:
    """Every atom, understood or not: where each match begins, in order."""
    found: list[tuple[int, Match]] = []
    at = 0
    while at < len(text.atoms):
        match = _match_at(text, at)
        found.append((at, match))
        at += match.size
    return found


def _match_at(text: TokenStream, at: int) -> Match:
    if not text.atoms[at].binds:
        for rule in _worth_trying(*place(text, at)):
            if (match := rule(text, at)) is not None:
                return match
    return unknown(text, at)


@lru_cache(maxsize=4096)
def _worth_trying(kind: str, traits: int) -> tuple[Rule, ...]:
    needs = ((rule, TRAITS.get(rule, 0) | BITS.get(rule, 0)) for rule in RULES.get(kind, ()))
    return tuple(rule for rule, needed in needs if not needed or needed & traits)


def place(text: TokenStream, at: int) -> tuple[str, int]:
    """What stands at `at`, a key of `RULES`, and the traits of the place."""
    traits = text.traits[at] | OPENING.get(text.squashed(at), 0)
    for phrase, _ in text.phrases_said[at]:
        traits |= OPENING.get(phrase, 0)
    if text.binds(at + 1):
        traits |= BOUND
    if (numeral := numeral_at(text, at)) is None:
        return "words", traits
    if _is_in_a_row_of_numbers(text, at):
        return "row", traits
    is_counting = numeral.is_word or is_count(numeral.text)
    traits |= NUMERAL | COUNT * is_counting
    if not is_counting or _is_followed(text, at + numeral.size):
        traits |= FOLLOWED | COUNT_OF * is_counting | MONEY * may_be_money(text, at)
    return "number words" if numeral.is_word else "digits", traits


def _is_followed(text: TokenStream, at: int) -> bool:
    """Whether a word at `at` may say what a number before it counts: none that is a number too."""
    word = text.word(at)
    return word is not None and not is_count(word.text)


def _is_plain(number: str) -> bool:
    """`10`, `10,000`, `0.5`: digits alone."""
    return number.isdecimal() or number.translate(_IN_NUMBERS).isdecimal()


_IN_NUMBERS = str.maketrans("", "", ",._")


def _is_in_a_row_of_numbers(text: TokenStream, at: int) -> bool:
    """Between two of its kind and nothing but spaces, none the name of a GPU: nothing says what it counts."""
    if not 0 < at < len(text.atoms) - 1 or text.gap(at) or text.gap(at + 1):
        return False
    around = (text.atoms[at - 1], text.atoms[at], text.atoms[at + 1])
    if all(text.traits[each] & (NUMERIC | DIGIT) == NUMERIC for each in (at - 1, at, at + 1)):
        return True
    return all(_is_plain(atom.text) and atom.squashed not in text.names.gpu_keys for atom in around)

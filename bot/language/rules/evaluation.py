"""Samples that are held out are not those of the run: `eval on 500 examples`, `验证集500条`."""

from typing import Final

from bot.language import run_words
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.numerals import CLASSIFIERS, OR_MORE
from bot.language.rules.gpus import gpu_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.values import SIZE

_HELD_OUT: Final = phrase_set(run_words.HELD_OUT)
_EVALUATING: Final = phrase_set(run_words.EVALUATING)
_ANY: Final = _HELD_OUT | _EVALUATING
_JOINS: Final = frozenset(
    (
        *("of", "on", "has", "have", "with", "is", "size", "about", "using", "uses", "a"),
        *("有", "是", "用", "共", "大约", "大概", "约", "为", "各", "大小", "量"),
    )
)
_MOST_JOINS: Final = 3
_FOR: Final = frozenset((*run_words.HELD_OUT_AS, "in", "的", "是"))
_SAMPLES: Final = KEY_OF_FIELD["num_examples"]
_TOKENS: Final = KEY_OF_FIELD["num_tokens"]


@opened_by(_ANY)
def of_evaluation(text: TokenStream, at: int) -> Match | None:
    """The amount with its words, set aside."""
    size = _words_first(text, at) or _number_first(text, at)
    return Match(size=size, role="aside", casual=False) if size else None


def _words_first(text: TokenStream, at: int) -> int:
    """`validation set of 1000 samples`, `测试集 2k`; without `set` a noun must say what is counted."""
    held_out = phrase_size(text, at, _HELD_OUT)
    size = held_out or phrase_size(text, at, _EVALUATING)
    if not size:
        return 0
    begin = at + size
    begin += text.binds(begin)
    for _ in range(_MOST_JOINS):
        begin += text.squashed(begin) in _JOINS
    numeral, noun = numeral_at(text, begin), _counted(text, begin)
    if numeral is None or not (noun or (held_out and _is_plain(text, begin, numeral.text))):
        return 0
    return begin + (noun or numeral.size) - at


def _number_first(text: TokenStream, at: int) -> int:
    """`500 validation samples`, `1000 samples for evaluation`, `500条做验证`, `5% for validation`."""
    numeral = numeral_at(text, at)
    if numeral is None:
        return 0
    begin = at + numeral.size
    if (size := phrase_size(text, begin, _ANY)) and _is_noun(text, begin + size):
        return begin + size + 1 - at
    is_share = numeral.text.endswith("%")
    is_plain = is_share or numeral.text.replace(",", "").isdigit()
    end = at + (_counted(text, at) or (numeral.size if is_plain else 0))
    joined = int(text.squashed(end) in _FOR)
    joined += joined > 0 and text.squashed(end + 1) in {"the", "a"}
    names = _ANY if joined or is_share else _HELD_OUT
    if end == at or end >= len(text.atoms) or text.is_apart(end):
        return 0
    size = phrase_size(text, end + joined, names)
    after = end + joined + size
    has_its_own = text.binds(after) or (numeral_at(text, after) is not None and not text.is_apart(after))
    return after - at if size and not has_its_own else 0


def _counted(text: TokenStream, at: int) -> int:
    """Words of a number with the samples or tokens that it counts."""
    numeral = numeral_at(text, at)
    if numeral is None:
        return 0
    end = at + numeral.size
    end += text.squashed(end) in OR_MORE
    end += text.squashed(end) in CLASSIFIERS
    return end + 1 - at if _is_noun(text, end) else 0


def _is_noun(text: TokenStream, at: int) -> bool:
    noun = text.squashed(at)
    return (NOUNS.get(noun) or MORE_NOUNS.get(noun)) in (_SAMPLES, _TOKENS)


def _is_plain(text: TokenStream, at: int, number: str) -> bool:
    """A bare number, or one that no model's size nor GPU is."""
    return SIZE.fullmatch(number) is None and gpu_at(text, at) is None

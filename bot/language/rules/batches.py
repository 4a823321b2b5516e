"""Batches as sentences have them: `4 per gpu`, `每卡 batch 4`, `batch of 4 x 8 accumulation`."""

from typing import Final

from bot.language import sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.kinds import Pairs, ValueFault
from bot.language.rules.keys import key_at
from bot.language.rules.match import Match, TokenStream, numeral_at, phrase_set, phrase_size
from bot.language.rules.values import value_at
from bot.language.values import looks_like_number, number_of

_PER_GPU: Final = phrase_set(sentences.PER_GPU)
_PER_STEP: Final = phrase_set(sentences.PER_STEP)
_BATCHES: Final = frozenset(("global_batch_size", "micro_batch_size"))
_TIMES: Final = frozenset(("x", "*", "times", "乘"))
_PASSES: Final = "gradient_accumulation_steps"


def batch_of_a_gpu(text: TokenStream, at: int) -> Match | None:
    """`每卡 batch 4`, `per-gpu batch size 2`, `4 samples per gpu`, `32 samples per step`."""
    size = phrase_size(text, at, _PER_GPU)
    if size:
        found = key_at(text, at + size)
        if found is None or found[0].field not in _BATCHES:
            return None
        begin = at + size + found[1]
        begin += text.binds(begin) or text.squashed(begin) == "of"
        return _micro(text, at, begin)
    numeral = numeral_at(text, at)
    if numeral is None or numeral.is_word:
        return None
    end = at + numeral.size
    end += NOUNS.get(text.squashed(end)) is KEY_OF_FIELD["num_examples"]
    for names, field in ((_PER_GPU, "micro_batch_size"), (_PER_STEP, "global_batch_size")):
        after = phrase_size(text, end, names)
        value = number_of(KEY_OF_FIELD[field].kind, numeral.text) if after else None
        if after and not isinstance(value, ValueFault):
            after += _batch_alone(text, end + after)
            return Match(size=end + after - at, role="sets", sets=((field, value),), casual=False)
    return None


def _batch_alone(text: TokenStream, at: int) -> int:
    """`4 per gpu batch`: the key repeats what was said, unless a number of its own follows."""
    found = key_at(text, at)
    if found is None or found[0].field not in _BATCHES or text.binds(at + found[1]):
        return 0
    after = text.word(at + found[1])
    is_its_own = after is not None and looks_like_number(after.text) and not text.is_apart(at + found[1])
    return 0 if is_its_own else found[1]


def _micro(text: TokenStream, at: int, begin: int) -> Match | None:
    value = value_at(text, begin, KEY_OF_FIELD["micro_batch_size"], spaced=True)
    if value is None or value.fault:
        return None
    return Match(size=begin + value.size - at, role="sets", sets=value.sets, casual=False)


def batch_times_passes(text: TokenStream, at: int) -> Match | None:
    """`batch of 4 x 8 accumulation`, `bs 4*8 grad accum`: of a pass, times the passes of a step."""
    found = key_at(text, at)
    begin = at
    if found is not None and found[0].field in _BATCHES:
        begin += found[1]
        begin += text.binds(begin) or text.squashed(begin) == "of"
    counts = _product_at(text, begin)
    if counts is None:
        return None
    batch, passes, size = counts
    named = key_at(text, begin + size)
    if named is None or named[0].field != _PASSES or text.binds(begin + size + named[1]):
        return None
    end = begin + size + named[1]
    end += text.squashed(end) in {"steps", "step", "步"}
    sets: Pairs = (("micro_batch_size", batch), (_PASSES, passes))
    return Match(size=end - at, role="sets", sets=sets, casual=False)


def _product_at(text: TokenStream, at: int) -> tuple[int, int, int] | None:
    """Both numbers of `4 x 8`, `4*8`, `4x8` and their words."""
    word = text.word(at)
    if word is None:
        return None
    for mark in "x*":
        one, times, other = word.text.lower().partition(mark)
        if times and one.isdigit() and other.isdigit():
            return _counted(one, other, 1)
    first = numeral_at(text, at)
    if first is None or text.squashed(at + first.size) not in _TIMES:
        return None
    second = numeral_at(text, at + first.size + 1)
    return _counted(first.text, second.text, first.size + 1 + second.size) if second else None


def _counted(batch: str, passes: str, size: int) -> tuple[int, int, int] | None:
    values = [
        number_of(KEY_OF_FIELD[name].kind, each)
        for name, each in (("micro_batch_size", batch), (_PASSES, passes))
    ]
    one, other = values
    return (one, other, size) if isinstance(one, int) and isinstance(other, int) else None

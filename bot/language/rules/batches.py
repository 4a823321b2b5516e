"""Batches as sentences have them: `4 per gpu`, `每卡 batch 4`, `batch of 4 x 8 accumulation`."""

from typing import Final

from bot.language import sentences, small_words
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.kinds import CHINESE_SCALES, CURRENCY_WORDS, DURATION_SECONDS, Pairs, ValueFault
from bot.language.numerals import CLASSIFIERS
from bot.language.rules.counts import glued, length_of
from bot.language.rules.gpus import count_first, gpu_at
from bot.language.rules.keys import key_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.rules.values import value_at
from bot.language.values import looks_like_number, number_of

_PER_GPU: Final = phrase_set(sentences.PER_GPU)
_PER_STEP: Final = phrase_set(sentences.PER_STEP)
_BATCHES: Final = frozenset(("global_batch_size", "micro_batch_size"))
_TIMES: Final = frozenset(("x", "*", "times", "乘"))
_PASSES: Final = "gradient_accumulation_steps"
_SAID: Final = frozenset(("of", "is", "是", *small_words.CHANGED_TO))
_GETS: Final = frozenset(
    ("gets", "has", "sees", "takes", "holds", "processes", "with", "放", "跑", "处理", "有", "吃")
)
"""Between each GPU and its samples."""
_COUNTED: Final = frozenset(
    (
        *(*NOUNS, *MORE_NOUNS, *DURATION_SECONDS, *CURRENCY_WORDS, *CLASSIFIERS, *CHINESE_SCALES),
        *("g", "gb", "gib", "x", "*", "b"),
    )
)
"""After a number that is of something else than the samples of a pass: `每卡24 GB`, `每卡2元`."""
_SEQUENCE: Final = frozenset(("sequence", "seqs", "seq"))
"""A sample, where a number of them is said of a GPU or a step."""


@opened_by(_PER_GPU, _PER_STEP)
def batch_of_a_gpu(text: TokenStream, at: int) -> Match | None:
    """`每卡 batch 4`, `per-gpu batch size 2`, `4 samples per gpu`, `batch size 每卡2`, `32 per step`."""
    named = 0 if _is_of_each(text, at) else _batch_before(text, at)
    if size := phrase_size(text, at + named, _PER_GPU):
        return _of_each(text, at, at + named + size)
    if size := phrase_size(text, at + named, _PER_STEP):
        return _of_a_step(text, at, at + named + size)
    return None if named else _number_first(text, at)


def _is_of_each(text: TokenStream, at: int) -> bool:
    """`per device batch 2`: the first two words alone are a key, too."""
    size = phrase_size(text, at, _PER_GPU)
    found = key_at(text, at + size) if size else None
    return found is not None and found[0].field in _BATCHES


def _batch_before(text: TokenStream, at: int) -> int:
    """Words of `batch size`, `bs 设为` before those of each GPU."""
    found = key_at(text, at)
    if found is None or found[0].field not in _BATCHES:
        return 0
    size = found[1]
    size += text.binds(at + size) or text.squashed(at + size) in _SAID
    return size


def _of_each(text: TokenStream, at: int, begin: int) -> Match | None:
    """`每卡 batch 4`, `each gpu gets 2 samples`, `每卡4`."""
    found = key_at(text, begin)
    if found is not None and found[0].field in _BATCHES:
        begin += found[1]
        begin += text.binds(begin) or text.squashed(begin) in _SAID
        return _micro(text, at, begin)
    joined = glued(text, begin)
    if joined is not None and joined.sets and joined.sets[0][0] in _BATCHES:
        sets = (("micro_batch_size", joined.sets[0][1]),)  # `每卡batch1`, `per gpu bs4`
        return Match(size=begin + joined.size - at, role="sets", sets=sets, casual=False)
    has = text.squashed(begin) in _GETS
    numeral = numeral_at(text, begin + has)
    if numeral is None or gpu_at(text, begin + has):
        return None
    end = begin + has + numeral.size
    is_told = _is_samples(text, end)
    is_alone = numeral.text.isdigit() and not numeral.is_word and text.squashed(end) not in _COUNTED
    return _micro(text, at, begin + has) if is_told or is_alone else None


def _of_a_step(text: TokenStream, at: int, begin: int) -> Match | None:
    """`每步32条`, `each step 64 samples`: the noun says that it is no time."""
    begin += text.squashed(begin) in _GETS
    numeral = numeral_at(text, begin)
    if numeral is None or gpu_at(text, begin) or not _is_samples(text, begin + numeral.size):
        return None
    value = number_of(KEY_OF_FIELD["global_batch_size"].kind, numeral.text)
    if isinstance(value, ValueFault):
        return None
    size = begin + numeral.size + 1 - at
    return Match(size=size, role="sets", sets=(("global_batch_size", value),), casual=False)


def _number_first(text: TokenStream, at: int) -> Match | None:
    numeral = numeral_at(text, at)
    if numeral is None or numeral.is_word:
        return None
    end = at + numeral.size
    end += _is_samples(text, end)
    for names, field in ((_PER_GPU, "micro_batch_size"), (_PER_STEP, "global_batch_size")):
        after = phrase_size(text, end, names)
        value = number_of(KEY_OF_FIELD[field].kind, numeral.text) if after else None
        if not after or isinstance(value, ValueFault) or _is_another(text, end + after):
            continue
        after += _batch_alone(text, end + after)
        length = length_of(text, end + after)
        sets: Pairs = ((field, value), *((("sequence_length", length[0]),) if length else ()))
        size = end + after + (length[1] if length else 0) - at
        return Match(size=size, role="sets", sets=sets, casual=False)
    return None


def _is_samples(text: TokenStream, at: int) -> bool:
    noun = text.squashed(at)
    return (NOUNS.get(noun) or MORE_NOUNS.get(noun)) is KEY_OF_FIELD["num_examples"] or noun in _SEQUENCE


def _is_another(text: TokenStream, at: int) -> bool:
    """`10k samples, a batch of 32`: the batch has a number of its own."""
    if text.squashed(at - 1) not in {"batch", "step"} or text.squashed(at) not in {"of", "size"}:
        return False
    after = text.word(at + 1)
    return after is not None and length_of(text, at) is None


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
    end = begin + value.size
    return Match(size=end + _is_samples(text, end) - at, role="sets", sets=value.sets, casual=False)


def batch_times_passes(text: TokenStream, at: int) -> Match | None:
    """`batch of 4 x 8 accumulation`, `bs 4*8 grad accum`: of a pass, times the passes of a step."""
    found = key_at(text, at)
    begin = at
    if found is not None and found[0].field in _BATCHES:
        begin += found[1]
        begin += text.binds(begin) or text.squashed(begin) == "of"
    counts = None if count_first(text, begin) else _product_at(text, begin)
    if counts is None:
        return None
    batch, passes, size = counts
    named = key_at(text, begin + size)
    if named is None or named[0].field != _PASSES or text.is_apart(begin + size):
        return None
    end = begin + size + named[1]
    if text.binds(end) or _has_its_own(text, end):
        return None
    end += text.squashed(end) in {"steps", "step", "步"}
    sets: Pairs = (("micro_batch_size", batch), (_PASSES, passes))
    return Match(size=end - at, role="sets", sets=sets, casual=False)


def _has_its_own(text: TokenStream, at: int) -> bool:
    """`4x8 ga 16`: the key has a number after it, unless a comma, a model or a GPU begins there."""
    numeral = numeral_at(text, at)
    if numeral is None or text.is_apart(at) or gpu_at(text, at) or count_first(text, at):
        return False
    return not isinstance(number_of(KEY_OF_FIELD[_PASSES].kind, numeral.text), ValueFault)


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

"""GPUs by their memory: `24gb`, `2x 24GB cards`, `80g卡`; and amounts of memory that are no GPU's."""

import re
from typing import Final

from bot.language import numerals, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.kinds import ValueFault
from bot.language.rules.gpus import counted_gpu, gpu_at
from bot.language.rules.match import (
    Match,
    Numeral,
    TokenStream,
    numeral_at,
    once,
    opened_by,
    phrase_set,
    phrase_size,
)
from bot.language.rules.used_memory import amount_used
from bot.language.values import number_of

_GLUED: Final = re.compile(
    r"(?:(?P<count>\d{1,5})[x*])?(?P<size>\d{1,4})(?:\.\d)?(?P<unit>g|gb|gib|tb)(?:[x*](?P<last>\d{1,5}))?",
    re.IGNORECASE,
)
_UNITS: Final = frozenset(("g", "gb", "gib", "tb"))
_COUNT: Final = re.compile(r"(\d{1,4})[x*]?", re.IGNORECASE)
_SMALLEST_GB, _LARGEST_GB = 4, 400
_BETWEEN: Final = frozenset(("x", "*", *numerals.CLASSIFIERS, "张", "卡"))
_HOST: Final = phrase_set(sentences.HOST_MEMORY)
_TOTAL: Final = phrase_set(sentences.IN_TOTAL)
_NOUNS: Final = phrase_set(sentences.GPU_MEMORY_AFTER)
_GPUS = KEY_OF_FIELD["num_gpus"]


def _memory_at(text: TokenStream, at: int) -> tuple[str, int, str, int] | None:
    """Count (empty where none is glued on), size, unit and atoms of the memory at `at`."""
    word = text.word(at)
    if word is None:
        return None
    if found := _GLUED.fullmatch(word.text):
        return found["count"] or found["last"] or "", int(found["size"]), found["unit"].lower(), 1
    numeral = numeral_at(text, at)
    if numeral is None or not numeral.text.isdigit() or text.squashed(at + numeral.size) not in _UNITS:
        return None
    if len(numeral.text) > len("9999"):
        return None
    return "", int(numeral.text), text.squashed(at + numeral.size), numeral.size + 1


def memory_value(text: TokenStream, at: int) -> tuple[int, int] | None:
    """The size and the atoms of `24gb` as a value of `gpu=`."""
    found = _memory_at(text, at)
    if found is None or found[0] or found[2] == "tb" or not _SMALLEST_GB <= found[1] <= _LARGEST_GB:
        return None
    return found[1], found[3]


def gpus_of_memory(text: TokenStream, at: int) -> Match | None:
    """GPUs of a memory with or without a count, or memory that is not a GPU's and is set aside."""
    if told := amount_used(text, at) or _terabytes_of_the_host(text, at):
        return told
    found = _memory_at(text, at)
    if found is None:
        return _counted(text, at)
    count, gigabytes, unit, size = found
    is_next = text.word(at + size) is not None and not text.is_apart(at + size)
    if is_next and (aside := phrase_size(text, at + size, _TOTAL) or _host(text, at + size)):
        return Match(size=size + aside, role="aside", casual=False)
    if unit == "tb" or not _SMALLEST_GB <= gigabytes <= _LARGEST_GB:
        return None
    times = numeral_at(text, at + size + 1) if not count and text.squashed(at + size) in {"x", "*"} else None
    if times is not None and times.text.isdigit() and not gpu_at(text, at + size + 1):
        count, size = times.text, size + 1 + times.size  # `24gb x 2`
    size += _noun(text, at + size)
    sets: tuple[tuple[str, object], ...] = (("gpu_memory_gb", gigabytes),)
    if count:
        number = number_of(_GPUS.kind, count)
        if isinstance(number, ValueFault):
            return None
        sets = (*sets, ("num_gpus", number))
    return Match(size=size, role="sets", sets=sets, casual=False)


@opened_by(_HOST, _TOTAL)
def memory_of_the_host(text: TokenStream, at: int) -> Match | None:
    """`内存512G`, `ram: 128 GB`, `total 48 GB`: named before its amount, as the GPU's is not."""
    size = phrase_size(text, at, _HOST) or _total(text, at)
    if not size:
        return None
    size += text.binds(at + size) or text.squashed(at + size) in {"is", "of", "是", "有", "只有"}
    memory = _memory_at(text, at + size)
    if memory is None or memory[0]:
        return None
    return Match(size=size + memory[3], role="aside", casual=False)


def _total(text: TokenStream, at: int) -> int:
    """Words of `total` beside a GPU that is named: without one, the memory is all that is known of it."""
    size = phrase_size(text, at, _TOTAL)
    return size if size and _names_a_gpu(text, 0) else 0


@once
def _names_a_gpu(text: TokenStream, at: int) -> bool:
    places = range(at, len(text.atoms))
    return any(gpu_at(text, place) or counted_gpu(text, place) for place in places)


def _host(text: TokenStream, at: int) -> int:
    """Words after an amount of memory that is the machine's, a disk's or the data's."""
    if text.squashed(at) == "of" and (after := phrase_size(text, at + 1, _HOST)):
        return 1 + after
    return phrase_size(text, at, _HOST)


def _terabytes_of_the_host(text: TokenStream, at: int) -> Match | None:
    """`1T RAM`, `1.2T的内存`: of a model's size nobody says what memory it is."""
    word = text.word(at)
    if word is None or word.text[-1] not in "tT" or not _TERABYTES.fullmatch(word.text):
        return None
    begin = at + 1 + (text.squashed(at + 1) == "的")
    host = _host(text, begin)
    return Match(size=begin + host - at, role="aside", casual=False) if host else None


_TERABYTES: Final = re.compile(r"\d{1,2}(?:\.\d)?t", re.IGNORECASE | re.ASCII)


def _noun(text: TokenStream, at: int) -> int:
    """Words that only say that it is a GPU's."""
    size = 0
    while more := phrase_size(text, at + size, _NOUNS):
        if _is_counted(text, at + size + more) or text.is_apart(at + size):
            break
        size += more
    return size


def _is_counted(text: TokenStream, at: int) -> bool:
    """`24gb gpus: 2`; in `our 24gb card: 7b qlora` the colon ends what was said."""
    after = text.word(at + 1)
    is_heading = text.binds(at) and text.atoms[at].text == ":" and after is not None
    return text.binds(at) and not (is_heading and not after.text.isdigit())  # type: ignore[union-attr]  # it is a word


def _counted(text: TokenStream, at: int) -> Match | None:
    """`2x 24GB cards`, `两张24g的卡`, `four 24 GB GPUs`."""
    count = _count_at(text, at)
    if count is None or gpu_at(text, at):
        return None
    begin = at + count.size
    begin += text.squashed(begin) in _BETWEEN
    memory = _memory_at(text, begin)
    match = gpus_of_memory(text, begin) if memory and not memory[0] else None
    number = number_of(_GPUS.kind, count.text)
    if match is None or match.role != "sets" or isinstance(number, ValueFault):
        return None
    size = begin - at + match.size
    return Match(size=size, role="sets", sets=(*match.sets, ("num_gpus", number)), casual=False)


def _count_at(text: TokenStream, at: int) -> Numeral | None:
    numeral = numeral_at(text, at)
    if numeral is not None and (numeral.is_word or _COUNT.fullmatch(numeral.text)):
        return Numeral(numeral.text.rstrip("xX*"), numeral.size, is_word=numeral.is_word)
    return None

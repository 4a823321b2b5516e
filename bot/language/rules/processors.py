"""A machine's own processors, which train nothing here: `64 core EPYC 7763`, `i9-13900K`, `32核CPU`."""

import re
from typing import Final

from bot.language import told_words
from bot.language.rules.gpus import gpu_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size

_NAMES: Final = phrase_set(told_words.PROCESSORS)
_CORES: Final = phrase_set(told_words.CORES)
_GLUED: Final = re.compile(
    r"i[3579]-?\d{4,5}[a-z]{0,3}|\d{1,3}-?(?:cores?|threads?|vcpus?|cpus?)|\d{1,3}c\d{1,3}t|e[35]-?\d{4}",
    re.IGNORECASE | re.ASCII,
)
"""`i9-13900K`, `64-core`, `16c32t`, `E5-2680`."""
_OF_A_NAME: Final = re.compile(
    r"[3579]|gold|silver|platinum|bronze|pro|wx|cpu|cpus|processor|processors|v[2-6]|ultra|max|(?:w\d?|e[357]|i[3579])(?:-?\d{4,5}[a-z]{0,3})?|\d{4,5}[a-z]{0,2}\d?[a-z]?",
    re.IGNORECASE | re.ASCII,
)
"""What follows the name of one: its line, its number."""
_MOST_OF_A_NAME: Final = 4
_MOST_DIGITS: Final = 3
_OF_ITS_MEMORY: Final = frozenset(("offload", "offloading", "memory", "ram", "only", "内存"))
"""After `cpu`: no processor is counted."""


@opened_by(_NAMES, _CORES)
def processor(text: TokenStream, at: int) -> Match | None:
    """The name, with the number of cores before it and its own numbers after it."""
    if not any(text.phrases_said[at : at + 2]) and not _glued_at(text, at):
        return None
    if told := _told_of_cores(text, at):
        return Match(told, "aside", casual=False)
    size = _cores_at(text, at) or _glued_at(text, at) or _count_at(text, at)
    named = _name_at(text, at + size)
    if not named and not _has_cores(text, at):
        return None
    size += named
    more = _cores_at(text, at + size)
    return Match(size + more, "aside", casual=False)


def _told_of_cores(text: TokenStream, at: int) -> int:
    """Words of `CPU: 8`, `cores = 32`."""
    size = phrase_size(text, at, _CORES)
    is_bound = size > 0 and text.binds(at + size)
    return size + 2 if is_bound and text.squashed(at + size + 1).isdigit() else 0


def _has_cores(text: TokenStream, at: int) -> bool:
    return bool(_cores_at(text, at) or _glued_at(text, at))


def _glued_at(text: TokenStream, at: int) -> int:
    return int(at < len(text.atoms) and _GLUED.fullmatch(text.atoms[at].text) is not None)


def _cores_at(text: TokenStream, at: int) -> int:
    """Words of `64 cores`, `96 vCPU`, `32核`."""
    numeral = numeral_at(text, at)
    if numeral is None or not numeral.text.isdigit() or len(numeral.text) > _MOST_DIGITS:
        return 0
    after = phrase_size(text, at + numeral.size, _CORES)
    size = numeral.size + after
    return 0 if not after or text.squashed(at + size) in _OF_ITS_MEMORY else size


def _count_at(text: TokenStream, at: int) -> int:
    """`2x Xeon`, `dual EPYC`: how many, where the name of one follows."""
    numeral = numeral_at(text, at)
    word = text.word(at)
    if numeral is not None and len(numeral.text) == 1 and phrase_size(text, at + numeral.size, _NAMES):
        return numeral.size
    is_times = word is not None and word.text[:-1].isdigit() and word.text[-1:] in "xX*"
    return int(is_times and phrase_size(text, at + 1, _NAMES) > 0)


def _name_at(text: TokenStream, at: int) -> int:
    """Words of `EPYC 7763`, `Xeon Gold 6248R`; a GPU's number ends them."""
    size = phrase_size(text, at, _NAMES)
    if not size:
        return 0
    for _ in range(_MOST_OF_A_NAME):
        word = text.word(at + size)
        if word is None or text.is_apart(at + size) or not _OF_A_NAME.fullmatch(word.text):
            break
        if gpu_at(text, at + size):
            break
        size += 1
    return size

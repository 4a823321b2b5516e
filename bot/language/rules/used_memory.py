"""Memory that a run used, which chooses no GPU: `peak memory was 61GB`, `20 GB used`, `显存占用20g`."""

import re
from typing import Final

from bot.language import told_words
from bot.language.numerals import OR_MORE
from bot.language.rules.gpus import GPU_NOUNS, gpu_at
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_set, phrase_size

_USED: Final = phrase_set(told_words.USED)
_BETWEEN: Final = phrase_set(told_words.USED_BETWEEN)
_AFTER: Final = phrase_set(told_words.USED_AFTER)
_MEMORY: Final = phrase_set(told_words.MEMORY_WORDS)
_CARDS: Final = frozenset((*GPU_NOUNS, "显卡", "graphics", "x", "*", "h", "hours"))
"""After an amount: it is that of a GPU, or no memory at all."""
_AMOUNT: Final = re.compile(
    r"(?:\d[\d.]*/)?\d[\d,]*(?:\.\d+)?(?P<unit>gi?b?|mi?b|gigs?)?", re.IGNORECASE | re.ASCII
)
_UNITS: Final = frozenset(("g", "gb", "gib", "mb", "mib", "gig", "gigs"))
_TO: Final = frozenset(("to", "到"))
_MOST_BETWEEN: Final = 4


@opened_by(_USED)
def memory_used(text: TokenStream, at: int) -> Match | None:
    """Set aside with what was used; `used a 24 GB card` is a GPU all the same."""
    end = at + phrase_size(text, at, _USED)
    if end == at:
        return None
    for _ in range(_MOST_BETWEEN):
        end += text.binds(end)
        end += phrase_size(text, end, _USED | _BETWEEN)
    amount = _amount_at(text, end)
    if not amount:
        return None
    end += amount
    to = text.squashed(end) in _TO
    if (to or text.gap(end) == "/") and (more := _amount_at(text, end + to)):
        end += to + more  # `from 9.5G to 12G`, `18 GB / 24 GB`
    end += used_after(text, end) or phrase_size(text, end, _MEMORY)
    return None if _is_of_a_gpu(text, end) else Match(end - at, "aside", casual=False)


def _is_of_a_gpu(text: TokenStream, at: int) -> bool:
    """`14G的显卡`, `24 GB cards`, `24GB 3090`; `14G显存的，` is what was used."""
    at += text.squashed(at) == "的"
    is_a_gpu = text.squashed(at) in _CARDS or gpu_at(text, at) is not None
    return is_a_gpu and not text.is_apart(at)


def used_after(text: TokenStream, at: int) -> int:
    """Words after an amount which say that it was used: `of VRAM used`, `peak`, `显存占用`."""
    if text.word(at) is None or text.is_apart(at):
        return 0
    before = phrase_size(text, at, _MEMORY)
    after = phrase_size(text, at + before, _AFTER)
    return before + after if after else phrase_size(text, at, _AFTER)


def amount_used(text: TokenStream, at: int) -> Match | None:
    """`61GB used`, `20g显存占用`, `30多G`."""
    amount = _amount_at(text, at)
    is_more = amount > 1 and text.squashed(at + 1) in OR_MORE  # `30多G`: no GPU has that
    after = used_after(text, at + amount) if amount else 0
    return Match(amount + after, "aside", casual=False) if after or is_more else None


def _amount_at(text: TokenStream, at: int) -> int:
    """Words of an amount of memory with its unit."""
    word = text.word(at)
    found = _AMOUNT.fullmatch(word.text) if word else None
    if found is None:
        return 0
    if found["unit"]:
        return 1
    size = 1 + (text.squashed(at + 1) in OR_MORE)
    return size + 1 if text.squashed(at + size) in _UNITS else 0

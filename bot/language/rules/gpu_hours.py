"""Hours of GPUs are neither GPUs nor money: `3000 gpu hours`, `8 A100-hours`, `budget 500卡时`."""

import re
from typing import Final

from bot.language import run_words
from bot.language.kinds import Pairs, ValueFault, Whole, squash
from bot.language.rules.gpus import gpu_at, gpu_named
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.values import ends_of, number_of

_COUNT: Final = Whole(1, 10**12)
_GPU_HOURS: Final = phrase_set(run_words.GPU_HOURS)
_HOURS: Final = frozenset(("hour", "hours", "hrs", "days", "小时", "卡时"))
_OF_A_GPU: Final = re.compile(r"(?P<gpu>.+)-(?:hours?|hrs?|days?)", re.IGNORECASE | re.ASCII)
_LIMITS: Final = frozenset(("budget", "limit", "quota", "allowance", "预算", "额度", "配额"))
_CALLED: Final = frozenset(("of", "is", "for", "是", "有", "只有"))


@opened_by(_LIMITS)
def gpu_hours(text: TokenStream, at: int) -> Match | None:
    """Set aside with the number, and with the word of a limit before it; the GPU's name is kept."""
    begin = at
    if text.squashed(at) in _LIMITS:
        begin += 1 + (text.binds(at + 1) or text.squashed(at + 1) in _CALLED)
    numeral = numeral_at(text, begin)
    if numeral is None or not _is_amount(numeral.text):
        return None
    end = begin + numeral.size
    end += text.squashed(end) == "个"
    gpu, size = _hours_at(text, end)
    if not size:
        return None
    sets: Pairs = (("gpu", gpu),) if gpu else ()
    return Match(size=end + size - at, role="aside", sets=sets, casual=False)


def _is_amount(number: str) -> bool:
    """`300`, `4-6`: nothing follows from either."""
    return bool(ends_of(number)) or not isinstance(number_of(_COUNT, number), ValueFault)


def _hours_at(text: TokenStream, at: int) -> tuple[str, int]:
    """The GPU that is named, and the words of its hours; 0 where there are none."""
    if size := phrase_size(text, at, _GPU_HOURS):
        return "", size
    if (gpu := gpu_at(text, at)) and text.squashed(at + gpu[1]) in _HOURS:
        return gpu[0], gpu[1] + 1
    word = text.word(at)
    joined = _OF_A_GPU.fullmatch(word.text) if word else None
    named = gpu_named(text, squash(joined["gpu"])) if joined else None
    return (named, 1) if named else ("", 0)

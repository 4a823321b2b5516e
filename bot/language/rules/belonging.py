"""Words that belong to the next: `full 8k context` is a length, `单卡显存` the memory of each GPU."""

from typing import Final

from bot.language import small_words
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.kinds import Pairs, ValueFault
from bot.language.rules.keys import key_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by
from bot.language.rules.values import value_at

_WHOLE: Final[dict[str, Pairs]] = {"full": (("method", "full"),), "whole": (), "entire": ()}
"""Before a length; the first names a method where no other word does."""
_WHOLES: Final = frozenset(("sequence_length", "num_epochs"))
_BEFORE: Final = frozenset(("with", "the", "its", "at", "to", "for", "of", "a", "use", "using"))
"""After these `full` is no method: `with full 8k context`."""
_ONE_GPU: Final = frozenset(("单卡", "单张卡", "单块卡", "单张", "单块"))
_LONGEST: Final = 3
_MEMORY: Final = frozenset(("显存", "显存占用", "内存占用", "占用显存", "memory", "vram"))
_BATCHES: Final = frozenset(("global_batch_size", "micro_batch_size"))
_MICRO: Final = KEY_OF_FIELD["micro_batch_size"]
_SAID: Final = frozenset(("is", "是", *small_words.CHANGED_TO))


@opened_by(_WHOLE)
def whole_length(text: TokenStream, at: int) -> Match | None:
    """`with full 8K context`, `the full context length`, `the full three epochs`."""
    if text.squashed(at) not in _WHOLE:
        return None
    numeral = numeral_at(text, at + 1)
    begin = at + 1 + (numeral.size if numeral else 0)
    found = key_at(text, begin)
    noun = NOUNS.get(text.squashed(begin)) if numeral else None
    if not any(key is not None and key.field in _WHOLES for key in (found and found[0], noun)):
        return None
    sets = () if at and text.squashed(at - 1) in _BEFORE else _WHOLE[text.squashed(at)]
    return Match(size=1, role="sets" if sets else "filler", sets=sets, casual=bool(sets), weak=bool(sets))


def of_one_gpu(text: TokenStream, at: int) -> Match | None:
    """`单张卡的显存要多少`, `单卡 batch size 2`: of each GPU, and not how many there are."""
    size = _one_gpu(text, at)
    if not size:
        return None
    size += text.squashed(at + size) == "的"
    if text.squashed(at + size) in _MEMORY:
        return Match(size=size + 1, role="filler", casual=False)
    found = key_at(text, at + size)
    if found is None or found[0].field not in _BATCHES:
        return None
    size += found[1]
    size += text.binds(at + size) or text.squashed(at + size) in _SAID
    value = value_at(text, at + size, _MICRO, spaced=True)
    if value is None or isinstance(value.fault, ValueFault):
        return None
    sets = tuple((_MICRO.field, said) for _, said in value.sets)
    return Match(size=size + value.size, role="sets", sets=sets, casual=False)


def _one_gpu(text: TokenStream, at: int) -> int:
    """Words of `单张卡`: a number, a classifier and a noun elsewhere."""
    if not text.squashed(at).startswith("单"):
        return 0
    joined, found = "", 0
    for size in range(1, _LONGEST + 1):
        joined += text.squashed(at + size - 1)
        found = size if joined in _ONE_GPU else found
    return found

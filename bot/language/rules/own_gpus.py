"""GPUs that somebody says are their own: nobody here knows what an hour of them costs."""

from typing import Final

from bot.language import run_words
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_set, phrase_size
from bot.language.rules.negations import token_at

_OWN: Final = phrase_set(run_words.OWN)
_OWN_MACHINES: Final = phrase_set(run_words.OWN_MACHINES)
_OF_A_GPU: Final = frozenset(("gpu", "gpu_memory_gb"))


@opened_by(_OWN, _OWN_MACHINES)
def own_gpus(text: TokenStream, at: int) -> Match | None:
    """`our own 2x 3090`, `自己的4090`, `in-house cluster`; of anything else (`our own data`) a filler."""
    size = phrase_size(text, at, _OWN_MACHINES)
    is_of_gpus = bool(size)
    if not size:
        size = phrase_size(text, at, _OWN)
        after = token_at(text, at + size) if size else None
        named = after is not None and any(name in _OF_A_GPU for name, _ in after.sets)
        is_of_gpus = named or text.squashed(at + size) in run_words.OWNED
    if not size or text.binds(at + size):
        return None
    if not is_of_gpus:
        return Match(size=size, role="filler", casual=False)
    return Match(size=size, role="filler", casual=False, not_done="own_gpus")

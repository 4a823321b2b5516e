"""How fast a run goes (`873 tokens/s`, `每秒3000token`), and tokens of a step, which are no batch."""

import re
from typing import Final

from bot.language import sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.kinds import ValueFault
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size

_PER_GPU: Final = phrase_set(sentences.PER_GPU)
_PER_STEP: Final = phrase_set(sentences.PER_STEP)
_TOKENS: Final = KEY_OF_FIELD["num_tokens"]


def speed(text: TokenStream, at: int) -> Match | None:
    """`873 tokens/s`, `2.5 it/s`: how fast it ran, which says nothing of what is trained."""
    unit = text.squashed(at + 1)
    return Match(size=2, role="aside", casual=False) if "/" in unit and _SPEED.fullmatch(unit) else None


_SPEED: Final = re.compile(
    r"(?:k?tok(?:en)?s?|samples?|examples?|seqs?|sequences?|it|iters?|steps?|条|步)/(?:s|sec|second|gpu/s|s/gpu|秒)",
    re.IGNORECASE,
)


@opened_by(("每",))
def tokens_of_a_step(text: TokenStream, at: int) -> Match | None:
    """`4m tokens per step` says neither how many sequences nor how long: it is not the data set."""
    a_second = 2 if (text.squashed(at), text.squashed(at + 1)) == ("每", "秒") else 0
    numeral = numeral_at(text, at + a_second)
    if numeral is None or NOUNS.get(text.squashed(at + a_second + numeral.size)) is not _TOKENS:
        return None
    size = numeral.size + 1
    if a_second:  # `每秒3000token` is a speed
        return Match(size=a_second + size, role="aside", casual=False)
    if text.squashed(at + size) == "per" and text.squashed(at + size + 1) in {"second", "sec"}:
        return Match(size=size + 2, role="aside", casual=False)
    after = phrase_size(text, at + size, _PER_STEP | _PER_GPU)
    return Match(size=size + after, role="wrong", fault=ValueFault("tokens_per")) if after else None

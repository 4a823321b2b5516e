"""Where the machines are to stand: `us only`, `in europe`, `国内机房`."""

from typing import Final

from bot.language.kinds import squash
from bot.language.places import AREAS
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_size

_AREAS: Final = {squash(word): area for area, names in AREAS.items() for word in names}


@opened_by(_AREAS)
def in_area(text: TokenStream, at: int) -> Match | None:
    """`us only`, `in europe`, `国内`: where the machines are to stand."""
    size = phrase_size(text, at, _AREAS)
    if not size or text.binds(at + size):
        return None
    area = _AREAS["".join(text.squashed(at + n) for n in range(size))]
    return Match(size=size, role="sets", sets=(("region", area),), casual=False)

"""Which plain replies in a card's thread go on from it."""

from collections.abc import Sequence

from bot.language.index import EVERYDAY
from bot.language.rules.match import Match, TokenStream


def is_follow_up(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> bool:
    """Whether every word is a token, a filler or `key=value`, and not only everyday words set something."""
    if not all(_belongs(text, at, match) for at, match in matches):
        return False
    return any(match.role != "filler" and not _is_everyday(text, at, match) for at, match in matches)


def _belongs(text: TokenStream, at: int, match: Match) -> bool:
    if match.role == "unknown":
        return _is_everyday(text, at, match)
    return match.key_shaped if match.role in {"wrong", "aside"} else match.casual


def _is_everyday(text: TokenStream, at: int, match: Match) -> bool:
    return all(atom.squashed in EVERYDAY for atom in text.atoms[at : at + match.size])

"""Which plain reply in a card's thread is meant for the bot, and which is left alone."""

from collections.abc import Sequence

from bot.language import words
from bot.language.lexer import Atom
from bot.language.lookup import EVERYDAY
from bot.language.match import Match, Text


def plain_command(atoms: Sequence[Atom]) -> str | None:
    """`undo`, `reset` or `vs root` as the whole message."""
    message = " ".join(atom.text.lower() for atom in atoms if not atom.binds)
    return message if message in words.PLAIN_COMMANDS else None


def is_follow_up(text: Text, matches: Sequence[tuple[int, Match]]) -> bool:
    """Whether every word is a token, a filler or `key=value`, and not only everyday words set something."""
    if not all(_belongs(text, at, match) for at, match in matches):
        return False
    return any(match.role != "filler" and not _is_everyday(text, at, match) for at, match in matches)


def _belongs(text: Text, at: int, match: Match) -> bool:
    if match.role == "unknown":
        return _is_everyday(text, at, match)
    return match.casual if match.role != "wrong" else match.key_shaped


def _is_everyday(text: Text, at: int, match: Match) -> bool:
    return all(atom.squashed in EVERYDAY for atom in text.atoms[at : at + match.size])

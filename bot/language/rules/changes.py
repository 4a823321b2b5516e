"""A number that is turned up or down, with the word that says so: `reduce seq to 2k`, `把 bs 提高到 64`."""

from typing import Final

from bot.language import run_words
from bot.language.rules.keys import bound_value
from bot.language.rules.match import Match, TokenStream, phrase_set, phrase_size

_VERBS: Final = phrase_set(run_words.TURNED)
_ARTICLES: Final = frozenset(("the", "your", "our", "its", "一下"))


def turned(text: TokenStream, at: int) -> Match | None:
    """The key with its value, where one follows at once: the word alone is everybody's."""
    size = phrase_size(text, at, _VERBS)
    if not size:
        return None
    size += text.squashed(at + size) in _ARTICLES
    match = bound_value(text, at + size)
    if match is None or match.role != "sets":
        return None
    return match._replace(size=size + match.size)

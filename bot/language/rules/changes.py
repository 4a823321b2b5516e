"""A number that is turned up or down, with the word that says so: `reduce seq to 2k`, `把 bs 提高到 64`."""

from typing import Final

from bot.language import run_words, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.kinds import ValueFault
from bot.language.rules.counts import number_with_noun
from bot.language.rules.gpus import count_first
from bot.language.rules.keys import bound_value
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.rules.names import known_name
from bot.language.rules.negations import SWITCHED

_VERBS: Final = phrase_set(run_words.TURNED)
_ON: Final = phrase_set(run_words.SWITCHED_ON)
_AN_EPOCH: Final = phrase_set(sentences.AN_EPOCH)
_AGAIN: Final = frozenset(("再", "another", "少", "多"))
_DONE_AGAIN: Final = frozenset(("加", "来", "多", "少", "训", "跑", "训练", "用", "减"))
_ARTICLES: Final = frozenset(("the", "your", "our", "its", "一下"))


@opened_by(_ON, _VERBS)
def turned(text: TokenStream, at: int) -> Match | None:
    """The key with its value, where one follows at once: the word alone is everybody's."""
    if size := phrase_size(text, at, _ON):
        return _switched_on(text, at, size)
    size = phrase_size(text, at, _VERBS)
    if not size:
        return None
    size += text.squashed(at + size) in _ARTICLES
    match = bound_value(text, at + size)
    if match is None or match.role != "sets":
        return None
    return match._replace(size=size + match.size)


def _switched_on(text: TokenStream, at: int, size: int) -> Match | None:
    """`add gradient checkpointing`, `enable packing`: a switch, and no seller of an everyday name."""
    match = known_name(text, at + size)
    if match is None or match.role != "sets" or not SWITCHED.issuperset(name for name, _ in match.sets):
        return None
    return match._replace(size=size + match.size, casual=True)


@opened_by(_AGAIN)
def than_before(text: TokenStream, at: int) -> Match | None:
    """`再加一轮`, `少一张卡`, `another 2 epochs`: nobody says of what, so that all is asked for."""
    if text.squashed(at) not in _AGAIN:
        return None
    size = 1 + (text.squashed(at + 1) in _DONE_AGAIN)
    noun = NOUNS.get(text.squashed(at + 1)) if text.squashed(at) == "another" else None
    if epochs := phrase_size(text, at + size, _AN_EPOCH) or (noun and noun.field == "num_epochs"):
        return Match(size=size + epochs, role="wrong", fault=ValueFault("more_of_it", {"key": "epochs"}))
    if numeral_at(text, at + size) is None:
        return None
    match = count_first(text, at + size) or number_with_noun(text, at + size)
    if match is None or match.role != "sets":
        return None
    name = "gpus" if "num_gpus" in dict(match.sets) else _KEYS.get(match.sets[0][0], "")
    return Match(size=size + match.size, role="wrong", fault=ValueFault("more_of_it", {"key": name}))


_KEYS: Final = {field: key.name for field, key in KEY_OF_FIELD.items()}

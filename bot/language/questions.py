"""Plain replies that ask about the card: `is it cheaper on spot?`, `能不能再快一点`."""

import re
from collections.abc import Sequence
from typing import Final

from bot.language import sentences, small_words
from bot.language.index import EVERYDAY, key_named
from bot.language.kinds import squash
from bot.language.rules.asides import CHEAPER, FASTER
from bot.language.rules.match import Match, TokenStream, phrase_size
from bot.language.rules.negations import INSTEAD
from estimator.spec import MAX

_ASKING: Final = frozenset(map(squash, sentences.ASKING))
_TOPICS: Final = {squash(word): topic for topic, names in sentences.NAMES_OF_CARDS.items() for word in names}
_ALLOWED: Final = frozenset(
    map(
        squash,
        (
            *sentences.IN_QUESTIONS,
            *sentences.ASKING,
            *sentences.FASTER,
            *sentences.CHEAPER,
            *sentences.MORE_FILLERS,
            *sentences.WITHIN,
            *sentences.SPENT,
            *(each for each in small_words.FILLERS_MORE if each not in {"hour", "hours"}),
            *small_words.FILLERS_EN,
            *small_words.FILLERS_ZH,
            *small_words.CHANGED_TO,
            *(word for names in sentences.NAMES_OF_CARDS.values() for word in names),
        ),
    )
)
_ASKING_ANYWHERE: Final = frozenset(
    (
        *("够吗", "够么", "够用吗"),
        *("能不能", "能否", "可不可以", "有没有", "是不是", "要不要", "够不够", "行不行"),
        *(
            "多少钱",
            "几张卡",
            "几张",
            "几天",
            "多少",
            "是多少",
            "多久",
            "多长",
            "哪个",
            "怎么样",
            "会怎么样",
            "几个小时",
        ),
    )
)
_SINGLE: Final = frozenset(("than", "哪个", "哪一个"))
_WHETHER: Final = "会不会"
_AFTER_WHAT: Final = frozenset(("about", "if", "would", "is", "does", "happens"))
_BEFORE: Final = frozenset(("ok", "okay", "and", "so", "well", "那", "那么", "嗯"))
"""What people say before they ask."""
_ASKING_AT_END: Final = frozenset(("吗", "呢", "么", "够吗", "够么"))
_QUESTION_MARK: Final = re.compile(r"[?？]")
_AMONG_PEOPLE: Final = frozenset(
    (
        "you",
        "maybe",
        "why",
        "then",
        "did",
        "mean",
        "he",
        "she",
        "they",
        "them",
        "their",
        "为什么",
        "我们",
        "你",
        "多了",
        *sentences.OUR_GROUP,
    )
)
"""Words with which people ask each other, not a card."""
_AT_END_AMONG_PEOPLE: Final = frozenset(("when", "who", "where", "why", "right", "什么时候", "谁"))
"""`70b when?` asks nobody who could tell, `dataset=50k, right?` one who knows."""
_TO_US: Final = ("can", "could", "would")
_SHOWN: Final = ("memory", "time", "cost")
_SHORTEST: Final = 3
_LONGEST: Final = 24
"""Words of a question; a longer text tells something."""


def asks(text: TokenStream, found: Sequence[tuple[int, Match]], *, has_choices: bool) -> bool:
    """Whether every word is one of ours or of a question, and something of the card is asked for."""
    if len(text.atoms) > _LONGEST or _is_among_people(text):
        return False
    if any(match.role == "choice" and not _is_single(text, at) for at, match in found) and not has_choices:
        return False
    sets = any(_sets(text, at, match) for at, match in found)
    if not all(_belongs(text, at, match, sets=sets) for at, match in found):
        return False
    if sets:
        return _has_question(text) or any(value == MAX for _, match in found for _, value in match.sets)
    return any(_is_wish(text, at) for at, _ in found) or _asks_of_the_card(text)


def _is_single(text: TokenStream, at: int) -> bool:
    """`than that`, `是哪个`: a word of choice with nothing to choose between."""
    return text.squashed(at) in _SINGLE


def _is_among_people(text: TokenStream) -> bool:
    said = [atom.squashed for atom in text.atoms]
    if said and said[-1] in _AT_END_AMONG_PEOPLE:
        return True
    to_us = said[0] in _TO_US and said[1:2] == ["you"] if said else False
    return any(word in _AMONG_PEOPLE for word in (said[2:] if to_us else said))


def _belongs(text: TokenStream, at: int, match: Match, *, sets: bool) -> bool:
    if match.role in {"sets", "choice"}:
        return True
    if match.role not in {"filler", "aside"} or match.not_done:
        return False
    if match.role == "aside" and phrase_size(text, at, INSTEAD):
        return True
    return all(
        atom.binds or atom.squashed in _ALLOWED or (sets and key_named(atom.squashed) is not None)
        for atom in text.atoms[at : at + match.size]
    )


def _is_wish(text: TokenStream, at: int) -> bool:
    return phrase_size(text, at, FASTER) > 0 or phrase_size(text, at, CHEAPER) > 0


def _is_asked(text: TokenStream) -> bool:
    """A question mark, or a Chinese word that asks wherever it stands."""
    said = [atom.squashed for atom in text.atoms]
    asking = any(word in _ASKING_ANYWHERE for word in said) or (_WHETHER in said and _is_of_a_card(text))
    return asking or _QUESTION_MARK.search(text.clean) is not None


def _is_of_a_card(text: TokenStream) -> bool:
    """`会不会更快`: of what a card says; people ask each other `会不会好一点`."""
    return bool(topic(text)) or any(_is_wish(text, at) for at in range(len(text.atoms)))


def _has_question(text: TokenStream) -> bool:
    if _is_asked(text):
        return True
    if len(text.atoms) < _SHORTEST:
        return False
    at = next((at for at in range(len(text.atoms)) if text.squashed(at) not in _BEFORE), 0)
    first = text.squashed(at)
    is_one_script = not first.isascii() or text.clean.isascii()
    if first in {"what", "which"} and text.squashed(at + 1) not in _AFTER_WHAT:
        return False
    return (first in _ASKING and is_one_script) or text.squashed(len(text.atoms) - 1) in _ASKING_AT_END


def _asks_of_the_card(text: TokenStream) -> bool:
    """`how much memory does it need?`: a whole question, with a word for what stands on the card."""
    is_whole = len(text.atoms) >= _SHORTEST and _is_asked(text)
    is_asked = any(atom.squashed in _ASKING for atom in text.atoms)
    return is_whole and is_asked and topic(text) in _SHOWN


def _sets(text: TokenStream, at: int, match: Match) -> bool:
    if match.role != "sets" or match.weak:
        return False
    is_of_people = any(atom.squashed == "we" for atom in text.atoms)
    if _is_asked(text) and len(text.atoms) >= _SHORTEST and not is_of_people:
        return True
    return not all(atom.squashed in EVERYDAY for atom in text.atoms[at : at + match.size])


def topic(text: TokenStream) -> str:
    """What of a card is asked for: memory, time, cost or GPUs; empty where nothing is."""
    found = (_topic_at(text, at) for at in range(len(text.atoms)))
    return next((each for each in found if each), "")


def _topic_at(text: TokenStream, at: int) -> str:
    size = phrase_size(text, at, _TOPICS)
    return _TOPICS["".join(text.squashed(at + n) for n in range(size))] if size else ""

"""Refused after it is named, or denied by words that no rule read: `aws is not allowed`, `packing off`."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.language import unwanted_words
from bot.language.kinds import AUTO, ValueFault
from bot.language.rules.match import Match, Matches, TokenStream, phrase_set, phrase_size
from bot.language.rules.negations import BARE, SWITCHED, WHY, is_asked, without

_AFTER: Final = phrase_set(unwanted_words.AFTER)
_OFF: Final = phrase_set(unwanted_words.OFF)
_HARMLESS: Final = phrase_set(unwanted_words.HARMLESS)
_AND: Final = frozenset(("and", "or", "nor", "和", "与", "及", "或", "以及", "或者", "还有", "跟"))
_LIST_MARKS: Final = frozenset(("/", "、", "&", "+"))
_SAME_CLAUSE: Final = frozenset(("", "(", ")", "-", '"', "'", "`", "*", *_LIST_MARKS))
_ASKS: Final = frozenset(("吗", "么", "呢", "嘛"))
_BETWEEN: Final = frozenset(
    ("is", "are", "的", "我们", "这里", "上", "这", "家", "云", "it", "to", "请", "给")
)
"""Words between what is named and what refuses it."""
_MOST_BETWEEN: Final = 2
_SAYING: Final = frozenset(("sets", "wrong", "unwanted"))
_WHICH: Final = frozenset(("which", "that", "it", "they", "those", "these", "这", "那个", "它", "它们"))
"""A clause that begins like that goes on with the one before."""


def refused(text: TokenStream, matches: Matches) -> Matches:
    """`aws is not allowed`, `阿里云不行`, `packing off`, `aws and gcp are banned`: left out."""
    found, index = list(matches), 0
    while index < len(found):
        if _is_bare(found[index][1]) and (size := _refusing_after(text, found, index)):
            at, match = found[index]
            span = _matches_within(found, index, at + size)
            if any(each.role in _SAYING for _, each in found[index + 1 : span + 1]):
                index = span
                continue
            end = found[span][0] + found[span][1].size
            refused_one = without(match, end - at)
            is_all = at == 0 and end == len(text.atoms) and _is_left_out(refused_one)
            refused_one = refused_one._replace(casual=is_all and match.casual)
            found[index : span + 1] = [(at, refused_one)]
            _refuse_the_list(text, found, index)
        index += 1
    return found


def _refusing_after(text: TokenStream, found: Matches, index: int) -> int:
    """Words from the match on up to the end of what refuses it; 0 where nothing does."""
    at, match = found[index]
    end = at + match.size
    end += text.binds(end)  # `aws: no`
    if (
        text.squashed(end) == "no"
        and not _parts(text, end)
        and (end + 1 == len(text.atoms) or _parts(text, end + 1))
    ):
        return end + 1 - at
    names = _AFTER | _OFF if SWITCHED.issuperset(name for name, _ in match.sets) else _AFTER
    for _ in range(_MOST_BETWEEN + 1):
        if end >= len(text.atoms) or _parts(text, end):
            return 0
        if size := phrase_size(text, end, names):
            is_told = not is_asked(text, end + size) and not phrase_size(text, end + size, _HARMLESS)
            return end + size - at if is_told and not _takes_more(text, found, end + size) else 0
        if text.squashed(end) not in _BETWEEN:
            return 0
        end += 1
    return 0


def _takes_more(text: TokenStream, found: Matches, end: int) -> bool:
    """`阿里云不要spot`: what is refused stands after, in the same breath."""
    return any(at == end and _is_bare(match) and not _parts(text, at) for at, match in found)


def _matches_within(found: Matches, index: int, end: int) -> int:
    """The last match that begins before `end`."""
    while index + 1 < len(found) and found[index + 1][0] < end:
        index += 1
    return index


def _refuse_the_list(text: TokenStream, found: list[tuple[int, Match]], index: int) -> None:
    """`aws and gcp are banned`, `packing and flash off`: what `and` joins to it is refused too."""
    at, has_and = index, False
    while at > 0:
        before = at - 2 if text.squashed(found[at - 1][0]) in _AND else at - 1
        has_and = has_and or before < at - 1
        gap = text.gap(found[at][0])
        joined = before < at - 1 or gap in _LIST_MARKS or (has_and and gap == ",")
        if before < 0 or not joined or not _is_alike(found[before][1], found[index][1]):
            return
        start, match = found[before]
        if not _is_left_out(match):
            found[before] = (start, without(match, match.size)._replace(casual=False))
        if before < at - 1:
            found[at - 1] = (found[at - 1][0], Match(size=found[at - 1][1].size, role="filler"))
        at = before


def _is_alike(match: Match, refused_one: Match) -> bool:
    """Whether both are sellers, or both switches."""
    if _is_left_out(refused_one):
        return _names_sellers(match) or _is_left_out(match)
    names = {name for name, _ in refused_one.sets}
    return names <= SWITCHED and _is_bare(match) and SWITCHED.issuperset(name for name, _ in match.sets)


def _is_left_out(match: Match) -> bool:
    return [name for name, _ in match.sets] == ["excluded_providers"]


def denied(text: TokenStream, matches: Matches) -> Matches:
    """`aws can't be beaten`: wanted or not? What nobody can know is asked back."""
    if any(_is_left_out(match) for _, match in matches):
        matches = [(at, _all_others(match)) for at, match in matches]
    if not any(_names_sellers(match) for _, match in matches):
        return matches
    found, before = list(matches), list[int]()
    for clause in _clauses(text, matches):
        sellers = [index for index in clause if _names_sellers(found[index][1])]
        of_before = _only_refuses(text, found, clause)
        is_denied = of_before or any(_denies(text, *found[index]) for index in clause)
        blamed, before = before if of_before else sellers, sellers
        if not blamed or not is_denied or _is_a_question(text, found, clause):
            continue
        for index in blamed:
            at, match = found[index]
            seller = _sellers(match)[0]
            fault = ValueFault("wanted_or_not", {"seller": seller}, (f"no-{seller}",))
            found[index] = (at, match._replace(role="wrong", fault=fault, key_shaped=False))
    return found


def _all_others(match: Match) -> Match:
    """`all providers bar aws`: every seller but the one that is left out."""
    is_any = match.role == "sets" and ("excluded_providers", AUTO) in match.sets
    return match._replace(sets=(("providers", AUTO),)) if is_any else match


def _only_refuses(text: TokenStream, found: Matches, clause: Sequence[int]) -> bool:
    """`阿里云太贵了，不用`, `vast? no thanks`: a clause that names nothing is about what came before."""
    is_refusal = bool(clause) and phrase_size(text, found[clause[0]][0], _AFTER) > 0
    return is_refusal and not any(found[index][1].role in _SAYING for index in clause)


def _clauses(text: TokenStream, found: Matches) -> Iterator[list[int]]:
    clause: list[int] = []
    for index, (at, _) in enumerate(found):
        word = text.squashed(at)
        if clause and word not in _WHICH and (_parts(text, at) or word in unwanted_words.BREAKS):
            yield clause
            clause = []
        clause.append(index)
    yield clause


def _parts(text: TokenStream, at: int) -> bool:
    """Whether a mark of a sentence stands before the word at `at`."""
    return at > 0 and text.gap(at) not in _SAME_CLAUSE


def _denies(text: TokenStream, at: int, match: Match) -> bool:
    """Whether a word that was set aside, or carries nothing, denies something that may be a thing named."""
    if match.role in _SAYING or match.not_done:
        return False
    denying = [at + n for n in range(match.size) if _is_negative(text.squashed(at + n))]
    return any(
        not phrase_size(text, one + 1, _HARMLESS) and text.squashed(one - 1) not in WHY for one in denying
    )


def _is_negative(word: str) -> bool:
    is_chinese = word[:1] in unwanted_words.NEGATIVE_CHARACTERS and word not in unwanted_words.WHOLE_WORDS
    return word in unwanted_words.NEGATIVE or (bool(word) and is_chinese)


def _is_a_question(text: TokenStream, found: Matches, clause: Sequence[int]) -> bool:
    """`isn't aws cheaper?`, `why not aws`, `用阿里云不是更便宜吗`: asked by denying."""
    at, match = found[clause[-1]]
    end = at + match.size
    if text.squashed(end - 1) in _ASKS:
        return True
    is_marked = "?" in (text.gap(end) if end < len(text.atoms) else text.clean[text.atoms[end - 1].end :])
    begin = found[clause[0]][0]
    said = {text.squashed(begin)} | {text.squashed(each) for each in range(begin, end) if is_marked}
    return not said.isdisjoint(unwanted_words.ASKING_BY_DENYING)


def _is_bare(match: Match) -> bool:
    return (
        match.role == "sets"
        and bool(match.sets)
        and not match.key_shaped
        and BARE.issuperset(name for name, _ in match.sets)
    )


def _names_sellers(match: Match) -> bool:
    is_named = match.role == "sets" and not match.key_shaped and bool(match.sets)
    return is_named and match.sets[0][0] == "providers" and bool(_sellers(match))


def _sellers(match: Match) -> tuple[str, ...]:
    sellers = match.sets[0][1]
    return sellers if isinstance(sellers, tuple) else ()

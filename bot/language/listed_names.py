"""Names and sizes of a text together: `7b, 14b, 32b` are a comparison, `Llama 3.1 ... 70B` is one model."""

import re
from itertools import pairwise
from typing import Final

from bot.language.kinds import squash
from bot.language.rules.match import Match, Matches, TokenStream
from bot.language.values import SIZE

_AND: Final = frozenset(("and", "和", "与", "跟", "及", "以及"))
_LIST_MARKS: Final = frozenset((",", "、", "/", "&", "+", "|"))
_FEWEST: Final = {"model": 2, "method": 3, "gpu": 3}
"""Field -> from how many names on a list is a comparison; two GPUs may be in one machine."""
_OF_A_ROW: Final = 3
"""Sizes from which nothing needs to stand between them: `7b 14b 32b`."""
_SIZE_AT_END: Final = re.compile(r"-(?:\d{1,3}x)?\d{1,4}(?:\.\d{1,2})?[bm]$", re.ASCII)


def listed_names(text: TokenStream, matches: Matches) -> Matches:
    """`matches`, with each further name of a list as one more choice."""
    if not any(_names(match) in _FEWEST for _, match in matches):
        return matches
    found, run = list(matches), list[int]()
    for index in range(len(found)):
        field = _names(found[index][1])
        before = _before(text, found, index) if field else None
        if before is not None and field == "model":
            found[index] = _of_the_family(text, found, before, index)
        if before is not None and run and run[-1] == before and _are_alike(text, found, before, index):
            run.append(index)
            continue
        if field or found[index][1].role == "sets":
            _close(text, found, run)
            run = [index] if field else []
    _close(text, found, run)
    return found


def with_its_size(text: TokenStream, matches: Matches) -> Matches:
    """`Llama 3.1 ... the 70B model`: a family and the only size that the text has are one model."""
    families = [
        index for index, (_, match) in enumerate(matches) if match.fault and match.fault.code == _UNSIZED
    ]
    sizes = [index for index, (_, match) in enumerate(matches) if _names(match) == "model"]
    if len(families) != 1 or len(sizes) != 1:
        return matches
    (start, family), (at, sized) = matches[families[0]], matches[sizes[0]]
    size = str(sized.sets[0][1])
    key = text.names.model_keys.get(squash(text.typed(start, family.size)) + size)
    if key is None or not SIZE.fullmatch(size):
        return matches
    found = list(matches)
    found[families[0]] = (start, Match(size=family.size, role="filler", casual=False))
    found[sizes[0]] = (at, sized._replace(sets=(("model", key),), casual=False))
    return found


_UNSIZED: Final = "model_without_size"


def _close(text: TokenStream, found: list[tuple[int, Match]], run: list[int]) -> None:
    """Marks the names after the first, where the list is long enough."""
    if not run or len(run) < _FEWEST[_names(found[run[0]][1])]:
        return
    is_joined = all(_is_joined(text, found, one, other) for one, other in pairwise(run))
    if not is_joined and len(run) < _OF_A_ROW:
        return
    for index in run[1:]:
        found[index] = (found[index][0], found[index][1]._replace(listed=True))


def _names(match: Match) -> str:
    """The field of a name that stands alone; empty where there is none."""
    is_one = match.role == "sets" and len(match.sets) == 1 and not match.key_shaped and not match.weak
    return match.sets[0][0] if is_one and match.sets[0][0] in _FEWEST else ""


def _before(text: TokenStream, found: Matches, index: int) -> int | None:
    """The name of the same field right before, over `and`, `or` or nothing."""
    over = index > 1 and (text.squashed(found[index - 1][0]) in _AND or found[index - 1][1].role == "choice")
    before = index - 1 - over
    same = before >= 0 and _names(found[before][1]) == _names(found[index][1])
    return before if same else None


def _is_joined(text: TokenStream, found: Matches, before: int, index: int) -> bool:
    return index - before > 1 or text.gap(found[index][0]) in _LIST_MARKS


def _are_alike(text: TokenStream, found: Matches, before: int, index: int) -> bool:
    """Two sizes, or two names: a name and its size again are one model."""
    is_joined = _is_joined(text, found, before, index)
    if _names(found[index][1]) != "model":
        return is_joined
    one, other = (str(found[each][1].sets[0][1]) for each in (before, index))
    is_one_kind = (SIZE.fullmatch(one) is None) == (SIZE.fullmatch(other) is None)
    return (
        is_one_kind
        and one != other
        and (_is_joined(text, found, before, index) or SIZE.fullmatch(one) is not None)
    )


def _of_the_family(text: TokenStream, found: Matches, before: int, index: int) -> tuple[int, Match]:
    """`qwen2.5-7b, 14b`: the size is one more of the family."""
    at, match = found[index]
    named, size = str(found[before][1].sets[0][1]), text.squashed(at)
    family = _SIZE_AT_END.sub("", named)
    if family == named or not SIZE.fullmatch(size) or not _is_joined(text, found, before, index):
        return at, match
    key = text.names.model_keys.get(squash(family) + size)
    return (at, match._replace(sets=(("model", key),))) if key else (at, match)

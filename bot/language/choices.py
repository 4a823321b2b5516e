"""Two choices in one question: `2x 3090 or 1x 4090?`, `seq=2k,8k,32k` are a comparison."""

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Final

from bot.language.grammar import KEY_OF_FIELD
from bot.language.kinds import AUTO, Real, ValueFault, Whole
from bot.language.rules.asides import CHANGES
from bot.language.rules.match import Match, Matches, TokenStream, numeral_at, phrase_size
from bot.language.sides import of_the_sides
from bot.language.values import number_of

MOST_CHOICES: Final = 8
_ALIKE: Final = 8
"""How many times another value of one key may be larger: `seq=2k,8k,32k`."""
_AND: Final = frozenset(("and", "和", "与", "跟"))
_BETWEEN: Final = frozenset(
    ("between", "difference", "diff", "compare", "comparing", "差", "差别", "区别", "相差")
)
"""Words with which `and` parts what is compared."""
_NOR: Final = _AND | frozenset(("or", "nor", "及", "以及", "或", "或者", "还有"))
_LIST_MARKS: Final = frozenset((",", "，", "、", "/", "&", "+"))


_COMPARING: Final = frozenset(
    ("vs", "vs.", "versus", "against", "compare", "comparedto", "comparedwith", "对比", "相比", "比", "比较")
)
"""Of the words of choice, those that need no second thing beside a card."""


def compares(text: TokenStream, at: int) -> bool:
    """Whether the word of choice at `at` sets what follows beside something."""
    return phrase_size(text, at, _COMPARING) > 0


def listed(text: TokenStream, matches: Matches) -> Matches:
    """`matches`, with numbers that only repeat their neighbour's key read as its values: `r=8 or 16`."""
    found = list(matches)
    for index, (at, match) in enumerate(found):
        if match.fault is None or match.fault.code != "bare_number" or match.size != 1:
            continue
        before, is_apart = _neighbour(found, index, -1, text)
        after, _ = _neighbour(found, index, 1, text)
        if (
            before is not None
            and (read := _as_another(text, at, before))
            and (is_apart or _is_alike(before, read))
        ):
            found[index] = (at, read._replace(role="sets") if is_apart else read._replace(listed=True))
        elif after is not None and (read := _as_another(text, at, after)):
            found[index] = (at, read)
    return found


def of_one_name(text: TokenStream, matches: Matches) -> Matches:
    """`matches`, with a memory beside a GPU read as another of that name: `A100 40G vs 80G`."""
    found = list(matches)
    for index, (at, match) in enumerate(found):
        before = _over_a_choice(text, found, index)
        if before is None:
            continue
        said = dict(found[before][1].sets)
        is_memory = _sets_alone(match) == "gpu_memory_gb"
        other = (
            text.names.of_memory(said.get("gpu"), match.sets[0][1])
            if is_memory
            else text.names.of_form(said.get("gpu"), text.squashed(at))
        )
        if other is not None:
            said["gpu"] = other
            found[index] = (at, Match(size=match.size, role="sets", sets=tuple(said.items()), casual=False))
    return found


def _over_a_choice(text: TokenStream, found: Matches, index: int) -> int | None:
    """The match of a GPU before `index`, where `or`, `and` or a mark of a list stands between."""
    before = index - 1
    is_joined = index > 0 and _gap(text, found, index) in _LIST_MARKS
    if index > 0 and (found[before][1].role == "choice" or text.squashed(found[before][0]) in _NOR):
        before, is_joined = before - 1, True
    if not is_joined or before < 0 or found[before][1].role != "sets":
        return None
    return before if {name for name, _ in found[before][1].sets} <= {"gpu", "num_gpus"} else None


def left_out(text: TokenStream, matches: Matches) -> Matches:
    """`matches`, with a list after a seller that is not wanted left out as a whole: `no aws or azure`."""
    found = list(matches)
    for index, (at, match) in enumerate(found):
        sellers = _sellers(text, at, match)
        if index == 0 or not sellers or text.squashed(at + match.size) == "instead":
            continue
        before, is_joined = index - 1, _gap(text, found, index) in _LIST_MARKS
        if text.squashed(found[before][0]) in _NOR:
            before, is_joined = before - 1, True
        if before < 0 or not is_joined or _sets_alone(found[before][1]) != "excluded_providers":
            continue
        if not found[before][1].casual:
            continue  # `aws no, gcp yes`: refused after its name
        for between in range(before + 1, index):
            found[between] = (found[between][0], Match(size=found[between][1].size, role="filler"))
        found[index] = (at, Match(size=match.size, role="sets", sets=(("excluded_providers", sellers),)))
    return found


def _sellers(text: TokenStream, at: int, match: Match) -> object:
    """The sellers that a match names and nothing else, be the name an ordinary word too."""
    if _sets_alone(match) == "providers":
        return match.sets[0][1]
    named = text.names.provider_keys.get(text.squashed(at)) if match.role in {"aside", "filler"} else None
    return (named,) if named else ()


def _sets_alone(match: Match) -> str:
    """The one field that the match sets; empty where it sets none or more."""
    return match.sets[0][0] if match.role == "sets" and len(match.sets) == 1 else ""


def _gap(text: TokenStream, found: Matches, index: int) -> str:
    """What stands between a match and the one before."""
    return text.clean[_end(text, found, index - 1) : text.atoms[found[index][0]].start].strip()


def _is_alike(before: Match, read: Match) -> bool:
    """`ga=8, 2048`: after a comma a number of another size is of something else."""
    said = dict(before.sets)
    pairs = ((said[name], value) for name, value in read.sets if isinstance(value, int) and name in said)
    return all(isinstance(one, int) and max(one, other) <= _ALIKE * min(one, other) for one, other in pairs)


def _neighbour(found: Matches, index: int, step: int, text: TokenStream) -> tuple[Match | None, bool]:
    """The match beside `index`, over a word of choice or a comma; whether the word was there."""
    at = index + step
    over = 0 <= at < len(found) and found[at][1].role == "choice"
    at += step if over else 0
    if not 0 <= at < len(found) or found[at][1].role != "sets":
        return None, over
    later = max(index, at)
    joined = over or (step < 0 and _gap(text, found, later) in {",", "/", "、", "|"})
    return (found[at][1] if joined else None), over


def _end(text: TokenStream, found: Matches, index: int) -> int:
    at, match = found[index]
    return text.atoms[at + match.size - 1].end


def _as_another(text: TokenStream, at: int, like: Match) -> Match | None:
    """The number at `at` as another value of what `like` sets."""
    fields = dict(like.sets)
    name = "num_gpus" if "num_gpus" in fields else next(iter(fields), "")
    key, numeral = KEY_OF_FIELD.get(name), numeral_at(text, at)
    if key is None or numeral is None or numeral.size != 1 or not isinstance(key.kind, Whole | Real):
        return None
    value = number_of(key.kind, numeral.text)
    if isinstance(value, ValueFault) or (len(fields) > 1 and name != "num_gpus"):
        return None
    sets = tuple((field, value if field == name else said) for field, said in fields.items())
    return Match(size=1, role="sets", sets=sets, casual=False)


def _parts(text: TokenStream, at: int, match: Match) -> bool:
    """Whether the match says that there are two things: `or`, one more value, `换成` after something else."""
    is_change = match.role == "filler" and (
        phrase_size(text, at, CHANGES) > 0 or text.squashed(at) == "which"
    )
    is_between = text.squashed(at) in _AND and not _BETWEEN.isdisjoint(text.words)
    return match.role == "choice" or match.listed or is_change or is_between


def variants(
    text: TokenStream, matches: Matches, twice: Sequence[tuple[str, int, int]]
) -> tuple[list[tuple[int, Match]], ...]:
    """The matches of each choice; empty where nothing is to be compared.

    What is said of each choice in turn goes together: the first GPU with the first model.
    """
    if not any(_parts(text, at, match) for at, match in matches):
        return ()
    if not twice:
        return _of_sellers(text, matches) or _of_two_kinds(matches)
    on_every_side = _on_every_side(matches)
    contested = {name for name, _, _ in twice} | on_every_side
    if any(value is AUTO for _, match in matches for name, value in match.sets if name in contested):
        return ()
    chosen = {name: list(_setting(matches, name)) for name in contested}
    sides = set(chosen.get("gpu", ())) if on_every_side else set[int]()
    chosen = {
        name: found
        for name, found in chosen.items()
        if name == "gpu" or not sides or not sides.issuperset(found)
    }  # `4090 vs 2x4090 vs 4x4090`: what a GPU's own words say goes with it
    sizes = {len(indices) for indices in chosen.values()}
    if len(sizes) != 1 or (size := sizes.pop()) > MOST_CHOICES:
        return ()
    sellers = list(_setting(matches, "providers"))
    if len(sellers) == size and len(_sides(matches, sellers)) > 1:
        chosen["providers"] = sellers
    own = of_the_sides(text, matches, chosen.get("gpu", ())) or [set[int]()] * size
    turns = [{indices[turn] for indices in chosen.values()} | own[turn] for turn in range(size)]
    return tuple(_variant(matches, set().union(*turns), turn) for turn in turns)


def _on_every_side(matches: Matches) -> set[str]:
    """`bs 8 on 4090 vs bs 32 on 2x4090`: the GPU is that of each side, be it the same one."""
    gpus = list(_setting(matches, "gpu"))
    marks = sum(match.role == "choice" for _, match in matches)
    return {"gpu"} if marks and len(gpus) == marks + 1 == len(_sides(matches, gpus)) else set()


def _sides(matches: Matches, indices: Sequence[int]) -> set[int]:
    """Words of choice before each: `4090 on vast or l40s on runpod` has a seller on either side."""
    return {sum(match.role == "choice" for _, match in matches[:index]) for index in indices}


def _of_sellers(text: TokenStream, matches: Matches) -> tuple[list[tuple[int, Match]], ...]:
    """`aws vs runpod`, `compare 7b on aws, gcp`: each by itself; `aws or gcp` is whichever asks less."""
    sellers = list(_setting(matches, "providers"))
    marks = (at for at, match in matches if match.role == "choice")
    is_compared = any(compares(text, at) or text.squashed(at) == "than" for at in marks)
    if not 1 < len(sellers) <= MOST_CHOICES or not (is_compared or not _BETWEEN.isdisjoint(text.words)):
        return ()
    return tuple(_variant(matches, set(sellers), {seller}) for seller in sellers)


def _of_two_kinds(matches: Matches) -> tuple[list[tuple[int, Match]], ...]:
    """`ddp or fsdp`, `galore 7b vs lora 7b`: nothing is said twice, and all the same there are two things.

    Two runs where a model stands on both sides, else the two words beside the one that parts them.
    """
    marks = [index for index, (_, match) in enumerate(matches) if match.role == "choice"]
    if len(marks) != 1:
        return ()
    left, right = list(matches[: marks[0]]), list(matches[marks[0] + 1 :])
    if all(any(name == "model" for _, match in side for name, _ in match.sets) for side in (left, right)):
        return (left, right)
    if not left or not right or left[-1][1].role != "sets" or right[0][1].role != "sets":
        return ()
    one, other = (dict(each.sets).keys() for each in (left[-1][1], right[0][1]))
    return () if one & other else ([*left, *right[1:]], [*left[:-1], *right])


def _setting(matches: Matches, name: str) -> Iterator[int]:
    return (
        index
        for index, (_, match) in zip(count(), matches, strict=False)
        if not match.weak and match.role == "sets" and any(field == name for field, _ in match.sets)
    )


def _variant(matches: Matches, taken: set[int], own: set[int]) -> list[tuple[int, Match]]:
    return [each for index, each in enumerate(matches) if index not in taken or index in own]

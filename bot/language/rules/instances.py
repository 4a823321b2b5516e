"""Machines by the names that clouds give them: `p4d.24xlarge`, `2x a3-highgpu-8g`, `Standard_ND96asr_v4`."""

import re
from collections import defaultdict
from functools import cache
from typing import Final, NamedTuple

from bot.files import MachineType, load_machine_types
from bot.language import sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.kinds import Pairs, ValueFault, squash
from bot.language.rules.match import Match, TokenStream, numeral_at, once, opened_by, phrase_set, phrase_size
from bot.language.values import number_of

_SHAPE: Final = re.compile(
    r"(?:ml\.)?[a-z][\w-]*\.(?:\d{0,3}x?large\d{0,4}|metal)"  # Amazon, Tencent; SageMaker's begin with `ml.`
    r"|ecs\.[\w.-]+|[ag]\d[a-z]?-[a-z]+-\d+g?"  # Alibaba, Google
    r"|standard(?:[_-]?n\w+)?|n[cdv]\w*\d\w*"  # Microsoft
    r"|(?:bm|vm)\.gpu\d?\.[\w.-]+|gpu_\d+x_\w+|eg1\.[\w.-]+|gpu-[\w-]+-[a-z]+|nvt\d-[\w-]+"  # the others
    r"|(?:ml\.)?[pg]r?\d[a-z]{0,2}|gn\d{1,2}[a-z]{0,2}",  # families
    re.IGNORECASE | re.ASCII,
)
_COUNTED: Final = re.compile(r"(?P<count>\d{1,4})[x*](?P<name>.*)", re.IGNORECASE | re.ASCII)
_MOST_WORDS: Final = 4
"""Of one name: `Standard ND96isr H100 v5`."""
_SHORTEST_ALONE: Final = 3
"""Letters of a family that is known without a word beside it: `p4d`; `g5` may be anything."""
_NOUNS: Final = phrase_set((*sentences.MACHINES, *sentences.INSTANCES))
_TIMES: Final = ("x", "*")
_STANDARD: Final = "standard"
"""The first word of a machine of Microsoft."""
_NODES: Final = KEY_OF_FIELD["num_nodes"]


class _Named(NamedTuple):
    """Machines of one kind: `num_gpus` is None where a family has several sizes."""

    seller: str
    gpu: str
    num_gpus: int | None
    is_family: bool = False


@cache
def _known() -> dict[str, _Named]:
    """Squashed name -> machine; those of Microsoft without `Standard_`, too."""
    types = {squash(name): _Named(*machine) for name, machine in load_machine_types().items()}
    short = {name.removeprefix("standard"): machine for name, machine in types.items()}
    return {**_families(), **short, **types}


def _families() -> dict[str, _Named]:
    """What all sizes of one share: `p4d` is eight A100, `g6e` so many L40S."""
    sizes: dict[str, set[MachineType]] = defaultdict(set)
    for name, machine in load_machine_types().items():
        named = re.match(r"(?:ecs\.)?([a-z]+\d+[a-z]*)[.-]", name)
        if named and machine.seller in ("aws", "alibaba"):
            sizes[named[1]].add(machine)
    found: dict[str, _Named] = {}
    for family, machines in sizes.items():
        first, counts = next(iter(machines)), {each.num_gpus for each in machines}
        if {(each.seller, each.gpu) for each in machines} == {(first.seller, first.gpu)}:
            count = first.num_gpus if len(counts) == 1 else None
            found[family] = _Named(first.seller, first.gpu, count, is_family=True)
    return found


@opened_by((_STANDARD,))
def instance(text: TokenStream, at: int) -> Match | None:
    """`p4d.24xlarge`, `Standard_ND96asr_v4 x 2`: a machine of a cloud, or several."""
    found = _named_at(text, at)
    if found is None:
        return None
    machine, size = found
    count, after = _count_after(text, at + size)
    return _match(text, at, machine, size + after, count)


def counted_instances(text: TokenStream, at: int) -> Match | None:
    """`2x p4d.24xlarge`, `两台 ecs.gn7e-c16g1.32xlarge`: so many nodes."""
    word = text.word(at)
    glued = _COUNTED.fullmatch(word.text) if word else None
    if glued and glued["name"]:
        machine = _known().get(_plain(glued["name"])) if _SHAPE.fullmatch(glued["name"]) else None
        return _match(text, at, machine, 1, glued["count"]) if machine else None
    count, size = (glued["count"], 1) if glued else _count_at(text, at)
    if not size:
        return None
    begin = at + size
    begin += text.squashed(begin) in _TIMES or text.squashed(begin) in ("台", "个")
    found = _named_at(text, begin)
    return _match(text, at, found[0], begin - at + found[1], count) if found else None


def _count_at(text: TokenStream, at: int) -> tuple[str, int]:
    """A plain number or a word for one, and its words; `7b` counts nothing."""
    numeral = numeral_at(text, at)
    is_count = numeral is not None and (numeral.is_word or numeral.text.isdigit())
    return (numeral.text, numeral.size) if numeral and is_count else ("", 0)


def machine_value(text: TokenStream, at: int) -> tuple[Pairs, int] | None:
    """What `gpu=p4d.24xlarge` sets, and over how many words."""
    match = instance(text, at) or counted_instances(text, at)
    return (match.sets, match.size) if match and match.role == "sets" else None


def _count_after(text: TokenStream, at: int) -> tuple[str, int]:
    """The number and the words of `x 2`, `x2`, `*2`."""
    word = text.squashed(at)
    if word in _TIMES and (numeral := numeral_at(text, at + 1)) is not None:
        return numeral.text, 1 + numeral.size
    return (word[1:], 1) if word[:1] in _TIMES and word[1:].isdigit() else ("", 0)


@once
def _named_at(text: TokenStream, at: int) -> tuple[_Named, int] | None:
    """The machine whose name begins at `at`, and over how many words."""
    word = text.word(at)
    if (
        word is None
        or not _may_be_one(word.squashed)
        or text.binds(at + 1)
        or not _SHAPE.fullmatch(word.text)
    ):
        return None
    names = [_plain(text.typed(at, size)) for size in range(1, _MOST_WORDS + 1) if text.word(at + size - 1)]
    for size in range(len(names), 0, -1):
        machine = _known().get(names[size - 1])
        if machine and machine.gpu in text.names.gpus and _is_meant(text, at, machine, names[size - 1]):
            return machine, size
    return None


def _may_be_one(word: str) -> bool:
    """Letters first, and a digit somewhere but in `Standard ND96asr v4`."""
    return word[:1].isalpha() and (not word.isalpha() or word == _STANDARD)


def _plain(name: str) -> str:
    return squash(name.lower().removeprefix("ml."))


def _is_meant(text: TokenStream, at: int, machine: _Named, name: str) -> bool:
    """A family of two letters is one beside `instance` or its seller: `aws p5`, `a g5 instance`."""
    if not machine.is_family or len(name) >= _SHORTEST_ALONE:
        return True
    before = at > 0 and text.names.provider_keys.get(text.squashed(at - 1)) == machine.seller
    return before or phrase_size(text, at + 1, _NOUNS) > 0


def _match(text: TokenStream, at: int, machine: _Named, size: int, count: str) -> Match:
    size += phrase_size(text, at + size, _NOUNS)
    number = number_of(_NODES.kind, count) if count else 1
    if not isinstance(number, int):
        fault = number if isinstance(number, ValueFault) else ValueFault("not_whole")
        return Match(size=size, role="wrong", fault=fault.of("nodes"))
    sets: Pairs = (("gpu", machine.gpu), ("providers", (machine.seller,)))
    if machine.num_gpus is not None:
        sets = (*sets, ("num_gpus", machine.num_gpus * number))
    if number > 1:
        sets = (*sets, ("num_nodes", number))
    return Match(size=size, role="sets", sets=sets, casual=not machine.is_family)

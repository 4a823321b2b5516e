"""Machines and the GPUs in each: `4机8卡`, `2x8 h100`, `2 nodes with 8 gpus each`."""

import re
from typing import Final

from bot.language import run_words, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.kinds import Pairs, ValueFault
from bot.language.numerals import CLASSIFIERS
from bot.language.rules.gpus import count_first, counted_gpu, gpu_after, gpu_at
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.rules.memory import gpus_of_memory
from bot.language.small_words import ARTICLES
from bot.language.values import number_of

_EACH: Final = phrase_set(sentences.EACH)
_PER_NODE: Final = phrase_set(run_words.PER_NODE)
_MACHINES: Final = phrase_set(sentences.MACHINES)
_MACHINES_EACH: Final = phrase_set(sentences.MACHINES_EACH)
_OF_EACH: Final = phrase_set(sentences.OF_EACH)
_TOTAL: Final = phrase_set(sentences.IN_TOTAL)
_NODES, _GPUS = KEY_OF_FIELD["num_nodes"], KEY_OF_FIELD["num_gpus"]
_TIMES: Final = re.compile(r"(?P<nodes>\d{1,4})[x*](?P<gpus>\d{1,2})(?:[x*](?P<gpu>.+))?", re.IGNORECASE)
_GPUS_OF_MACHINES: Final = frozenset(("1", "2", "4", "8", "10", "16"))
_JOINS: Final = frozenset(("of", "x", "*", "各", "每台", "每机", "每节点", "每个节点"))
_ONE: Final = frozenset("一单")
_HAS: Final = frozenset(("has", "have", "with", "有", "是"))

_OF_ITS_GPUS: Final = frozenset(("dual", "triple", "quad", "双"))
"""Counts what is in a machine: a `dual A100 box` has two of them."""
_OF_SEVERAL: Final = frozenset(("cluster", "clusters", "pod", "rig", "workstation", "pool", "setup"))
MOST_GPUS_OF_A_MACHINE: Final = 8
"""`2机8卡` are two machines of eight; of more, `2机16卡` are sixteen in all."""
GPUS_PER_NODE: Final = "gpus_per_node"
"""Not of a request: how many GPUs one machine has."""
ONE_NODE: Final = "one_node"
"""Likewise: that machine is the only one where no other number is said: `一个节点4卡，两个节点`."""
NODES_FIRST: Final = "nodes_first"
"""Likewise: `2机` stands before its GPUs, which are those of each; `16张H100，两台机器` has sixteen."""
ALL_OF_MACHINES: Final = (GPUS_PER_NODE, ONE_NODE, NODES_FIRST)


_SLICE: Final = re.compile(r"(?:tpu-?)?(?P<kind>v(?:3|4|5p|5e|5litepod|6e))-(?P<size>\d{1,5})", re.IGNORECASE)
_TPU: Final = ("tpu",)
_CORES_OF_A_CHIP: Final = {"v3": 2, "v4": 2, "v5p": 2}
"""Google counts the cores of these in the name of a slice, of the others the chips."""


@opened_by(_TPU)
def slice_of_tpus(text: TokenStream, at: int) -> Match | None:
    """`tpu v4-32`, `v5e-8`: so many cores or chips; `v4` has 32 GB, which the name does not say."""
    before = text.squashed(at) in _TPU
    word = text.word(at + before)
    found = _SLICE.fullmatch(word.text) if word else None
    if found is None or "tpu" not in text.clean.lower():
        return None
    kind, size = found["kind"].lower(), int(found["size"])
    gpu = text.names.gpu_keys.get(f"tpu{kind}") or text.names.gpu_keys.get(kind)
    chips = size // _CORES_OF_A_CHIP.get(kind, 1)
    if gpu is None or not chips:
        return None
    return Match(size=1 + before, role="sets", sets=(("gpu", gpu), ("num_gpus", chips)), casual=False)


def one_of_a_gpu(text: TokenStream, at: int) -> Match | None:
    """`a 3090`, `a 16 GB card`: one, where no number is said; `an H100 node` has as many as it has."""
    if text.squashed(at) not in ARTICLES:
        return None
    gpu = gpu_at(text, at + 1)
    memory = None if gpu else gpus_of_memory(text, at + 1)
    size = gpu[1] if gpu else memory.size if memory and memory.role == "sets" else 0
    after = at + 1 + size
    if not size or phrase_size(text, after, _MACHINES) or text.squashed(after) in _OF_SEVERAL:
        return None
    return Match(size=1, role="filler", sets=(("num_gpus", 1),), weak=True)


def _nodes_at(text: TokenStream, at: int) -> tuple[int, int, str] | None:
    """Number, atoms and noun of the machines counted at `at`."""
    nodes = numeral_at(text, at)
    size = phrase_size(text, at + nodes.size, _MACHINES) if nodes else 0
    if nodes is None or not size or text.binds(at + nodes.size + size):
        return None
    number = number_of(_NODES.kind, nodes.text)
    if not isinstance(number, int):
        return None
    noun = "".join(text.squashed(at + nodes.size + n) for n in range(size))
    return number, nodes.size + size, noun


def machines(text: TokenStream, at: int) -> Match | None:
    """`4机8卡`, `两台8卡`, `2 machines with 8 h100s each`: GPUs of one machine, times the machines."""
    found = _nodes_at(text, at)
    if found is None:
        return None
    number, size, noun = found
    begin = at + size
    if text.squashed(begin) == "of" and NOUNS.get(text.squashed(begin - 1)) is _NODES:
        return None  # `nodes_of_gpus` reads it, in a plain reply too
    between = phrase_size(text, begin, _OF_EACH)
    total = 0 if between else phrase_size(text, begin, _TOTAL)
    gpus = _counted(text, begin + between + total)
    if gpus is None:
        return _machines_alone(number, noun, size)
    end = begin + between + total + gpus.size
    if total:
        sets: Pairs = (*gpus.sets, ("num_nodes", number))
        return Match(size=end - at, role="sets", sets=sets, casual=False)
    each = _each_after(text, end)
    joined = text.squashed(begin) in _JOINS
    is_next = "gpu" in dict(gpus.sets) and not text.is_apart(begin)  # `2 nodes 8xh100`
    if not (each or noun in _MACHINES_EACH or joined or is_next or number == 1):
        return _machines_alone(number, noun, size)
    sets = _of_machines(gpus, number, is_each=bool(each) or joined)
    is_plain = NOUNS.get(noun) is _NODES and not (each or joined)
    return Match(size=end + each - at, role="sets", sets=sets, casual=is_plain and gpus.casual)


def _of_machines(gpus: Match, number: int, *, is_each: bool) -> Pairs:
    """What machines with `gpus` come to; `is_each`: a word says that each has so many."""
    if number == 1 and not is_each:
        return (*_of_each(gpus), (ONE_NODE, True))
    if not is_each and are_all(dict(gpus.sets)["num_gpus"], number):
        return (*gpus.sets, ("num_nodes", number))
    return _multiplied(gpus, number)


def are_all(num_gpus: object, num_nodes: object) -> bool:
    """`2机16卡`: more GPUs than a machine has, which the machines divide, are counted in all."""
    if not isinstance(num_gpus, int) or not isinstance(num_nodes, int):
        return False
    return num_gpus > MOST_GPUS_OF_A_MACHINE and num_gpus % num_nodes == 0


def _machines_alone(number: int, noun: str, size: int) -> Match | None:
    is_each = noun in _MACHINES_EACH
    if not is_each and NOUNS.get(noun) is _NODES:
        return None
    each: Pairs = ((NODES_FIRST, True),) if is_each else ()
    return Match(size=size, role="sets", sets=(("num_nodes", number), *each), casual=False)


def _multiplied(gpus: Match, number: int) -> Pairs:
    said = dict(gpus.sets)
    per_node = said.pop("num_gpus")
    return (*said.items(), ("num_nodes", number), ("num_gpus", int(str(per_node)) * number))


def _each_after(text: TokenStream, at: int) -> int:
    """Words that make the GPUs before them one machine's; in `16卡，每机8卡` they go on."""
    size = phrase_size(text, at, _EACH)
    if not size or text.is_apart(at):
        return 0
    after = text.word(at + size)
    return size if after is None or text.is_apart(at + size) or _counted(text, at + size) is None else 0


def _of_each(gpus: Match) -> Pairs:
    return tuple((GPUS_PER_NODE if name == "num_gpus" else name, value) for name, value in gpus.sets)


def _counted(text: TokenStream, at: int) -> Match | None:
    """A GPU with its count, or a count of GPUs."""
    if (match := counted_gpu(text, at)) and match.role == "sets":
        return match
    numeral = numeral_at(text, at)
    if numeral is None or NOUNS.get(text.squashed(at + numeral.size)) is not _GPUS:
        return None
    value = number_of(_GPUS.kind, numeral.text)
    if isinstance(value, ValueFault):
        return None
    return Match(size=numeral.size + 1, role="sets", sets=(("num_gpus", value),))


@opened_by(_EACH)
def gpus_of_a_machine(text: TokenStream, at: int) -> Match | None:
    """`8 h100s per node`, `each node has 8 gpus`, `2 per node`: times the machines, if they are counted."""
    before = phrase_size(text, at, _EACH)
    is_one = before > 0 and text.squashed(at)[:1] in _ONE
    before += text.squashed(at + before) in _HAS if before else 0
    gpus = _counted(text, at + before) or (None if before else _number_per_node(text, at))
    after = _each_after(text, at + before + gpus.size) if gpus else 0
    if gpus is None or not (before or after):
        return None
    sets = (*_of_each(gpus), (ONE_NODE, True)) if is_one else _of_each(gpus)
    return Match(size=before + gpus.size + after, role="sets", sets=sets, casual=False)


def _number_per_node(text: TokenStream, at: int) -> Match | None:
    """`2 per node`: of what, the words say."""
    numeral = numeral_at(text, at)
    if numeral is None or not phrase_size(text, at + numeral.size, _PER_NODE):
        return None
    value = number_of(_GPUS.kind, numeral.text)
    return None if isinstance(value, ValueFault) else Match(numeral.size, "sets", (("num_gpus", value),))


def machines_times_gpus(text: TokenStream, at: int) -> Match | None:
    """`2x8 h100`, `2x8xH100`, `4*8卡`: machines times the GPUs of each."""
    word = text.word(at)
    found = _TIMES.fullmatch(word.text) if word else None
    if found is None or found["gpus"] not in _GPUS_OF_MACHINES:
        return None
    nodes = number_of(_NODES.kind, found["nodes"])
    gpu = gpu_after(text, at, found["gpu"]) if found["gpu"] else gpu_at(text, at + 1)
    is_count = not found["gpu"] and NOUNS.get(text.squashed(at + 1)) is _GPUS
    if not isinstance(nodes, int) or not (gpu or is_count):
        return None
    said: Pairs = (("gpu", gpu[0]),) if gpu else ()
    size = (gpu[1] if gpu else 1) + (not found["gpu"])
    counts: Pairs = (("num_nodes", nodes), ("num_gpus", nodes * int(found["gpus"])))
    return Match(size=size, role="sets", sets=(*said, *counts))


def machines_of_a_gpu(text: TokenStream, at: int) -> Match | None:
    """`2 h100 nodes`, `two 8xA100 servers`: machines named by what is in them."""
    nodes = numeral_at(text, at)
    if nodes is None or text.squashed(at) in _OF_ITS_GPUS:
        return None
    begin = at + nodes.size
    each = text.squashed(begin) in CLASSIFIERS and begin + 1 < len(text.atoms)  # `三个8*V100`
    begin += each
    counted = count_first(text, begin)
    gpu = None if counted else gpu_at(text, begin)
    size = counted.size if counted else gpu[1] if gpu else 0
    noun = phrase_size(text, begin + size, _MACHINES) if size else 0
    each = each and counted is not None
    number = number_of(_NODES.kind, nodes.text)
    if not (noun or each) or not isinstance(number, int) or (counted and counted.fault):
        return None
    named: Pairs = (("gpu", gpu[0]), ("num_nodes", number)) if gpu else ()
    sets = _multiplied(counted, number) if counted else named
    return Match(size=begin + size + noun - at, role="sets", sets=sets, casual=False)


def machines_times_counted(text: TokenStream, at: int) -> Match | None:
    """`2x 8xh100`, `2 * 8 * h100`, `8xh100 x2`: as many machines, each of so many GPUs."""
    word = text.word(at)
    if word is None or not _MAY_BE_TIMES.match(word.text):
        return None
    before = _times_at(text, at, _TIMES_FIRST)
    gpus = count_first(text, at + before[1] if before else at)
    if gpus is None or gpus.role != "sets":
        return None
    end = at + (before[1] if before else 0) + gpus.size
    after = (
        None if before or text.word(end) is None or text.is_apart(end) else _times_at(text, end, _TIMES_LAST)
    )
    found = before or after
    if found is None or dict(gpus.sets)["num_gpus"] not in range(1, MOST_GPUS_OF_A_MACHINE + 1):
        return None
    size = end + (after[1] if after else 0) - at
    return Match(size=size, role="sets", sets=_multiplied(gpus, found[0]))


def _times_at(text: TokenStream, at: int, joined: re.Pattern[str]) -> tuple[int, int] | None:
    """A number with its sign, in one word or two, as number and words: `2x`, `2 *`, `x2`, `x 2`."""
    word, after = text.word(at), text.word(at + 1)
    if word is not None and (found := joined.fullmatch(word.text)):
        return int(found["number"]), 1
    if word is None or after is None or not (spaced := joined.fullmatch(f"{word.text}{after.text}")):
        return None
    return int(spaced["number"]), 2


_MAY_BE_TIMES: Final = re.compile(r"\d{1,2}(?:[x*]|$)", re.IGNORECASE | re.ASCII)
_TIMES_FIRST: Final = re.compile(r"(?P<number>[1-9]\d?)[x*]", re.IGNORECASE | re.ASCII)
_TIMES_LAST: Final = re.compile(r"[x*](?P<number>[1-9]\d?)", re.IGNORECASE | re.ASCII)

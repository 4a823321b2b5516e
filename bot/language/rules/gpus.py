"""GPUs and how many: `4xh100`, `h100x8`, `2 × l40s`, `8 h100s`, `两张4090`, `2 nodes of 8 h100s`."""

import re
from collections.abc import Iterator

from bot.language import numerals, small_words
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import KEY_NAMES, MORE_NOUNS, NOUNS
from bot.language.keys import Key
from bot.language.kinds import AUTO, Pairs, ValueFault, squash
from bot.language.rules.match import LONGEST_PHRASE, Match, Numeral, TokenStream, numeral_at, once
from bot.language.values import SIZE, is_auto, number_of

_COUNT_FIRST = re.compile(r"(\d[\d,]*)[x*](.*)", re.IGNORECASE | re.ASCII)
_COUNT_LAST = re.compile(r"(.*?)[x*](\d[\d,]*)", re.IGNORECASE | re.ASCII)
_PLAIN_COUNT = re.compile(r"-?\d[\d,_.]*", re.ASCII)
_GLUED_COUNT = re.compile(
    rf"(\d{{1,3}}(?=-?[a-z])|(?:{'|'.join(sorted(numerals.COUNTING_ALONE, key=len)[::-1])})(?=-))-?(.+)",
    re.IGNORECASE | re.ASCII,
)
_ENGINE = "ds"
"""`4090 ds zero3` has no 4090 D in it."""
_MAKERS = frozenset(small_words.MAKERS)
_TIMES = ("x", "*")
_COUNTING = (*_TIMES, *numerals.CLASSIFIERS, "张", "路")
"""Between a number and a GPU: the number counts, whatever its size."""
_BETWEEN = (*_COUNTING, "卡")
MOST_COUNTED = 1024
"""GPUs that a number alone may count: `2080 a100` has another GPU in it, `2080x a100` says how many."""
_SEVERAL, _OF = ("couple", "pair"), ("of",)
_GPUS = KEY_OF_FIELD["num_gpus"]
_NODES = KEY_OF_FIELD["num_nodes"]
_FILLERS = frozenset(small_words.FILLERS_EN)
GPU_NOUNS = _GPUS.nouns
GPU_ENDS = frozenset(("ti", "xt", "xtx", "super"))
"""What makes another GPU of one: a `4070 ti` is no `4070`."""


def gpu_named(text: TokenStream, name: str) -> str | None:
    """The key of a squashed GPU name, singular or plural."""
    keys = text.names.gpu_keys
    return keys.get(name) or (keys.get(name[:-1]) if name.endswith("s") else None)


@once
def gpu_at(text: TokenStream, at: int) -> tuple[str, int] | None:
    """Key and size of the longest GPU name at `at`."""
    return _longest_gpu(text, at, text.phrases(at)) if text.word(at) else None


def gpu_after(text: TokenStream, at: int, first: str) -> tuple[str, int] | None:
    """Likewise, with `first` in place of the word at `at`: the end of `4xh100`."""
    return _longest_gpu(text, at, tuple(_phrases_after(text, at, squash(first)))) if text.word(at) else None


def _longest_gpu(text: TokenStream, at: int, phrases: tuple[str, ...]) -> tuple[str, int] | None:
    for size in range(len(phrases), 0, -1):
        if (size > 1 and _is_apart(text, at, phrases, size)) or _is_version(text, at, phrases[size - 1]):
            continue
        if key := gpu_named(text, phrases[size - 1]):
            return None if text.squashed(at + size) in GPU_ENDS else (key, size)
    return None


def _is_apart(text: TokenStream, at: int, phrases: tuple[str, ...], size: int) -> bool:
    """`a 100 …` is not an A100, `a100 40g bs 4` no `a100-40gbs`.

    In `a100 80 samples` 80 counts samples; in `rtx 3090 cards` the number belongs to the name.
    """
    last = text.squashed(at + size - 1)
    is_counting = last.isdigit() and text.squashed(at + size) in NOUNS
    is_whole_before = is_counting and gpu_named(text, phrases[size - 2]) is not None
    return _is_article(phrases[0]) or last in KEY_NAMES or last == _ENGINE or is_whole_before


def _is_version(text: TokenStream, at: int, name: str) -> bool:
    """`whisper large v3` has no TPU in it."""
    is_bound = at > 0 and text.binds(at - 1)
    return name in small_words.EVERYDAY_NAMES and not is_bound and "tpu" not in text.clean.lower()


def _phrases_after(text: TokenStream, at: int, first: str) -> Iterator[str]:
    """Phrases that begin with `first` in place of the word at `at`."""
    phrase, size = first, 1
    while text.names.begins_a_name(phrase) and size <= LONGEST_PHRASE:
        yield phrase
        phrase, size = phrase + (text.squashed(at + size) or "?"), size + 1


def _is_article(word: str) -> bool:
    """`a 100 …` is not an A100."""
    return word in _FILLERS


def counted_gpu(text: TokenStream, at: int) -> Match | None:
    """A GPU with its count, in either order."""
    return count_first(text, at) or count_last(text, at)


@once
def count_first(text: TokenStream, at: int) -> Match | None:
    """`4xh100`, `4 x h100`, `8 h100s`, `两张4090`."""
    found = _count_and_gpu(text, at)
    return _counted(text, at, *found) if found else None


def _count_and_gpu(text: TokenStream, at: int) -> tuple[str, str, int] | None:
    """The count at `at`, the key of the GPU after it, and how many atoms both take."""
    atom = text.word(at)
    if atom is None:
        return None
    if found := _COUNT_FIRST.fullmatch(atom.text):
        return _joined_by_times(text, at, found[1], found[2])
    numeral = numeral_at(text, at)
    if numeral is None or not (numeral.is_word or _PLAIN_COUNT.fullmatch(numeral.text)):
        return None
    begin = at + numeral.size
    between = text.squashed(begin)
    begin += between in (_OF if text.squashed(at) in _SEVERAL else _BETWEEN)
    begin += makers_at(text, begin)
    gpu, is_counting = gpu_at(text, begin), between in _COUNTING
    if gpu is None and (after := text.word(begin)) and after.text[:1].lower() in _TIMES:
        gpu, is_counting = gpu_after(text, begin, after.text[1:]), True
    if gpu is None or not (is_counting or _may_count(text, at, numeral)):
        return None
    return numeral.text, gpu[0], begin - at + gpu[1]


def _may_count(text: TokenStream, at: int, numeral: Numeral) -> bool:
    """Whether a number that no sign makes a count is one: in `4090 h100` and `4080 a100` it is a GPU."""
    if numeral.is_word:
        return True
    value = number_of(_GPUS.kind, numeral.text)
    return gpu_at(text, at) is None and (not isinstance(value, int) or value <= MOST_COUNTED)


def _joined_by_times(text: TokenStream, at: int, count: str, rest: str) -> tuple[str, str, int] | None:
    """`4xh100`, or `4x h100` where nothing stands behind the sign."""
    if rest and squash(rest) not in _MAKERS:
        gpu = gpu_after(text, at, rest)
        return (count, gpu[0], gpu[1]) if gpu else None
    makers = makers_at(text, at + 1)
    gpu = gpu_at(text, at + 1 + makers)
    return (count, gpu[0], 1 + makers + gpu[1]) if gpu else None


def makers_at(text: TokenStream, at: int) -> int:
    """Words between a count and a GPU that say who made it: `4 x NVIDIA GeForce RTX 4090`."""
    size = 0
    while text.squashed(at + size) in _MAKERS:
        size += 1
    return size


def _glued_count(text: TokenStream, at: int) -> Match | None:
    """`8A100`, `8-A100-40G`, `dual-3090`: the number as part of the word."""
    word = text.word(at)
    found = _GLUED_COUNT.fullmatch(word.text) if word else None
    gpu = gpu_after(text, at, found[2]) if found and not gpu_at(text, at) else None
    if found is None or gpu is None:
        return None
    number = str(numerals.ENGLISH.get(found[1].lower(), found[1]))
    return _counted(text, at, number, gpu[0], gpu[1])


@once
def count_last(text: TokenStream, at: int) -> Match | None:
    """`h100x8`, `h100 x 8`; and what is neither first nor last: `8A100`, `dual-3090`."""
    return _count_in_last_word(text, at) or _count_after_name(text, at) or _glued_count(text, at)


def _count_in_last_word(text: TokenStream, at: int) -> Match | None:
    """`h100x8`, `a100 80gbx8`, `h100 x8`."""
    before = ""
    for size in range(1, LONGEST_PHRASE + 1):
        last = text.word(at + size - 1)
        if last is None:
            return None
        found = _COUNT_LAST.fullmatch(last.text)
        if found and (key := gpu_named(text, before + squash(found[1]))):
            return _counted(text, at, found[2], key, size)
        before += last.squashed
        if not text.names.begins_a_name(before) or _is_article(before):
            return None
    return None


def _count_after_name(text: TokenStream, at: int) -> Match | None:
    """`h100 x 8`, `h100 *8`."""
    gpu = gpu_at(text, at)
    if gpu is None:
        return None
    size = gpu[1] + (text.squashed(at + gpu[1]) in _TIMES)
    if size == gpu[1] and not _is_starred(text, at + size):
        return None
    numeral = numeral_at(text, at + size)
    return _counted(text, at, numeral.text, gpu[0], size + numeral.size) if numeral else None


def _is_starred(text: TokenStream, at: int) -> bool:
    """`A100 80G *8`: the star is a sign; around `*8 epochs*` it is a mark."""
    word = text.word(at)
    if word is None or text.clean[max(word.start - 1, 0)] != "*":
        return False
    is_marked = text.clean[word.end : word.end + 1] == "*"
    noun = NOUNS.get(text.squashed(at + 1))
    return not is_marked and (noun is None or noun is _GPUS)


def _counted(text: TokenStream, at: int, count: str, key: str, size: int) -> Match:
    value = number_of(_GPUS.kind, count)
    size += swallowed_noun(text, at + size, _GPUS.nouns)
    if isinstance(value, ValueFault):
        return Match(size=size, role="wrong", fault=value.of("gpus"))
    return Match(size=size, role="sets", sets=(("gpu", key), ("num_gpus", value)))


def swallowed_noun(text: TokenStream, at: int, nouns: tuple[str, ...]) -> int:
    """1 where one of `nouns` only repeats what was said: `8 h100 gpus`, `seq 4096 tokens`."""
    if text.squashed(at) not in nouns or text.binds(at + 1):
        return 0
    return 0 if is_before_its_number(text, at) else 1


def is_before_its_number(text: TokenStream, at: int) -> bool:
    """Whether the noun at `at` is a key (`samples 10k epochs 3`), not what a number before it counts."""
    key = NOUNS.get(text.squashed(at)) or MORE_NOUNS.get(text.squashed(at))
    while key and (numeral := numeral_at(text, at + 1)) is not None and not numeral.is_word:
        if _is_no_value(text, at + 1, numeral, key):
            return False
        at += 1 + numeral.size
        if (key := NOUNS.get(text.squashed(at))) is None or text.binds(at + 1):
            return True
    return False


def _is_no_value(text: TokenStream, at: int, numeral: Numeral, key: Key) -> bool:
    """Whether the number at `at` is a GPU's or a model's: `30m tokens 8xh100`, `3 epochs 7b`."""
    if _count_and_gpu(text, at) or gpu_at(text, at) or gpu_at(text, at + numeral.size):
        return True
    is_size = SIZE.fullmatch(numeral.text) is not None
    return is_size and isinstance(number_of(key.kind, numeral.text), ValueFault)


def gpu_alone(text: TokenStream, at: int) -> Match | None:
    """A GPU without a count, or `any`."""
    if (gpu := gpu_at(text, at)) is None:
        return None
    size = gpu[1] + swallowed_noun(text, at + gpu[1], _GPUS.nouns)
    return Match(size=size, role="sets", sets=(("gpu", gpu[0]),))


def nodes_of_gpus(text: TokenStream, at: int) -> Match | None:
    """`2 nodes of 8 h100s`: the one place where a GPU's number is that of one node."""
    nodes = numeral_at(text, at)
    if nodes is None or NOUNS.get(text.squashed(at + nodes.size)) is not _NODES:
        return None
    begin = at + nodes.size + 1
    if text.squashed(begin) != "of":
        return None
    gpus = counted_gpu(text, begin + 1) or _bare_count(text, begin + 1)
    return _multiplied(nodes, gpus, begin + 1 - at) if gpus else None


def _bare_count(text: TokenStream, at: int) -> Match | None:
    numeral = numeral_at(text, at)
    if numeral is None or NOUNS.get(text.squashed(at + numeral.size)) is not _GPUS:
        return None
    value = number_of(_GPUS.kind, numeral.text)
    return (
        None
        if isinstance(value, ValueFault)
        else Match(size=numeral.size + 1, role="sets", sets=(("num_gpus", value),))
    )


def _multiplied(nodes: Numeral, gpus: Match, before: int) -> Match:
    num_nodes, size = number_of(_NODES.kind, nodes.text), before + gpus.size
    if gpus.fault or isinstance(num_nodes, ValueFault):
        fault = gpus.fault or num_nodes
        return Match(size=size, role="wrong", fault=fault if isinstance(fault, ValueFault) else None)
    said = dict(gpus.sets)
    said |= {"num_nodes": num_nodes, "num_gpus": said["num_gpus"] * num_nodes}  # type: ignore[operator]  # both whole
    return Match(size=size, role="sets", sets=tuple(said.items()))


def gpu_value(text: TokenStream, at: int) -> tuple[Pairs, int] | None:
    """What `gpu=` sets at `at`, and over how many atoms."""
    word = text.word(at)
    if word is not None and is_auto(word.text):
        return (("gpu", AUTO),), 1
    match = counted_gpu(text, at)
    if match and match.role == "sets":
        return match.sets, match.size
    gpu = gpu_at(text, at)
    return ((("gpu", gpu[0]),), gpu[1]) if gpu else None

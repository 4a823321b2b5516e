"""What is recognised and not known: GPUs of no catalogue, data sets told in bytes."""

import re
from typing import Final

from bot.language import sentences, suggestions
from bot.language.kinds import ValueFault
from bot.language.rules.gpus import GPU_ENDS
from bot.language.rules.match import Match, TokenStream, numeral_at, phrase_set, phrase_size
from bot.language.rules.memory import memory_value
from bot.language.short_numbers import short

_MAKERS: Final = frozenset(("gtx", "rtx", "rx", "quadro", "titan", "radeon", "geforce"))
_NUMBERED: Final = re.compile(
    r"(?:gtx|rtx|rx)?-?\d{3,4}-?(?:ti|xt|xtx|super|m)|(?:gtx|rtx|rx)-?\d{3,4}", re.IGNORECASE | re.ASCII
)
_VAGUE: Final = frozenset(("geforce", "radeon", "rtx", "gtx"))
_DIGITS: Final = (3, 4)
_ALIKE: Final = 75
_COUNT: Final = re.compile(r"\d{1,3}[x*]?", re.IGNORECASE | re.ASCII)
_BYTES: Final = re.compile(
    r"(?P<number>\d{1,5}(?:\.\d{1,2})?)(?P<unit>kb|mb|gb|tb|g)", re.IGNORECASE | re.ASCII
)
_UNITS: Final = {"kb": 10**3, "mb": 10**6, "g": 10**9, "gb": 10**9, "tb": 10**12}
_DATA: Final = phrase_set(sentences.DATA)
_BYTES_A_TOKEN: Final = 4
_LOOK_BACK: Final = 3


def unlisted_gpu(text: TokenStream, at: int) -> Match | None:
    """`3080ti`, `2 rtx titan`, `7900 xtx 24gb`: a GPU that the catalogue has not."""
    word = text.word(at)
    counted = word is not None and _COUNT.fullmatch(word.text) is not None and _name_size(text, at + 1) > 0
    before = 1 if counted and not _name_size(text, at) else 0
    size = _name_size(text, at + before)
    if not size:
        return None
    count = f"{text.atoms[at].text.rstrip('xX*')}x" if before else ""
    memory = memory_value(text, at + before + size)
    if memory is not None:
        fault = ValueFault("unlisted_gpu", {}, (f"{count} {memory[0]}gb".strip(),))
        return Match(size=before + size + memory[1], role="unknown", fault=fault)
    name = "".join(text.squashed(at + before + n) for n in range(size))
    near = suggestions.for_name(name, text.names.shown_gpus, cutoff=_ALIKE)
    fault = ValueFault("unlisted_gpu", {}, tuple(count + each for each in near))
    return Match(size=before + size, role="unknown", fault=fault)


def _name_size(text: TokenStream, at: int) -> int:
    """Words of what looks like the name of a GPU: its maker, its number, its end."""
    word = text.word(at)
    if word is None:
        return 0
    makers = 0
    while text.squashed(at + makers) in _MAKERS:
        makers += 1
    number = text.word(at + makers)
    is_number = number is not None and number.text.isdigit() and len(number.text) in _DIGITS
    is_whole = number is not None and _NUMBERED.fullmatch(number.text) is not None
    end = is_number and text.squashed(at + makers + 1) in GPU_ENDS
    if is_whole or end or (makers and is_number):
        return makers + 1 + bool(end)
    return makers if any(text.squashed(at + n) not in _VAGUE for n in range(makers)) else 0


def data_in_bytes(text: TokenStream, at: int) -> Match | None:
    """`40MB of text`, `a dataset of 2GB`: a data set is counted in tokens or samples."""
    found = _bytes_at(text, at)
    if found is None:
        return None
    number, size = found
    size_of = 1 if text.squashed(at + size) == "of" else 0
    after = phrase_size(text, at + size + size_of, _DATA)
    before = any(text.squashed(at - back) in _DATA for back in range(1, min(at, _LOOK_BACK) + 1))
    if not (after or before):
        return None
    tokens = short(number // _BYTES_A_TOKEN)
    fault = ValueFault("bytes_of_data", {"tokens": tokens}, (f"tokens={tokens}",))
    return Match(size=size + (size_of + after if after else 0), role="wrong", fault=fault)


def named_data_set(text: TokenStream, at: int) -> Match | None:
    """`databricks-dolly-15k`: a data set that people name, with its samples where its name tells them."""
    word = text.word(at)
    first, *rest = word.text.lower().split("-") if word else ("",)
    if word is None or not rest or not _DATA_SETS & {first, *rest}:
        return None
    found = _THOUSANDS.fullmatch(rest[-1])
    sets = (("num_examples", int(found[1]) * 1000),) if found else ()
    return Match(size=1, role="sets" if sets else "aside", sets=sets, casual=False, weak=True)


_DATA_SETS: Final = phrase_set(sentences.DATA_SETS)
_THOUSANDS: Final = re.compile(r"(\d{1,4})k", re.ASCII)


def size_of_a_corpus(text: TokenStream, at: int) -> Match | None:
    """`300M语料`, `1B corpus`: tokens most likely, but samples and bytes are told like that, too."""
    numeral = numeral_at(text, at)
    noun = at + (numeral.size if numeral else 0)
    if numeral is None or numeral.is_word or text.squashed(noun) not in _CORPUS or text.is_apart(noun):
        return None
    fault = ValueFault("bare_number", {}, (f"tokens={numeral.text}", f"n={numeral.text}"))
    return Match(size=numeral.size, role="wrong", fault=fault)


_CORPUS: Final = frozenset(("语料", "语料库", "corpus", "corpora"))


def _bytes_at(text: TokenStream, at: int) -> tuple[int, int] | None:
    """The bytes told at `at`, and over how many atoms."""
    word, numeral = text.word(at), numeral_at(text, at)
    if word is None or numeral is None:
        return None
    if found := _BYTES.fullmatch(word.text):
        return int(float(found["number"]) * _UNITS[found["unit"].lower()]), 1
    joined = _BYTES.fullmatch(word.text + text.squashed(at + 1))
    return (int(float(joined["number"]) * _UNITS[joined["unit"].lower()]), 2) if joined else None

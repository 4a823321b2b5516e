"""Numbers with what they count: `3 epochs`, `10k samples`, `8卡`, `tp2`."""

from typing import Final

from bot.language import numerals, run_words, sentences
from bot.language.grammar import GLUED_KEYS, KEY_OF_FIELD
from bot.language.index import FILLERS, MORE_NOUNS, NOUNS, key_named
from bot.language.keys import Key
from bot.language.kinds import Choice, ValueFault, squash
from bot.language.rules.gpus import gpu_at, is_before_its_number, swallowed_noun
from bot.language.rules.match import Match, Numeral, TokenStream, numeral_at, once, phrase_set, phrase_size
from bot.language.rules.openings import is_count
from bot.language.values import GLUED, SIZE, ends_of, looks_like_number, number_of

_SAMPLES, _TOKENS = KEY_OF_FIELD["num_examples"], KEY_OF_FIELD["num_tokens"]
_LENGTH = KEY_OF_FIELD["sequence_length"]
LONGEST_SAMPLE = 200_000
"""Tokens up to which a sample is spoken of; more are a data set."""
_GPUS = KEY_OF_FIELD["num_gpus"]
_LONGEST_GPU: Final = 3
"""Words of a GPU's name."""
_MOST_BY_CLASSIFIER: Final = 16
_RANK = KEY_OF_FIELD["lora_rank"]
_USUAL_RANKS = frozenset(str(2**power) for power in range(2, 10))
"""`r32` is a rank; `r1` is a model."""
_PER_STEP: Final = phrase_set(sentences.PER_STEP)
_DESCRIBING: Final = phrase_set(run_words.DESCRIBING)
_DESCRIBED: Final = frozenset(
    noun
    for table in (NOUNS, MORE_NOUNS)
    for noun, key in table.items()
    if key.field in {"num_examples", "num_tokens", "num_epochs", "num_steps"}
)
_THAN_BEFORE: Final = phrase_set(run_words.THAN_BEFORE)
_SIZED_NOUNS = (_SAMPLES, _TOKENS)
"""Nouns whose number may look like a model's size: `30m tokens`."""


def samples_of_tokens(text: TokenStream, at: int) -> Match | None:
    """`10 000 samples of 1 024 tokens`, `200k rows x 2k`: the tokens are those of one sample."""
    samples = numeral_at(text, at)
    noun = text.squashed(at + samples.size) if samples else ""
    if samples is None or (NOUNS.get(noun) or MORE_NOUNS.get(noun)) is not _SAMPLES:
        return None
    begin = at + samples.size + 1
    tokens = length_each(text, begin) or length_of(text, begin)
    count = number_of(_SAMPLES.kind, samples.text)
    if tokens is None or isinstance(count, ValueFault):
        return None
    end = begin + tokens[1]
    a_step = phrase_size(text, end, _PER_STEP)
    field = "global_batch_size" if a_step else _SAMPLES.field
    sets = ((field, count), (_LENGTH.field, tokens[0]))
    return Match(size=end + a_step - at, role="sets", sets=sets, casual=False)


_EACH_OF: Final = ("of", "x", "*", "@")


def length_each(text: TokenStream, at: int) -> tuple[int, int] | None:
    """The length of each and its words: `of 1024 tokens`, `x 2048`."""
    mark = text.squashed(at)
    numeral = numeral_at(text, at + 1) if mark in _EACH_OF else None
    if numeral is None or numeral.is_word:
        return None
    is_told = NOUNS.get(text.squashed(at + 1 + numeral.size)) is _TOKENS
    length = number_of(_LENGTH.kind, numeral.text)
    if not isinstance(length, int) or not (is_told or (mark != "of" and length >= _SHORTEST_ALONE)):
        return None
    return length, 1 + numeral.size + is_told


def length_of(text: TokenStream, at: int) -> tuple[int, int] | None:
    """`of 4096`, `of 4k`: a usual length says without its noun that it is one."""
    numeral = numeral_at(text, at + 1) if text.squashed(at) == "of" else None
    if numeral is None or numeral.is_word:
        return None
    length = number_of(_LENGTH.kind, numeral.text)
    if not isinstance(length, int) or length < _SHORTEST_ALONE or length & (length - 1):
        return None
    return length, 1 + numeral.size


_SHORTEST_ALONE: Final = 64
"""Tokens from which a number after `x` is a length: `bs=4 x 2048`; `4 x 8` are GPUs."""


def number_with_noun(text: TokenStream, at: int) -> Match | None:
    """`3 epochs`, `10k samples`, `8卡`, `三轮`."""
    numeral = numeral_at(text, at)
    if numeral is None:
        return None
    noun_at = at + numeral.size
    noun_at += text.squashed(noun_at) in numerals.OR_MORE
    noun_at += text.squashed(noun_at) in numerals.CLASSIFIERS
    more = described(text, noun_at)
    noun_at += more
    noun = text.squashed(noun_at)
    key = NOUNS.get(noun) or MORE_NOUNS.get(noun) or _of_data(text, numeral, noun_at, more)
    is_told = noun == "data" and more  # `1M instruction data` is no model of 1M
    if (
        key is None
        or _binds_a_number(text, noun_at + 1)
        or (not is_told and _is_something_else(text, at, numeral.text, noun_at, key))
    ):
        return None
    if key is _TOKENS and _is_a_length(numeral.text):
        key = _LENGTH
    size = noun_at + 1 - at + swallowed_noun(text, noun_at + 1, key.nouns)
    if more and text.squashed(noun_at - 1) in _THAN_BEFORE:
        return Match(size=size, role="wrong", fault=ValueFault("more_of_it", {"key": key.name}))
    value = number_of(key.kind, numeral.text)
    if isinstance(value, ValueFault):
        is_told = noun in NOUNS and not more
        return Match(size=size, role="wrong", fault=value.of(key.name), key_shaped=is_told)
    chatty = numeral.is_word and key.field not in {"num_gpus", "num_nodes", "num_epochs"}
    casual = noun in NOUNS and not (chatty or more)
    return Match(size=size, role="sets", sets=((key.field, value),), casual=casual)


def _of_data(text: TokenStream, numeral: Numeral, at: int, described: int) -> Key | None:
    """`1M instruction data`, `10k data`: of samples, where no model can have so many parameters."""
    if text.squashed(at) not in {"data", "dataset"} or text.squashed(at + 1) in {"parallel", "parallelism"}:
        return None
    if numeral.text in text.names.gpu_keys or not (
        numeral.is_word or is_count(numeral.text) or ends_of(numeral.text)
    ):
        return None  # `4090 dataset is 40MB`, `50,000-row dataset`
    is_many = numeral.text[-1:].lower() in _MANY or len(numeral.text) > len("999")
    return _SAMPLES if described or (is_many and not SIZE.fullmatch(numeral.text)) else None


_MANY: Final = frozenset("kw千万")


def gpus_by_classifier(text: TokenStream, at: int) -> Match | None:
    """`a100一块`, `4090 两块`: right after the GPU, and no money."""
    numeral = numeral_at(text, at)
    if numeral is None or text.squashed(at + numeral.size) not in numerals.CLASSIFIERS:
        return None
    is_after = any(_ends_a_gpu(text, at - back, back) for back in range(1, min(at, _LONGEST_GPU) + 1))
    value = number_of(_GPUS.kind, numeral.text)
    if not is_after or text.is_apart(at) or not isinstance(value, int) or value > _MOST_BY_CLASSIFIER:
        return None
    return Match(size=numeral.size + 1, role="sets", sets=(("num_gpus", value),), casual=False)


def _ends_a_gpu(text: TokenStream, at: int, size: int) -> bool:
    gpu = gpu_at(text, at)
    return gpu is not None and gpu[1] == size


def described(text: TokenStream, at: int) -> int:
    """Words between a number and its noun: `10k training samples`, `5万条 指令数据`."""
    size = phrase_size(text, at, _DESCRIBING)
    is_known = text.squashed(at + size) in _DESCRIBED or text.squashed(at + size) == "data"
    return size if size and (is_known or _is_than_before(text, at, size)) else 0


def _is_than_before(text: TokenStream, at: int, size: int) -> bool:
    """`one fewer gpu`: of any noun."""
    return size == 1 and text.squashed(at) in _THAN_BEFORE and text.squashed(at + 1) in NOUNS


def _binds_a_number(text: TokenStream, at: int) -> bool:
    """`samples: 10k`; in `10k samples: total cost?` the colon only ends what was said."""
    after = text.word(at + 1)
    return text.binds(at) and (
        text.atoms[at].text == "=" or (after is not None and looks_like_number(after.text))
    )


def _is_a_length(number: str) -> bool:
    """`4096 tokens`, `16k tokens`: no data set is so small; a sequence is meant."""
    count = number_of(_TOKENS.kind, number)
    return isinstance(count, int) and count <= LONGEST_SAMPLE


def _is_something_else(text: TokenStream, at: int, number: str, noun_at: int, key: Key) -> bool:
    """`4090 cards` are RTX 4090s; in `7b epochs 3` the number belongs to the model."""
    if key.field == "num_gpus" and gpu_at(text, at):
        return True
    if SIZE.fullmatch(number) is None:
        return False
    if text.squashed(noun_at) in FILLERS or text.is_apart(noun_at):
        return True  # `1.5b，token长度300`
    if key not in _SIZED_NOUNS:
        return True
    if text.word(noun_at + 1) and text.is_apart(noun_at + 1) and not text.is_apart(noun_at):
        return False
    return is_before_its_number(text, noun_at) and not _is_the_count(text, number, noun_at)


def _is_the_count(text: TokenStream, number: str, noun_at: int) -> bool:
    """Of the sizes on both sides of a noun, whether the first is what it counts: `30m tokens 7b`.

    What a comma or a line keeps beside the noun belongs to it; else the larger is the model.
    """
    after = text.word(noun_at + 1)
    if after is None or SIZE.fullmatch(after.text) is None:
        return False
    is_apart = tuple(text.is_apart(at) for at in (noun_at, noun_at + 1))
    if any(is_apart):
        return is_apart == (False, True)
    first, second = (number_of(_TOKENS.kind, size) for size in (number, after.text))
    return isinstance(first, int) and isinstance(second, int) and first < second


@once
def glued(text: TokenStream, at: int) -> Match | None:
    """A number and its noun or key in one word: `3epochs`, `8-gpu`, `tp2`, `bs16`."""
    word = text.word(at)
    if word is None:
        return None
    found = GLUED.fullmatch(word.text)
    noun = squash(found["noun"]) if found else ""
    key, number = (
        (NOUNS.get(noun) or MORE_NOUNS.get(noun), found["number"]) if found else _glued_key(word.text)
    )
    if key is None:
        return None
    value = number_of(key.kind, number) if not isinstance(key.kind, Choice) else _zero_stage(number)
    if isinstance(value, ValueFault):
        return Match(
            size=1,
            role="wrong",
            fault=value.of(key.name),
            key_shaped=True,
        )
    return Match(size=1, role="sets", sets=((key.field, value),))


def _glued_key(word: str) -> tuple[Key | None, str]:
    lower = word.lower()
    for name in GLUED_KEYS if lower.startswith(GLUED_KEYS) else ():
        if lower.startswith(name) and lower[len(name) : len(name) + 1].isdigit():
            return (
                (key_named(name), lower[len(name) :])
                if lower[len(name) :].rstrip("km").isdigit()
                else (None, "")
            )
    return (_RANK, lower[1:]) if lower[:1] == "r" and lower[1:] in _USUAL_RANKS else (None, "")


def _zero_stage(number: str) -> object | ValueFault:
    return (
        ValueFault("out_of_range", {"low": "0", "high": "3"})
        if number not in {"0", "1", "2", "3"}
        else int(number)
    )

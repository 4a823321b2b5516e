"""What sentences have besides tokens: negations, choices, wishes, things that we do not do."""

import re
from typing import Final

from bot.language import sentences, suggestions
from bot.language.index import CHINESE, COMMANDS, has_chinese, is_known
from bot.language.kinds import squash
from bot.language.normalize import has_refused_digit
from bot.language.rules.keys import NOT_DONE, key_at
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_set, phrase_size
from bot.language.rules.memory import memory_value
from bot.language.rules.negations import NEGATIONS, token_at
from bot.language.values import looks_like_number
from estimator.spec import MAX, SIZES

CHOICES: Final = phrase_set(sentences.CHOICES)
CHANGES: Final = phrase_set(sentences.CHANGES)
_LARGEST: Final = phrase_set(sentences.LARGEST)
_LONGEST_ALONE: Final = phrase_set(sentences.LONGEST_ALONE)
_HOW_LARGE: Final = phrase_set(sentences.HOW_LARGE)
_LARGEST_MODEL: Final = phrase_set(sentences.LARGEST_MODEL)
_ASKING_WHICH: Final = ("what", "which")
_FITTING: Final = phrase_set(sentences.FITTING)
_IN: Final = phrase_set(sentences.IN_CURRENCY)
_CURRENCIES: Final = {squash(word): code for code, names in sentences.CURRENCIES.items() for word in names}
FASTER: Final = phrase_set(sentences.FASTER)
CHEAPER: Final = phrase_set(sentences.CHEAPER)
_FILLERS: Final = phrase_set(
    (
        *sentences.MORE_FILLERS,
        *sentences.GREETINGS,
        *sentences.FIRST_QUESTIONS,
        *sentences.DATA_SETS,
        *sentences.SPENT,
        *sentences.ASKING,
        *(word for word in sentences.IN_QUESTIONS if squash(word) not in NEGATIONS),
        *(word for names in sentences.NAMES_OF_CARDS.values() for word in names),
    )
)
_ADDRESSES: Final = ("http://", "https://", "<!", "<#", "<@")
_MARKS_OF_VALUES: Final = frozenset("=<>$€£¥%")
_OFFLOADED: Final = frozenset(("offload", "offloading", "offloaded", "cpuoffload", "optimizer", "卸载"))
_SHORTEST_KEY: Final = 4
"""Letters of a key that is an ordinary word too: `context`, not `seq`."""
_SUPERLATIVES: Final = ("fastest", "cheapest", "最")


@opened_by(sentences.ON_SELLERS)
def on_a_seller(text: TokenStream, at: int) -> Match | None:
    """`on together`, `在google`: a seller whose name is an ordinary word, where nothing unknown goes on."""
    name = text.squashed(at + 1)
    if name not in text.names.ambiguous_sellers or text.squashed(at) not in sentences.ON_SELLERS:
        return None
    after = text.word(at + 2)
    if after is not None and after.text.isalpha() and not text.is_apart(at + 2):
        is_ours = is_known(after.squashed) or text.phrases_said[at + 2] or token_at(text, at + 2)
        if not is_ours:
            return None
    sellers = (text.names.provider_keys[name],)
    return Match(size=2, role="sets", sets=(("providers", sellers),), casual=False)


@opened_by(CHOICES, CHANGES)
def parting(text: TokenStream, at: int) -> Match | None:
    """`or`, `vs`, `还是`: parts two things that are to be compared."""
    size = phrase_size(text, at, CHOICES) or phrase_size(text, at, CHANGES)
    return Match(size=size, role="choice", casual=False) if size else None


@opened_by(NOT_DONE)
def not_done(text: TokenStream, at: int) -> Match | None:
    """`dpo`, `vision`, `推理`: known, and not estimated."""
    size = phrase_size(text, at, NOT_DONE)
    if not size or text.binds(at + size):
        return None
    after = text.word(at + size)
    if text.squashed(at) == "rm" and after is not None and after.text.startswith("-"):
        return None  # a shell's
    code = NOT_DONE["".join(text.squashed(at + n) for n in range(size))]
    if code == "hardware" and "cpu" in text.typed(at, size).lower() and not _OFFLOADED.isdisjoint(text.words):
        return None  # `optimizer offload on cpu`
    if code == "hardware" and (memory := memory_value(text, at + size)):
        size += memory[1]  # a Mac's memory is no card's
    return Match(size=size, role="aside", casual=False, not_done=code)


@opened_by(NOT_DONE)
def not_done_in_words(text: TokenStream, at: int) -> Match | None:
    """`train a tokenizer`, `prefix tuning`: before one of the words is taken alone."""
    match = not_done(text, at)
    return match if match and match.size > 1 else None


@opened_by(_LARGEST_MODEL)
def how_large_a_model(text: TokenStream, at: int) -> Match | None:
    """`what can I train`, `多大的模型`: the whole text says what that comes to."""
    size = phrase_size(text, at, _LARGEST_MODEL)
    return Match(size=size, role="filler", casual=False) if size else None


@opened_by(_LONGEST_ALONE, _LARGEST, _HOW_LARGE, _ASKING_WHICH)
def as_large_as_fits(text: TokenStream, at: int) -> Match | None:
    """`longest context that fits`, `max batch size`, `what batch size fits`, `batch能开多大`."""
    if size := phrase_size(text, at, _LONGEST_ALONE):
        return Match(size=size, role="sets", sets=(("sequence_length", MAX),), casual=False)
    found = key_at(text, at)
    if found and found[0].field in SIZES and (more := phrase_size(text, at + found[1], _HOW_LARGE)):
        return Match(size=found[1] + more, role="sets", sets=((found[0].field, MAX),), casual=False)
    size = phrase_size(text, at, _LARGEST) or phrase_size(text, at, _HOW_LARGE)
    asked = 1 if text.squashed(at) in _ASKING_WHICH else 0
    if asked and (named_at := key_at(text, at + 1)) and text.squashed(at + 1 + named_at[1]) in _FITTING:
        size = asked
    found = key_at(text, at + size) if size else None
    if found is None or found[0].field not in SIZES or text.binds(at + size + found[1]):
        return None
    after = text.word(at + size + found[1])
    if after is not None and looks_like_number(after.text):
        return None
    return Match(size=size + found[1], role="sets", sets=((found[0].field, MAX),), casual=False)


@opened_by(_IN, _CURRENCIES)
def in_currency(text: TokenStream, at: int) -> Match | None:
    """`in cny`, `换成人民币`, `usd`."""
    before = phrase_size(text, at, _IN)
    size = phrase_size(text, at + before, _CURRENCIES)
    if not size or text.binds(at + before + size):
        return None
    code = _CURRENCIES["".join(text.squashed(at + before + n) for n in range(size))]
    return Match(size=before + size, role="sets", sets=(("currency", code),), casual=before > 0)


@opened_by(FASTER, CHEAPER)
def best_at(text: TokenStream, at: int) -> Match | None:
    """`faster`, `便宜点`: what the first option is to be best at."""
    for names, rank in ((FASTER, "time"), (CHEAPER, "cost")):
        if size := phrase_size(text, at, names):
            alone = not text.typed(at, size).lower().startswith(_SUPERLATIVES)
            return Match(
                size=size, role="sets", sets=(("rank_by", rank),), casual=False, weak=True, alone=alone
            )
    return None


@opened_by(_FILLERS)
def spoken(text: TokenStream, at: int) -> Match | None:
    """Fillers of sentences, where nothing better is known of the word."""
    size = phrase_size(text, at, _FILLERS)
    return Match(size=size, role="filler", casual=False) if size else None


def named_key(text: TokenStream, at: int) -> Match | None:
    """A key that is an ordinary word, without a value: `which batch size`, `显卡`."""
    found = key_at(text, at)
    if found is None:
        return None
    if text.binds(at + found[1]):
        return _heading(text, at, found[1])
    name, after = text.phrase(at, found[1]), text.word(at + found[1])
    is_word = CHINESE.match(name) or (name.isalpha() and len(name) >= _SHORTEST_KEY)
    if not is_word or (after is not None and looks_like_number(after.text)):
        return None
    return Match(size=found[1], role="filler", casual=False)


def _heading(text: TokenStream, at: int, size: int) -> Match | None:
    """`context: we have 2x4090`, `batch: see above`: an ordinary word with a colon, and no value after it."""
    after = text.word(at + size + 1)
    is_word = text.atoms[at + size].text == ":" and len(text.phrase(at, size)) >= _SHORTEST_KEY
    if not is_word or after is None or looks_like_number(after.text) or text.binds(at + size + 2):
        return None
    return Match(size=size + 1, role="aside", casual=False)


def set_aside(text: TokenStream, at: int) -> Match | None:
    """A word that nobody could have meant as one of ours."""
    word = text.word(at)
    if word is None or _is_meant(text, at, word.text):
        return None
    is_heading = text.binds(at + 1) and text.atoms[at + 1].text == ":"  # `my setup: 2x4090`
    if text.binds(at + 1) and not is_heading:
        return None
    size = 1 + is_heading
    return Match(size=size + _its_decimal(text, at + size), role="aside", casual=False)


def _its_decimal(text: TokenStream, at: int) -> int:
    """`loss 0.34`, `somelib 0.34.2`: a number of its own, where nothing after it is counted by it."""
    word, after = text.word(at), text.word(at + 1)
    if word is None or text.is_apart(at) or not _DECIMAL.fullmatch(word.text):
        return 0
    is_counting = after is not None and not text.is_apart(at + 1) and is_known(after.squashed)
    return int(not is_counting)


_DECIMAL: Final = re.compile(r"v?\d{1,4}(?:\.\d{1,4}){1,3}", re.IGNORECASE | re.ASCII)


def _is_meant(text: TokenStream, at: int, word: str) -> bool:
    """Whether it holds a digit, an address or a slip of one of our words; a command stands first."""
    if any(map(str.isdigit, word)) or has_refused_digit(word):
        return True
    if not any(map(str.isalnum, word)):
        return False
    lower = word.lower()
    if lower.startswith(_ADDRESSES) or not _MARKS_OF_VALUES.isdisjoint(word):
        return True
    if has_chinese(word):
        return at == 0 and word in COMMANDS
    name = squash(word)
    first, *rest = lower.replace("_", "-").split("-")
    if rest and first in text.names.model_heads:
        return rest[-1] not in _SPEAKING_OF
    return name in text.names.model_heads or suggestions.is_near_miss(name, text.names)


_SPEAKING_OF: Final = frozenset(
    ("based", "like", "style", "family", "series", "type", "compatible", "class", "sized", "tokenizer")
)
"""`llama-based` speaks of a family; `qwen-vl` is a model of one."""

"""The value after a key: which atoms it takes, and what it sets."""

import re
from decimal import Decimal

from bot.language import catalogued, words
from bot.language.index import is_known
from bot.language.keys import Key
from bot.language.kinds import (
    AUTO,
    COUNT_SUFFIXES,
    CURRENCY_WORDS,
    DURATION_SECONDS,
    Amount,
    Choice,
    Duration,
    Name,
    Pairs,
    ValueFault,
    squash,
)
from bot.language.normalize import has_refused_digit
from bot.language.numerals import COUNTING_ALONE
from bot.language.rules.gpus import gpu_value
from bot.language.rules.instances import machine_value
from bot.language.rules.match import Numeral, TokenStream, Value, numeral_at
from bot.language.rules.memory import memory_value
from bot.language.rules.targets import targets_at
from bot.language.values import HUB_NAME, SIZE, currency_of, is_auto, looks_like_number, number_of
from estimator.spec import MAX, RELEASE, SIZES

_RELEASE = re.compile(RELEASE, re.ASCII)
FRAMEWORK_NAMES = {
    squash(name): word.sets for word in catalogued.FRAMEWORKS for name in (*word.spellings, *word.more)
}
_SMALLEST, _LARGEST = 10**6, 10**14
"""Parameters that a bare size may have."""
_REGION = re.compile(r"[a-z0-9][\w.-]{0,63}", re.IGNORECASE | re.ASCII)


def value_at(  # noqa: PLR0911  -- a kind of value each
    text: TokenStream, at: int, key: Key, *, spaced: bool
) -> Value | None:
    """The value of `key` at `at`; None where there is no word.

    `spaced`: nothing but a space binds it, so that the longest name is taken; after `=` the one
    word is the value if it is one.
    """
    word = text.word(at)
    if word is None:
        return None
    if is_auto(word.text):
        return Value(1, ((key.field, AUTO),))
    if key.field in SIZES and word.squashed in words.MAX_WORDS:
        return Value(1, ((key.field, MAX),))
    if key.field == "stack" and (found := release_of(word.text)):
        return Value(1, fault=found) if isinstance(found, ValueFault) else Value(1, found)
    if isinstance(key.kind, Choice):
        return _choice_at(text, at, key.kind, spaced=spaced)
    if key.kind is Name.TARGETS:
        return targets_at(text, at)
    if isinstance(key.kind, Name):
        return _name_at(text, at, key, spaced=spaced)
    return _number_at(text, at, key)


def release_of(word: str) -> Pairs | ValueFault:
    """What `hf@4.48` sets; nothing where the word is no framework with a release."""
    name, mark, release = word.partition("@")
    sets = FRAMEWORK_NAMES.get(squash(name), ()) if mark else ()
    if sets and not _RELEASE.fullmatch(release):
        return ValueFault("bad_release")
    return (*sets, ("stack_release", release)) if sets else ()


def _number_at(text: TokenStream, at: int, key: Key) -> Value:
    written, size = _written_number(text, at, key)
    value = number_of(key.kind, written)
    if isinstance(value, ValueFault):
        return Value(size, fault=value)
    return Value(size, ((key.field, value),))


def _written_number(text: TokenStream, at: int, key: Key) -> tuple[str, int]:
    """The number with the unit that follows it after a space, or the currency before it."""
    word, numeral = text.atoms[at].text, numeral_at(text, at)
    after = text.word(at + 1)
    if isinstance(key.kind, Amount) and after and is_currency(word) and looks_like_number(after.text):
        return word + after.text, 2
    if numeral is None or (numeral.is_word and not _is_spoken(text, at, key, numeral)):
        return word, 1
    unit = text.word(at + numeral.size)
    if unit is not None and _is_unit(key, unit.text):
        return numeral.text + unit.text, numeral.size + 1
    return numeral.text, numeral.size


def _is_spoken(text: TokenStream, at: int, key: Key, numeral: Numeral) -> bool:
    """`batch of four`; in `the batch one needs` the word is none of the batch."""
    if isinstance(key.kind, Amount):
        return True
    if key.field not in _SPOKEN or text.squashed(at) in COUNTING_ALONE:
        return False
    after = text.word(at + numeral.size)
    return numeral.text != "1" or after is None or not after.text.isalpha() or is_known(after.squashed)


_SPOKEN = frozenset(
    ("global_batch_size", "micro_batch_size", "gradient_accumulation_steps", "lora_rank", "num_epochs")
)
"""Fields whose number people write out."""


def _is_unit(key: Key, word: str) -> bool:
    if isinstance(key.kind, Duration):
        return word.lower() in DURATION_SECONDS
    return isinstance(key.kind, Amount) and is_currency(word.partition("/")[0])


def is_currency(word: str) -> bool:
    """Whether it names money: `usd`, `¥`, `元`."""
    lower = word.lower()
    return lower in CURRENCY_WORDS or not isinstance(currency_of(lower), ValueFault)


def _choice_at(text: TokenStream, at: int, kind: Choice, *, spaced: bool) -> Value:
    sizes = [size for size, phrase in enumerate(text.phrases(at), 1) if phrase in kind.words]
    if sizes:
        size = max(sizes) if spaced or sizes[0] > 1 else _without_other_words(text, at, sizes)
        return Value(size, kind.words[text.phrase(at, size)])
    return Value(1, fault=ValueFault("bad_choice", {"expected": _shown(kind)}))


def _without_other_words(text: TokenStream, at: int, sizes: list[int]) -> int:
    """The longest of `sizes` that takes no word which means something alone."""
    taken = sizes[0]
    for size in sizes[1:]:
        if any(is_known(text.squashed(at + extra)) for extra in range(taken, size)):
            break
        taken = size
    return taken


def _shown(kind: Choice) -> str:
    return ", ".join(f"`{word}`" for word in kind.shown)


def _name_at(text: TokenStream, at: int, key: Key, *, spaced: bool) -> Value:
    kind = key.kind
    if has_refused_digit(text.atoms[at].text):
        return Value(1, fault=ValueFault("refused_digits"))
    if kind is Name.GPU:
        if memory := memory_value(text, at):
            return Value(memory[1], (("gpu_memory_gb", memory[0]),))
        gpu = gpu_value(text, at) or machine_value(text, at)
        return Value(gpu[1], gpu[0]) if gpu else Value(1, fault=ValueFault("unknown_gpu"))
    if kind is Name.MODEL:
        return _model_at(text, at, spaced=spaced)
    if kind is Name.PROVIDER:
        return _providers_at(text, at, key.field)
    return _word_value(text.atoms[at].text, key)


def _word_value(word: str, key: Key) -> Value:
    """A region or a currency: one word, whatever else it may mean."""
    if key.kind is Name.REGION:
        known = _REGION.fullmatch(word)
        return Value(1, (("region", word),)) if known else Value(1, fault=ValueFault("bad_region"))
    code = currency_of(word)
    return Value(1, fault=code) if isinstance(code, ValueFault) else Value(1, (("currency", code),))


def _model_at(text: TokenStream, at: int, *, spaced: bool) -> Value:
    word = text.atoms[at].text
    if size := size_of(word):
        return size
    keys = text.names.model_keys
    sizes = [size for size, phrase in enumerate(text.phrases(at), 1) if phrase in keys]
    if sizes:
        taken = max(sizes) if spaced or sizes[0] > 1 else _shortest_name(text, at, sizes)
        model = text.names.model_named(text.phrase(at, taken), text.typed(at, taken))
        return Value(taken, (("model", model),))
    if HUB_NAME.fullmatch(word):
        return Value(1, (("model", word),))
    return Value(1, fault=ValueFault("unknown_model"))


def _shortest_name(text: TokenStream, at: int, sizes: list[int]) -> int:
    """Longer names only over words that mean nothing alone: `model=mistral-7b v0.3`."""
    taken = sizes[0]
    for size in sizes[1:]:
        extra = [text.atoms[at + index].text for index in range(taken, size)]
        if any(is_known(squash(word)) or SIZE.fullmatch(word) for word in extra):
            break
        taken = size
    return taken


def size_of(word: str) -> Value | None:
    """A bare size as a model, without leading zeros; None where the word is no size."""
    found = SIZE.fullmatch(word)
    if found is None:
        return None
    number, unit = Decimal(found["number"]), found["unit"].lower()
    experts = f"{int(found['experts'][:-1])}x" if found["experts"] else ""
    if experts == "0x" or not _SMALLEST <= number * COUNT_SUFFIXES[unit] <= _LARGEST:
        return Value(1, fault=ValueFault("out_of_range", {"low": "1m", "high": "100t"}))
    shown = f"{number:f}".rstrip("0").rstrip(".") if "." in found["number"] else f"{number:f}"
    return Value(1, (("model", f"{experts}{shown}{unit}"),))


_NOT_WANTED = ("-", "no-", "not-")


def _providers_at(text: TokenStream, at: int, field: str) -> Value:
    keys, word = text.names.provider_keys, text.atoms[at].text.lower()
    if word in (words.EVERY_SELLER if field == "providers" else words.NO_SELLER):
        return Value(1, ((field, AUTO),))
    if field == "providers" and (mark := next((m for m in _NOT_WANTED if word.startswith(m)), "")):
        return _not_from(word.removeprefix(mark), text)
    for size, name in reversed(list(enumerate(text.phrases(at), 1))):
        if name in keys:
            return Value(size, ((field, (keys[name],)),))
    names = [squash(part) for part in re.split(r"[+/|]", word)]
    if all(name in keys for name in names):
        return Value(1, ((field, tuple(dict.fromkeys(keys[name] for name in names))),))
    return Value(1, fault=ValueFault("unknown_provider"))


def _not_from(name: str, text: TokenStream) -> Value:
    """`providers=-cudo`: everybody but that seller."""
    provider = text.names.provider_keys.get(squash(name))
    if provider is None:
        return Value(1, fault=ValueFault("unknown_provider"))
    return Value(1, (("excluded_providers", (provider,)),))

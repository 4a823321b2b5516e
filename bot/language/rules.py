"""The rules of the language: what the atoms at one place mean. The first rule that matches wins."""

from collections.abc import Callable

from bot.language import words
from bot.language.grammar import GLUED_KEYS, KEY_OF_FIELD, Key
from bot.language.hardware_rules import counted_gpu, gpu_at, gpu_alone, nodes_of_gpus, swallowed_noun
from bot.language.kinds import Choice, Fault, Name, Pairs
from bot.language.lookup import (
    FILLERS,
    KEY_NAMES,
    MORE_FILLERS,
    MORE_KEY_NAMES,
    MORE_SETTERS,
    NOUNS,
    SETTERS,
    is_known,
    key_named,
)
from bot.language.marks import refused
from bot.language.match import Match, Text
from bot.language.names import squash
from bot.language.numbers import GLUED, numeral_at
from bot.language.value_rules import HUB_NAME, SIZE, Value, size_of, value_at
from bot.language.values import looks_like_number, number_of

_LONGEST = 5
_SPACED_APART = frozenset(squash(name) for name in words.SEPARATE_WHEN_SPACED)
_SAMPLES, _TOKENS = KEY_OF_FIELD["num_examples"], KEY_OF_FIELD["num_tokens"]
_LENGTH = KEY_OF_FIELD["sequence_length"]
_SIZED_NOUNS = (_SAMPLES, _TOKENS)
"""Nouns whose number may look like a model's size: `30m tokens`."""
_NO_VALUE_AFTER_SPACE = frozenset({"no", "0", "1"})

Rule = Callable[[Text, int], Match | None]


def refused_word(text: Text, at: int) -> Match | None:
    """A bare word with a superscript or a digit of another script."""
    word = text.word(at)
    if word is None or not refused(word.text) or text.binds(at + 1):
        return None
    return Match(size=1, role="wrong", fault=Fault("refused_digits"))


def samples_of_tokens(text: Text, at: int) -> Match | None:
    """`10 000 samples of 1 024 tokens`: the tokens are those of one sample."""
    samples = numeral_at(text, at)
    if samples is None or NOUNS.get(text.squashed(at + samples.size)) is not _SAMPLES:
        return None
    begin = at + samples.size + 1
    tokens = numeral_at(text, begin + 1) if text.squashed(begin) == "of" else None
    if tokens is None or NOUNS.get(text.squashed(begin + 1 + tokens.size)) is not _TOKENS:
        return None
    count, length = number_of(_SAMPLES.kind, samples.text), number_of(_LENGTH.kind, tokens.text)
    if isinstance(count, Fault) or isinstance(length, Fault):
        return None
    size = begin + 2 + tokens.size - at
    return Match(
        size=size, role="sets", sets=(("num_examples", count), ("sequence_length", length)), casual=False
    )


def bound_value(text: Text, at: int) -> Match | None:
    """A key with its value: `n=10k`, `epochs: 3`, `batch of 32`, `seq 4k`."""
    found = _key_at(text, at)
    if found is None:
        return None
    key, size, casual = found
    is_filler = text.phrase(at, size) in FILLERS
    if text.binds(at + size):
        return _bound(
            text,
            at,
            key,
            size + 1,
            casual=casual,
            required=not (is_filler and text.atoms[at + size].text == ":"),
        )
    if text.squashed(at + size) == "of" and not _is_switch(key):
        return _bound(text, at, key, size + 1, casual=casual, required=False, spaced=True)
    if len(text.phrase(at, size)) < 2 or _longest_setter(text, at) > size:
        return None
    return _bound(text, at, key, size, casual=casual, required=False, spaced=True)


def _key_at(text: Text, at: int) -> tuple[Key, int, bool] | None:
    for size in range(_LONGEST, 0, -1):
        name = text.phrase(at, size)
        if size > 1 and text.squashed(at) in SETTERS:
            continue  # `lora r=8` is a method and a rank, not `lora_r`
        if name in KEY_NAMES:
            return KEY_NAMES[name], size, True
        if name in MORE_KEY_NAMES:
            return MORE_KEY_NAMES[name], size, False
    return None


def _is_switch(key: Key) -> bool:
    return bool(key.alone)


def _bound(
    text: Text, at: int, key: Key, before: int, *, casual: bool, required: bool, spaced: bool = False
) -> Match | None:
    begin = at + before
    if spaced and not _reads_as_value(text, begin, key, is_filler=text.phrase(at, 1) in FILLERS):
        return None
    value = value_at(text, begin, key, spaced=spaced)
    if value is None or (value.fault and not required and not spaced):
        return Match(size=before, role="wrong", fault=_missing(key), key_shaped=True) if required else None
    if value.fault and text.atoms[begin].start > text.atoms[begin - 1].end and is_known(text.squashed(begin)):
        return Match(size=before, role="wrong", fault=_missing(key), key_shaped=True)
    return _match_of(text, at, key, before, value, casual=casual)


def _match_of(text: Text, at: int, key: Key, before: int, value: Value, *, casual: bool) -> Match:
    size = before + value.size
    if value.fault:
        fault = Fault(value.fault.code, {"key": key.name, **value.fault.params}, value.fault.suggestions)
        return Match(size=size, role="wrong", fault=fault, key_shaped=True)
    size += swallowed_noun(text, at + size, (*key.nouns, *key.swallows))
    chatty = (
        key.name == "step" and before == 1 and not text.binds(at + 1) and text.atoms[at + 1].text.isdigit()
    )
    return Match(size=size, role="sets", sets=value.sets, casual=casual and not chatty, key_shaped=True)


def _missing(key: Key) -> Fault:
    return Fault("missing_value", {"key": key.name})


def _reads_as_value(text: Text, at: int, key: Key, *, is_filler: bool) -> bool:
    """Whether a space is enough to bind what stands at `at`."""
    word = text.word(at)
    if word is None:
        return False
    if _is_switch(key):
        return isinstance(key.kind, Choice) and word.squashed in _switch_words(key) - _NO_VALUE_AFTER_SPACE
    if is_filler and (counted_gpu(text, at) or word.squashed in FILLERS):
        return False
    value = value_at(text, at, key, spaced=True)
    if value is not None and value.fault is None:
        return key.kind not in (Name.REGION, Name.TARGETS) or not is_known(word.squashed)
    if is_filler or isinstance(key.kind, Choice | Name):
        return False
    return looks_like_number(word.text)


def _switch_words(key: Key) -> frozenset[str]:
    """`on`, `off`, …: never a word that sets something by itself."""
    return frozenset({*words.YES, *words.NO}) if key.name != "ckpt" else frozenset({"on", "off", "none"})


def number_with_noun(text: Text, at: int) -> Match | None:
    """`3 epochs`, `10k samples`, `8卡`, `三轮`."""
    numeral = numeral_at(text, at)
    if numeral is None:
        return None
    noun_at = at + numeral.size
    key = NOUNS.get(text.squashed(noun_at))
    if key is None or text.binds(noun_at + 1) or _is_something_else(text, at, numeral.text, noun_at, key):
        return None
    value = number_of(key.kind, numeral.text)
    size = numeral.size + 1 + swallowed_noun(text, noun_at + 1, key.nouns)
    if isinstance(value, Fault):
        fault = Fault(value.code, {"key": key.name, **value.params})
        return Match(size=size, role="wrong", fault=fault, key_shaped=True)
    chatty = numeral.is_word and key.field not in {"num_gpus", "num_nodes", "num_epochs"}
    return Match(size=size, role="sets", sets=((key.field, value),), casual=not chatty)


def _is_something_else(text: Text, at: int, number: str, noun_at: int, key: Key) -> bool:
    """`4090 cards` are RTX 4090s; in `7b epochs 3` the number belongs to the model."""
    if key.field == "num_gpus" and gpu_at(text, at):
        return True
    is_model = SIZE.fullmatch(number) is not None
    next_is_value = (after := text.word(noun_at + 1)) is not None and looks_like_number(after.text)
    return is_model and (key not in _SIZED_NOUNS or next_is_value)


def named(text: Text, at: int) -> Match | None:
    """The longest word of the grammar or the catalogues: setters, GPUs, models, providers, fillers."""
    for size in range(_LONGEST, 0, -1):
        name = text.phrase(at, size)
        if (
            name
            and (size == 1 or _may_be_spaced(text, at, name))
            and (match := _meaning(text, at, name, size))
        ):
            return match
    return None


def _may_be_spaced(text: Text, at: int, name: str) -> bool:
    """An article and a number make no name; `fsdp qlora` are two words."""
    if name in _SPACED_APART:
        return False
    return text.squashed(at) not in FILLERS or name in FILLERS or name in SETTERS


def _meaning(text: Text, at: int, name: str, size: int) -> Match | None:
    if sets := SETTERS.get(name):
        return Match(size=size, role="sets", sets=sets)
    if name in text.names.gpu_keys or (size == 1 and gpu_at(text, at)):
        return gpu_alone(text, at)
    if (model := text.names.model_keys.get(name)) and not (
        size > 1 and text.squashed(at + size - 1) in SETTERS
    ):
        return Match(size=size, role="sets", sets=(("model", model),))
    if provider := text.names.provider_keys.get(name):
        return Match(size=size, role="sets", sets=(("providers", (provider,)),))
    if name in FILLERS:
        return Match(size=size, role="filler")
    if sets := MORE_SETTERS.get(name):
        return Match(size=size, role="sets", sets=sets, casual=False)
    return Match(size=size, role="filler", casual=False) if name in MORE_FILLERS else None


def model_size(text: Text, at: int) -> Match | None:
    """`7b`, `8x7b`, `125m`."""
    word = text.word(at)
    value = size_of(word.text) if word else None
    if value is None:
        return None
    if value.fault:
        return Match(
            size=1, role="wrong", fault=Fault(value.fault.code, {"key": "model", **value.fault.params})
        )
    minutes = str(value.sets[0][1]).removesuffix("m")
    return Match(size=1, role="sets", sets=value.sets, casual=not (minutes.isdigit() and int(minutes) < 100))


def glued(text: Text, at: int) -> Match | None:
    """A number and its noun or key in one word: `3epochs`, `8-gpu`, `tp2`, `bs16`."""
    word = text.word(at)
    if word is None:
        return None
    found = GLUED.fullmatch(word.text)
    key, number = (NOUNS.get(squash(found["noun"])), found["number"]) if found else _glued_key(word.text)
    if key is None:
        return None
    value = number_of(key.kind, number) if not isinstance(key.kind, Choice) else _zero_stage(number)
    if isinstance(value, Fault):
        return Match(
            size=1, role="wrong", fault=Fault(value.code, {"key": key.name, **value.params}), key_shaped=True
        )
    return Match(size=1, role="sets", sets=((key.field, value),))


def _glued_key(word: str) -> tuple[Key | None, str]:
    lower = word.lower()
    for name in GLUED_KEYS:
        if lower.startswith(name) and lower[len(name) : len(name) + 1].isdigit():
            return (
                (key_named(name), lower[len(name) :])
                if lower[len(name) :].rstrip("km").isdigit()
                else (None, "")
            )
    return None, ""


def _zero_stage(number: str) -> object | Fault:
    return (
        Fault("out_of_range", {"low": "0", "high": "3"})
        if number not in {"0", "1", "2", "3"}
        else int(number)
    )


def hub_name(text: Text, at: int) -> Match | None:
    """An unknown `org/name` is a model of the hub, kept as typed."""
    word = text.word(at)
    if word is None or not HUB_NAME.fullmatch(word.text):
        return None
    owner, _, name = word.text.partition("/")
    if _is_word(text, owner) and _is_word(text, name):
        return None
    looks_like_model = "-" in name and any(c.isdigit() for c in name)
    casual = looks_like_model or owner.lower() in text.names.organisations
    sets: Pairs = (("model", word.text),)
    return Match(size=1, role="sets", sets=sets, casual=casual)


def _is_word(text: Text, name: str) -> bool:
    key = squash(name)
    return (
        is_known(key)
        or key in text.names.gpu_keys
        or key in text.names.model_keys
        or key in text.names.provider_keys
        or looks_like_number(name)
    )


def lonely_key(text: Text, at: int) -> Match | None:
    """A key without a value, or with one that only `=` could bind."""
    found = _key_at(text, at)
    if found is None:
        noun = NOUNS.get(text.squashed(at))
        return Match(size=1, role="wrong", fault=_missing(noun)) if noun else None
    key, size, _ = found
    after = text.word(at + size)
    if (
        after
        and not is_known(after.squashed)
        and len(text.phrase(at, size)) < 2
        and looks_like_number(after.text)
    ):
        suggestions = (f"{key.name}={after.text}",)
        return Match(size=size + 1, role="wrong", fault=Fault("needs_equals", {"key": key.name}, suggestions))
    return Match(size=size, role="wrong", fault=_missing(key))


def unknown(text: Text, at: int) -> Match:
    """What no rule knows: an unknown key with its value, a bare number, or a word."""
    word = text.word(at)
    if word is None:
        return _stray_mark(text, at)
    value = text.word(at + 2) if text.binds(at + 1) and text.atoms[at + 1].text == "=" else None
    if value is not None:
        return Match(size=3, role="wrong", fault=Fault("unknown_key"), key_shaped=True)
    if text.binds(at + 1) and text.atoms[at + 1].text == "=":
        return Match(size=2, role="wrong", fault=Fault("unknown_key"))
    if looks_like_number(word.text):
        return _bare_number(text, at)
    return Match(size=1, role="unknown", fault=Fault("unknown_word"))


def _stray_mark(text: Text, at: int) -> Match:
    if text.atoms[at].text == ":":
        return Match(size=1, role="filler")
    size = 1 + (text.word(at + 1) is not None)
    return Match(size=size, role="unknown", fault=Fault("unknown_key"))


def _bare_number(text: Text, at: int) -> Match:
    """A number alone; before a key that wants one, the key is named: `4k context`."""
    found = _key_at(text, at + 1) if text.word(at + 1) else None
    if found and not isinstance(found[0].kind, Choice | Name) and not text.binds(at + 1 + found[1]):
        after = text.word(at + 1 + found[1])
        if after is None or not looks_like_number(after.text):
            suggestion = f"{found[0].name}={text.atoms[at].text}"
            return Match(size=1 + found[1], role="unknown", fault=Fault("number_first", {}, (suggestion,)))
    return Match(size=1, role="unknown", fault=Fault("bare_number"))


def punctuation(text: Text, at: int) -> Match | None:
    """A lone multiplication sign that no GPU took."""
    word = text.word(at)
    return Match(size=1, role="filler") if word and word.text == "*" else None


RULES: tuple[Rule, ...] = (
    refused_word,
    nodes_of_gpus,
    samples_of_tokens,
    bound_value,
    counted_gpu,
    number_with_noun,
    named,
    model_size,
    glued,
    hub_name,
    lonely_key,
    punctuation,
)


def matches_of(text: Text) -> list[tuple[int, Match]]:
    """Every atom, understood or not: where each match begins, in order."""
    found: list[tuple[int, Match]] = []
    at = 0
    while at < len(text.atoms):
        match = next((m for rule in RULES if (m := rule(text, at)) is not None), None) or unknown(text, at)
        found.append((at, match))
        at += match.size
    return found


def _longest_setter(text: Text, at: int) -> int:
    """Words of the longest phrase at `at` that sets something by itself: `opt 13b`, `zero 3`."""
    names = text.names
    for size in range(_LONGEST, 1, -1):
        name = text.phrase(at, size)
        if name and (
            name in SETTERS or name in MORE_SETTERS or name in names.model_keys or name in names.gpu_keys
        ):
            return size
    return 0

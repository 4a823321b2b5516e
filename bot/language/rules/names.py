"""Names and words that set something by themselves, and those that carry nothing."""

from typing import Final

from bot.language import catalogued, words
from bot.language.index import FILLERS, MORE_FILLERS, MORE_SETTERS, SETTERS, is_known, key_named
from bot.language.kinds import Pairs, ValueFault, squash
from bot.language.rules.gpus import GPU_NOUNS, gpu_alone, gpu_at, swallowed_noun
from bot.language.rules.match import Match, TokenStream, once
from bot.language.rules.values import release_of, size_of
from bot.language.values import HUB_NAME, looks_like_number

_SPACED_APART = frozenset(
    squash(name)
    for word in catalogued.FRAMEWORKS
    for name in word.spellings
    if "-" in name and all(half in SETTERS for half in name.split("-"))
) | {"bf16true", "fp16true"}
"""Names that a space takes apart, because both halves are words: `fsdp-qlora`, `bf16-true`."""
_MINUTES = 100
"""In a plain reply `30m` is half an hour; a model of fewer than so many millions is named there by nobody."""


def released(text: TokenStream, at: int) -> Match | None:
    """A framework as one of its releases behaved: `hf@4.48`, `torchtitan@2024-12`."""
    word = text.word(at)
    found = release_of(word.text) if word else None
    if isinstance(found, ValueFault):
        return Match(size=1, role="wrong", fault=found, key_shaped=True)
    return Match(size=1, role="sets", sets=found) if found else None


@once
def known_name(text: TokenStream, at: int) -> Match | None:
    """The longest word of the grammar or the catalogues: setters, GPUs, models, providers, fillers."""
    for size, name in text.phrases_longest_first(at):
        if (size == 1 or _may_be_spaced(text, at, name, size)) and (match := _meaning(text, at, name, size)):
            return match
    return None


def _may_be_spaced(text: TokenStream, at: int, name: str, size: int) -> bool:
    """An article and a number make no name; `fsdp qlora` are two words, and so is what `=` follows."""
    if name in _SPACED_APART or (text.binds(at + size) and text.atoms[at + size].text == "="):
        return False
    return text.squashed(at) not in FILLERS or name in FILLERS or name in SETTERS


def _meaning(text: TokenStream, at: int, name: str, size: int) -> Match | None:
    if sets := SETTERS.get(name):
        if sets is words.ANY_GPU.sets:
            return _any_gpu(text, at, size)
        return Match(
            size=size, role="sets", sets=sets, weak=sets == _FULL and _is_checkpointed(text, at + size)
        )
    if name in text.names.gpu_keys or (size == 1 and gpu_at(text, at)):
        return gpu_alone(text, at)
    if sets := _catalogued(text, at, name, size):
        return Match(size=size, role="sets", sets=sets, casual=_is_casual(sets))
    if sets := MORE_SETTERS.get(name):
        return Match(size=size, role="sets", sets=sets, casual=False)
    casual = name in FILLERS
    return Match(size=size, role="filler", casual=casual) if casual or name in MORE_FILLERS else None


def _is_checkpointed(text: TokenStream, at: int) -> bool:
    """`lora with full gradient checkpointing`: the word may be that of the checkpointing."""
    keys = (key_named(phrase) for phrase in text.phrases(at))
    is_next = text.word(at) is not None and not text.is_apart(at)
    return is_next and any(key is not None and key.field == _CHECKPOINTING for key in keys)


_FULL: Final[Pairs] = (("method", "full"),)
_CHECKPOINTING: Final = "activation_checkpointing"


def _any_gpu(text: TokenStream, at: int, size: int) -> Match:
    """`any gpu`, `on any`; in `any cheaper?` the word says nothing of a GPU."""
    extra = swallowed_noun(text, at + size, GPU_NOUNS)
    if extra or text.word(at + size) is None or text.is_apart(at + size):
        return Match(size=size + extra, role="sets", sets=words.ANY_GPU.sets)
    return Match(size=size, role="filler", casual=False)


def _is_casual(sets: Pairs) -> bool:
    """Whether a plain reply may say it: of sellers the best known, whose names are few."""
    return all(name != "providers" or value[0] in catalogued.SELLERS for name, value in sets)  # type: ignore[index]


def _catalogued(text: TokenStream, at: int, name: str, size: int) -> Pairs:
    """What the name of a model or a provider sets; `llama-2-70b hf` is a model and a framework."""
    ends_in_setter = size > 1 and text.squashed(at + size - 1) in SETTERS
    if (model := text.names.model_named(name, text.typed(at, size))) and not ends_in_setter:
        return (("model", model),)
    provider = text.names.seller_named(name)
    return (("providers", (provider,)),) if provider else ()


def longest_setter(text: TokenStream, at: int) -> int:
    """Words of the longest phrase at `at` that sets something by itself: `opt 13b`, `zero 3`."""
    names = text.names
    for size, name in text.phrases_longest_first(at):
        if size > 1 and (
            name in SETTERS or name in MORE_SETTERS or name in names.model_keys or name in names.gpu_keys
        ):
            return size
    return 0


def model_size(text: TokenStream, at: int) -> Match | None:
    """`7b`, `8x7b`, `125m`."""
    word = text.word(at)
    value = size_of(word.text) if word else None
    if value is None:
        return None
    if value.fault:
        return Match(
            size=1,
            role="wrong",
            fault=value.fault.of("model"),
        )
    minutes = str(value.sets[0][1]).removesuffix("m")
    return Match(
        size=1, role="sets", sets=value.sets, casual=not (minutes.isdigit() and int(minutes) < _MINUTES)
    )


def name_of_hub(text: TokenStream, at: int) -> Match | None:
    """An unknown `org/name` is a model of the hub, kept as typed; `aws/gcp` are two sellers."""
    word = text.word(at)
    if word is None or not HUB_NAME.fullmatch(word.text):
        return None
    owner, _, name = word.text.partition("/")
    sellers = tuple(filter(None, (text.names.seller_named(squash(part)) for part in (owner, name))))
    if len(sellers) == 2:
        return Match(size=1, role="sets", sets=(("providers", sellers),))
    if _is_word(text, owner) and _is_word(text, name):
        return None
    looks_like_model = "-" in name and any(c.isdigit() for c in name)
    casual = looks_like_model or owner.lower() in text.names.organisations
    sets: Pairs = (("model", word.text),)
    return Match(size=1, role="sets", sets=sets, casual=casual)


def _is_word(text: TokenStream, name: str) -> bool:
    key = squash(name)
    return (
        is_known(key)
        or key in text.names.gpu_keys
        or key in text.names.model_keys
        or key in text.names.provider_keys
        or looks_like_number(name)
    )

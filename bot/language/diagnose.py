"""From faults and clashes to problems: which token is to blame, and what could stand in its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from bot.language import suggestions
from bot.language.conflicts import Conflict, Said
from bot.language.grammar import KEY_OF_FIELD, MAX_CHARACTERS, MAX_TOKENS
from bot.language.index import ENDS_OF_KEYS
from bot.language.kinds import Choice, ValueFault, squash
from bot.language.rules.match import Match, TokenStream
from bot.language.tokens import MOST_ATOMS, Atom
from bot.language.values import SIZE, ends_of
from estimator.errors import Problem

MOST_SUGGESTED = 3
"""Problems that are written out, for which near names are looked up; of more, none are offered."""
MOST_REPEATED: Final = 60
"""Characters of a line that is written again with a model before it."""
_ABOUT_NO_TRAINING: Final = frozenset(
    {
        *("gpu", "num_gpus", "num_nodes", "gpu_memory_gb", "providers", "excluded_providers", "market"),
        *("region", "price_per_gpu_hour", "currency", "budget", "deadline_seconds", "rank_by", "language"),
    }
)
"""Fields that say where it runs and what it may cost."""
_HEAD = re.compile(r"[a-z]+")
_HEAD_AND_SIZE = re.compile(r"([a-z]+)-?(\d{1,3}(?:\.\d{1,2})?b)", re.ASCII)
_NAMES_OF_METHODS = ("method",)


def too_long(text: str) -> Problem | None:
    """The one problem of a text that nobody typed."""
    if len(text) <= MAX_CHARACTERS:
        return None
    return Problem(code="too_long", token="", parameters={"limit": str(MAX_CHARACTERS)})


def too_many(atoms: Sequence[Atom]) -> Problem | None:
    """Likewise of a text with too many tokens; a key of ours with its value is one."""
    count = sum(not atom.binds and not _is_a_value(atoms, at) for at, atom in enumerate(atoms))
    if count <= MAX_TOKENS and len(atoms) < MOST_ATOMS:
        return None
    return Problem(code="too_many_tokens", token="", parameters={"limit": str(MAX_TOKENS)})


def _is_a_value(atoms: Sequence[Atom], at: int) -> bool:
    return at > 1 and atoms[at - 1].binds and atoms[at - 2].squashed in ENDS_OF_KEYS


def problems_of(
    text: TokenStream,
    matches: Sequence[tuple[int, Match]],
    *,
    twice: Sequence[tuple[str, int, int]],
    said_at: Mapping[str, int],
    clashes: Sequence[Conflict],
    fields: Said,
) -> Iterator[Problem]:
    """Everything that is wrong, in the order of the text, then what is missing."""
    found = list(_faults(text, matches))
    yield from found
    for name, first, second in twice:
        yield _said_twice(text, matches, name, first, second)
    for clash in clashes:
        yield _clashing(text, matches, clash, said_at, fields)
    if "model" not in fields and not any(_is_meant_as_model(text, problem) for problem in found):
        lines = () if found or twice or clashes else tuple(_without_a_model(text, fields))
        yield Problem(code="no_model", token="", suggestions=lines, lines=lines)


def _without_a_model(text: TokenStream, fields: Said) -> Iterator[str]:
    """Lines that run: what is asked of a GPU alone, and the same words with a usual model before them."""
    if {"gpu"} <= fields.keys() <= {"gpu", "num_gpus"}:
        yield f"prices {fields['gpu']}"
    if fields.keys() == {"gpu_memory_gb"}:
        yield f"gpus {fields['gpu_memory_gb']}gb"
    typed = text.typed(0, len(text.atoms))
    if fields and len(typed) <= MOST_REPEATED:
        usual = "7b qlora" if fields.keys() <= _ABOUT_NO_TRAINING else "7b"
        yield f"{usual} {typed}"


def _faults(text: TokenStream, matches: Sequence[tuple[int, Match]]) -> Iterator[Problem]:
    faults = ((at, match, match.fault) for at, match in matches if match.fault is not None)
    for index, (at, match, fault) in enumerate(faults):
        token = text.typed(at, match.size)
        span = (text.atoms[at].start, text.atoms[at + match.size - 1].end)
        suggestions = fault.suggestions
        if not suggestions and index < MOST_SUGGESTED:
            suggestions = _suggestions(text, at, match, fault)
        yield Problem(
            code=fault.code,
            token=token,
            parameters=fault.parameters,
            suggestions=suggestions,
            span=span,
        )


def _suggestions(text: TokenStream, at: int, match: Match, fault: ValueFault) -> tuple[str, ...]:
    word = text.atoms[at].text
    if fault.code == "unknown_word":
        return _for_unknown_word(text, at, word)
    if fault.code == "bare_number":
        return suggestions.for_number(word)
    if fault.code in {"unknown_key", "vague_number"}:
        return _for_a_key(text, at, match, fault)
    value = text.atoms[at + match.size - 1].text
    if fault.code == "unknown_gpu" and value.isdigit():
        return (f"gpus={value}",)
    written = f"{fault.parameters.get('key', '')}="
    shown: Mapping[str, str] | None = {
        "unknown_model": text.names.shown_models,
        "unknown_gpu": text.names.shown_gpus,
        "unknown_provider": {name: name for name in text.names.provider_keys.values()},
    }.get(fault.code)
    if fault.code == "unknown_model" and (sizes := text.names.families.get(squash(value))):
        return tuple(written + name for name in sizes)
    if fault.code == "bad_choice":
        shown = _words_of(fault.parameters.get("key", ""))
    return tuple(written + name for name in suggestions.for_name(value, shown)) if shown else ()


def _for_a_key(text: TokenStream, at: int, match: Match, fault: ValueFault) -> tuple[str, ...]:
    """`ecpochs=3` -> `epochs=3`; `n=10k-20k` -> either number."""
    if fault.code == "vague_number":
        typed = (atom.text for atom in text.atoms[at : at + match.size])
        return tuple(f"{fault.parameters['key']}={end}" for each in typed for end in ends_of(each))
    last = text.word(at + match.size - 1)
    return suggestions.for_key(text.atoms[at].text, last.text) if last and match.size > 1 else ()


def _for_unknown_word(text: TokenStream, at: int, word: str) -> tuple[str, ...]:
    if (sized := _HEAD_AND_SIZE.fullmatch(word.lower())) and (
        same := text.names.of_that_size(*sized.groups())
    ):
        return same
    if _begins_like_a_model(text, word):
        return suggestions.for_name(word, text.names.shown_models)
    return _for_word_and_size(text, at) or suggestions.for_word(word, text.names)


def _words_of(key_name: str) -> Mapping[str, str] | None:
    key = next((key for key in KEY_OF_FIELD.values() if key.name == key_name), None)
    if key is None or not isinstance(key.kind, Choice):
        return None
    return {word: word for word in (*key.kind.words, *key.kind.shown)}


def _for_word_and_size(text: TokenStream, at: int) -> tuple[str, ...]:
    """`llama 8b`: models whose name holds both."""
    after = text.word(at + 1)
    if after is None or not SIZE.fullmatch(after.text):
        return ()
    if same := text.names.of_that_size(text.squashed(at), after.text.lower()):
        return same
    near = suggestions.for_name(text.squashed(at) + after.squashed, text.names.shown_models, cutoff=75)
    return tuple(name for name in near if name.endswith(after.text.lower()))


def _is_meant_as_model(text: TokenStream, problem: Problem) -> bool:
    """Whether the unknown word was the model, so that its absence needs no second problem."""
    if problem.code in ("unknown_model", "model_without_size") or problem.parameters.get("key") == "model":
        return True
    if problem.code == "unknown_word" and _begins_like_a_model(text, problem.token):
        return True
    return any(name.lower() in text.names.shown_models.values() for name in problem.suggestions[:1])


def _begins_like_a_model(text: TokenStream, word: str) -> bool:
    """`llama-9-foo`: a number after a name that models have."""
    head = _HEAD.match(word.lower())
    return head is not None and head.group() in text.names.model_heads and any(map(str.isdigit, word))


_KEY_OF: Final = {**KEY_OF_FIELD, "gpu_memory_gb": KEY_OF_FIELD["gpu"]}
"""A memory is said as `gpu=24gb`."""


def _said_twice(
    text: TokenStream, matches: Sequence[tuple[int, Match]], name: str, first: int, second: int
) -> Problem:
    one, other = (text.typed(at, match.size) for at, match in (matches[first], matches[second]))
    at, match = matches[second]
    code = {"model": "two_models", "method": "two_methods"}.get(name, "said_twice")
    return Problem(
        code=code,
        token=other,
        parameters={"first": one, "second": other, "key": _KEY_OF[name].name},
        span=(text.atoms[at].start, text.atoms[at + match.size - 1].end),
    )


def _clashing(
    text: TokenStream,
    matches: Sequence[tuple[int, Match]],
    clash: Conflict,
    said_at: Mapping[str, int],
    fields: Said,
) -> Problem:
    """The token to blame is the first of the clash's fields that this text says."""
    typed = [(name, matches[said_at[name]]) for name in clash.fields if name in said_at]
    parameters = {
        **clash.parameters,
        "with": " + ".join(_written(text, name, dict(typed).get(name), fields) for name in clash.fields),
    }
    if not typed:
        return Problem(code=clash.code, token="", parameters=parameters)
    at, match = typed[0][1]
    span = (text.atoms[at].start, text.atoms[at + match.size - 1].end)
    return Problem(
        code=clash.code,
        token=text.typed(at, match.size),
        parameters=parameters,
        suggestions=clash.suggestions if typed[0][0] == clash.fields[0] else (),
        span=span,
    )


def _written(text: TokenStream, name: str, match: tuple[int, Match] | None, fields: Said) -> str:
    if match is not None:
        return text.typed(match[0], match[1].size)
    value = fields.get(name)
    return str(value) if name in _NAMES_OF_METHODS else f"{KEY_OF_FIELD[name].name}={value}"

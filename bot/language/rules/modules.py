"""Where the adapters go, in words: `attention only`, `targeting q_proj and v_proj`, `只加在q和v上`."""

import re
from typing import Final

from bot.language import run_words, words
from bot.language.kinds import squash
from bot.language.rules.match import Match, TokenStream, once, opened_by, phrase_set, phrase_size
from bot.language.rules.openings import LETTERS_OF_MODULES, MODULES

_ATTENTION: Final = phrase_set(run_words.ATTENTION_MODULES)
_MLP: Final = phrase_set(run_words.MLP_MODULES)
_NAMED: Final = phrase_set(run_words.TARGETING)
_AFTER: Final = phrase_set(run_words.MODULES_AFTER)
_AND: Final = frozenset(("and", "&", "plus", "和", "与", "及", "跟"))
_ADAPTED: Final = frozenset(("lora", "qlora", "dora", "rslora", "adapter", "adapters"))
_MARKS: Final = re.compile("[/+,]")
_LETTERS: Final = {letter: f"{letter}_proj" for letter in "qkvo"}
_FEWEST_LETTERS: Final = 2
_MOST_WORDS: Final = 16
"""Of a list of modules, `and` among them."""


@opened_by(_ATTENTION, _MLP, _NAMED)
def targeted(text: TokenStream, at: int) -> Match | None:
    """`attention only`, `lora on q and v`, `targets q_proj,v_proj`: the modules that get an adapter."""
    if text.phrases_said[at]:
        return _parts_of_a_layer(text, at) or _modules(text, at)
    return _modules(text, at) if _module_at(text, at) else None


def _parts_of_a_layer(text: TokenStream, at: int) -> Match | None:
    for names, group, others, other in ((_ATTENTION, "qkvo", _MLP, "mlp"), (_MLP, "mlp", _ATTENTION, "qkvo")):
        size = phrase_size(text, at, names)
        if not size or text.binds(at + size):
            continue
        modules: tuple[str, ...] = words.TARGET_GROUPS[group]
        joined = text.squashed(at + size) in _AND
        if joined and (more := phrase_size(text, at + size + 1, others) or _is_mlp(text, at + size + 1)):
            modules, size = (*modules, *words.TARGET_GROUPS[other]), size + 1 + more
        return Match(size=size, role="sets", sets=(("lora_targets", modules),))
    return None


def _is_mlp(text: TokenStream, at: int) -> int:
    return int(text.squashed(at) in {"mlp", "ffn"})


def _modules(text: TokenStream, at: int) -> Match | None:
    """Names of modules, or their letters where something says that these are targets."""
    before = phrase_size(text, at, _NAMED)
    begin = at + before
    found, size = _list_of_modules(text, begin)
    if not found:
        return None
    letters = all("_" not in text.atoms[begin + n].text for n in range(size))
    after = phrase_size(text, begin + size, _AFTER)
    is_told = before or after or (at > 0 and text.squashed(at - 1) in _ADAPTED)
    if letters and (len(found) < _FEWEST_LETTERS or not is_told):
        return None
    end = begin + size + after
    return Match(size=end - at, role="sets", sets=(("lora_targets", found),))


def _list_of_modules(text: TokenStream, at: int) -> tuple[tuple[str, ...], int]:
    found: list[str] = []
    size = 0
    while size < _MOST_WORDS and (named := _module_at(text, at + size)):
        found.extend(named)
        size += 1
        joined = text.squashed(at + size) in _AND and bool(_module_at(text, at + size + 1))
        size += joined
    return tuple(dict.fromkeys(found)), size


@once
def _module_at(text: TokenStream, at: int) -> tuple[str, ...]:
    word = text.word(at)
    if word is None or text.binds(at + 1):
        return ()
    if word.squashed not in MODULES and not _MARKS.search(word.text):
        return (
            tuple(_LETTERS[letter] for letter in word.squashed) if word.squashed in LETTERS_OF_MODULES else ()
        )
    parts = _MARKS.split(word.text)
    lower = [part.lower() for part in parts]
    if all(part in _LETTERS for part in lower):
        return tuple(_LETTERS[part] for part in lower)
    is_known = all(squash(part) in MODULES and "_" in part for part in parts)
    return tuple(parts) if is_known else ()

"""Modules that are trained whole beside adapters: `modules_to_save=lm_head`, `lm_head trainable`."""

import re
from typing import Final

from bot.language import told_words
from bot.language.kinds import squash
from bot.language.rules.match import Match, TokenStream, opened_by, phrase_set, phrase_size
from bot.language.rules.targets import targets_at
from estimator.model.module_names import OUTSIDE_BLOCKS

_KEYS: Final = phrase_set(told_words.MODULES_TO_SAVE)
_TRAINING: Final = phrase_set(told_words.TRAINING_WHOLE)
_TRAINED: Final = phrase_set(told_words.TRAINED_WHOLE)
_SPOKEN: Final = phrase_set(told_words.WHOLE_MODULES)
_NAMED: Final = frozenset(map(squash, OUTSIDE_BLOCKS))
_LAYERS: Final = frozenset(("layer", "layers", "matrix", "weights", "module", "modules", "层"))
_ADAPTED: Final = frozenset(("lora", "qlora", "dora", "adapter", "adapters", "rslora"))
_JOINS: Final = frozenset(("and", "&", "plus", "the", "+", "和", "与", "及"))
_CODE: Final = "whole_modules"


@opened_by(_KEYS, _TRAINING, _SPOKEN, _NAMED)
def trained_whole(text: TokenStream, at: int) -> Match | None:
    """Neither where adapters go nor a method of its own: set aside, and the card says what is not counted."""
    if size := phrase_size(text, at, _KEYS):
        return _argument(text, at, size)
    before = phrase_size(text, at, _TRAINING)
    listed, is_spoken = _listed(text, at + before)
    after = phrase_size(text, at + before + listed, _TRAINED) if listed else 0
    if not (before or after) or not listed or (is_spoken and _ADAPTED.isdisjoint(text.words)):
        return None
    return Match(before + listed + after, "aside", casual=False, not_done=_CODE)


def _argument(text: TokenStream, at: int, size: int) -> Match:
    """`modules_to_save=embed_tokens,lm_head`, `modules_to_save: ["lm_head"]`, or the name alone."""
    size += text.binds(at + size)
    values = targets_at(text, at + size) if text.word(at + size) and text.binds(at + size - 1) else None
    return Match(size + (values.size if values else 0), "aside", casual=False, not_done=_CODE)


def _listed(text: TokenStream, at: int) -> tuple[int, bool]:
    """Words of `the embeddings and lm_head`, and whether none of them is the name of a module."""
    size, is_spoken = 0, True
    while True:
        joined = text.squashed(at + size) in _JOINS
        word = text.word(at + size + joined)
        is_named = word is not None and all(squash(part) in _NAMED for part in _PARTS.split(word.text))
        named = int(is_named) or phrase_size(text, at + size + joined, _SPOKEN)
        if not named:
            return size, is_spoken
        is_spoken = is_spoken and not is_named
        size += joined + named
        size += text.squashed(at + size) in _LAYERS


_PARTS: Final = re.compile("[/+,]")

"""Steps of one epoch: `500 steps per epoch`, `每轮500步`, `5 epochs with 200 steps each`."""

from typing import Final

from bot.language import run_words, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.kinds import ValueFault
from bot.language.numerals import CLASSIFIERS
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.values import number_of

STEPS_PER_EPOCH: Final = "steps_per_epoch"
"""Not of a request: times the epochs they are its steps."""
_STEPS, _EPOCHS = KEY_OF_FIELD["num_steps"], KEY_OF_FIELD["num_epochs"]
_EACH_EPOCH: Final = phrase_set((*sentences.PER_EPOCH, *sentences.AN_EPOCH, *run_words.OF_EACH_EPOCH))
_EACH: Final = frozenset(("each", "apiece"))
_JOINS: Final = frozenset(
    ("is", "has", "of", "takes", "with", "about", "x", "*", "有", "是", "约", "大约", "大概", "跑", "要")
)

_MOST_JOINS: Final = 2


@opened_by(_EACH_EPOCH)
def steps_of_an_epoch(text: TokenStream, at: int) -> Match | None:
    """So many steps an epoch; the whole text says how many epochs."""
    return _of_each_epoch(text, at) or _epochs_of_steps(text, at)


def _of_each_epoch(text: TokenStream, at: int) -> Match | None:
    before = phrase_size(text, at, _EACH_EPOCH)
    begin = at + before
    for _ in range(_MOST_JOINS if before else 0):
        begin += text.binds(begin) or text.squashed(begin) in _JOINS
    found = _count_at(text, begin, _STEPS.field)
    if found is None:
        return None
    steps, size = found
    after = 0 if before else phrase_size(text, begin + size, _EACH_EPOCH)
    if not (before or after):
        return None
    sets = ((STEPS_PER_EPOCH, steps),)
    return Match(size=begin + size + after - at, role="sets", sets=sets, casual=False)


def _epochs_of_steps(text: TokenStream, at: int) -> Match | None:
    """`5 epochs with 200 steps each`, `3 epochs x 500 steps`, `3 epochs of 500 steps`."""
    epochs = _count_at(text, at, _EPOCHS.field)
    if epochs is None:
        return None
    begin = at + epochs[1]
    joined = text.squashed(begin) in _JOINS
    steps = _count_at(text, begin + joined, _STEPS.field)
    if steps is None:
        return None
    end = begin + joined + steps[1]
    each = text.squashed(end) in _EACH
    if not (each or text.squashed(begin) in {"of", "x", "*"}):
        return None
    sets = (("num_epochs", epochs[0]), (STEPS_PER_EPOCH, steps[0]))
    return Match(size=end + each - at, role="sets", sets=sets, casual=False)


def _count_at(text: TokenStream, at: int, field: str) -> tuple[object, int] | None:
    """The number of steps or epochs at `at`, and its words."""
    numeral = numeral_at(text, at)
    if numeral is None:
        return None
    end = at + numeral.size
    end += text.squashed(end) in CLASSIFIERS
    key = NOUNS.get(text.squashed(end)) or MORE_NOUNS.get(text.squashed(end))
    if key is None or key.field != field:
        return None
    value = number_of(key.kind, numeral.text)
    return None if isinstance(value, ValueFault) else (value, end + 1 - at)

"""Steps and epochs that count something else than the run: `save every 500 steps`, `每100步评估一次`."""

from typing import Final

from bot.language import run_words, sentences
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.numerals import CLASSIFIERS
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size

_DONE_AT_TIMES: Final = phrase_set(run_words.DONE_AT_TIMES)
_EVERY: Final = phrase_set(run_words.EVERY)
_EVERY_EPOCH: Final = phrase_set(sentences.PER_EPOCH)
_ONCE: Final = frozenset(("一次", "一下", "once", "一", "次"))
_PLACES: Final = frozenset(("num_steps", "num_epochs", "num_examples", "num_tokens"))
_AND: Final = ("and", "和", "并")
_MOST_DONE: Final = 3
"""Words of what is done: `save and evaluate`, `保存 模型`."""


@opened_by(_DONE_AT_TIMES, _AND, _EVERY, _EVERY_EPOCH)
def every_so_often(text: TokenStream, at: int) -> Match | None:
    """What is done every so many steps changes neither memory nor time; set aside and listed."""
    done = _done_at(text, at)
    begin = at + done
    every = phrase_size(text, begin, _EVERY)
    numeral = numeral_at(text, begin + every)
    size = _steps_at(text, begin + every) if every else phrase_size(text, begin, _EVERY_EPOCH)
    if not size and done and every and numeral is not None:
        size = numeral.size  # `save every 500`
    if not size:
        return None
    end = begin + every + size
    after = _done_at(text, end)
    has_number = every > 0 and numeral is not None
    if not has_number and not (done or after):
        return None  # `how long per epoch`
    while text.squashed(end + after) in _ONCE:
        after += 1
    return Match(size=end + after - at, role="aside", casual=False)


def _done_at(text: TokenStream, at: int) -> int:
    """Words of saving, evaluating and the like from `at` on."""
    size = 0
    for _ in range(_MOST_DONE):
        size += phrase_size(text, at + size, _DONE_AT_TIMES)
        joined = text.squashed(at + size) in _AND and phrase_size(text, at + size + 1, _DONE_AT_TIMES)
        size += 1 if joined else 0
    return size


def _steps_at(text: TokenStream, at: int) -> int:
    """Words of `500 steps`, `100 个 step`, `epoch`; 0 where none are counted."""
    numeral = numeral_at(text, at)
    size = numeral.size if numeral else 0
    size += text.squashed(at + size) in CLASSIFIERS
    noun = text.squashed(at + size)
    key = NOUNS.get(noun) or MORE_NOUNS.get(noun)
    return size + 1 if key is not None and key.field in _PLACES else 0

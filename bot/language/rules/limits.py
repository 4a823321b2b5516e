"""Limits without a key: `under $2/hr`, `每小时不超过10元` have none, `最长4096` is that of a sample."""

from typing import Final

from bot.language import limit_words, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import MORE_NOUNS, NOUNS
from bot.language.kinds import DURATION_SECONDS, ValueFault
from bot.language.rules.amounts import duration_at, limit_of_money, may_be_money, took
from bot.language.rules.counts import LONGEST_SAMPLE
from bot.language.rules.match import Match, TokenStream, numeral_at, opened_by, phrase_set, phrase_size
from bot.language.rules.values import value_at
from bot.language.values import SIZE, number_of
from estimator.spec import SaidMoney

_LIMITS: Final = phrase_set((*sentences.WITHIN, *limit_words.AT_MOST))
_OR_LESS: Final = phrase_set((*sentences.WITHIN_AFTER, *limit_words.OR_LESS))
_AN_HOUR: Final = phrase_set((*sentences.PER_HOUR_ASKED, *limit_words.HOURLY))
_PRICES: Final = phrase_set(limit_words.PRICES)
_PER_GPU: Final = phrase_set(sentences.PER_GPU)
_PASSED: Final = phrase_set((*sentences.PAID, *sentences.ABOUT)) | {"is", "of", "a", "是", "为", "在"}
_CUT_TO: Final = phrase_set(limit_words.CUT_TO)
_EACH: Final = phrase_set((*sentences.EACH_SAMPLE, *sentences.PER_SAMPLE))
_PRICE, _LENGTH = KEY_OF_FIELD["price_per_gpu_hour"], KEY_OF_FIELD["sequence_length"]
_BUDGET, _DEADLINE = KEY_OF_FIELD["budget"], KEY_OF_FIELD["deadline_seconds"]
_AND: Final = frozenset(("and", "和", "且", "并且", "以及"))
_SHORTEST: Final = 64
"""Tokens from which a number without a noun is a length."""


@opened_by(_LIMITS, _AN_HOUR, sentences.PAID)
def cap_of_an_hour(text: TokenStream, at: int) -> Match | None:
    """`under $2/hr`, `每小时不超过10元`: neither what somebody pays nor a budget, so that it is asked."""
    begin, is_limit, is_hourly = _before(text, at)
    if not may_be_money(text, begin):
        return None
    value = value_at(text, begin, _PRICE, spaced=True)
    said = value.sets[0][1] if value and not value.fault and value.sets else None
    if value is None or not isinstance(said, SaidMoney) or said.currency is None:
        return None
    is_hourly = is_hourly or "/" in text.typed(begin, value.size)
    end, is_limit, is_hourly = _after(text, begin + value.size, is_limit, is_hourly)
    if not (is_limit and is_hourly):
        return None
    price = f"price={said.amount.normalize():f}{said.currency.lower()}"
    return Match(end - at, "wrong", fault=ValueFault("cap_of_an_hour", {"price": price}, (price,)))


@opened_by(sentences.WITHIN)
def two_limits(text: TokenStream, at: int) -> Match | None:
    """`max $20 and 1 hour`, `within 24 hours and $500`: what is said before the first is of both."""
    first = limit_of_money(text, at) or took(text, at)
    if first is None or first.role != "sets" or text.squashed(at + first.size) not in _AND:
        return None
    begin = at + first.size + 1
    if "budget" not in dict(first.sets):
        value = value_at(text, begin, _BUDGET, spaced=True) if may_be_money(text, begin) else None
        more = (value.sets, value.size) if value and not value.fault else None
    else:
        duration = duration_at(text, begin)
        seconds = number_of(_DEADLINE.kind, duration[0]) if duration else None
        is_time = duration is not None and not isinstance(seconds, ValueFault)
        more = (((_DEADLINE.field, seconds),), duration[1]) if duration and is_time else None
    if not more:
        return None
    return first._replace(size=first.size + 1 + more[1], sets=(*first.sets, *more[0]))


def _before(text: TokenStream, at: int) -> tuple[int, bool, bool]:
    """Where the amount begins, and whether the words before it are of a limit and of an hour."""
    begin, is_limit, is_hourly = at, False, False
    while begin == at or not text.is_apart(begin) if begin < len(text.atoms) else False:
        if size := phrase_size(text, begin, _LIMITS):
            is_limit = True
        elif size := phrase_size(text, begin, _AN_HOUR):
            is_hourly = True
        elif size := phrase_size(text, begin, _PRICES) if is_limit else 0:
            is_hourly = is_hourly or begin > at
        elif not (size := phrase_size(text, begin, _PASSED) or int(text.squashed(begin) in _PASSED)):
            break
        begin += size
    return begin, is_limit, is_hourly


def _after(text: TokenStream, end: int, is_limit: bool, is_hourly: bool) -> tuple[int, bool, bool]:  # noqa: FBT001  -- what was found before goes on
    """Likewise of the words after the amount; what stands before another number is of that one."""
    while end < len(text.atoms) and not text.is_apart(end):
        size = phrase_size(text, end, _AN_HOUR)
        each = 0 if size else phrase_size(text, end, _PER_GPU)
        less = 0 if size or each else phrase_size(text, end, _OR_LESS)
        more = size + each + less
        if not more or numeral_at(text, end + more) or may_be_money(text, end + more):
            break
        end, is_hourly, is_limit = end + more, is_hourly or size > 0, is_limit or less > 0
    return end, is_limit, is_hourly


@opened_by(_CUT_TO)
def longest_sample(text: TokenStream, at: int) -> Match | None:
    """`最长4096`, `截断到2048`, `truncated to 2k tokens`: the longest of a sample."""
    begin = at + phrase_size(text, at, _CUT_TO)
    numeral = numeral_at(text, begin)
    if begin == at or numeral is None or numeral.is_word or SIZE.fullmatch(numeral.text):
        return None
    end = begin + numeral.size
    noun = text.squashed(end)
    key = NOUNS.get(noun) or MORE_NOUNS.get(noun)
    tokens = int(noun == "字" or (key is not None and key.field == "num_tokens"))
    length = number_of(_LENGTH.kind, numeral.text)
    is_other = noun in DURATION_SECONDS or (key is not None and not tokens)
    if is_other or not isinstance(length, int) or not _SHORTEST <= length <= LONGEST_SAMPLE:
        return None
    end += tokens
    end += phrase_size(text, end, _EACH) if not _is_numbered(text, end) else 0
    return Match(end - at, "sets", ((_LENGTH.field, length),), casual=False)


def _is_numbered(text: TokenStream, at: int) -> bool:
    """Whether a number follows the word at `at`: `每条 平均 300`."""
    return any(numeral_at(text, at + more) is not None for more in (1, 2))

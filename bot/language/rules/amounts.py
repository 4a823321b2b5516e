"""Numbers of sentences: how long it took, within what, of how many tokens each, on how many machines."""

import re
from typing import Final

from bot.language import run_words, sentences
from bot.language.grammar import KEY_OF_FIELD
from bot.language.index import NOUNS
from bot.language.keys import Key
from bot.language.kinds import DURATION_SECONDS, Pairs, ValueFault, squash
from bot.language.numerals import CLASSIFIERS, OR_MORE
from bot.language.rules.counts import LONGEST_SAMPLE, number_with_noun
from bot.language.rules.gpus import gpu_at
from bot.language.rules.keys import key_at
from bot.language.rules.match import Match, TokenStream, numeral_at, once, opened_by, phrase_set, phrase_size
from bot.language.rules.openings import MONEY, names_money
from bot.language.rules.paid import IN_ALL, OF_ALL, all_gpus, of_an_hour
from bot.language.rules.values import is_currency, value_at
from bot.language.small_words import ARTICLES
from bot.language.values import SIZE, looks_like_number, number_of

_SPENT: Final = phrase_set(sentences.SPENT)
_WITHIN: Final = phrase_set(sentences.WITHIN)
_WITHIN_AFTER: Final = phrase_set(sentences.WITHIN_AFTER)
_IN_HAND: Final = phrase_set(sentences.MONEY_IN_HAND)
_IN_HAND_AFTER: Final = phrase_set(sentences.MONEY_IN_HAND_AFTER)
_PAID: Final = phrase_set(sentences.PAID)
_PER_HOUR: Final = phrase_set(sentences.PER_HOUR_ASKED)
_PER_EPOCH: Final = phrase_set(sentences.PER_EPOCH)
_AN_EPOCH: Final = phrase_set(sentences.AN_EPOCH)
_EACH_SAMPLE: Final = phrase_set(sentences.EACH_SAMPLE)
_PER_SAMPLE: Final = phrase_set(sentences.PER_SAMPLE)
_ABOUT: Final = phrase_set(sentences.ABOUT)
_LENGTHS_OF_TIME: Final = {squash(said): hours for said, hours in run_words.LENGTHS_OF_TIME.items()}
_DEADLINE, _BUDGET = KEY_OF_FIELD["deadline_seconds"], KEY_OF_FIELD["budget"]
_STEP = KEY_OF_FIELD["step_seconds"]
_A_STEP: Final = phrase_set(run_words.A_STEP)
_IS: Final = frozenset(("is", "takes", "took", "about", "是", "要", "约", "大约", "用时", "耗时", "花"))
_PRICE = KEY_OF_FIELD["price_per_gpu_hour"]
_LENGTH, _TOKENS = KEY_OF_FIELD["sequence_length"], KEY_OF_FIELD["num_tokens"]
_FOR_LENGTH: Final = frozenset(("for", "of", "as", "in", "的"))
_ONE_EPOCH: Final[Pairs] = (("num_epochs", 1),)


def duration_at(text: TokenStream, at: int) -> tuple[str, int] | None:
    """A length of time as it is typed, and its atoms; `30m` may be a model."""
    numeral = numeral_at(text, at)
    if spoken := phrase_size(text, at, _LENGTHS_OF_TIME):
        return _LENGTHS_OF_TIME["".join(text.squashed(at + n) for n in range(spoken))], spoken
    if text.squashed(at) in ARTICLES and text.squashed(at + 1) in DURATION_SECONDS:
        return f"1{text.squashed(at + 1)}", 2
    if numeral is None or SIZE.fullmatch(numeral.text):
        return None
    size = numeral.size + (text.squashed(at + numeral.size) in OR_MORE)
    size += text.squashed(at + size) in CLASSIFIERS
    unit = text.squashed(at + size)
    if unit == "半小时" and size > numeral.size and numeral.text.isdigit():
        unit, numeral = "h", numeral._replace(text=f"{numeral.text}.5")  # `2个半小时`
    if unit in DURATION_SECONDS and numeral.text.replace(".", "").isdigit():
        return numeral.text + unit, size + 1
    if numeral.is_word or numeral.text.replace(".", "").isdigit():
        return None
    is_one = not isinstance(number_of(_DEADLINE.kind, numeral.text), ValueFault)
    return (numeral.text, numeral.size) if is_one else None


@opened_by(_SPENT, _WITHIN, _LENGTHS_OF_TIME)
def took(text: TokenStream, at: int) -> Match | None:
    """`takes two hours per epoch`, `跑了80小时`, `in 24 hours`, `24小时内`: told, or a deadline."""
    before = _run_of(text, at, _SPENT)
    within = phrase_size(text, at, _WITHIN)
    within += phrase_size(text, at + within, _ABOUT) if within else 0  # `in about 24 hours`
    size = before or within
    duration = duration_at(text, at + size)
    if duration is None:
        return None
    end = at + size + duration[1]
    more = _more_of_it(text, end) if before or within else ()
    end += sum(words for _, words in more)
    after = phrase_size(text, end, _WITHIN_AFTER)
    if within or after:
        parts = [number_of(_DEADLINE.kind, said) for said, _ in (duration, *more)]
        said = [each for each in parts if isinstance(each, int | float)]
        value = said[0] if len(set(said)) == 1 else sum(said)  # `by tomorrow (24h)` says it twice
        return Match(size=end + after - at, role="sets", sets=(("deadline_seconds", value),), casual=False)
    per_epoch = phrase_size(text, end, _PER_EPOCH | _AN_EPOCH)
    if not (before or per_epoch):
        return None
    sets = _ONE_EPOCH if per_epoch else ()
    return Match(size=end + per_epoch - at, role="aside", sets=sets, casual=False, weak=True)


def about_so_long(text: TokenStream, at: int) -> Match | None:
    """`2-3 days`, `3-4个小时`: told between two numbers, which is no limit."""
    word = text.word(at)
    if word is None or not _BETWEEN_TWO.fullmatch(word.text) or (at and text.squashed(at - 1) in _WITHIN):
        return None
    size = 1 + (text.squashed(at + 1) in CLASSIFIERS)
    return (
        Match(size=size + 1, role="aside", casual=False)
        if text.squashed(at + size) in DURATION_SECONDS
        else None
    )


_BETWEEN_TWO: Final = re.compile(r"\d{1,4}(?:\.\d)?[-~]\d{1,4}(?:\.\d)?", re.ASCII)


def _more_of_it(text: TokenStream, at: int) -> tuple[tuple[str, int], ...]:
    """`7h, 51 minutes` after `took 2d`: a length of time that is told in parts, each with its words."""
    found: list[tuple[str, int]] = []
    while (more := duration_at(text, at)) and not phrase_size(text, at + more[1], _A_STEP):
        found.append(more)
        at += more[1]
    return tuple(found)


@opened_by(_A_STEP, _LENGTHS_OF_TIME)
def time_of_a_step(text: TokenStream, at: int) -> Match | None:
    """`每步1.5秒`, `1.5s per step`, `a step takes 900 ms`: as `step=` has it."""
    before = phrase_size(text, at, _A_STEP)
    begin = at + before
    begin += before > 0 and (text.binds(begin) or text.squashed(begin) in _IS)
    duration = duration_at(text, begin)
    if duration is None:
        return None
    end = begin + duration[1]
    after = 0 if before else phrase_size(text, end, _A_STEP)
    value = number_of(_STEP.kind, duration[0])
    if not (before or after) or isinstance(value, ValueFault):
        return None
    return Match(size=end + after - at, role="sets", sets=((_STEP.field, value),), casual=False)


@opened_by(_AN_EPOCH, _PER_EPOCH)
def per_epoch(text: TokenStream, at: int) -> Match | None:
    """`how long per epoch`: one, if no number is said; `训练一个 epoch` says it."""
    if (size := phrase_size(text, at, _AN_EPOCH)) and number_with_noun(text, at) is None:
        return Match(size=size, role="sets", sets=_ONE_EPOCH, casual=False)
    size = phrase_size(text, at, _PER_EPOCH)
    return Match(size=size, role="sets", sets=_ONE_EPOCH, casual=False, weak=True) if size else None


def _run_of(text: TokenStream, at: int, names: frozenset[str]) -> int:
    size = 0
    while more := phrase_size(text, at + size, names):
        size += more
    return size


@opened_by(_WITHIN, _IN_HAND)
def limit_of_money(text: TokenStream, at: int) -> Match | None:
    """`under $500`, `500元以内`, `with $200`, `$50 budget`."""
    before = phrase_size(text, at, _WITHIN | _IN_HAND)
    if not may_be_money(text, at + before):
        return None
    value = value_at(text, at + before, _BUDGET, spaced=True)
    if value is None or value.fault or not value.sets:
        return None
    said = value.sets[0][1]
    after = phrase_size(text, at + before + value.size, _WITHIN_AFTER | _IN_HAND_AFTER)
    if not (before or after) or getattr(said, "currency", None) is None:
        return None
    if phrase_size(text, at + before + value.size, _PER_HOUR):
        return None  # a price, and nobody says of what
    return Match(size=before + value.size + after, role="sets", sets=value.sets, casual=False)


@opened_by(IN_ALL, _PER_HOUR, _PAID)
def price_of_an_hour(text: TokenStream, at: int) -> Match | None:
    """`at $2/h`, `for $2 per GPU hour`, `2元每卡时`: what somebody pays, as `price=` has it; no limit."""
    whole = all_gpus(text, at)
    hourly = phrase_size(text, at + whole, _PER_HOUR)
    before = whole + (hourly or phrase_size(text, at + whole, _PAID))
    if not may_be_money(text, at + before) or (at and text.squashed(at - 1) in sentences.WITHIN):
        return None
    value = value_at(text, at + before, _PRICE, spaced=True)
    if value is None or value.fault or not value.sets:
        return None
    after = hourly or phrase_size(text, at + before + value.size, _PER_HOUR)
    if getattr(value.sets[0][1], "currency", None) is None:
        return None
    size = before + value.size + (0 if hourly else after)
    match = Match(size=size, role="sets", sets=value.sets, casual=False)
    told = of_an_hour(text, at, match)
    if not (after or "/" in text.typed(at + before, value.size)):
        return told if told.role == "wrong" else None
    return match._replace(sets=(*match.sets, (OF_ALL, True))) if whole else told


@once
def may_be_money(text: TokenStream, at: int) -> bool:
    """A currency, an amount with one in the same word, or a number with one beside it."""
    word, numeral = text.word(at), numeral_at(text, at)
    if word is None or numeral is None:
        return word is not None and bool(text.traits[at] & MONEY)
    after = text.word(at + numeral.size)
    return names_money(word.text) or (after is not None and is_currency(after.text.partition("/")[0]))


@opened_by(_ABOUT, _EACH_SAMPLE)
def tokens_of_a_sample(text: TokenStream, at: int) -> Match | None:
    """`每条4k`, `512 tokens each`, `about 550 tokens`: of one sample, the longest or the mean."""
    each, about = _told_of_each(text, at)
    numeral = numeral_at(text, at + each + about)
    if numeral is None or numeral.is_word:
        return None
    end = at + each + about + numeral.size
    tokens = 1 if NOUNS.get(text.squashed(end)) is _TOKENS or text.squashed(end) == "字" else 0
    after = phrase_size(text, end + tokens, _PER_SAMPLE) if tokens else 0
    averaged = phrase_size(text, end + tokens, _ABOUT) if tokens else 0
    length = number_of(_LENGTH.kind, numeral.text)
    if isinstance(length, ValueFault) or not isinstance(length, int):
        return None
    longest = _as_its_length(text, end + tokens) if about and tokens else 0
    is_one = each or after or averaged or (about and tokens and length < LONGEST_SAMPLE)
    if not is_one or (about and not tokens and not each):
        return None
    field = "mean_length" if (about or averaged) and not longest else "sequence_length"
    size = end + tokens + max(after, averaged, longest) - at
    return Match(size=size, role="sets", sets=((field, length),), casual=False)


def _as_its_length(text: TokenStream, at: int) -> int:
    """Words of `for sequence length`, `of context`: about so many tokens, and the longest all the same."""
    before = text.squashed(at) in _FOR_LENGTH
    found = key_at(text, at + before)
    is_length = found is not None and found[0] is _LENGTH and not text.binds(at + before + found[1])
    return before + found[1] if found and is_length else 0


def _told_of_each(text: TokenStream, at: int) -> tuple[int, int]:
    """Words for `of each sample` and for `about`, in either order: `每条大约`, `平均每条`."""
    about = phrase_size(text, at, _ABOUT)
    if about and (each := phrase_size(text, at + about, _EACH_SAMPLE)):
        return each, about
    each = phrase_size(text, at, _EACH_SAMPLE)
    return each, phrase_size(text, at + each, _ABOUT)


def number_first(text: TokenStream, at: int) -> Match | None:
    """`8k context`, `16 rank`, `40% mfu`: the number before its key."""
    numeral = numeral_at(text, at)
    if numeral is None or numeral.is_word:
        return None
    found = key_at(text, at + numeral.size)
    if (
        found is None
        or text.is_apart(at + numeral.size)
        or found[0].field not in _NUMBERED
        or text.binds(at + numeral.size + found[1])
    ):
        return None
    key, size, casual = found
    after = text.word(at + numeral.size + size)
    end = at + numeral.size + size
    if after is not None and _is_its_value(key, after.text) and not (text.is_apart(end) or gpu_at(text, end)):
        return None
    value = number_of(key.kind, numeral.text)
    if isinstance(value, ValueFault) or SIZE.fullmatch(numeral.text):
        return None
    return Match(size=numeral.size + size, role="sets", sets=((key.field, value),), casual=casual)


def _is_its_value(key: Key, word: str) -> bool:
    """`samples 10k epochs 3`: the number after the key is its value, unless it cannot be."""
    return looks_like_number(word) and not isinstance(number_of(key.kind, word), ValueFault)


_NUMBERED: Final = frozenset(
    (
        "sequence_length",
        "global_batch_size",
        "micro_batch_size",
        "gradient_accumulation_steps",
        "lora_rank",
        "mean_length",
        "mfu",
    )
)

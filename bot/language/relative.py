"""Replies that change a number of a card by what it is: `double the batch`, `two more gpus`, `卡数翻倍`."""
# ruff: noqa: E501  -- shapes of replies read as text

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from bot.language import numerals
from bot.language.index import MORE_NOUNS, NOUNS, key_named
from bot.language.keys import Key
from bot.language.kinds import AUTO, Real, Whole, squash
from bot.language.no_effect import idle_settings
from bot.language.normalize import whole_message
from bot.language.numerals import NUMBER_WORDS, chinese_number
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary
from bot.lazy_pattern import lazily
from estimator.errors import Problem

_FACTORS: Final = {
    Fraction(2): "double|doubled|doubling|twice|翻倍|翻一倍|加倍|翻番",
    Fraction(3): "triple|tripled|tripling",
    Fraction(4): "quadruple|quadrupled",
    Fraction(1, 2): "half|halve|halved|halving|减半|减一半|砍半|砍一半|少一半|减小一半",
}
_TIMES: Final[Mapping[str, Fraction]] = {
    word: factor for factor, words in _FACTORS.items() for word in words.split("|")
}


def _words(*, ascii_ones: bool) -> str:
    """Longest first, so that `halved` is not `halve`."""
    chosen = (word for word in _TIMES if word.isascii() == ascii_ones)
    return "|".join(sorted(chosen, key=len, reverse=True))


_BEFORE: Final = (
    r"(?:(?:okay|ok|and|then|let's|lets|can we|could we|can you|please|pls|now|just|what if we|what about|how about|"
    r"那就|那|请|把|将|能不能|可不可以|能否|可否|可以|能)[, ]*)*"
)
_AFTER: Final = r"(?: (?:instead|then|please|pls|now))? ?(?:吧|呢|吗|了)?"
_KEY: Final = r"(?![吧呢吗了])[a-z\u4e00-\u9fff][a-z_ \u4e00-\u9fff-]{0,23}?"
_ENGLISH: Final = rf"\d{{1,4}}|{'|'.join(filter(str.isascii, NUMBER_WORDS))}"
_CHINESE: Final = rf"\d{{1,4}}|{numerals.NUMERAL}{{1,3}}"
_SHAPES: Final = lazily(
    rf"{_BEFORE}(?:"
    rf"(?P<times>{_words(ascii_ones=True)}|\d{{1,2}}x|\d{{1,2}} times) (?:of )?(?:as (?:many|much|large|big|long) )?(?:the |our |its )?(?P<of_times>{_KEY})"
    rf"|(?:the )?(?P<of_changed>{_KEY}) ?(?:is |be )?(?P<changed>doubled|halved|tripled|{_words(ascii_ones=False)})"
    rf"|(?:(?:use|try|add|with|take) )?(?P<more>{_ENGLISH}) (?:more|additional|extra) (?P<of_more>{_KEY})"
    rf"|(?:(?:use|try|with) )?(?P<fewer>{_ENGLISH}) (?:fewer|less) (?P<of_fewer>{_KEY})"
    rf"|(?:add )?(?P<another>another(?: (?:{_ENGLISH}))?) (?P<of_another>{_KEY})"
    rf"|add (?P<added>{_ENGLISH}) (?P<of_added>{_KEY})|(?:remove|drop) (?P<removed>{_ENGLISH}) (?P<of_removed>{_KEY})"
    rf"|(?!再[来跑训] ?一 ?遍)(?:增加|再加|多加|再来|再多|再训|多训|多跑|再跑|多用|多|加) ?(?P<plus>{_CHINESE}) ?(?:张|块|个)?(?P<of_plus>{_KEY})"
    rf"|(?:减少|少用|少训|少跑|去掉|少|减) ?(?P<minus>{_CHINESE}) ?(?:张|块|个)?(?P<of_minus>{_KEY})"
    rf"){_AFTER}"
)
_MULTIPLIED: Final = ("times", "changed")
_TAKEN: Final = ("fewer", "removed", "minus")
_CHINESE_CHANGES: Final = ("plus", "minus")
_MADE_OF: Final = {
    "global_batch_size": ("micro_batch_size", "gradient_accumulation_steps"),
    **dict.fromkeys(("num_examples", "num_epochs"), ("num_tokens", "num_steps")),
}
"""Field -> what also makes it, so that its usual value is none of a card that has them."""
_ADAPTED: Final = frozenset(("lora", "qlora", "dora"))
_SHARES: Final = frozenset(("mfu", "lora_dropout"))
"""Numbers that nobody doubles."""
_COUNTED_IN_MANY: Final = frozenset(("num_examples", "num_tokens", "num_steps"))
_FEWEST_ADDED: Final = 100
"""Of those: with fewer people speak of something else, `one more example`, `再加一条`."""
_BATCHES: Final = frozenset(("global_batch_size", "micro_batch_size"))
"""Nobody adds to them: `another batch` is of something else."""
_LONGEST: Final = 80
"""Characters of a reply that only changes a number."""


def in_numbers(clean: str, base: Request, names: Vocabulary) -> tuple[str, Problem | None]:
    """A reply with the number that it comes to, `bs=64`; any other as it is.

    Where the card has no number of it, also the problem that says so.
    """
    found = _SHAPES.fullmatch(whole_message(clean)) if len(clean) <= _LONGEST else None
    if found is None:
        return clean, None
    change = next(name for name, said in found.groupdict().items() if said and not name.startswith("of_"))
    named = found[f"of_{change}"].strip()
    if idle := idle_settings(f"{named}=1"):
        return f"{idle}=1", None
    key = _key_of(named)
    if key is None or not isinstance(key.kind, Whole | Real) or key.field in _SHARES:
        return clean, None
    if change not in _MULTIPLIED and _is_of_others(key, change, found[change]):
        return clean, None
    before = base.fields().get(key.field, _usual(key.field, base, names))
    after = _after(before, change, found[change])
    if after is None or (after.denominator > 1 and not isinstance(key.kind, Real)):
        return clean, Problem(code="of_what", token=clean, parameters={"key": key.name})
    return f"{key.name}={_typed(after)}", None


def _key_of(named: str) -> Key | None:
    name = squash(named).removeprefix("显")
    counted = name.removesuffix("数")
    of_noun = NOUNS.get(name) or MORE_NOUNS.get(name) or NOUNS.get(counted)
    return of_noun or key_named(name) or key_named(counted)


def _usual(field: str, base: Request, names: Vocabulary) -> object:
    """What a card takes where nobody said a number."""
    said = base.fields()
    is_made = any(made in said for made in _MADE_OF.get(field, ()))
    has_none = field == "lora_rank" and said.get("method") not in _ADAPTED
    return None if is_made or has_none else names.usual.get(field)


def _after(before: object, change: str, said: str) -> Fraction | None:
    if before is AUTO or not isinstance(before, int | float):
        return None
    if change not in _MULTIPLIED:
        return _exact(before) + (-_added(said) if change in _TAKEN else _added(said))
    factor = _TIMES[said] if said in _TIMES else Fraction(int(said.rstrip("x times")))
    return _exact(before) * factor


def _exact(number: float) -> Fraction:
    """As it is written: `0.1` is a tenth."""
    return Fraction(str(number))


def _typed(number: Fraction) -> str:
    return str(number.numerator if number.denominator == 1 else float(number))


def _is_of_others(key: Key, change: str, said: str) -> bool:
    """Whether people who add so many of it speak of something else than the run; `加1条` would be one in all."""
    if change in _CHINESE_CHANGES and said.isdigit():
        return False
    return key.field in _BATCHES or (key.field in _COUNTED_IN_MANY and _added(said) < _FEWEST_ADDED)


def _added(said: str) -> int:
    return _number(said.removeprefix("another").strip() or "1")


def _number(said: str) -> int:
    return int(said) if said.isdigit() else NUMBER_WORDS.get(said) or chinese_number(said) or 0

"""The shapes of replies that change a number by what it is: `double the batch`, `+2 gpus`, `数据量翻4倍`."""
# ruff: noqa: E501  -- shapes of replies read as text

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from bot.language import numerals
from bot.language.numerals import NUMBER_WORDS
from bot.lazy_pattern import lazily

_FACTORS: Final = {
    Fraction(
        2
    ): "double|doubled|doubling|twice|翻倍|翻一倍|加倍|翻番|翻一番|多一倍|大一倍|长一倍|加一倍|增加一倍|增大一倍|提高一倍|扩大一倍",
    Fraction(3): "triple|tripled|tripling",
    Fraction(4): "quadruple|quadrupled",
    Fraction(
        1, 2
    ): "half|halve|halved|halving|减半|减一半|砍半|砍一半|少一半|小一半|短一半|减小一半|减少一半|缩小一半|缩短一半|降一半|降低一半|减到一半|降到一半|变成一半|改成一半",
}
TIMES: Final[Mapping[str, Fraction]] = {
    word: factor for factor, words in _FACTORS.items() for word in words.split("|")
}


def _words(*, ascii_ones: bool) -> str:
    """Longest first, so that `halved` is not `halve`."""
    chosen = (word for word in TIMES if word.isascii() == ascii_ones)
    return "|".join(sorted(chosen, key=len, reverse=True))


_OPENED: Final = "okay|ok|and|then|let's|lets|can we|could we|can you|please|pls|now|just|only|what if we|what if|what about|how about|run|train|go|use|try|with|on"
_OPENED_ZH: Final = "那就用|那就|那|请|把|将|只用|就用|改用|用|试试|能不能|可不可以|能否|可否|可以|能"
_BEFORE: Final = rf"(?P<before>(?>(?:(?:{_OPENED})(?![a-z])|{_OPENED_ZH})[, ]*)*+)"
_AFTER: Final = r"(?: (?:instead|then|please|pls|now))? ?(?P<end>吧|呢|吗|了|试试)?"
_KEY: Final = r"(?![吧呢吗了])[a-z\u4e00-\u9fff][a-z_ \u4e00-\u9fff-]{0,23}?"
_ENGLISH: Final = rf"\d{{1,4}}|{'|'.join(filter(str.isascii, NUMBER_WORDS))}"
_CHINESE: Final = rf"\d{{1,4}}|{numerals.NUMERAL}{{1,3}}"
_FOLD: Final = rf"\d{{1,2}}(?:\.\d)?|{numerals.NUMERAL}|双"
_TOLD: Final = r"(?:(?:we|i)(?: have|'ve)? )?(?:(?:have |already |just )*)"
_TOLD_ZH: Final = r"(?:我们|咱们|我)?(?:刚刚|刚|又|已经|才)*"
SHAPES: Final = lazily(
    rf"{_BEFORE}(?:"
    rf"(?P<times>{_words(ascii_ones=True)}|\d{{1,2}}(?:\.\d)?x|\d{{1,2}} times) (?:of )?(?:as (?:many|much|large|big|long) |more )?(?:the |our |its )?(?P<of_times>{_KEY})"
    rf"|(?:the )?(?P<of_changed>{_KEY}) ?(?:is |be )?(?P<changed>doubled|halved|tripled|{_words(ascii_ones=False)})"
    rf"|(?P<of_fold>{_KEY})(?:再)?(?:翻|扩大|扩|变成|变为|变|改成|增加到|提高到|增大到)到?(?:原来的?)?(?P<fold>{_FOLD})倍"
    rf"|(?:原来的?)?(?P<folded>{_FOLD})倍的?(?P<of_folded>{_KEY})|(?P<halved>一半)的?(?P<of_halved>{_KEY})"
    rf"|(?:(?:add|take) )?(?P<more>{_ENGLISH}) (?:more|additional|extra) (?P<of_more>{_KEY})"
    rf"|(?P<fewer>{_ENGLISH}) (?:fewer|less) (?P<of_fewer>{_KEY})"
    rf"|(?P<fewer_last>{_ENGLISH}) (?P<of_fewer_last>{_KEY}) (?:less|fewer)|(?P<more_last>{_ENGLISH}) (?P<of_more_last>{_KEY}) more"
    rf"|(?:add )?(?P<another>another(?: (?:{_ENGLISH}))?) (?P<of_another>{_KEY})"
    rf"|(?:add |plus |\+ ?)(?P<added>{_ENGLISH}) (?P<of_added>{_KEY})|(?:remove |drop |minus |- ?)(?P<removed>{_ENGLISH}) (?P<of_removed>{_KEY})"
    rf"|{_TOLD}added (?:another )?(?P<told_added>{_ENGLISH}) (?:more |extra )?(?P<of_told_added>{_KEY})|{_TOLD}(?:removed|dropped|lost) (?P<told_removed>{_ENGLISH}) (?P<of_told_removed>{_KEY})"
    rf"|{_TOLD_ZH}(?:加|多加|增加|新增|多)了 ?(?P<told_plus>{_CHINESE}) ?(?:张|块|个|台)?(?P<of_told_plus>{_KEY})|{_TOLD_ZH}(?:减|减少|少|去掉|撤)了 ?(?P<told_minus>{_CHINESE}) ?(?:张|块|个|台)?(?P<of_told_minus>{_KEY})"
    rf"|(?!再[来跑训] ?一 ?遍)(?:增加|再加|多加|再来|再多|再训|多训|多跑|再跑|多用|多|加) ?(?P<plus>{_CHINESE}) ?(?:张|块|个|台)?(?P<of_plus>{_KEY})"
    rf"|(?:减少|少用|少训|少跑|去掉|少|减) ?(?P<minus>{_CHINESE}) ?(?:张|块|个|台)?(?P<of_minus>{_KEY})"
    rf"){_AFTER}"
)
"""One change as a whole message; the group that is said names the kind of it, `of_…` what is changed."""
MULTIPLIED: Final = ("times", "changed", "fold", "folded", "halved")
TAKEN: Final = ("fewer", "fewer_last", "removed", "minus", "told_removed", "told_minus")
CHINESE_CHANGES: Final = ("plus", "minus", "told_plus", "told_minus")
CHANGES: Final = tuple(name for name in ("more", "more_last", "another", "added", "told_added", *TAKEN, *MULTIPLIED, *CHINESE_CHANGES))  # fmt: skip

OF_THEM: Final = lazily(
    rf"{_BEFORE}(?P<number>{_ENGLISH}) of (?:them|those|these)(?: instead| then)?(?P<asked>\??)"
    r"|(?:(?:on|with|use|try|what about|how about) )+(?:just |only )?(?:a single one|a single|just one|only one)(?: of them)?\??"
)
"""`what about 4 of them?`: of the GPUs that the card has."""
VAGUE: Final = lazily(
    rf"{_BEFORE}(?:(?:a |the )?(?:bit |little |much |far )?(?:(?P<up>more|bigger|larger|longer|higher)|(?P<down>fewer|less|smaller|shorter|lower)) (?P<key>{_KEY})"
    rf"|(?:更(?:(?P<up_zh>多|大|长|高)|(?P<down_zh>少|小|短|低))的?|(?P<up_few>多)点|(?P<down_few>少)点)(?P<key_zh>{_KEY})"
    rf"|(?P<key_last>{_KEY}) ?(?:再|更)?(?:(?P<up_last>多|大|长|高)|(?P<down_last>少|小|短|低))一?(?:点|些)){_AFTER}"
)
"""`bigger batch`: it says which way, and not how far."""
PARTING: Final = lazily(
    r"( ?[,;、] ?| (?:and|with|on|but|while|then|using|at|for) | ?(?:并且|同时|而且|然后) ?)"
)
"""Between two changes of one message."""
HINT: Final = lazily(
    r"doubl|twice|tripl|quadrupl|hal[fv]|\dx |times|more|fewer|less|extra|another|add|plus|remov|drop|minus|lost|[+-] ?\d|倍|半|番|加|增|减|多|少|再|去掉|撤"
)
"""What one of them has in it."""

"""Settings that change no estimate as the whole message: `lr 1e-4`, `学习率改成1e-4`, `seed=42`."""

import re
from typing import Final

from bot.language import run_words
from bot.language.normalize import whole_message
from bot.lazy_pattern import lazily

_BEFORE: Final = (
    r"(?:(?:what about|how about|and|set|use|with|try|change|make|please|把|那|用|设) ?(?:the )?)*"
)
_NUMBER: Final = r"(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+|%)?|cosine|linear|constant"
_SIGN: Final = r" ?[=:] ?"
_TO: Final = rf"(?:{_SIGN}| ?(?:to|of|at|改成|改为|改到|调到|调成|设为|设成|换成|降到|是|为|用) ?| ?)"


def _spelled(names: tuple[str, ...]) -> str:
    """Any of them, with what people put between its words."""
    return "|".join(re.escape(name).replace(r"\ ", "[ _-]?") for name in names)


_SETTING: Final = (
    rf"(?:{_spelled(run_words.IDLE_SETTINGS)}|(?:{_spelled(run_words.IDLE_WITH_A_SIGN)})(?={_SIGN}))"
)
_ITEM: Final = rf"{_SETTING}{_TO}(?:{_NUMBER})"
_BOUND: Final = rf"{_SETTING}{_SIGN}(?:{_NUMBER})"
_ITEMS: Final = lazily(
    rf"{_BEFORE}{_ITEM}(?:(?: ?[,;、] ?| and ){_ITEM}| {_BOUND})*"
    r"(?: (?:please|pls|instead|then))? ?(?:呢|吧|吗)?"
)
"""One after the other only where each is bound: `lr 0.3 warmup 512` is a note among people."""
_NAME: Final = lazily(rf"(?P<name>{_SETTING}){_TO}(?:{_NUMBER})")
_LONGEST: Final = 120


def idle_settings(clean: str) -> str:
    """The settings that a whole message names, if none of them changes an estimate; else empty."""
    said = whole_message(clean)
    if len(said) > _LONGEST or not _ITEMS.fullmatch(said):
        return ""
    return ", ".join(dict.fromkeys(found["name"] for found in _NAME.finditer(said)))

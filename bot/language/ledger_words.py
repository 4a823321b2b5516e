"""A channel's money as a line begins with it: `budget add 90 cny`, `预算设为每月5000元`, `实测 4.2h`.

Told before the words of a spec are: `budget add 7b lora` is no run with an unknown word, while
`预算500元 7b lora` is one with a limit.
"""

import re
from decimal import Decimal
from typing import Final, NamedTuple

from bot.language.kinds import CURRENCY_WORDS, DURATION_SECONDS
from bot.lazy_pattern import lazily

VERBS: Final = {
    "set": ("set", "设置为", "设置", "设定为", "设定", "设为", "设", "增加到", "提高到", "调整为", "改为"),
    "add": ("add", "计入", "加入", "添加", "记入", "追加", "增加", "加上", "加"),
    "drop": ("drop", "释放", "移除", "取消", "撤下", "撤回", "撤销"),
    "note": ("note", "备注", "说明"),
    "export": ("export", "导出"),
    "import": ("import", "导入"),
}
"""What can be done to a budget, as people type it."""
_VERB_OF: Final = {spelling: verb for verb, spellings in VERBS.items() for spelling in spellings}
_ASCII: Final = "|".join(spelling for spelling in _VERB_OF if spelling.isascii())
_CHINESE: Final = "|".join(spelling for spelling in _VERB_OF if not spelling.isascii())
_BUDGET: Final = lazily(
    rf"(?:budget|预算)(?:\s+(?P<ascii>{_ASCII})(?=[\s:：,，]|$)|\s*(?P<chinese>{_CHINESE}))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ACTUAL: Final = lazily(
    rf"(?:actual|实测|实际(?!上))(?=[\s:：]|[¥$€£]?\d|$|(?:{'|'.join(VERBS['drop'][1:])})$)(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MEASURED: Final = lazily(r"[+-]?[¥$€£]?\d")
UNIT_SECONDS: Final = {**DURATION_SECONDS, "分": Decimal(60), "时": Decimal(3600)}
"""`2小时30分`: beside a number nothing else is meant by them."""
_UNITS: Final = (*UNIT_SECONDS, "gib", "gb", "mib", "mb", *CURRENCY_WORDS, *CURRENCY_WORDS.values())
_APART: Final = lazily(
    rf"(?<=\d)\s+(?=(?:{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![a-z]))"
    r"|(?<=[¥$€£])\s+(?=\d)",
    re.IGNORECASE,
)
"""Between a number and its unit: `90 min`, `$ 9`."""
_UNIT: Final = lazily(r"\d([^\d\s]+)$")
_BETWEEN: Final = lazily(
    r"(?<!\d)[,，、;；]|[,，、;；](?!\d)|(?<!\S)(?:and|for|with|和|用了|花了)(?=\s)", re.IGNORECASE
)
"""What stands between measures and is none: `4h, 71gb and $5`; in `1,5h` it may be a decimal point."""
MINE: Final = frozenset({"me", "mine", "my", "我", "我的", "本人"})
EVERYBODY: Final = frozenset({"channel", "all", "everybody", "频道", "本频道", "全部", "所有人"})
CORRECTIONS: Final = {
    **dict.fromkeys(("correct", "校正", "启用校正"), "correct"),
    **dict.fromkeys(("uncorrect", "取消校正", "停用校正"), "uncorrect"),
}
"""Words after `history`."""
_HISTORY: Final = lazily(r"(?:history|历史记录|历史)(?=[\s:：]|$)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PUNCTUATION: Final = " \t\n,，:：?？。.!！`*_"
_AMOUNT: Final = lazily(r"\D{0,6}\d")
MOST_HISTORY_WORDS: Final = 4


class MoneyLine(NamedTuple):
    """A command of the ledger."""

    command: str
    """`budget`, `actual`, `history`."""
    arguments: str
    """With the verb in English."""
    is_strict: bool
    """Whether every word belongs to it: in a card's thread that is meant for us, mentioned or not."""


_BEGINNINGS: Final = ("budget", "预算", "actual", "实测", "实际", "history", "历史")
_LONGEST_BEGINNING: Final = max(map(len, _BEGINNINGS))


def money_line(clean: str) -> MoneyLine | None:
    """What a line says of the channel's money; None where it begins otherwise."""
    line = clean.strip(_PUNCTUATION)
    begins = line[:_LONGEST_BEGINNING].lower().startswith(_BEGINNINGS)
    return _read(line) if begins else None  # before three patterns are compiled for it


def _read(line: str) -> MoneyLine | None:
    if found := _BUDGET.fullmatch(line):
        verb = (found["ascii"] or found["chinese"] or "").lower()
        return _budget(_VERB_OF.get(verb, ""), found["rest"].strip(_PUNCTUATION))
    if found := _ACTUAL.fullmatch(line):
        rest = found["rest"].strip(_PUNCTUATION)
        if rest.lower() in VERBS["drop"]:
            return MoneyLine(command="actual", arguments="drop", is_strict=True)
        words = measured_words(rest)
        if words and not _MEASURED.match(words[0]):
            return None
        return MoneyLine(command="actual", arguments=rest, is_strict=all(map(_MEASURED.match, words)))
    if found := _HISTORY.fullmatch(line):
        rest = found["rest"].strip(_PUNCTUATION)
        words = rest.lower().split()
        is_strict = all(each.isdigit() or each in _OF_HISTORY for each in words)
        few = len(words) <= MOST_HISTORY_WORDS
        return MoneyLine(command="history", arguments=rest, is_strict=is_strict) if few else None
    return None


_OF_HISTORY: Final = MINE | EVERYBODY | CORRECTIONS.keys()


def measured_words(text: str) -> list[str]:
    """The words after `actual`, each number with its unit: `4.2 h 20 GB` is two, `1 h 30 min` one."""
    words: list[str] = []
    for word in _APART.sub("", _BETWEEN.sub(" ", text)).split():
        if words and _unit_seconds(words[-1]) > _unit_seconds(word) > 0:
            words[-1] += word
        else:
            words.append(word)
    return words


def _unit_seconds(word: str) -> Decimal:
    """Of the unit that a time ends with; 0 where it is none."""
    found = _UNIT.search(word.lower())
    return UNIT_SECONDS.get(found[1], Decimal(0)) if found else Decimal(0)


def _budget(verb: str, rest: str) -> MoneyLine | None:
    """Without a verb the budget alone is asked for: what follows otherwise is a run with a limit."""
    if not verb:
        return MoneyLine(command="budget", arguments="", is_strict=True) if not rest else None
    needs_amount = {"set": True, "add": bool(rest)}.get(verb)
    is_strict = bool(_AMOUNT.match(rest)) if needs_amount else not rest
    return MoneyLine(
        command="budget", arguments=f"{verb} {rest}".strip(), is_strict=is_strict and verb != "note"
    )

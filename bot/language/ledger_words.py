"""A channel's money as a line begins with it: `budget add 90 cny`, `预算设为每月5000元`, `实测 4.2h`.

Told before the words of a spec are: `budget add 7b lora` is no run with an unknown word, while
`预算500元 7b lora` is one with a limit.
"""

import re
from typing import Final, NamedTuple

VERBS: Final = {
    "set": ("set", "设置为", "设置", "设定为", "设定", "设为", "设"),
    "add": ("add", "计入", "加入", "添加", "记入", "加上", "加"),
    "drop": ("drop", "释放", "移除", "取消", "撤下"),
    "note": ("note", "备注", "说明"),
    "export": ("export", "导出"),
    "import": ("import", "导入"),
}
"""What can be done to a budget, as people type it."""
_VERB_OF: Final = {spelling: verb for verb, spellings in VERBS.items() for spelling in spellings}
_ASCII: Final = "|".join(spelling for spelling in _VERB_OF if spelling.isascii())
_CHINESE: Final = "|".join(spelling for spelling in _VERB_OF if not spelling.isascii())
_BUDGET: Final = re.compile(
    rf"(?:budget|预算)(?:\s+(?P<ascii>{_ASCII})(?=[\s:：,，]|$)|\s*(?P<chinese>{_CHINESE}))?(?P<rest>.*)",
    re.IGNORECASE | re.DOTALL,
)
_ACTUAL: Final = re.compile(
    r"(?:actual|实测|实际(?!上))(?=[\s:：]|[¥$€£]?\d|$)(?P<rest>.*)", re.IGNORECASE | re.DOTALL
)
_MEASURED: Final = re.compile(r"[¥$€£]?\d")
_HISTORY: Final = re.compile(r"(?:history|历史记录|历史)(?=[\s:：]|$)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_PUNCTUATION: Final = " \t\n,，:：?？。.!！`*_"
_AMOUNT: Final = re.compile(r"\D{0,6}\d")
MOST_HISTORY_WORDS: Final = 4


class MoneyLine(NamedTuple):
    """A command of the ledger."""

    command: str
    """`budget`, `actual`, `history`."""
    arguments: str
    """With the verb in English."""
    is_strict: bool
    """Whether every word belongs to it, and nobody says that in conversation."""


def money_line(clean: str) -> MoneyLine | None:
    """What a line says of the channel's money; None where it begins otherwise."""
    line = clean.strip(_PUNCTUATION)
    if found := _BUDGET.fullmatch(line):
        verb = (found["ascii"] or found["chinese"] or "").lower()
        return _budget(_VERB_OF.get(verb, ""), found["rest"].strip(_PUNCTUATION))
    if found := _ACTUAL.fullmatch(line):
        rest = found["rest"].strip(_PUNCTUATION)
        is_measured = all(map(_MEASURED.match, rest.split()))
        if rest and not _MEASURED.match(rest):
            return None
        return MoneyLine(command="actual", arguments=rest, is_strict=bool(rest) and is_measured)
    if found := _HISTORY.fullmatch(line):
        rest = found["rest"].strip(_PUNCTUATION)
        few = len(rest.split()) <= MOST_HISTORY_WORDS
        return MoneyLine(command="history", arguments=rest, is_strict=False) if few else None
    return None


def _budget(verb: str, rest: str) -> MoneyLine | None:
    """Without a verb the budget alone is asked for: what follows otherwise is a run with a limit."""
    if not verb:
        return MoneyLine(command="budget", arguments="", is_strict=False) if not rest else None
    needs_amount = {"set": True, "add": bool(rest)}.get(verb)
    is_strict = bool(_AMOUNT.match(rest)) if needs_amount else not rest
    return MoneyLine(
        command="budget", arguments=f"{verb} {rest}".strip(), is_strict=is_strict and verb != "note"
    )

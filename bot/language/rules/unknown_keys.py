"""`ecpochs=3`, `stage=sft`: something with `=` that is no key of ours."""

import re

from bot.language import words
from bot.language.index import MORE_SETTERS, SETTERS
from bot.language.kinds import ValueFault, squash
from bot.language.rules.keys import NOT_DONE
from bot.language.rules.match import Match, TokenStream
from bot.language.rules.negations import without

_OF_EXPERTS = ("expertparallel", "expertmodelparallel", "epsize")
_KEYS_OF_STAGES = frozenset(
    (
        "stage",
        "task",
        "type",
        "trainingtype",
        "traintype",
        "trainstage",
        "trainingstage",
        "algorithm",
        "algo",
        "rlhftype",
        "finetuningtype",
        "tunertype",
        "tuner",
    )
)
"""Keys with which other tools name a method or what it is trained for."""
_WAYS_TO_TRAIN = frozenset(("reference", "pairs", "rl", "reward", "distillation"))
_STAGES_OF_TRAINING = {
    **{squash(name): word.sets for word in words.METHODS for name in (*word.spellings, *word.more)},
    "pt": (("method", "pretrain"),),
}
_KEY_SHAPE = re.compile(r"[\w.-]+")


def unknown_key(text: TokenStream, at: int) -> Match | None:
    """`ecpochs=3`: something with `=` that is no key."""
    word = text.word(at)
    if word is None or not text.binds(at + 1):
        return None
    value = text.word(at + 2)
    if value is not None and (flag := _flag(word.squashed, value.squashed)):
        return flag
    if text.atoms[at + 1].text != "=":
        return None
    if value is not None and (stage := _stage(word.squashed, value.squashed)):
        return stage
    if word.squashed.startswith(_OF_EXPERTS):
        size = 2 if value is None else 3
        return Match(size=size, role="wrong", fault=ValueFault("no_expert_parallelism"), key_shaped=True)
    is_shape = value is not None and _KEY_SHAPE.fullmatch(word.text) and value.text[0] not in "=<>"
    return Match(
        size=2 if value is None else 3,
        role="wrong" if is_shape else "unknown",
        fault=ValueFault("unknown_key"),
        key_shaped=bool(is_shape),
    )


def _flag(name: str, value: str) -> Match | None:
    """`bf16=True`, `use_flash_attn: true`, `load_in_4bit=False`: a word that sets something, on or off."""
    if value not in _ON and value not in _OFF:
        return None
    if name not in NOT_DONE and name not in SETTERS and name not in MORE_SETTERS:
        name = next((name.removeprefix(each) for each in _SWITCHING if name.startswith(each)), name)
    if (code := NOT_DONE.get(name)) is not None:
        return Match(size=3, role="aside", casual=False, not_done=code if value in _ON else "")
    sets = SETTERS.get(name) or MORE_SETTERS.get(name)
    if not sets:
        return None
    match = Match(size=3, role="sets", sets=sets, key_shaped=True)
    return match if value in _ON else without(match, 3)


_ON, _OFF = frozenset(words.YES), frozenset(words.NO)
_SWITCHING = ("use", "enable", "do")


def _stage(key: str, value: str) -> Match | None:
    """`stage=sft`, `task=dpo`: how it is trained, or what is not estimated."""
    if key in _KEYS_OF_STAGES and value in _STAGES_OF_TRAINING:
        return Match(size=3, role="sets", sets=_STAGES_OF_TRAINING[value], key_shaped=True)
    if (code := NOT_DONE.get(value)) and (key in _KEYS_OF_STAGES or code in _WAYS_TO_TRAIN):
        return Match(size=3, role="aside", casual=False, not_done=code)
    return None

"""Replies that change a number of a card by what it is: `double the batch`, `two more gpus`, `卡数翻倍`."""

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from bot.language.index import MORE_NOUNS, NOUNS, key_named
from bot.language.keys import Key
from bot.language.kinds import AUTO, Real, Whole, squash
from bot.language.no_effect import idle_settings
from bot.language.normalize import whole_message
from bot.language.numerals import NUMBER_WORDS, chinese_number
from bot.language.relative_words import (
    CHANGES,
    CHINESE_CHANGES,
    HINT,
    MULTIPLIED,
    OF_THEM,
    PARTING,
    SHAPES,
    TAKEN,
    TIMES,
    VAGUE,
)
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary
from estimator.errors import Problem
from estimator.spec import SIZES

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
_VAGUE_FIELDS: Final = frozenset((*SIZES, "num_examples", "num_epochs", "num_gpus", "num_nodes", "lora_rank"))
_DATA: Final = frozenset(
    (
        *("data", "thedata", "dataset", "trainingdata", "trainingset"),
        *("数据", "数据集", "数据量", "训练数据"),
    )
)
"""What a run is trained on, in samples or tokens: whichever the card counts."""
_MACHINES: Final = frozenset(("machine", "machines", "server", "servers", "机器", "服务器"))
_USUAL_PER_NODE: Final = 8
"""GPUs of most machines: with more to each, a run takes more machines."""
_OF_LENGTH: Final = re.compile("longer|shorter|长|短")
"""Of samples: how long they are, not how many."""
_LONGEST: Final = 80
"""Characters of one change."""
_LONGEST_OF_SEVERAL: Final = 160
_MOST_PARTS: Final = 8

Changed = tuple[str, Problem | None]
"""A reply with the number that it comes to, and what is wrong with it."""


def in_numbers(clean: str, base: Request, names: Vocabulary, *, is_plain: bool = False) -> Changed:
    """A reply with the number that it comes to, `bs=64`; any other as it is.

    Where the card has no number of it, also the problem that says so. A plain reply is among people: what it
    tells has happened (`we added two cards`) or wishes vaguely (`more data`) is left to them.
    """
    if len(clean) > _LONGEST_OF_SEVERAL:
        return clean, None
    if found := _of_them(clean, is_plain=is_plain):
        return found, None
    if HINT.search(clean.lower()):
        for change in (_one, _several):
            changed, problem = change(clean, base, names, is_plain=is_plain)
            if changed != clean or problem:
                return changed, problem
    return clean, None if is_plain else _how_far(clean, base, names)


def _of_them(clean: str, *, is_plain: bool) -> str:
    """`what about 4 of them`: of the GPUs; `2 of them` alone is said of anything among people."""
    found = OF_THEM.fullmatch(" ".join(clean.lower().split()))
    is_asked = found is not None and (found["asked"] or (found["before"] or "").strip())
    number = _number(found["number"]) if found and found["number"] else 1
    return f"gpus={number}" if found and (is_asked or not is_plain or not found["number"]) else ""


def _several(clean: str, base: Request, names: Vocabulary, *, is_plain: bool) -> Changed:
    """`qlora with half the batch`: each part that changes a number in the number that it comes to."""
    parts = PARTING.split(clean)
    if not 1 < len(parts) < 2 * _MOST_PARTS:
        return clean, None
    for at in range(0, len(parts), 2):
        changed, problem = _one(parts[at], base, names, is_plain=is_plain)
        if problem:
            return clean, problem
        parts[at] = changed
    return "".join(parts), None


def _one(clean: str, base: Request, names: Vocabulary, *, is_plain: bool) -> Changed:
    found = SHAPES.fullmatch(whole_message(clean)) if len(clean) <= _LONGEST else None
    if found is None or (is_plain and _is_told(found)):
        return clean, None
    change = next(name for name in CHANGES if found[name])
    named = found[f"of_{change}"].strip()
    if idle := idle_settings(f"{named}=1"):
        return f"{idle}=1", None
    key = _key_of(named, base)
    if key is None or not isinstance(key.kind, Whole | Real) or key.field in _SHARES:
        return clean, None
    if change not in MULTIPLIED and _is_of_others(key, change, found[change]):
        return clean, None
    before = base.fields().get(key.field, _usual(key.field, base, names))
    after = _after(before, change, found[change])
    if after is None or (after.denominator > 1 and not isinstance(key.kind, Real)):
        return clean, Problem(code="of_what", token=clean, parameters={"key": key.name})
    return f"{key.name}={_typed(after)}{_beside(key.field, after, base)}", None


def _is_told(found: re.Match[str]) -> bool:
    """`we added two cards`, `加两张卡了`: it has happened; `那就加两张卡了` decides it."""
    has_happened = found["end"] == "了" and "那" not in found["before"]
    return has_happened or any(found[name] for name in CHANGES if name.startswith("told"))


def _beside(field: str, after: Fraction, base: Request) -> str:
    """Nodes come with their GPUs, and GPUs beyond what a machine holds with nodes."""
    said = base.fields()
    is_of_nodes = field == "num_nodes"
    gpus, nodes = said.get("num_gpus"), said.get("num_nodes", _machines_of(base) if is_of_nodes else None)
    if not isinstance(gpus, int) or not isinstance(nodes, int) or gpus % nodes:
        return ""
    each = gpus // nodes
    if is_of_nodes:
        return f" gpus={after * each}"
    fits = after / nodes <= max(each, _USUAL_PER_NODE) and (after / nodes).denominator == 1
    return f" nodes={after / each}" if field == "num_gpus" and not fits and not after % each else ""


def _machines_of(base: Request) -> int | None:
    """The one machine of a card that says no more than GPUs, and no more of them than it holds."""
    num_gpus = base.fields().get("num_gpus")
    return 1 if isinstance(num_gpus, int) and num_gpus <= _USUAL_PER_NODE else None


def _key_of(named: str, base: Request) -> Key | None:
    name = squash(named).removeprefix("显").removeprefix("numberof")
    if name in _DATA:
        return key_named("tokens" if "num_tokens" in base.fields() else "n")
    counted = name.removesuffix("数")
    if name in _MACHINES:
        return key_named("nodes")
    of_noun = NOUNS.get(name) or MORE_NOUNS.get(name) or NOUNS.get(counted)
    return of_noun or key_named(name) or key_named(counted)


def _usual(field: str, base: Request, names: Vocabulary) -> object:
    """What a card takes where nobody said a number."""
    said = base.fields()
    is_made = any(made in said for made in _MADE_OF.get(field, ()))
    has_none = field == "lora_rank" and said.get("method") not in _ADAPTED
    if field == "num_nodes":
        return _machines_of(base)
    return None if is_made or has_none else names.usual.get(field)


def _after(before: object, change: str, said: str) -> Fraction | None:
    if before is AUTO or not isinstance(before, int | float):
        return None
    if change not in MULTIPLIED:
        return _exact(before) + (-_added(said) if change in TAKEN else _added(said))
    return _exact(before) * _factor(said)


def _factor(said: str) -> Fraction:
    """`double`, `3x`, `4` of `4倍`, `一半`."""
    if said in _SPOKEN_FACTORS:
        return _SPOKEN_FACTORS[said]
    number = said.removesuffix("times").removesuffix("x").strip()
    return Fraction(number) if number[:1].isdigit() and number.isascii() else Fraction(_number(number))


_SPOKEN_FACTORS: Final[Mapping[str, Fraction]] = {**TIMES, "双": Fraction(2), "一半": Fraction(1, 2)}


def _exact(number: float) -> Fraction:
    """As it is written: `0.1` is a tenth."""
    return Fraction(str(number))


def _typed(number: Fraction) -> str:
    return str(number.numerator if number.denominator == 1 else float(number))


def _is_of_others(key: Key, change: str, said: str) -> bool:
    """Whether people who add so many speak of something else than the run; `加1条` would be one in all."""
    if change in CHINESE_CHANGES and said.isdigit():
        return False
    return key.field in _BATCHES or (key.field in _COUNTED_IN_MANY and _added(said) < _FEWEST_ADDED)


def _added(said: str) -> int:
    return _number(said.removeprefix("another").strip() or "1")


def _number(said: str) -> int:
    return int(said) if said.isdigit() else NUMBER_WORDS.get(said) or chinese_number(said) or 0


def _how_far(clean: str, base: Request, names: Vocabulary) -> Problem | None:
    """`bigger batch`: which way is said, how far is asked; twice or half of it may be pressed."""
    found = VAGUE.fullmatch(whole_message(clean)) if len(clean) <= _LONGEST else None
    named = next((found[name] for name in ("key", "key_zh", "key_last") if found[name]), "") if found else ""
    key = _key_of(named.strip(), base) if named else None
    if found is None or key is None or key.field not in _VAGUE_FIELDS:
        return None
    if key.field == "num_examples" and _OF_LENGTH.search(clean.lower()):
        key = key_named("seq") or key
    is_up = any(found[name] for name in found.re.groupindex if name.startswith("up"))
    before = base.fields().get(key.field, _usual(key.field, base, names))
    after = _exact(before) * (2 if is_up else Fraction(1, 2)) if isinstance(before, int | float) else None
    is_whole = after is not None and after.denominator == 1
    suggestions = (f"{key.name}={after}{_beside(key.field, after, base)}",) if is_whole and after else ()
    return Problem(
        code="missing_value",
        token=clean,
        parameters={"key": key.name},
        suggestions=suggestions,
        span=(0, len(clean)),
    )

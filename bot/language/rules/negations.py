"""What is not wanted: `without offload`, `no spot`, `-cudo`, `we can't use aws`, `any cloud but aws`."""

from typing import Final

from bot.language import sentences, unwanted_words
from bot.language.kinds import AUTO, ValueFault, squash
from bot.language.rules.areas import in_area
from bot.language.rules.counts import glued, number_with_noun
from bot.language.rules.gpus import count_first, count_last
from bot.language.rules.keys import NOT_DONE, bound_value, key_at
from bot.language.rules.match import Match, TokenStream, once, opened_by, phrase_set, phrase_size
from bot.language.rules.names import known_name, model_size, name_of_hub
from bot.language.rules.openings import seller_left_out
from bot.language.values import looks_like_number

NEGATIONS: Final = phrase_set(sentences.NEGATIONS)
INSTEAD: Final = phrase_set(sentences.INSTEAD_OF)
_BETWEEN: Final = phrase_set(sentences.BETWEEN_NEGATION_AND_WORD)
_REFUSING: Final = NEGATIONS | phrase_set(unwanted_words.BEFORE)
_UNABLE: Final = phrase_set(unwanted_words.UNABLE)
_USING: Final = phrase_set(unwanted_words.USING) | _BETWEEN
_ENDS: Final = frozenset((",", ";", ".", "!", "?"))
"""Marks over which nothing is denied."""
_PASSES: Final = "gradient_accumulation_steps"
_MOST_BETWEEN: Final = 2
_MOST_USING: Final = 4
_BUT: Final = frozenset(unwanted_words.BUT)
_BUT_BACK: Final = 3
"""Words between `any` and `but`: `any other cloud but aws`."""
WHY: Final = frozenset(("why", "whynot", "为什么", "为何"))
"""`why not aws?` asks for it."""
_WORDS_OF_ASKING: Final = frozenset(("吗", "么", "嘛"))
_ASKED_WITHIN: Final = 6
"""Words up to the one that makes a question of a refusal: `不能用4090跑吗`."""
BARE: Final = frozenset(
    (
        *("providers", "gpu", "num_gpus", "gpu_memory_gb", "method", "market", "precision", "quantization"),
        *("optimizer", "optimizer_implementation", "stack", "engine", "zero_stage", "attention"),
        *("activation_checkpointing", "offload", "offload_params", "packing", "fused_loss", "compile"),
        *("mixed_precision", "padded", "autocast", "prepare_kbit"),
    )
)
"""What is named by a word of its own and may be refused; of a model or a number something else is denied."""
_SELLERS_AND_SWITCHES: Final = BARE - {
    *("gpu", "num_gpus", "gpu_memory_gb", "method", "precision", "quantization", "stack", "optimizer"),
}
SWITCHED: Final = _SELLERS_AND_SWITCHES - {"providers"}
"""What is on or off."""
_OF_RUNNING: Final = frozenset(map(squash, unwanted_words.RUNNING))


def excluded(text: TokenStream, at: int) -> Match | None:
    """A seller whose prices are not wanted, in one word: `-cudo`, `no-cudo`, `non-cudo`."""
    word = text.word(at)
    if word is None:
        return None
    provider = seller_left_out(word.text, text.names)
    return Match(size=1, role="sets", sets=(("excluded_providers", (provider,)),)) if provider else None


@opened_by(_REFUSING, INSTEAD, _UNABLE, _BUT)
def negated(text: TokenStream, at: int) -> Match | None:
    """`without offload`, `no spot`, `不要cudo`, `instead of lora`: what follows is not wanted."""
    if text.squashed(at) == "drop" and text.squashed(at + 1) == "to":
        return Match(size=2, role="filler")  # `drop to 4bit` asks for it
    if at and text.squashed(at - 1) in WHY:
        return None
    instead = phrase_size(text, at, INSTEAD)
    size = max(phrase_size(text, at, NEGATIONS), instead)
    if not size:
        return _refused(text, at)
    if _is_cut(text, at, size):
        return None  # `no, use aws`
    size += text.binds(at + size)  # `except: aws`
    return (
        _either_way(text, at, size)
        or _not_done(text, at, size)
        or _not_wanted(text, at, size, instead=instead > 0)
    )


def _is_cut(text: TokenStream, at: int, size: int) -> bool:
    """Whether a mark of a sentence stands among the words of a phrase, or before what follows it."""
    return any(text.gap(at + n) in _ENDS for n in range(1, size + 1))


def _not_wanted(text: TokenStream, at: int, size: int, *, instead: bool) -> Match | None:
    size += _run_of(text, at + size, _BETWEEN, _MOST_BETWEEN)
    if text.squashed(at) == "没有" and text.squashed(at + size + 1) in _WORDS_OF_ASKING:
        return None  # `阿里云没有A100吗`
    if area := in_area(text, at + size):
        return Match(size=size + area.size, role="aside", casual=False)
    match = token_at(text, at + size) or _seller(text, at + size)
    if match is None and (passes := _one_pass(text, at + size)):
        return Match(size=size + passes, role="sets", sets=((_PASSES, 1),), casual=False)
    if match is None:
        return _number_not_wanted(text, at, size) if instead else _refused(text, at)
    if instead:
        return Match(size=size + match.size, role="aside", casual=False)
    return without(match, size + match.size)


def _one_pass(text: TokenStream, at: int) -> int:
    """Words of `gradient accumulation` without a value after `=`: without it a step is one pass."""
    found = key_at(text, at)
    return found[1] if found and found[0].field == _PASSES and not text.binds(at + found[1]) else 0


def _either_way(text: TokenStream, at: int, size: int) -> Match | None:
    """`with or without offload`: neither is asked for."""
    is_either = at > 1 and text.squashed(at - 1) == "or" and text.squashed(at - 2) == "with"
    match = token_at(text, at + size) if is_either else None
    return Match(size=size + match.size, role="aside", casual=False) if match else None


def _not_done(text: TokenStream, at: int, size: int) -> Match | None:
    """`no activation offload`: nobody asks for what is not estimated."""
    size += _run_of(text, at + size, _BETWEEN, _MOST_BETWEEN)
    named = phrase_size(text, at + size, NOT_DONE)
    is_one = named and not text.binds(at + size + named)
    return Match(size=size + named, role="aside", casual=False) if is_one else None


def _run_of(text: TokenStream, at: int, names: frozenset[str], most: int) -> int:
    size = 0
    for _ in range(most):
        size += phrase_size(text, at + size, names) if text.word(at + size) else 0
    return size


def _refused(text: TokenStream, at: int) -> Match | None:
    """`we can't use aws`, `no access to azure`, `不考虑阿里云`: refused by what one does with it."""
    able = phrase_size(text, at, _UNABLE)
    size = max(phrase_size(text, at, _REFUSING), able) or _but(text, at)
    if not size:
        return None
    using = _run_of(text, at + size, _USING, _MOST_USING)
    match = token_at(text, at + size + using) or _seller(text, at + size + using)
    if match is None or match.key_shaped or not BARE.issuperset(name for name, _ in match.sets):
        return None
    if able == size and not _is_of_use(text, at + size, using, match):
        return None
    size += using
    is_told = not _is_cut(text, at, size) and not is_asked(text, at + size + match.size)
    return None if not is_told else without(match, size + match.size)


def _is_of_use(text: TokenStream, at: int, using: int, match: Match) -> bool:
    """`can't use h100s`; in `can't train on a 3090` the GPU is what the question is about."""
    if not using or _SELLERS_AND_SWITCHES.issuperset(name for name, _ in match.sets):
        return using > 0
    return "".join(text.squashed(at + n) for n in range(using)) not in _OF_RUNNING


def _but(text: TokenStream, at: int) -> int:
    """`any cloud but aws`: in `same but qlora` the word leaves nobody out."""
    if text.squashed(at) not in _BUT:
        return 0
    before = (text.squashed(at - back) for back in range(1, min(at, _BUT_BACK) + 1))
    return int(any(word in unwanted_words.EVERYBODY for word in before))


def is_asked(text: TokenStream, at: int) -> bool:
    """`不能用4090跑吗`: asked, not told."""
    return any(text.squashed(at + n) in _WORDS_OF_ASKING for n in range(_ASKED_WITHIN))


@once
def token_at(text: TokenStream, at: int) -> Match | None:
    """What the words at `at` set by themselves or with their key."""
    if text.word(at) is None:
        return None
    for rule in (
        bound_value,
        count_first,
        number_with_noun,
        count_last,
        known_name,
        model_size,
        glued,
        name_of_hub,
    ):
        match = rule(text, at)
        if match is not None and match.role == "sets":
            return match
    return None


def _seller(text: TokenStream, at: int) -> Match | None:
    """One whose name is an ordinary word, where nothing but a seller can be meant: `without modal`."""
    seller = text.names.provider_keys.get(text.squashed(at)) if text.word(at) else None
    return Match(size=1, role="sets", sets=(("providers", (seller,)),)) if seller else None


def _number_not_wanted(text: TokenStream, at: int, size: int) -> Match | None:
    word = text.word(at + size)
    if word is None or not looks_like_number(word.text):
        return None
    return Match(size=size + 1, role="aside", casual=False)


_OPPOSITES: Final[dict[tuple[str, object], str]] = {
    ("activation_checkpointing", "full"): "none",
    ("market", "spot"): "on_demand",
    ("attention", "flash"): "sdpa",
}
"""What is left where a word is refused: torch's own kernel where the one of its package is not wanted."""


def without(match: Match, size: int) -> Match:
    """The opposite where there is one, else something that the rest of the text must say otherwise."""
    opposite: list[tuple[str, object]] = []
    for name, value in match.sets:
        if value is True:
            opposite.append((name, False))
        elif name == "providers":
            opposite.append(("excluded_providers", value))
        elif (name, value) in _OPPOSITES:
            opposite.append((name, _OPPOSITES[name, value]))
        elif name == "zero_stage" and ("offload", True) in match.sets:
            opposite.append((name, value))  # `no zero3 offload` is zero3 all the same
        elif name == "quantization":
            opposite.append((name, AUTO))
        else:
            return Match(size=size, role="unwanted", sets=match.sets, fault=ValueFault("negated"))
    if "excluded_providers" in dict(opposite):
        return Match(size=size, role="sets", sets=tuple(opposite))
    are_switches = all(value is True for _, value in match.sets) or "activation_checkpointing" in dict(
        opposite
    )
    return Match(size=size, role="sets", sets=tuple(opposite), casual=match.casual and are_switches)

"""Yes or no of what stands on the card: `is it lora?`, `does it use liger?`, `batch 是 64 吗`.

The words about the value are told here; the value itself is read as anywhere. Who asks what the card is
does not mean to change it.
"""
# ruff: noqa: E501  -- a list of words reads as text

from collections.abc import Callable, Iterator
from typing import Final

from bot.language import small_words
from bot.language.normalize import whole_message
from bot.language.question_words import OPENED_EN
from bot.language.understood import Understood
from bot.lazy_pattern import lazily

_TOPIC_OF: Final = {
    **dict.fromkeys(("model",), "model"),
    **dict.fromkeys(
        ("method", "precision", "mixed_precision", "quantization", "optimizer", "optimizer_implementation"),
        "recipe",
    ),
    **dict.fromkeys(("lora_rank", "lora_targets"), "adapters"),
    **dict.fromkeys(("gpu", "num_gpus", "num_nodes", "gpu_memory_gb"), "gpus"),
    **dict.fromkeys(("num_examples", "sequence_length", "num_epochs", "packing"), "data"),
    **dict.fromkeys(("global_batch_size", "micro_batch_size", "gradient_accumulation_steps"), "batch"),
    **dict.fromkeys(
        (
            *("stack", "stack_release", "engine", "zero_stage", "offload", "offload_params"),
            *("activation_checkpointing", "attention", "fused_loss", "compile"),
        ),
        "plan",
    ),
    **dict.fromkeys(("num_steps",), "steps"),
    **dict.fromkeys(("providers", "market", "region"), "price"),
    **dict.fromkeys(("retries",), "tries"),
}
"""Field -> what of the card tells of it; of a limit nobody asks whether the card has it."""
_SUBJECT: Final = r"(?:it|this|that|these|those|(?:the|this|that|your) (?:card|estimate|run|price|plan|setup|job|number|figure)s?)"
_IS: Final = r"(?:is|isn'?t|was|wasn'?t|are|aren'?t)"
_OF_IT: Final = lazily(
    rf"{OPENED_EN}(?:{_IS} {_SUBJECT}|(?:does|doesn'?t|did|didn'?t) {_SUBJECT}(?! run)|(?:do|did) you (?=assum|count|includ)) ?(?P<value>\S.*)"
)
_OF_KEY: Final = lazily(rf"{OPENED_EN}{_IS} (?P<value>\S+ \S.*)")
_AFTERWARDS: Final = lazily(rf"{OPENED_EN}{_IS} (?P<value>\S+) the (?P<key>\S.*)")
_CALLED_ZH: Final = r"(?:请问|那么?|所以)?(?:这个?|它|现在|目前|你|价格|这里|卡片?|这张卡片)?的? ?"
_IS_ZH: Final = r"(?:还)?(?:是不是|是否|是|用的是?|用是|用了|开了?|跑的?是?|选的?是?|按的?是?|算的?是?|取的?是?|有没有用?|有没有开|有用|有开|带了?|启用了?)了?"
_WITH_ZH: Final = r"(?:用|按|跑|在)(?:的|了)?"
_END_ZH: Final = r" ?(?:的|了)?(?:吗|么|嘛|没有?|对吗|对吧|是吗|是吧|来着)"
_SHAPES_ZH: Final = (
    lazily(rf"{_CALLED_ZH}{_IS_ZH} ?(?P<value>\S.*?){_END_ZH}"),
    lazily(rf"{_CALLED_ZH}{_IS_ZH}{_WITH_ZH} ?(?P<value>\S.*?){_END_ZH}"),
    lazily(rf"{_CALLED_ZH}(?:是不是|是否|有没有用|有没有开) ?(?P<value>\S.*?)(?: ?(?:的|了|呢|啊))?"),
)
_OF_KEY_ZH: Final = lazily(
    rf"{_CALLED_ZH}(?P<key>[^是用]+?) ?(?:(?:用的?)?是 ?(?P<value>\S.*?){_END_ZH}|是不是 ?(?P<either>\S.*?))"
)
_OTHERWISE_ZH: Final = lazily(r"要是|如果|假如|换|改|能|可以|够|还是|哪|多少|几")
"""Who says so asks for another card, or between two."""
_LONGEST: Final = 60
"""Characters of such a question."""

Understand = Callable[[str], Understood]


def field_checked(clean: str, understand: Understand) -> str:
    """The topic of a message that asks whether the card is so and so; empty where it asks or says another thing."""
    if len(clean) > _LONGEST:
        return ""
    values = _values(whole_message(clean), is_marked="?" in clean)
    return next((about for value in values if (about := _topic(understand(value)))), "")


def _values(said: str, *, is_marked: bool) -> Iterator[str]:
    """What the card is asked to be, as each shape has it."""
    if not said.isascii():
        yield from () if _OTHERWISE_ZH.search(said) else _values_zh(said)
        return
    if found := _OF_IT.fullmatch(said):
        yield found["value"]
    if is_marked and (found := _OF_KEY.fullmatch(said)):
        yield found["value"]
    if is_marked and (found := _AFTERWARDS.fullmatch(said)):
        yield f"{found['key']} {found['value']}"


def _values_zh(said: str) -> Iterator[str]:
    yield from (found["value"] for shape in _SHAPES_ZH if (found := shape.fullmatch(said)))
    if found := _OF_KEY_ZH.fullmatch(said):
        yield f"{found['key']} {found['value'] or found['either']}"


def _topic(found: Understood) -> str:
    """What of the card the values are; empty where anything else is said, or something is wrong with them."""
    if not found.said or found.twice or not all(name in _TOPIC_OF for name in _named(found)):
        return ""
    are_all = all(
        match.role == "sets"
        or all(atom.squashed in small_words.BESIDE_A_VALUE for atom in found.text.atoms[at : at + match.size])
        for at, match in found.matches
    )
    return _TOPIC_OF[next(iter(found.said))] if are_all else ""


def _named(found: Understood) -> Iterator[str]:
    """Every field that a word speaks of; with `faster`, `cheaper` something else is asked."""
    return (name for _, match in found.matches for name, _ in match.sets)

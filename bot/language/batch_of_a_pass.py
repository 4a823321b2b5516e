"""`bs=2 ga=8 4x3090`: a batch of fewer sequences than its passes is that of one pass on each GPU."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.language.conflicts import is_less_than_its_passes
from bot.language.kinds import squash
from bot.language.understood import Understood

_VAGUE: Final = ("bs", "batch", "批")
"""With which a name begins that tools give to either batch; `gbs` and `effective batch` are of a step."""


def as_a_pass(found: Understood, before: Mapping[str, object]) -> Understood:
    """`found`, with the batch as a micro batch where it cannot be that of a step."""
    at = found.said_at.get("global_batch_size")
    if at is None or "gradient_accumulation_steps" not in found.said or "micro_batch_size" in found.said:
        return found
    start, match = found.matches[at]
    is_vague = squash(found.text.typed(start, match.size)).startswith(_VAGUE)
    if not is_vague or not is_less_than_its_passes({**before, **found.said}):
        return found
    return replace(found, said=_renamed(found.said), said_at=_renamed(found.said_at))


def _renamed(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {_OF_A_PASS.get(name, name): value for name, value in fields.items()}


_OF_A_PASS: Final = {"global_batch_size": "micro_batch_size"}

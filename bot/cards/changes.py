"""What was asked to change, as the lead of a follow-up says it: `bs 32 → 16`, `method full → lora r=16`."""

from typing import Final

from bot.cards import phrases
from bot.cards.block import clipped
from bot.cards.notes import setting_name, shown_value
from bot.i18n import Texts
from estimator.compare import Changed, Delta, delta
from estimator.result import Estimate, Option

MAX_SAID_CHARS: Final = 80
FIXED_DEFAULTS: Final = frozenset(
    {
        "method",
        "num_examples",
        "sequence_length",
        "global_batch_size",
        "num_epochs",
        "lora_rank",
        "lora_targets",
        "retries",
        "stack",
    }
)
"""Fields whose default is always the same."""
SAID_ALONE: Final = frozenset({"excluded_providers"})
"""Fields whose name and value are a phrase: `without lambda`."""
LIMIT_FIELDS: Final = frozenset({"budget", "deadline_seconds"})
GPU_FIELDS: Final = frozenset({"gpu", "num_gpus"})


def is_as_assumed(before: Estimate, after: Estimate, texts: Texts) -> bool:
    """Whether all that was said are defaults that were assumed; to pin what the planner chose is more."""
    changed = delta(before, after).spec
    pairs = (_before_and_after(each, before, after, texts) for each in changed)
    return all(each.field in FIXED_DEFAULTS for each in changed) and all(old == new for old, new in pairs)


def changes(moved: Delta, before: Estimate, after: Estimate, texts: Texts) -> list[str]:
    """`bs 32 → 16`; what was said and is as it was assumed before is no change, if there is another."""
    told = [(each, *_before_and_after(each, before, after, texts)) for each in _apart(moved)]
    seen = [each for each in told if each[1] != each[2]] or told
    gpus = gpus_asked(moved, before, after, texts)
    said = [
        gpus if gpus and each.field in GPU_FIELDS else _change(each.field, old, new, texts)
        for each, old, new in seen
    ]
    return list(dict.fromkeys(said))  # a type and a count are one change of GPUs


def _change(field: str, old: str, new: str, texts: Texts) -> str:
    what = setting_name(field, texts)
    if field in SAID_ALONE and old == texts("delta.unsaid"):
        return texts("delta.said", what=what, after=new)
    return texts("delta.kept" if old == new else "delta.moved", what=what, before=old, after=new)


def _apart(moved: Delta) -> tuple[Changed, ...]:
    """What changed, GPUs last, less the rank where the method says it: `method full → lora r=16`."""
    says_rank = any(each.field == "method" for each in moved.spec)
    told = (each for each in moved.spec if not (says_rank and each.field == "lora_rank"))
    return tuple(sorted(told, key=lambda each: each.field in GPU_FIELDS))


def gpus_asked(moved: Delta, before: Estimate, after: Estimate, texts: Texts) -> str:
    """`2× B200 → 1× RTX 4090`, where that was asked for; `2× B200` where it is what it was."""
    best = after.headline
    if best is None or not best.fits or not GPU_FIELDS & {each.field for each in moved.spec}:
        return ""
    moves = gpus_moved(moved, before.headline, best, texts).replace("*", "")
    return moves or phrases.plan_gpus(best.plan, texts)


def _before_and_after(changed: Changed, before: Estimate, after: Estimate, texts: Texts) -> tuple[str, str]:
    """As typed; what was not said is what was assumed; a method of adapters with its rank."""

    def said(value: object, estimate: Estimate) -> str:
        shown = (
            shown_value(changed.field, value, texts)
            or shown_value(changed.field, _assumed(estimate, changed.field), texts)
            or _unsaid(changed.field, texts)
        )
        rank = estimate.workload.lora_rank if changed.field == "method" else None
        return clipped(f"{shown} r={rank}" if rank else shown, MAX_SAID_CHARS)

    return said(changed.before, before), said(changed.after, after)


def _unsaid(field: str, texts: Texts) -> str:
    """What stands where nobody said a value: a limit is not chosen, it is not there."""
    return texts("delta.no_limit" if field in LIMIT_FIELDS else "delta.unsaid")


def _assumed(estimate: Estimate, field: str) -> str | None:
    return next((each.value for each in estimate.assumptions if each.what == field), None)


def gpus_moved(moved: Delta, old: Option | None, best: Option, texts: Texts) -> str:
    """`2× B200 → *1× RTX 4090*`, whoever changed it."""
    changed = {each.field for each in moved.plan} & GPU_FIELDS
    if not changed or old is None:
        return ""
    was, now = phrases.plan_gpus(old.plan, texts), phrases.plan_gpus(best.plan, texts)
    return texts("delta.gpus", before=was, after=now)

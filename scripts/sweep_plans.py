"""Try random requests for what must hold of a chosen plan: `python scripts/sweep_plans.py 2000 [SEED]`.

Saying the plan again, or a part of it, changes nothing; saying more betters nothing of what is tried; twice
the GPUs of a machine are no slower at the same global batch unless the link between them explains it;
adapters take no longer than a full fine-tune unless their own products do. Prints what does not hold.
"""

import random
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from sweep import link_seconds
from sweep_jobs import CATALOG

from estimator.errors import EstimatorError
from estimator.framework.engine import SHARED_GRADIENTS
from estimator.memory.result import Verdict
from estimator.planner.memory_fit import MOST_TOKENS
from estimator.planner.planner import search
from estimator.planner.settled import RISK_PAYS, worth
from estimator.prices.book import PriceBook
from estimator.result import Option
from estimator.spec import SPLITS, Checkpointing, Engine, Method, TrainingSpec
from estimator.units import GIB

NO_PRICES: Final = PriceBook((), ())
SIZES: Final = ("1b", "3b", "7b", "13b", "32b", "70b")
LENGTHS: Final = (None, 512, 2048, 8192, 32768)
BATCHES: Final = (None, 1, 4, 8, 16, 64, 100, 256)
COUNTS: Final = (1, 2, 4, 8, 16)
OFTEN: Final = 0.4
WORDS: Final[tuple[dict[str, Any], ...]] = (
    {"activation_checkpointing": Checkpointing.FULL},
    {"activation_checkpointing": Checkpointing.NONE},
    {"zero_stage": 0},
    {"zero_stage": 2},
    {"zero_stage": 3},
    {"zero_stage": 3, "engine": Engine.FSDP},
    {"engine": Engine.DEEPSPEED},
    {"micro_batch_size": 1},
    {"micro_batch_size": 2},
    {"gradient_accumulation_steps": 2},
)
"""What somebody may say of a plan."""
UNTRIED: Final[tuple[dict[str, Any], ...]] = (
    {"offload": True},
    {"fused_loss": True},
    {"tensor_parallel_size": 2},
    {"pipeline_parallel_size": 2},
)
"""What a request may say, but no plan takes by itself for being faster."""
OWN_WORK: Final = ("lora", "launches")
"""Parts of a step that adapters add."""
ROUNDING: Final = 1e-6
ALIKE: Final = 1.01
"""Plans of one engine whose seconds differ by less are not both timed."""
Fault = tuple[str, tuple[Option | None, ...]]
"""What does not hold, and the plans of which it does not."""


def any_request(dice: random.Random) -> TrainingSpec:
    """A random request as people type it: a GPU and a count, little of the plan."""
    said = dice.choice((*WORDS, *UNTRIED)) if dice.random() < OFTEN else {}
    return TrainingSpec(
        model=dice.choice((*SIZES, dice.choice(list(CATALOG.models)))),
        method=dice.choice((Method.FULL, Method.LORA, Method.QLORA)),
        gpu=dice.choice(list(CATALOG.gpus)),
        num_gpus=dice.choice(COUNTS),
        sequence_length=dice.choice(LENGTHS),
        stack=dice.choice((None, None, None, *CATALOG.frameworks)),
        **{"global_batch_size": dice.choice(BATCHES), **said},
    )


def first(spec: TrainingSpec, **changes: Any) -> Option | None:
    """The first option of `spec` with `changes`, if any runs."""
    try:
        options = search(spec.model_copy(update=changes), CATALOG, NO_PRICES, currency="USD").options
    except EstimatorError:
        return None
    return options[0] if options and options[0].fits else None


def broken(spec: TrainingSpec, dice: random.Random) -> Iterator[Fault]:
    """What does not hold of the plan for `spec`."""
    option = first(spec)
    if option is None:
        return
    yield from _again(spec, option, dice)
    yield from _more(spec, option, dice)
    yield from _doubled(spec, option)
    yield from _methods(spec, option)


def settings_of(option: Option) -> dict[str, dict[str, Any]]:
    """What somebody who likes the plan would type of it, by what it is about."""
    plan, batch = option.plan, {"global_batch_size": option.plan.sequences_per_step}
    said: dict[str, dict[str, Any]] = {
        "batch": batch,
        "micro batch": {**batch, "micro_batch_size": plan.micro_batch_size},
        "accumulation": {**batch, "gradient_accumulation_steps": plan.gradient_accumulation_steps},
        "attention": {"attention": plan.attention},
    }
    if plan.recomputed_share == 1:  # there is no word for some layers
        said["checkpointing"] = {"activation_checkpointing": plan.activation_checkpointing}
    if plan.data_parallel_size > 1 and not _is_split(option):
        by_name = {"engine": plan.engine} if plan.zero_stage and plan.engine is Engine.FSDP else {}
        said["sharding"] = {"zero_stage": plan.zero_stage, **by_name}
    return said


def _is_split(option: Option) -> bool:
    return any(getattr(option.plan, name) > 1 for name in SPLITS)


def _again(spec: TrainingSpec, option: Option, dice: random.Random) -> Iterator[Fault]:
    """Not of a batch that was rounded: said as it is, other GPUs may share it evenly.

    Nor of a model that is split unasked: that is tried where sharing its states does not do.
    """
    rounded = option.plan.sequences_per_step != (spec.global_batch_size or option.plan.sequences_per_step)
    if rounded or _is_split(option):
        return
    settings = settings_of(option)
    for names in (*([name] for name in settings), dice.sample(list(settings), 3), list(settings)):
        said = {key: value for name in names for key, value in settings[name].items()}
        again = first(spec, **said)
        if again is not None and _is_split(again):
            continue
        if again is None or again.plan != option.plan or again.memory.verdict is not option.memory.verdict:
            yield f"said again: {', '.join(names)}", (option, again)


def _more(spec: TrainingSpec, option: Option, dice: random.Random) -> Iterator[Fault]:
    """Not where another framework runs what is said, nor what is not tried for being faster.

    Untried are splits, another framework, copies by who makes none of himself, FSDP that leaves weights
    whole or offloads them, and passes longer than any GPU gains by.
    """
    batch = option.plan.sequences_per_step
    for said in dice.sample(WORDS, 3):
        if any(getattr(spec, name) is not None for name in said):
            continue
        other = first(spec, **{"global_batch_size": batch, **said})
        if other is None or _is_untried(other, option) or other.plan.sequences_per_step != batch:
            continue
        if _worth(other) < _worth(option) / ALIKE:
            yield f"more betters: {', '.join(said)}", (option, other)


def _is_untried(other: Option, option: Option) -> bool:
    plan = other.plan
    copied = not (plan.zero_stage and plan.num_gpus > 1)
    own = plan.engine is Engine.DDP and CATALOG.framework(plan.stack).copies
    moved = (
        copied and not own and (plan.runner, plan.zero_stage) != (option.plan.runner, option.plan.zero_stage)
    )
    half = plan.engine is Engine.FSDP and plan.zero_stage == SHARED_GRADIENTS
    longest = plan.micro_batch_size * other.workload.sequence_length > MOST_TOKENS
    away = plan.offload and plan.engine is not option.plan.engine
    return moved or half or longest or away or plan.stack != option.plan.stack or _is_split(other)


def _worth(option: Option) -> float:
    """The seconds by which a plan of one GPU and count is taken."""
    risk = 1.0 if option.memory.verdict is Verdict.FITS else RISK_PAYS
    return risk * worth(option.plan, option.time.run_seconds.likely)


def _doubled(spec: TrainingSpec, option: Option) -> Iterator[Fault]:
    count, batch = option.plan.num_gpus, option.plan.sequences_per_step
    cut = (spec.micro_batch_size, spec.gradient_accumulation_steps)
    if any(cut) or _is_split(option) or batch % (2 * count):
        return
    twice = first(spec, num_gpus=2 * count, global_batch_size=batch)
    if twice is None or twice.plan.num_nodes > option.plan.num_nodes or _is_split(twice):
        return
    plan = twice.plan
    framework = CATALOG.framework(plan.stack, None, plan.engine, CATALOG.gpu(plan.gpu).vendor)
    least = _step(option) + link_seconds(plan, twice.workload, framework)
    if _step(twice) > least * (1 + ROUNDING):
        yield "slower on twice the GPUs", (option, twice)


def _methods(spec: TrainingSpec, option: Option) -> Iterator[Fault]:
    if spec.method is not Method.LORA:
        return
    full = first(spec, method=Method.FULL)
    if full is None or _is_split(full) or full.plan.sequences_per_step != option.plan.sequences_per_step:
        return
    recomputes = [each.plan.activation_checkpointing is not Checkpointing.NONE for each in (full, option)]
    own = sum(part.seconds for part in option.time.step.parts if part.what in OWN_WORK)
    if recomputes == [False, True]:  # adapters keep inputs of their own: docs/adr/0019
        return
    if full.memory.verdict is Verdict.FITS and _step(option) - own > _step(full) * (1 + ROUNDING):
        yield "LoRA slower than full", (option, full)


def _step(option: Option) -> float:
    return option.time.step_seconds.likely


def _shown(option: Option | None) -> str:
    if option is None:
        return "nothing fits"
    memory, usable = option.memory.process_bytes, option.memory.usable_bytes
    needs = [f"{size / GIB:.1f}" for size in (memory.likely, memory.high, usable)]
    return f"{option.memory.verdict} {' '.join(needs)} {_step(option):.4f} s {option.plan}"


def main() -> None:
    """Try as many as asked, print the faults by kind with two requests of each."""
    said = [int(word) for word in sys.argv[1:]]
    count, seed = (*said, *(1000, 7)[len(said) :])
    dice = random.Random(seed)  # noqa: S311  -- no secret
    faults: Counter[str] = Counter()
    shown: dict[str, list[str]] = {}
    for _ in range(count):
        spec = any_request(dice)
        for fault, options in broken(spec, dice):
            faults[fault] += 1
            words = str(spec.model_dump(exclude_none=True, mode="json"))
            shown.setdefault(fault, []).append("\n        ".join((words, *map(_shown, options))))
    for fault, times in faults.most_common():
        print(f"{times:6}  {fault}", *shown[fault][:2], sep="\n      ")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()

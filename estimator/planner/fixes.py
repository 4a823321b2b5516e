"""How a job that does not fit is made to fit: for each kind of change the smallest that helps, tried."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import combinations, islice
from typing import Any, Final, NamedTuple

from estimator.catalog import Catalog
from estimator.defaults import settle
from estimator.errors import Impossible
from estimator.plan import Plan, Runner
from estimator.planner.changes import METHODS, OFFLOADS, SETTINGS, Failing, Family, Move
from estimator.planner.evaluate import PHYSICS, Physics
from estimator.planner.limits import OWN_LIMITS
from estimator.planner.pinned import is_pinned, pinned_plan
from estimator.planner.planner import surely_fitting
from estimator.prices.book import PriceBook
from estimator.prices.policy import LEADING_SELLERS
from estimator.result import Fix, Option
from estimator.spec import SPLITS, Engine, RankBy, TrainingSpec

MAX_MOVES: Final = 3
"""Changes at once: with more, it is another job."""

Attempt = Callable[[TrainingSpec], Iterator[Option]]
"""The options of a changed spec that surely fit, best first, each built when it is asked for."""


class Remedy(NamedTuple):
    """A changed spec that fits, and how much was changed."""

    family: Family
    num_changes: int
    spec: TrainingSpec
    option: Option

    @property
    def rank(self) -> tuple[int, bool, float]:
        """Fewest changes first, the same training on the same GPUs before any other, then cost."""
        return self.num_changes, self.family is not Family.SETTINGS, cost_of(self.option)


def cost_of(option: Option) -> float:
    """Of one run as the reader sees it; where nobody sells it, GPU-seconds."""
    if option.quotes:
        shown = option.quotes[0].in_currency or option.quotes[0]
        return float(shown.run_cost.likely.amount)
    return option.plan.num_gpus * option.time.run_seconds.likely


def remedies(failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    """The smallest remedy of each kind that has one."""
    kinds = (
        _of_moves(failing, Family.SETTINGS, (), attempt),
        _of_methods(failing, attempt),
        _of_count(failing, attempt),
        _of_gpu(failing, attempt),
        _of_offload(failing, attempt),
    )
    for kind in kinds:
        if (remedy := next(kind, None)) is not None:
            yield remedy


def _of_methods(failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    """LoRA before QLoRA, each alone before either with other settings."""
    found = [remedy for move in METHODS for remedy in _of_moves(failing, Family.METHOD, (move,), attempt)]
    yield from sorted(found, key=lambda remedy: remedy.num_changes)
    for move in METHODS:
        if (changed := _changed(failing, (move,))) is not None:
            yield from _elsewhere(Family.METHOD, changed, failing, attempt)


def _of_offload(failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    for moves in OFFLOADS:
        yield from _of_moves(failing, Family.OFFLOAD, moves, attempt)


def _of_moves(
    failing: Failing, family: Family, always: tuple[Move, ...], attempt: Attempt
) -> Iterator[Remedy]:
    """The fewest settings that help, with the moves of `always` among them.

    Settings are combined only where the whole plan is pinned: elsewhere the planner has tried them.
    """
    least = max(1, len(always))
    most = MAX_MOVES if is_pinned(failing.resolved.spec) else least
    for count in range(least, most + 1):
        for settings in combinations(SETTINGS, count - len(always)):
            changed = _changed(failing, (*always, *settings))
            option = None if changed is None else next(attempt(changed), None)
            if changed is not None and option is not None:
                yield Remedy(family=family, num_changes=count, spec=changed, option=option)
                return


def _changed(failing: Failing, moves: tuple[Move, ...]) -> TrainingSpec | None:
    """The spec after all `moves`; None where one of them does not apply or undoes another."""
    updates: dict[str, Any] = {}
    for move in moves:
        update = move.change(failing)
        if update is None or update.keys() & updates.keys():
            return None
        updates |= update
    return failing.resolved.spec.model_copy(update=updates)


def _of_count(failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    """More GPUs of the same kind, joined by a sharding: at the same batch, else at one that grows."""
    spec = failing.resolved.spec
    if spec.num_gpus is None or spec.gpu is None:
        return
    batch = failing.resolved.schedule.global_batch_size
    for freed in ({**_SPREAD, **_PASSES, "global_batch_size": batch}, _SPREAD):
        for option in attempt(spec.model_copy(update=freed)):
            if option.plan.num_gpus > spec.num_gpus:
                changed = _as_planned(spec, option.plan, failing.resolved.framework.runner)
                yield from _tried(Family.COUNT, changed, attempt)


def _of_gpu(failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    """Another GPU, as many as before; where none is large enough, the GPUs that a planner would take."""
    spec = failing.resolved.spec
    if spec.gpu is None:
        return
    fitting = tuple(attempt(spec.model_copy(update={"gpu": None, "price_per_gpu_hour": None})))
    for option in _cheapest_first(fitting, spec):
        changed = spec.model_copy(update={"gpu": option.plan.gpu, "price_per_gpu_hour": None})
        yield from _tried(Family.GPU, changed, attempt)
    yield from _elsewhere(Family.GPU, spec, failing, attempt)


def _cheapest_first(options: Sequence[Option], spec: TrainingSpec) -> Sequence[Option]:
    """Of what many sell the cheapest run first, unless speed was asked for: one change is no new plan.

    A planner that may choose takes a shorter run for a quarter more; a fix of one L4 is not a B300.
    """
    if spec.rank_by not in (None, RankBy.COST) or not options or not _leads(options[0]):
        return options
    return sorted(options, key=lambda option: (not _leads(option), cost_of(option)))


def _leads(option: Option) -> bool:
    """Whether so many sell it that it may lead unasked, and it keeps what the asker said of cost and time."""
    middle = option.quotes[0].middle if option.quotes else None
    keeps_limits = not any(each.code in OWN_LIMITS for each in option.warnings)
    return keeps_limits and middle is not None and middle.num_sellers >= LEADING_SELLERS


def _elsewhere(family: Family, spec: TrainingSpec, failing: Failing, attempt: Attempt) -> Iterator[Remedy]:
    """`spec` on the best GPUs there are, type and count: the last resort, far from what was asked."""
    freed = {**_SPREAD, **_PASSES, "gpu": None, "price_per_gpu_hour": None}
    for option in islice(attempt(spec.model_copy(update=freed)), 1):
        planned = _as_planned(spec, option.plan, failing.resolved.framework.runner)
        changed = planned.model_copy(update={"gpu": option.plan.gpu, "price_per_gpu_hour": None})
        yield from _tried(family, changed, attempt, num_changes=MAX_MOVES)


def _tried(
    family: Family, changed: TrainingSpec, attempt: Attempt, *, num_changes: int = 1
) -> Iterator[Remedy]:
    for option in islice(attempt(changed), 1):
        yield Remedy(family=family, num_changes=num_changes, spec=changed, option=option)


_SPREAD: Final[dict[str, Any]] = dict.fromkeys(("num_gpus", "num_nodes", "zero_stage", *SPLITS, "engine"))
_PASSES: Final[dict[str, Any]] = dict.fromkeys(("micro_batch_size", "gradient_accumulation_steps"))


def _as_planned(spec: TrainingSpec, plan: Plan, runner: Runner) -> TrainingSpec:
    """The spec with the count and sharding that the planner found; passes are said only where they were."""
    update: dict[str, Any] = {"num_gpus": plan.num_gpus, "num_nodes": None, "zero_stage": plan.zero_stage}
    for name in SPLITS:
        size = getattr(plan, name)
        update[name] = size if size > 1 or getattr(spec, name) is not None else None
    if plan.stack != runner.stack:
        update["stack"] = plan.stack
    if plan.engine is not runner.engine:
        update["engine"] = None if _follows(spec, plan) else plan.engine
    if spec.micro_batch_size is not None:
        update["micro_batch_size"] = plan.micro_batch_size
        update["gradient_accumulation_steps"] = plan.gradient_accumulation_steps
    return spec.model_copy(update=update)


def _follows(spec: TrainingSpec, plan: Plan) -> bool:
    """Whether the engine of `plan` need not be said: a stage of its own says it, or there is none."""
    return not plan.zero_stage or (spec.engine is None and plan.engine is Engine.DEEPSPEED)


MAX_FIXES: Final = 3


def fixes_for(
    spec: TrainingSpec,
    catalog: Catalog,
    book: PriceBook,
    *,
    currency: str,
    physics: Physics = PHYSICS,
) -> tuple[Fix, ...]:
    """At most three changes of different kinds, each fitting when tried; fewest changes first, then cost.

    Where nobody said what trains, what fits of it on the same GPUs comes first: it breaks no word. What is
    over the budget or past the deadline comes after what keeps both.
    """

    def attempt(changed: TrainingSpec) -> Iterator[Option]:
        with suppress(Impossible):
            yield from surely_fitting(changed, catalog, book, currency=currency, physics=physics)

    def rank(remedy: Remedy) -> tuple[bool, bool, int, bool, float]:
        says_what_trains = remedy.family is Family.METHOD and remedy.num_changes == 1
        breaks_a_limit = any(each.code in OWN_LIMITS for each in remedy.option.warnings)
        return (spec.method is not None or not says_what_trains, breaks_a_limit, *remedy.rank)

    found = sorted(remedies(_failing(spec, catalog), attempt), key=rank)
    return tuple(
        Fix(changes=changes_between(spec, remedy.spec), spec=remedy.spec, option=remedy.option)
        for remedy in found[:MAX_FIXES]
    )


def changes_between(before: TrainingSpec, after: TrainingSpec) -> Mapping[str, Any]:
    """What to set in `before` to get `after`; what `after` leaves open again is not said."""
    fields = ((name, getattr(after, name)) for name in TrainingSpec.model_fields)
    return {name: new for name, new in fields if new is not None and new != getattr(before, name)}


def _failing(spec: TrainingSpec, catalog: Catalog) -> Failing:
    """The job on the plan that its words say; what they leave open is as small as it gets on any GPU."""
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    resolved = settle(spec, catalog, gpu)
    any_gpu = gpu or catalog.gpus[next(iter(catalog.gpus))]
    plan = pinned_plan(resolved, any_gpu)
    return Failing(resolved=resolved, plan=plan, default_rank=catalog.defaults.lora_rank)

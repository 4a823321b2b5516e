"""Two estimates -> what changed between them, by how much, and which parts and lines moved."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final

from estimator.document import plan_document
from estimator.memory.result import Verdict
from estimator.money import Money
from estimator.result import Estimate, Option, Quote

UNMOVED_SHARE: Final = 0.005
"""A part that moves by less than this share of the total does not explain anything."""
MAX_MOVED: Final = 3
"""Parts and lines named as the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A field of the spec or of the plan before and after; None: not said, or no plan."""

    field: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A quantity of the headline before and after, in the unit of its name."""

    name: str
    before: float
    after: float

    @property
    def change(self) -> float:
        """After less before."""
        return self.after - self.before

    @property
    def ratio(self) -> float:
        """After over before; infinite from nothing."""
        if self.before == 0:
            return 1.0 if self.after == 0 else float("inf")
        return self.after / self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class CostMeasure:
    """A cost of the headline before and after, in one currency; exact."""

    name: str
    before: Money
    after: Money

    @property
    def change(self) -> Money:
        """After less before."""
        return Money(amount=self.after.amount - self.before.amount, currency=self.after.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delta:
    """What a change did: the fields that changed, the quantities that moved, and why."""

    spec: tuple[Changed, ...]
    """Fields somebody changed, as JSON values."""
    plan: tuple[Changed, ...]
    """What the headline's plan then does otherwise."""
    verdict: tuple[Verdict | None, Verdict | None]
    measures: tuple[Measure, ...]
    """run_seconds, step_seconds, process_bytes, num_steps, num_gpus; empty where one side has no plan."""
    costs: tuple[CostMeasure, ...]
    """run_cost and with_retries; empty where a price is missing or the currencies differ."""
    memory: tuple[Measure, ...]
    """The parts of memory that moved most, in bytes."""
    step: tuple[Measure, ...]
    """The parts of a step that moved most, in seconds."""


def delta(before: Estimate, after: Estimate) -> Delta:
    """What `after` has otherwise than `before`."""
    old, new = before.headline, after.headline
    both = (old, new) if old is not None and new is not None else None
    return Delta(
        spec=tuple(_changed(before.spec.said(), after.spec.said())),
        plan=tuple(_changed(_plan(old), _plan(new))) if both else (),
        verdict=(_verdict(old), _verdict(new)),
        measures=tuple(_measures(*both)) if both else (),
        costs=tuple(_costs(*both)) if both else (),
        memory=_moved(_memory_parts(both[0]), _memory_parts(both[1])) if both else (),
        step=_moved(_step_parts(both[0]), _step_parts(both[1])) if both else (),
    )


def _verdict(option: Option | None) -> Verdict | None:
    return None if option is None else option.memory.verdict


def _plan(option: Option | None) -> dict[str, Any]:
    return {} if option is None else plan_document(option.plan)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Changed]:
    for name in {**before, **after}:
        if before.get(name) != after.get(name):
            yield Changed(field=name, before=before.get(name), after=after.get(name))


def _measures(old: Option, new: Option) -> Iterator[Measure]:
    before, after = _quantities(old), _quantities(new)
    for name, value in before.items():
        yield Measure(name=name, before=value, after=after[name])


def _quantities(option: Option) -> dict[str, float]:
    return {
        "run_seconds": option.time.run_seconds.likely,
        "step_seconds": option.time.step_seconds.likely,
        "process_bytes": option.memory.process_bytes.likely,
        "num_steps": option.time.num_steps,
        "num_gpus": option.plan.num_gpus,
    }


def _costs(old: Option, new: Option) -> Iterator[CostMeasure]:
    if not (old.quotes and new.quotes):
        return
    before, after = _shown_costs(old.quotes[0]), _shown_costs(new.quotes[0])
    for name, cost in before.items():
        if cost.currency == after[name].currency:
            yield CostMeasure(name=name, before=cost, after=after[name])


def _shown_costs(quote: Quote) -> dict[str, Money]:
    """In the reader's currency where the rate is known."""
    shown = quote.in_currency or quote
    return {"run_cost": shown.run_cost.likely, "with_retries": shown.with_retries.likely}


def _memory_parts(option: Option) -> dict[str, float]:
    parts = option.memory.parts
    return {part.name: getattr(parts, part.name) for part in fields(parts)}


def _step_parts(option: Option) -> dict[str, float]:
    return {part.what: part.seconds for part in option.time.step.parts}


def _moved(before: Mapping[str, float], after: Mapping[str, float]) -> tuple[Measure, ...]:
    """The parts that moved most, by size of their change."""
    names: Iterable[str] = {**before, **after}
    measures = [Measure(name=n, before=before.get(n, 0.0), after=after.get(n, 0.0)) for n in names]
    least = UNMOVED_SHARE * max(sum(before.values()), sum(after.values()))
    moved = [measure for measure in measures if abs(measure.change) > least]
    return tuple(sorted(moved, key=lambda measure: -abs(measure.change))[:MAX_MOVED])

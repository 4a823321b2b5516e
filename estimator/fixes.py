"""The smallest changes that make a job fit: each is tried by the same search before it is offered."""

from collections.abc import Mapping
from typing import Any, Final

from estimator.catalog import Catalog
from estimator.cost import PriceBook
from estimator.errors import Impossible
from estimator.memory.estimate import Verdict
from estimator.moves import Failing
from estimator.outcome import Fix, Option
from estimator.physics import PHYSICS, Physics
from estimator.plan import pinned_plan, search
from estimator.remedies import remedies
from estimator.settle import settle
from estimator.spec import TrainingSpec

MAX_FIXES: Final = 3


def fixes_for(
    spec: TrainingSpec,
    catalog: Catalog,
    book: PriceBook,
    *,
    currency: str,
    physics: Physics = PHYSICS,
) -> tuple[Fix, ...]:
    """At most three changes of different kinds, each fitting when tried; fewest changes first, then cost."""

    def attempt(changed: TrainingSpec) -> tuple[Option, ...]:
        try:
            options = search(changed, catalog, book, currency=currency, physics=physics).options
        except Impossible:
            return ()
        return tuple(option for option in options if option.memory.verdict is Verdict.FITS)

    found = sorted(remedies(_failing(spec, catalog), attempt), key=lambda remedy: remedy.rank)
    return tuple(
        Fix(changes=changes(spec, remedy.spec), spec=remedy.spec, option=remedy.option)
        for remedy in found[:MAX_FIXES]
    )


def changes(before: TrainingSpec, after: TrainingSpec) -> Mapping[str, Any]:
    """What to set in `before` to get `after`; what `after` leaves open again is not said."""
    fields = ((name, getattr(after, name)) for name in TrainingSpec.model_fields)
    return {name: new for name, new in fields if new is not None and new != getattr(before, name)}


def _failing(spec: TrainingSpec, catalog: Catalog) -> Failing:
    """The job on the plan that its words say; what they leave open is as small as it gets on any card."""
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    settled = settle(spec, catalog, gpu)
    any_gpu = gpu or catalog.gpus[next(iter(catalog.gpus))]
    return Failing(settled=settled, plan=pinned_plan(settled, any_gpu))

"""The one composition: spec, catalog and prices in, the whole answer out; pure."""

from collections.abc import Iterable, Sequence

from estimator.catalog import Catalog
from estimator.defaults import settle
from estimator.memory.result import OnOneGpu
from estimator.money import DEFAULT_CURRENCY, FxRate, Offer
from estimator.planner.evaluate import PHYSICS, PlanEvaluator
from estimator.planner.largest import found_again, with_largest
from estimator.planner.planner import search
from estimator.planner.readings import on_one_gpu
from estimator.prices.book import PriceBook
from estimator.result import Estimate, Fix, Option
from estimator.rule_of_thumb import rule_of_thumb
from estimator.spec import TrainingSpec
from estimator.workload import last_words


def estimate(
    spec: TrainingSpec,
    catalog: Catalog,
    offers: Iterable[Offer] | PriceBook = (),
    rates: Iterable[FxRate] = (),
    *,
    reference: Iterable[Offer] = (),
    currency: str = DEFAULT_CURRENCY,
) -> Estimate:
    """Whether the run fits, how long it takes and what it costs, by paper arithmetic and by physics.

    `offers` are prices on sale (a `PriceBook` when the same ones are used again); `reference`
    those that the rule of thumb looks at first. `currency` is the reader's, where the spec
    names none.

    Raises:
        UnknownModel, UnknownGPU, UnknownFramework: a name that the catalog does not have.
        Impossible: a combination that no framework runs.
    """
    book = offers if isinstance(offers, PriceBook) else PriceBook(offers, rates)
    shown_in = spec.currency or currency
    sized = with_largest(spec, catalog, book, currency=shown_in)
    asked, spec = spec, sized.spec
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    resolved = settle(spec, catalog, gpu)
    plans = search(spec, catalog, book, currency=shown_in)
    rule = rule_of_thumb(
        spec,
        arch=resolved.arch,
        num_params=resolved.num_params,
        precision=resolved.workload.precision,
        schedule=resolved.schedule,
        sequence_length=resolved.workload.sequence_length,
        catalog=catalog,
        book=book,
        reference=reference,
        currency=shown_in,
        priced=plans.fits,
    )
    return Estimate(
        spec=spec,
        arch=resolved.arch,
        num_params=resolved.num_params,
        workload=plans.options[0].workload if plans.options else resolved.workload,
        schedule=resolved.schedule,
        currency=shown_in,
        assumptions=last_words(*resolved.assumptions, *plans.assumptions, *sized.assumptions),
        rule_of_thumb=rule,
        options=plans.options,
        rejected=plans.rejected,
        nearest=plans.nearest,
        least_seconds_unweighed=plans.least_seconds_unweighed,
        on_one_gpu=_alone(
            PlanEvaluator(spec, catalog, book, currency=shown_in, physics=PHYSICS), plans.options, rule.gpu
        ),
        fixes=() if plans.fits else _fixes(asked, spec, catalog, book, shown_in),
    )


def _alone(evaluator: PlanEvaluator, options: Sequence[Option], gpu: str | None) -> OnOneGpu | None:
    """The headline on one GPU of the rule of thumb's kind, of its own where that has none."""
    if not options:
        return None
    return on_one_gpu(evaluator, options[0], evaluator.catalog.gpu(gpu or options[0].plan.gpu))


def _fixes(
    asked: TrainingSpec, spec: TrainingSpec, catalog: Catalog, book: PriceBook, currency: str
) -> tuple[Fix, ...]:
    from estimator.planner.fixes import fixes_for  # noqa: PLC0415  -- most runs fit

    found = fixes_for(spec, catalog, book, currency=currency)
    return tuple(found_again(fix, asked, spec, catalog, book, currency=currency) for fix in found)

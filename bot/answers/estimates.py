"""One spec -> one estimate: names resolved, the world asked once, one pure call."""

import re
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from bot.answers.kept import KeptAnswers
from bot.answers.price_notes import near_region, needs_everybody, notes_on, where_sold
from bot.answers.turns import Turns
from bot.language.kinds import squash
from bot.prices import GatheredPrices
from estimator.catalog import Catalog
from estimator.errors import EstimatorError, Impossible, Problem, UnknownModel
from estimator.estimate import estimate
from estimator.memory import memory_terms
from estimator.memory.result import Term
from estimator.money import FxRate, Offer
from estimator.plan import Plan
from estimator.planner.instead import instead
from estimator.prices.book import PriceBook, PricedOffer
from estimator.result import Estimate, Option
from estimator.said import framework_of
from estimator.sizes import size_as_typed
from estimator.spec import Market, TrainingSpec

if TYPE_CHECKING:
    from bot.model_hub.hub import ModelHub, NoModel

WEIGHED_COUNTS: Final = (1, 8)
"""GPUs of the machines whose middle a list of prices shows."""
MAX_BOOKS: Final = 64
Question = tuple[TrainingSpec, str, Catalog, PriceBook]
"""All that an estimate depends on."""


class PriceGatherer(Protocol):
    """What the service asks of prices: everything at once, never an exception."""

    @property
    def reference(self) -> tuple[Offer, ...]:
        """The prices that the rule of thumb looks at first."""
        ...

    def gather(
        self,
        gpus: Sequence[str],
        *,
        providers: Sequence[str] | None = None,
        market: Market | None = None,
        region: str | None = None,
    ) -> GatheredPrices:
        """Offers for these GPUs, the rates, and notes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedEstimate:
    """An estimate, with what its prices have to say for themselves."""

    estimate: Estimate
    gathered: GatheredPrices


class EstimateService:
    """Answers specs; safe to share between threads."""

    def __init__(self, catalog: Catalog, prices: PriceGatherer, hub: "ModelHub") -> None:
        self.catalog = catalog
        self._prices, self._hub = prices, hub
        self._books: dict[tuple[object, ...], tuple[GatheredPrices, PriceBook]] = {}
        self._lock = threading.Lock()
        self._computing = Turns()
        self._answers = KeptAnswers[Question, Estimate]()

    def estimate(self, spec: TrainingSpec, *, currency: str) -> PricedEstimate | tuple[Problem, ...]:
        """The whole answer, or what only the catalog, the hub or the hardware could tell was wrong.

        `currency` is the reader's, where the spec names none.
        """
        catalog = self._catalog_with(spec.model)
        if isinstance(catalog, Problem):
            return (catalog,)
        gathered, book = self._world(spec)
        try:
            answer = self._answered(spec, currency, catalog, book)
        except Impossible as error:
            return (replace(as_problem(error), changes=instead(spec, catalog, error)),)
        except EstimatorError as error:
            return (as_problem(error),)
        everybody = self._world(TrainingSpec())[1] if needs_everybody(answer) else None
        if everybody is not None:
            answer = self._on_what_others_rent(answer, spec, currency, (catalog, book, everybody))
        sold = () if everybody is None else where_sold(answer, everybody, currency)
        notes = (*notes_on(answer, gathered), *sold)
        noted = replace(answer, notes=notes) if notes else answer
        return PricedEstimate(estimate=noted, gathered=gathered)

    def _on_what_others_rent(
        self, answer: Estimate, spec: TrainingSpec, currency: str, world: tuple[Catalog, PriceBook, PriceBook]
    ) -> Estimate:
        """`answer`, where nobody who was asked has a price of any GPU, on the one that is chosen at others'.

        Without a price the fastest GPU there is would lead, which nobody would take.
        """
        catalog, book, everybody = world
        is_open = spec.gpu is None and spec.price_per_gpu_hour is None
        if not is_open or answer.headline is None or answer.headline.quotes or not everybody.gpus:
            return answer
        open_ = {"providers": None, "excluded_providers": None, "market": None, "region": None}
        others = self._answered(spec.model_copy(update=open_), currency, catalog, everybody).headline
        if others is None or not others.fits or not others.quotes:
            return answer
        plan = others.plan
        chosen = {"gpu": plan.gpu, "gpu_memory_gb": None, "num_gpus": plan.num_gpus}
        found = self._answered(spec.model_copy(update=chosen), currency, catalog, book)
        if not found.options:
            return answer
        return replace(
            answer,
            workload=found.workload,
            options=found.options,
            rejected=found.rejected,
            assumptions=found.assumptions,
        )

    def _answered(self, spec: TrainingSpec, currency: str, catalog: Catalog, book: PriceBook) -> Estimate:
        """The pure call; the same arguments give the same answer, so the last ones are kept.

        One at a time, in turn by whoever asks: more would only contend for the interpreter with Slack's
        requests. Whoever asks for an answer that is kept does not wait for another's.
        """
        key = (spec, currency, catalog, book)
        if (answer := self._answers.get(key)) is not None:
            return answer
        with self._computing.turn():
            if (answer := self._answers.get(key)) is None:
                answer = estimate(spec, catalog, book, reference=self._prices.reference, currency=currency)
                self._answers.put(key, answer)
        return answer

    def memory_terms(self, option: Option, spec: TrainingSpec) -> tuple[Term, ...]:
        """How the memory peak of `option` comes about, line by line."""
        gpu = self.catalog.gpu(option.plan.gpu)
        return memory_terms(
            option.workload,
            option.plan,
            gpu=gpu,
            framework=framework_of(spec, self.catalog, option.plan.runner, gpu),
            calibration=self.catalog.memory_calibration,
        )

    def offers(self, asked: TrainingSpec) -> tuple[Offer, ...]:
        """What those who are asked ask for the GPU, by the price of one, cheapest first.

        Of machines of so many GPUs where a number is said, if they list such.
        """
        _, book = self._world(TrainingSpec())
        found = book.offers(asked)
        found = tuple(offer for offer in found if offer.num_gpus == asked.num_gpus) or found

        def per_gpu(offer: Offer) -> float:
            return book.comparable(offer.price_per_hour) / offer.num_gpus

        return tuple(sorted(found, key=per_gpu))

    def leading(self, asked: TrainingSpec, currency: str) -> tuple[PricedOffer, ...]:
        """The offer that leads for so many GPUs, else for one and for a machine of eight, as a card has it.

        Where nobody is named, those alone that are the middle of sellers.
        """
        _, book = self._world(asked)
        counts = (asked.num_gpus,) if asked.num_gpus else WEIGHED_COUNTS
        found = []
        for n in counts:
            plan = Plan(
                gpu=asked.gpu or "", num_gpus=n, data_parallel_size=n, stack=self.catalog.defaults.stack
            )
            first = next(iter(book.priced(asked, plan, currency=currency)), None)
            if first and (
                asked.num_gpus or asked.providers or asked.region or (first.votes and not first.instead)
            ):
                found.append(first)
        return tuple(found)

    def slip_of_region(self, region: str) -> str | None:
        """The region that a region without any price is nearly; empty: like none; None: it has prices."""
        _, book = self._world(TrainingSpec())
        return None if book.names_region(region) else near_region(region, book)

    def rates(self) -> tuple[FxRate, ...]:
        """The day's rates."""
        return self._world(TrainingSpec())[0].rates

    def _catalog_with(self, model: str | None) -> Catalog | Problem:
        """The catalog, with `model` of the hub in it where it names one that the catalog does not have."""
        if model is None or size_as_typed(model) is not None or self._knows(model):
            return self.catalog
        from bot.model_hub.hub import NoModel, is_hub_name  # noqa: PLC0415  -- most models are in the catalog

        if not is_hub_name(model):
            return self.catalog
        found = self._hub.model(model)
        if isinstance(found, NoModel):
            return _hub_problem(model, found, self.catalog)
        return self.catalog.with_models((found,))

    def _knows(self, model: str) -> bool:
        try:
            self.catalog.model(model)
        except UnknownModel:
            return False
        return True

    def _world(self, spec: TrainingSpec) -> tuple[GatheredPrices, PriceBook]:
        """Prices of every GPU (a fix may need another) and rates; while they are the same, the same book."""
        gpus = tuple(self.catalog.gpus)
        key = (spec.providers, spec.market, spec.region)
        market = spec.market and spec.market.of_offers
        gathered = self._prices.gather(gpus, providers=spec.providers, market=market, region=spec.region)
        with self._lock:
            kept = self._books.get(key)
            if kept and _says_the_same(kept[0], gathered):
                return gathered, kept[1]
        book = gathered.book or PriceBook(gathered.offers, gathered.rates)
        with self._lock:
            if len(self._books) >= MAX_BOOKS:
                self._books.clear()
            self._books[key] = (gathered, book)
        return gathered, book


def _says_the_same(before: GatheredPrices, now: GatheredPrices) -> bool:
    """Whether a book still holds; those of `Prices` come with one, and no offer need be looked at."""
    if now.book is not None:
        return before.book is now.book
    return before.offers == now.offers and before.rates == now.rates


def _hub_problem(model: str, missing: "NoModel", catalog: Catalog) -> Problem:
    name = model.rpartition("/")[2]
    sizes = [part for part in re.split(r"[-_]", name.lower()) if size_as_typed(part)]
    near = (*sizes[:1], *_nearest(name, catalog.models))
    return Problem(
        code=f"hub_{missing.why}",
        token=model,
        suggestions=near,
        parameters={"detail": missing.detail},
    )


def as_problem(error: EstimatorError) -> Problem:
    """A mistake that only the core could find, as the cards and the JSON say it."""
    if isinstance(error, Impossible):
        return Problem(code=error.code, token=error.field, parameters=error.parameters)
    token, known = getattr(error, "name", ""), getattr(error, "known", ())
    return Problem(
        code=f"catalog_{type(error).__name__.removeprefix('Unknown').lower()}",
        token=token,
        suggestions=_nearest(token, known),
    )


def _nearest(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """As the language finds them to a word that it does not know."""
    from bot.language.suggestions import for_name  # noqa: PLC0415  -- most names are known

    return for_name(name, {squash(each): each for each in known})

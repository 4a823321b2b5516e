"""Offers -> what a plan costs an hour -> what a run costs. The only place where money meets floats."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from estimator.money import SAID_PRICE, FxRate, Money, Offer, convert
from estimator.plan import Plan
from estimator.spec import Market, SaidMoney, TrainingSpec

_FALLBACK_CURRENCY: Final = "USD"
"""What prices are in where neither an offer nor the reader says."""
PINNED_PROVIDER: Final = "pinned"
"""The provider of a price that the user gave."""


class PricedOffer(NamedTuple):
    """An offer multiplied to the GPUs of a plan."""

    offer: Offer
    copies: int
    """How many such instances the plan takes."""
    scaled: bool
    """Smaller instances stand for a machine that this seller does not list."""
    comparable: float
    """Price an hour in the book's own currency; infinite where no rate links the two."""

    @property
    def price_per_hour(self) -> Money:
        """For all GPUs of the plan, in the currency of the offer; multiplied when it is shown."""
        return self.offer.price_per_hour.times(self.copies)


class PriceBook:
    """All offers of one moment, found by GPU and count; built once, asked often."""

    def __init__(self, offers: Iterable[Offer], rates: Iterable[FxRate]) -> None:
        offers, self.rates = tuple(offers), tuple(rates)
        self._common = offers[0].price_per_hour.currency if offers else _FALLBACK_CURRENCY
        self._to_common: dict[str, Decimal | None] = {}
        self._by_gpu: dict[str, list[tuple[Offer, float]]] = defaultdict(list)
        for offer in offers:
            self._by_gpu[offer.gpu].append((offer, self.comparable(offer.price_per_hour)))
        self._priced = lru_cache(maxsize=4096)(self._find)

    def comparable(self, money: Money) -> float:
        """`money` in one currency of the book's choice: for ranking, never for a reader."""
        if money.currency not in self._to_common:
            unit = convert(Money(amount=Decimal(1), currency=money.currency), self._common, self.rates)
            same = money.currency == self._common
            self._to_common[money.currency] = Decimal(1) if same else unit and unit[0].amount
        rate = self._to_common[money.currency]
        return float("inf") if rate is None else float(money.amount * rate)

    @property
    def gpus(self) -> frozenset[str]:
        """GPUs that somebody sells."""
        return frozenset(self._by_gpu)

    def single(self) -> tuple[Offer, ...]:
        """Offers of one on-demand GPU, cheapest first; sorted once a book."""
        return self._single

    @cached_property
    def _single(self) -> tuple[Offer, ...]:
        found = [
            pair
            for pairs in self._by_gpu.values()
            for pair in pairs
            if pair[0].num_gpus == 1 and pair[0].market is Market.ON_DEMAND
        ]
        return tuple(offer for offer, _ in sorted(found, key=lambda pair: pair[1]))

    def priced(
        self, spec: TrainingSpec, plan: Plan, *, currency: str = _FALLBACK_CURRENCY
    ) -> tuple[PricedOffer, ...]:
        """Sellers of the plan's GPUs in the wanted market, one a provider, cheapest first.

        A price in the spec takes their place, in the reader's `currency` where it names none.

        Whoever lists the machine itself comes before all that only list smaller ones: eight single
        GPUs of a marketplace need not share a board, and several nodes need a fabric.
        """
        pinned = spec.price_per_gpu_hour
        if pinned is not None:
            return (self._pinned(pinned, spec.currency or currency, plan),)
        return self._priced(
            plan.gpu,
            plan.num_gpus,
            plan.gpus_per_node,
            spec.providers,
            spec.region,
            spec.market or Market.ON_DEMAND,
        )

    def nearest(self, spec: TrainingSpec, plan: Plan) -> PricedOffer | None:
        """Who sells the plan's GPUs otherwise than asked for.

        The same sellers elsewhere, then anybody, then on demand, then a larger machine for its whole price.
        """
        wider = spec
        for field in ("region", "providers", "market"):
            wider = wider.model_copy(update={field: None})
            if found := self.priced(wider, plan):
                return found[0]
        larger = [
            PricedOffer(offer=offer, copies=1, scaled=False, comparable=comparable)
            for offer, comparable in self._by_gpu.get(plan.gpu, ())
            if offer.num_gpus > plan.num_gpus and offer.market is Market.ON_DEMAND
        ]
        return min(larger, key=lambda each: each.comparable, default=None)

    def _find(
        self,
        gpu: str,
        num_gpus: int,
        gpus_per_node: int,
        providers: tuple[str, ...] | None,
        region: str | None,
        market: Market,
    ) -> tuple[PricedOffer, ...]:
        best: dict[str, tuple[bool, float, Offer]] = {}
        for offer, comparable in self._by_gpu.get(gpu, ()):
            if offer.market is not market or num_gpus % offer.num_gpus:
                continue
            if providers is not None and offer.provider not in providers:
                continue
            if region is not None and not offer.is_in(region):
                continue
            candidate = (offer.num_gpus != gpus_per_node, comparable * (num_gpus // offer.num_gpus), offer)
            known = best.get(offer.provider)
            if known is None or candidate[:2] < known[:2]:
                best[offer.provider] = candidate
        return tuple(
            PricedOffer(
                offer=offer,
                copies=num_gpus // offer.num_gpus,
                scaled=scaled,
                comparable=comparable,
            )
            for scaled, comparable, offer in sorted(best.values(), key=lambda found: found[:2])
        )

    def _pinned(self, said: SaidMoney, currency: str, plan: Plan) -> PricedOffer:
        each = Money(amount=said.amount, currency=said.currency or currency)
        total = each.times(plan.num_gpus)
        offer = Offer(
            provider=PINNED_PROVIDER,
            gpu=plan.gpu,
            num_gpus=1,
            price_per_hour=each,
            source=SAID_PRICE,
        )
        return PricedOffer(offer=offer, copies=plan.num_gpus, scaled=False, comparable=self.comparable(total))

"""Offers by GPU and count, and which of them leads for a plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from estimator.base import ByIdentity
from estimator.money import CHINESE_CURRENCY, DEFAULT_CURRENCY, SAID_PRICE, FxRate, Money, Offer, convert
from estimator.places import is_everywhere, is_within
from estimator.plan import Plan
from estimator.prices.policy import (
    Votes,
    can_vote,
    in_order,
    is_chinese,
    may_lead,
)
from estimator.prices.sellers import SellerFilter, offered_host_bytes
from estimator.spec import Market, SaidMoney, TrainingSpec

EVERYWHERE: Final = "everywhere"
"""What a price is that its seller asks in all places, to who asked for one."""
_MISSING: Final = {Market.SPOT: ("market",), Market.MARKETPLACE: ("marketplace",)}
"""What an offer on demand is not."""
_OTHERWISE: Final = frozenset({"market", "marketplace", "region"})
"""What an offer is that is not the one that was asked for."""
PINNED_PROVIDER: Final = "pinned"
"""The provider of a price that the user gave."""


class PricedOffer(NamedTuple):
    """An offer multiplied to the GPUs of a plan."""

    offer: Offer
    copies: int
    """How many such instances the plan takes."""
    scaled: bool
    """Smaller instances, as few as will do, stand for a machine that this seller does not list."""
    comparable: float
    """Price an hour in the book's own currency; infinite where no rate links the two."""
    votes: Votes | None = None
    """The sellers that it is the middle of, likewise; only where it leads and nobody named a seller."""
    is_bookable: bool = False
    """Whether it is the cheapest to book today: below the middle that leads, and as sound as it."""
    instead: tuple[str, ...] = ()
    """`market`, `marketplace`, `region`, `everywhere`, `larger`: all that it is instead of what was asked."""

    @property
    def as_asked(self) -> bool:
        """Whether it is sold where and how it was asked for, if need be as a larger machine."""
        return _OTHERWISE.isdisjoint(self.instead)

    @property
    def price_per_hour(self) -> Money:
        """For all GPUs of the plan, in the currency of the offer; multiplied when it is shown."""
        return self.offer.price_per_hour.times(self.copies)

    def host_bytes_of(self, num_nodes: int) -> int | None:
        """Memory beside the GPUs of each of `num_nodes` machines; None where the seller does not say."""
        return offered_host_bytes(self.offer, self.copies / num_nodes)


class Size(NamedTuple):
    """What of a plan its price depends on."""

    gpu: str
    num_gpus: int
    gpus_per_node: int


class PriceBook:
    """All offers of one moment, found by GPU and count; built once, asked often."""

    def __init__(self, offers: Iterable[Offer], rates: Iterable[FxRate]) -> None:
        offers, self.rates = tuple(offers), tuple(rates)
        self._common = offers[0].price_per_hour.currency if offers else DEFAULT_CURRENCY
        self._to_common: dict[str, Decimal | None] = {}
        self._by_gpu: dict[str, list[tuple[Offer, float]]] = defaultdict(list)
        for offer in offers:
            self._by_gpu[offer.gpu].append((offer, self.comparable(offer.price_per_hour)))
        self._priced = lru_cache(maxsize=4096)(self._find)
        self._priced_or_near = lru_cache(maxsize=4096)(self._find_or_near)
        self._host_rooms = lru_cache(maxsize=4096)(_host_rooms)

    def comparable(self, money: Money) -> float:
        """`money` in one currency of the book's choice: for ranking, never for a reader."""
        if money.currency not in self._to_common:
            unit = convert(Money(amount=Decimal(1), currency=money.currency), self._common, self.rates)
            same = money.currency == self._common
            self._to_common[money.currency] = Decimal(1) if same else unit and unit[0].amount
        rate = self._to_common[money.currency]
        return float("inf") if rate is None else float(money.amount * rate)

    def host_rooms(self, offers: tuple[PricedOffer, ...], num_nodes: int) -> tuple[int, ...]:
        """Memory beside the GPUs of each of `num_nodes` machines, of those of `offers` that say it."""
        return self._host_rooms(ByIdentity(offers), num_nodes)

    @property
    def gpus(self) -> frozenset[str]:
        """GPUs that somebody sells."""
        return frozenset(self._by_gpu)

    def num_sellers(self, gpu: str) -> int:
        """How many have a price of it."""
        return len({offer.provider for offer, _ in self._by_gpu.get(gpu, ())})

    @cached_property
    def sold_in_china(self) -> frozenset[str]:
        """GPUs that somebody in China offers at a current price of there."""
        return self._gpus_of(lambda offer: offer.usable and is_chinese(offer))

    @cached_property
    def sold_anywhere(self) -> frozenset[str]:
        """GPUs that somebody outside of China's market offers on machines of his own."""
        return self._gpus_of(can_vote)

    def _gpus_of(self, holds: Callable[[Offer], bool]) -> frozenset[str]:
        return frozenset(
            gpu for gpu, pairs in self._by_gpu.items() if any(holds(offer) for offer, _ in pairs)
        )

    @cached_property
    def sold_alone(self) -> tuple[str, ...]:
        """GPUs of which somebody whose price may lead rents out one on demand, the cheapest first."""
        found = [
            (comparable, gpu)
            for gpu, pairs in self._by_gpu.items()
            for offer, comparable in pairs
            if offer.num_gpus == 1 and offer.market is Market.ON_DEMAND and may_lead(offer)
        ]
        return tuple(dict.fromkeys(gpu for _, gpu in sorted(found, key=lambda pair: pair[0])))

    def priced(
        self, spec: TrainingSpec, plan: Plan, *, currency: str = DEFAULT_CURRENCY
    ) -> tuple[PricedOffer, ...]:
        """Sellers of the plan's GPUs: `priced_size`."""
        size = Size(plan.gpu, plan.num_gpus, plan.gpus_per_node)
        return self.priced_size(spec, size, currency=currency)

    def priced_size(
        self,
        spec: TrainingSpec,
        size: Size,
        *,
        currency: str = DEFAULT_CURRENCY,
        host_bytes: int = 0,
        host_said: bool = False,
    ) -> tuple[PricedOffer, ...]:
        """Sellers of so many GPUs, one a provider: the one that leads (`policy.py`), then by price.

        `host_bytes`: without machines that are known to have less memory beside their GPUs; `host_said`:
        nor those that do not say.

        A price in the spec takes their place, in the reader's `currency` where it names none. Where nobody
        sells it as asked for, the nearest that somebody does, which says what it is `instead`.
        """
        pinned = spec.price_per_gpu_hour
        if pinned is not None:
            return (self._pinned(pinned, spec.currency or currency, size),)
        chinese = (spec.currency or currency) == CHINESE_CURRENCY
        anybody = SellerFilter(
            spec.providers, spec.excluded_providers, chinese, host_bytes=host_bytes, host_said=host_said
        )
        return self._priced_or_near(size, anybody, spec.region, spec.market or Market.ON_DEMAND)

    def _find_or_near(
        self, size: Size, anybody: SellerFilter, region: str | None, asked: Market
    ) -> tuple[PricedOffer, ...]:
        whose = anybody._replace(marketplace=asked is Market.MARKETPLACE)
        missing = _MISSING.get(asked, ())
        for instead, sellers, market, place in (
            ((), whose, asked.of_offers, region),
            (missing, anybody, Market.ON_DEMAND, region),
            (("region",), whose, asked.of_offers, None),
            ((*missing, "region"), anybody, Market.ON_DEMAND, None),
        ):
            if found := self._priced(*size, sellers, place, market):
                return _named(instead, found, place)
        return self._larger(missing, *size, anybody, region)

    def _larger(
        self,
        missing: tuple[str, ...],
        gpu: str,
        num_gpus: int,
        in_machine: int,
        whose: SellerFilter,
        region: str | None,
    ) -> tuple[PricedOffer, ...]:
        """The smallest machines that hold the GPUs of one machine, at their whole price; there, if any is."""
        sizes = {offer.num_gpus for offer, _ in self._by_gpu.get(gpu, ())}
        for place in dict.fromkeys((region, None)):
            elsewhere = () if place == region else ("region",)
            for size in sorted(size for size in sizes if size > num_gpus == in_machine):
                if found := self._priced(gpu, size, size, whose, place, Market.ON_DEMAND):
                    return _named((*missing, *elsewhere, "larger"), found, place)
        return ()

    def offers(self, spec: TrainingSpec) -> tuple[Offer, ...]:
        """Every offer of the spec's GPU of whom it asks for, in its region if they list one there."""
        whose = SellerFilter(
            spec.providers, spec.excluded_providers, marketplace=spec.market is Market.MARKETPLACE
        )
        market = spec.market and spec.market.of_offers
        found = [
            offer
            for offer, _ in self._by_gpu.get(spec.gpu or "", ())
            if whose.admits(offer) and market in (None, offer.market)
        ]
        there = [offer for offer in found if spec.region is None or offer.is_in(spec.region)]
        return tuple(there or found)

    def nearest(self, spec: TrainingSpec, plan: Plan, *, currency: str) -> PricedOffer | None:
        """Who sells the plan's GPUs otherwise than asked for: the same sellers elsewhere, then anybody."""
        anybody = spec.model_copy(update={"providers": None, "excluded_providers": None})
        found = (self.priced(each, plan, currency=currency) for each in (spec, anybody))
        return next((offers[0] for offers in found if offers), None)

    def names_region(self, region: str) -> bool:
        """Whether any price is one of `region`, and not of everywhere."""
        return any(is_within(each, region) for each in self.regions)

    @cached_property
    def regions(self) -> frozenset[str]:
        """Every region of a price, in lower case."""
        return frozenset(offer.region.casefold() for pairs in self._by_gpu.values() for offer, _ in pairs)

    def last_seen(self, spec: TrainingSpec, gpu: str) -> Offer | None:
        """The newest price of `gpu` that is too old to count, of those whom the spec asks for."""
        whose, market = SellerFilter(spec.providers, spec.excluded_providers), spec.market or Market.ON_DEMAND
        old = [
            offer
            for offer, _ in self._by_gpu.get(gpu, ())
            if not offer.usable and offer.market is market.of_offers and whose.admits(offer)
        ]
        return max(old, key=lambda offer: offer.as_of or date.min, default=None)

    def _find(
        self,
        gpu: str,
        num_gpus: int,
        gpus_per_node: int,
        whose: SellerFilter,
        region: str | None,
        market: Market,
    ) -> tuple[PricedOffer, ...]:
        best: dict[str, tuple[bool, int, float, Offer]] = {}
        for offer, comparable in self._by_gpu.get(gpu, ()):
            if offer.market is not market or num_gpus % offer.num_gpus:
                continue
            if not whose.admits(offer):
                continue
            if region is not None and not offer.is_in(region):
                continue
            copies = num_gpus // offer.num_gpus
            if not whose.has_room(offer, gpus_per_node / offer.num_gpus):
                continue
            pieces = 0 if offer.num_gpus == gpus_per_node else copies
            candidate = (not offer.usable, pieces, comparable * copies, offer)
            known = best.get(offer.provider)
            if known is None or candidate[:3] < known[:3]:
                best[offer.provider] = candidate
        found = [
            PricedOffer(
                offer=offer,
                copies=num_gpus // offer.num_gpus,
                scaled=pieces > 0,
                comparable=comparable,
            )
            for _, pieces, comparable, offer in best.values()
        ]
        order = in_order(found, chosen=whose.providers is not None, chinese=whose.chinese)
        first = (each._replace(votes=order.votes) for each in order.offers[:1])
        rest = (each._replace(is_bookable=each is order.bookable) for each in order.offers[1:])
        return (*first, *rest)

    def _pinned(self, said: SaidMoney, currency: str, size: Size) -> PricedOffer:
        each = Money(amount=said.amount, currency=said.currency or currency)
        total = each.times(size.num_gpus)
        offer = Offer(
            provider=PINNED_PROVIDER,
            gpu=size.gpu,
            num_gpus=1,
            price_per_hour=each,
            source=SAID_PRICE,
        )
        return PricedOffer(offer=offer, copies=size.num_gpus, scaled=False, comparable=self.comparable(total))


def _named(
    instead: tuple[str, ...], found: tuple[PricedOffer, ...], place: str | None
) -> tuple[PricedOffer, ...]:
    """`found` with what they are instead; a price for all places is that, too, where one was asked for."""
    return tuple(
        each._replace(instead=(*instead, EVERYWHERE))
        if place is not None and is_everywhere(each.offer.region)
        else each._replace(instead=instead)
        for each in found
    )


def _host_rooms(offers: ByIdentity[tuple[PricedOffer, ...]], num_nodes: int) -> tuple[int, ...]:
    rooms = (each.host_bytes_of(num_nodes) for each in offers.value)
    return tuple(room for room in rooms if room is not None)

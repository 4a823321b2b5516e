"""Sources lie: a price of zero, per month, in another currency, of eight GPUs. It is refused.

Two yardsticks: what reputable sellers ask for that GPU, and what the same seller asked for it before. The
first is wide, because sellers differ by as much; the second tells a wrong unit of a seller who is cheap.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from statistics import median, median_low
from typing import Any, Final

from bot.observe import get_log
from bot.prices.config import Policy
from bot.prices.own_prices import Bounds, OwnPrices
from bot.prices.port import SourceAnswer, SourceDown
from estimator.money import FxRate, Money, Offer, convert, is_positive
from estimator.spec import Market

_LOG: Final = get_log(__name__)
_YARD: Final = "USD"
REPUTABLE: Final = frozenset({"A", "B"})
WITH_A_LIST: Final = REPUTABLE | {"B-cn"}
"""Tiers of sellers with a price list of their own; the others' prices are made by their hosts."""
MOST_REFUSED: Final = Decimal(2) / 3
"""A reading of which more is refused is wrong as a whole, and what is left of it by accident."""
_Listing = tuple[str, str, Market]
"""Seller, GPU, market."""


def plausibility_of(
    snapshot: Iterable[Offer], rates: Iterable[FxRate], policy: Policy, sellers: Mapping[str, Any]
) -> "Plausibility":
    """With the tiers of sellers.yaml as parsed."""
    return Plausibility(
        snapshot, rates, policy, {key: str(seller["tier"]) for key, seller in sellers.items()}
    )


class Plausibility:
    """Accepts what lies near the middle of reputable sellers and near its own seller's price before.

    Rates of the snapshot's own time are good enough: the bounds are wider than any currency moves.
    """

    def __init__(
        self, snapshot: Iterable[Offer], rates: Iterable[FxRate], policy: Policy, tiers: Mapping[str, str]
    ) -> None:
        self._usd_per_unit: dict[str, Decimal | None] = {}
        self._rates, self._policy, self._tiers = tuple(rates), policy, tiers
        self._otherwise = Bounds(low=policy.plausible_usd_low, high=policy.plausible_usd_high)
        listed = tuple(snapshot)
        self._bounds = dict(self._bounds_of(listed))
        self._before = self._middles(listed)
        self._own = OwnPrices(
            ((offer, per_gpu) for offer in listed if (per_gpu := self._usd_per_gpu(offer)) is not None),
            most_rise=policy.plausible_seller_factor,
            most_cut=policy.plausible_seller_cut,
        )

    def accepted(self, source: str, reading: SourceAnswer) -> SourceAnswer:
        """`reading` without its implausible offers, which are counted and logged.

        Raises:
            SourceDown: when too little is left to believe the rest.
        """
        if not reading.offers:
            return reading
        wrong_sellers = self._wrong_sellers(reading.offers)
        refused = [
            offer for offer in reading.offers if self.why_not(offer) or offer.provider in wrong_sellers
        ]
        if not refused:
            return reading
        self._log(source, reading.offers, refused, wrong_sellers)
        if len(refused) > MOST_REFUSED * len(reading.offers):
            raise SourceDown(f"{len(refused)} of its {len(reading.offers)} prices cannot be true")
        wrong = {id(offer) for offer in refused}
        kept = tuple(offer for offer in reading.offers if id(offer) not in wrong)
        return reading.model_copy(update={"offers": kept})

    def why_not(self, offer: Offer) -> str:
        """What is wrong with the price of `offer`; empty when nothing is."""
        amount = offer.price_per_hour.amount
        if not is_positive(amount):
            return f"{amount} is no price"
        if (per_gpu := self._usd_per_gpu(offer)) is None:
            return f"no rate for {offer.price_per_hour.currency}"
        bounds = self._bounds_for(offer.gpu)
        if not bounds.admits(per_gpu) and not self._own.was_listed(offer, per_gpu):
            return f"USD {per_gpu:.3f} per GPU-hour is outside {bounds.low:.3f} to {bounds.high:.3f}"
        return self._own.why_not(offer, per_gpu) if self._keeps_a_list(offer) else ""

    def _keeps_a_list(self, offer: Offer) -> bool:
        """Whether its price is one of a list, which moves slowly; a market's moves by itself."""
        return offer.market is Market.ON_DEMAND and self._tiers.get(offer.provider) in WITH_A_LIST

    def _bounds_for(self, gpu: str) -> Bounds:
        """Those of the GPU, or of the one it is made of where nobody priced it."""
        yardstick = self._policy.yardsticks.get(gpu, "")
        return self._bounds.get(gpu) or self._widened(yardstick) or self._otherwise

    def _widened(self, gpu: str) -> Bounds | None:
        known = self._bounds.get(gpu)
        factor = self._policy.plausible_other_factor / self._policy.plausible_high
        return known and known.widened(factor)

    def _bounds_of(self, listed: Iterable[Offer]) -> Iterable[tuple[str, Bounds]]:
        cheapest: dict[str, dict[str, Decimal]] = defaultdict(dict)
        other = self._policy.plausible_other_factor
        for offer in listed:
            per_gpu = self._usd_per_gpu(offer)
            if per_gpu is not None and offer.market is Market.ON_DEMAND:
                best = cheapest[offer.gpu].get(offer.provider, per_gpu)
                cheapest[offer.gpu][offer.provider] = min(best, per_gpu)
        for gpu, by_seller in cheapest.items():
            reputable = [price for key, price in by_seller.items() if self._tiers.get(key) in REPUTABLE]
            middle = median_low(reputable or list(by_seller.values()))
            low = self._policy.plausible_low if reputable else 1 / other
            high = self._policy.plausible_high if reputable else other
            yield gpu, Bounds(low=middle * low, high=middle * high)

    def _wrong_sellers(self, offers: Iterable[Offer]) -> frozenset[str]:
        """Sellers whose prices moved by a factor that no price list moves by: another unit or currency."""
        moves: dict[str, list[Decimal]] = defaultdict(list)
        for sold, now in self._middles(offers).items():
            if before := self._before.get(sold):
                moves[sold[0]].append(now / before)
        factor = self._policy.plausible_seller_factor
        return frozenset(
            seller for seller, ratios in moves.items() if not 1 / factor <= median(ratios) <= factor
        )

    def _middles(self, offers: Iterable[Offer]) -> dict[_Listing, Decimal]:
        """The middle of what each seller asks for each GPU, in USD per GPU-hour."""
        return {sold: median(prices) for sold, prices in self._asked(offers).items()}

    def _asked(self, offers: Iterable[Offer]) -> dict[_Listing, list[Decimal]]:
        asked: dict[_Listing, list[Decimal]] = defaultdict(list)
        for offer in offers:
            if (per_gpu := self._usd_per_gpu(offer)) is not None:
                asked[offer.provider, offer.gpu, offer.market].append(per_gpu)
        return asked

    def _usd_per_gpu(self, offer: Offer) -> Decimal | None:
        currency = offer.price_per_hour.currency
        if currency not in self._usd_per_unit:
            converted = convert(Money(amount=Decimal(1), currency=currency), _YARD, self._rates)
            self._usd_per_unit[currency] = (
                Decimal(1) if currency == _YARD else converted and converted[0].amount
            )
        per_unit = self._usd_per_unit[currency]
        return None if per_unit is None else offer.price_per_hour.amount * per_unit / offer.num_gpus

    def _log(
        self, source: str, offers: tuple[Offer, ...], refused: list[Offer], wrong_sellers: frozenset[str]
    ) -> None:
        first = refused[0]
        why = self.why_not(first) or "far from what its seller asked before"
        _LOG.warning(
            "implausible prices refused",
            source=source,
            refused=len(refused),
            listed=len(offers),
            by_seller=dict(Counter(offer.provider for offer in refused)),
            sellers_refused=sorted(wrong_sellers),
            example=f"{first.provider} {first.gpu}: {why}",
        )

"""What each seller asked before, in USD per GPU-hour: a yardstick for a wrong unit of one who is cheap."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from estimator.money import Offer
from estimator.spec import Market

NEAR: Final = Decimal("1.5")
"""Outside the bounds of others a price may have moved by so much against its own seller's."""
LIKE_SPOT: Final = Decimal("1.1")
"""An on-demand price of no more than this times the spot price known of the same machine may be that one."""
BELOW_LIST: Final = Decimal("0.75")
"""... if it is also below this share of what it was on demand."""
_Machine = tuple[str, str, Market, int, str, str]
"""Seller, GPU, market, GPUs in a machine, its type, its region; no GPUs or an empty word: of any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Per GPU-hour in USD."""

    low: Decimal
    high: Decimal

    def admits(self, usd_per_gpu_hour: Decimal) -> bool:
        """Whether it lies within them."""
        return self.low <= usd_per_gpu_hour <= self.high

    def widened(self, factor: Decimal) -> "Bounds":
        """So many times lower and higher."""
        return Bounds(low=self.low / factor, high=self.high * factor)


class OwnPrices:
    """Offers of before with their prices; an offer of now is held to those of the machine most like it."""

    def __init__(
        self, listed: Iterable[tuple[Offer, Decimal]], *, most_rise: Decimal, most_cut: Decimal
    ) -> None:
        self._most_rise, self._most_cut = most_rise, most_cut
        asked: dict[_Machine, list[Decimal]] = defaultdict(list)
        for offer, per_gpu in listed:
            for alike in _alike(offer, offer.market):
                asked[alike].append(per_gpu)
        self._before = {sold: Bounds(low=min(prices), high=max(prices)) for sold, prices in asked.items()}

    def was_listed(self, offer: Offer, per_gpu: Decimal) -> bool:
        """Whether its seller is known to ask about that: a small GPU in a large machine is dear."""
        own = self._before.get(_alike(offer, offer.market)[-1])
        return own is not None and own.widened(NEAR).admits(per_gpu)

    def why_not(self, offer: Offer, per_gpu: Decimal) -> str:
        """What is wrong with a price that others might ask, but not its seller; empty when nothing is."""
        own = self._of_its_like(offer, offer.market)
        if own is None:
            return ""
        if not own.low * self._most_cut <= per_gpu <= own.high * self._most_rise:
            return f"USD {per_gpu:.3f} per GPU-hour, where its seller asked {own.low:.3f} to {own.high:.3f}"
        spot = self._of_its_like(offer, Market.SPOT)
        if spot and per_gpu <= spot.high * LIKE_SPOT and per_gpu < own.low * BELOW_LIST:
            return f"USD {per_gpu:.3f} per GPU-hour is what its seller asked for spot ({spot.high:.3f})"
        return ""

    def _of_its_like(self, offer: Offer, market: Market) -> Bounds | None:
        return next((self._before[each] for each in _alike(offer, market) if each in self._before), None)


def _alike(offer: Offer, market: Market) -> tuple[_Machine, ...]:
    """The same machine there, anywhere, those with as many GPUs, and last all of them with that GPU."""
    seller, its = (offer.provider, offer.gpu, market), offer.num_gpus
    return (
        (*seller, its, offer.instance_type, offer.region),
        (*seller, its, offer.instance_type, ""),
        (*seller, its, "", ""),
        (*seller, 0, "", ""),
    )

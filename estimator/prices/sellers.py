"""Whose offers count, and which of their machines."""

from typing import NamedTuple

from estimator.money import Offer
from estimator.prices.policy import MARKETPLACE_TIER
from estimator.units import GIGA


class SellerFilter(NamedTuple):
    """Whose prices a reader wants."""

    providers: tuple[str, ...] | None = None
    excluded: tuple[str, ...] | None = None
    chinese: bool = False
    """Prices in CNY come first."""
    marketplace: bool = False
    """Marketplaces alone."""
    host_bytes: int = 0
    """Memory that each machine needs beside its GPUs."""
    host_said: bool = False
    """Only of those who say how much there is."""

    def admits(self, offer: Offer) -> bool:
        """Whether the seller of `offer` is one of them."""
        if self.excluded is not None and offer.provider in self.excluded:
            return False
        if self.marketplace and offer.tier != MARKETPLACE_TIER:
            return False
        return self.providers is None or offer.provider in self.providers

    def has_room(self, offer: Offer, copies_a_machine: float) -> bool:
        """Whether a machine of so many instances has the host memory, or may have."""
        offered = offered_host_bytes(offer, copies_a_machine)
        return not self.host_said if offered is None else offered >= self.host_bytes


def offered_host_bytes(offer: Offer, copies_a_machine: float) -> int | None:
    """Of one machine; smaller instances that stand for it bring theirs together. None: not known."""
    memory_gb = offer.host_memory_gb
    return None if memory_gb is None else round(memory_gb * GIGA * max(1.0, copies_a_machine))

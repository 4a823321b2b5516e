"""The prices that the user wrote down: they always win."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from bot.prices.config import ListedPrice
from estimator.money import Offer

OVERRIDES_NAME: Final = "override"


class Overrides:
    """The `overrides` of prices.yaml."""

    def __init__(self, listed: Sequence[ListedPrice], *, fetched_at: datetime | None = None) -> None:
        self._listed = tuple(listed)
        self._offers = tuple(price.as_offer(OVERRIDES_NAME, fetched_at=fetched_at) for price in listed)

    def applied(self, offers: Iterable[Offer]) -> tuple[Offer, ...]:
        """Our offers, then those of `offers` that none of ours replaces."""
        if not self._listed:
            return tuple(offers)
        kept = (offer for offer in offers if not any(price.replaces(offer) for price in self._listed))
        return (*self._offers, *kept)

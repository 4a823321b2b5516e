"""Sources lie: a price of zero, per month, in another currency. What is too odd to be true is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bot.observe import get_log
from bot.prices.config import Policy
from bot.prices.port import SourceAnswer, SourceDown
from estimator.money import FxRate, Money, Offer, convert

_LOG: Final = get_log(__name__)
_YARD: Final = "USD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Per GPU-hour in USD."""

    low: Decimal
    high: Decimal


class Plausibility:
    """Accepts what lies within a factor of the snapshot's range for that GPU, per GPU-hour.

    Rates of the snapshot's own time are good enough: the bounds are wider than any currency moves.
    """

    def __init__(self, snapshot: Iterable[Offer], rates: Iterable[FxRate], policy: Policy) -> None:
        self._usd_per_unit: dict[str, Decimal | None] = {}
        self._rates = tuple(rates)
        self._otherwise = Bounds(low=policy.plausible_usd_low, high=policy.plausible_usd_high)
        self._bounds = self._bounds_of(snapshot, policy.plausible_factor)

    def accepted(self, source: str, reading: SourceAnswer) -> SourceAnswer:
        """`reading` without its implausible offers, which are logged.

        Raises:
            SourceDown: when nothing plausible is left.
        """
        if not reading.offers:
            return reading
        kept = tuple(offer for offer in reading.offers if not self.why_not(offer))
        if len(kept) < len(reading.offers):
            self._log(source, reading.offers, len(kept))
        if not kept:
            raise SourceDown(f"none of its {len(reading.offers)} prices is plausible")
        return reading.model_copy(update={"offers": kept})

    def why_not(self, offer: Offer) -> str:
        """What is wrong with the price of `offer`; empty when nothing is."""
        amount = offer.price_per_hour.amount
        if not amount.is_finite() or amount <= 0:
            return f"{amount} is no price"
        if (per_gpu := self._usd_per_gpu(offer)) is None:
            return f"no rate for {offer.price_per_hour.currency}"
        bounds = self._bounds.get(offer.gpu, self._otherwise)
        if not bounds.low <= per_gpu <= bounds.high:
            return f"USD {per_gpu:.3f} per GPU-hour is outside {bounds.low:.3f} to {bounds.high:.3f}"
        return ""

    def _usd_per_gpu(self, offer: Offer) -> Decimal | None:
        currency = offer.price_per_hour.currency
        if currency not in self._usd_per_unit:
            converted = convert(Money(amount=Decimal(1), currency=currency), _YARD, self._rates)
            self._usd_per_unit[currency] = (
                Decimal(1) if currency == _YARD else converted and converted[0].amount
            )
        per_unit = self._usd_per_unit[currency]
        return None if per_unit is None else offer.price_per_hour.amount * per_unit / offer.num_gpus

    def _bounds_of(self, offers: Iterable[Offer], factor: Decimal) -> Mapping[str, Bounds]:
        seen: dict[str, list[Decimal]] = {}
        for offer in offers:
            if (per_gpu := self._usd_per_gpu(offer)) is not None:
                seen.setdefault(offer.gpu, []).append(per_gpu)
        return {
            gpu: Bounds(low=min(prices) / factor, high=max(prices) * factor) for gpu, prices in seen.items()
        }

    def _log(self, source: str, offers: tuple[Offer, ...], num_kept: int) -> None:
        example = next(offer for offer in offers if self.why_not(offer))
        _LOG.warning(
            "implausible prices refused",
            source=source,
            refused=len(offers) - num_kept,
            listed=len(offers),
            example=f"{example.provider} {example.gpu}: {self.why_not(example)}",
        )

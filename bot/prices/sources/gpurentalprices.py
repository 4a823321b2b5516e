"""gpurentalprices.com (CC BY 4.0): what it reads every day on the pages of sellers, in USD per GPU.

Of its sellers only specialised clouds that price in USD: its AWS price of the H100 is of before 2025, its
Google prices leave out the machine, and sellers in euro are converted.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, Final

from bot.prices.names import GpuNames
from bot.prices.port import SourceAnswer, SourceDown, TimeLeft, json_number, json_price
from bot.prices.source_config import GpuRentalPricesConfig
from bot.prices.sources.http import fetched_json
from estimator.money import Money, Offer

NAME: Final = "gpurentalprices"


class GpuRentalPrices:
    """The whole reading of a day."""

    name = NAME

    def __init__(self, config: GpuRentalPricesConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._names = GpuNames(NAME, config.names)

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """One offer for each seller and GPU, dated by the day on which its page was read."""
        found = fetched_json(self._config.url, time_left, max_bytes=self._config.max_bytes)
        listed = found.get("offers") if isinstance(found, Mapping) else None
        if not isinstance(listed, list):
            raise SourceDown("not a list of offers")
        now = self._now()
        read = [self._offer(item, now) for item in listed if isinstance(item, Mapping)]
        self._names.log_unknown()
        offers = _cheapest(offer for offer in read if offer is not None)
        if len(offers) < self._config.fewest_offers:
            raise SourceDown(f"only {len(offers)} of its {len(listed)} offers can be read")
        return SourceAnswer(fetched_at=now, offers=offers)

    def _offer(self, item: Mapping[str, Any], now: datetime) -> Offer | None:
        provider = self._config.providers.get(str(item.get("provider")))
        market = self._config.kinds.get(str(item.get("kind")))
        each, day = json_price(item.get("usd_hr")), _day(item.get("fetched_at"))
        if provider is None or market is None or each is None or day is None or day > now.date():
            return None
        memory = json_number(item.get("vram_gb"))
        if memory is None or (gpu := self._names.key(str(item.get("gpu")), memory)) is None:
            return None
        count = self._config.num_gpus.get(provider, 1)
        return Offer(
            provider=provider,
            instance_type=f"{count}x {gpu}",
            gpu=gpu,
            num_gpus=count,
            price_per_hour=Money(amount=each * count, currency="USD"),
            market=market,
            as_of=day,
            fetched_at=now,
            source=f"{NAME}: gpurentalprices.com (CC BY 4.0)",
        )


def _cheapest(offers: Iterable[Offer]) -> tuple[Offer, ...]:
    """One of each seller, GPU and market."""
    best: dict[tuple[object, ...], Offer] = {}
    for offer in offers:
        key = (offer.provider, offer.gpu, offer.market)
        if key not in best or offer.price_per_hour.amount < best[key].price_per_hour.amount:
            best[key] = offer
    return tuple(best.values())


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None

"""Azure Retail Prices: Microsoft's own list, no key, in USD; a question for each instance type."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from bot.prices.port import SourceAnswer, SourceDown, TimeLeft, json_price
from bot.prices.source_config import AzureConfig, AzureType
from bot.prices.sources.http import fetched_json
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "azure"
API_VERSION: Final = "2023-01-01-preview"
FEWEST_SHARE: Final = 0.5
"""Of the types that we ask for: with fewer answered, the format must have changed."""
_NOT_LINUX_ON_DEMAND: Final = ("windows", "dedicated", "cloud services", "low priority")


class Azure:
    """Linux machines by the hour, on demand and spot, in the regions we know."""

    name = NAME

    def __init__(self, config: AzureConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """Every type in every region of the configuration."""
        now = self._now()
        by_type = {
            name: self._offers(name, held, now, time_left) for name, held in self._config.types.items()
        }
        offers = tuple(offer for found in by_type.values() for offer in found)
        answered = sum(bool(found) for found in by_type.values())
        if answered < FEWEST_SHARE * len(by_type):
            raise SourceDown(f"prices for only {answered} of {len(by_type)} instance types")
        return SourceAnswer(fetched_at=now, offers=offers)

    def _offers(self, name: str, held: AzureType, now: datetime, time_left: TimeLeft) -> tuple[Offer, ...]:
        newest: dict[tuple[str, Market], tuple[str, Offer]] = {}
        for item in self._items(name, time_left):
            began = str(item.get("effectiveStartDate", ""))
            offer = self._offer(item, name, held, now)
            if offer is None or began[:10] > now.date().isoformat():
                continue
            key = (offer.region, offer.market)
            if key not in newest or began > newest[key][0]:
                newest[key] = (began, offer)
        return tuple(offer for _, offer in newest.values())

    def _items(self, name: str, time_left: TimeLeft) -> Iterator[Mapping[str, Any]]:
        asked = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armSkuName eq '{name}'"
        params: dict[str, str] | None = {"api-version": API_VERSION, "$filter": asked}
        url = self._config.url
        for _ in range(self._config.most_pages):
            page = fetched_json(url, time_left, max_bytes=self._config.max_bytes, params=params)
            items = page.get("Items") if isinstance(page, Mapping) else None
            if not isinstance(items, list):
                raise SourceDown("no items in its answer")
            yield from (item for item in items if isinstance(item, Mapping))
            url, params = str(page.get("NextPageLink") or ""), None
            if not url.startswith(self._config.url):  # the last page, or an address that is not theirs
                return

    def _offer(self, item: Mapping[str, Any], name: str, held: AzureType, now: datetime) -> Offer | None:
        words = f"{item.get('productName')} {item.get('meterName')} {item.get('skuName')}".casefold()
        amount, region = json_price(item.get("retailPrice")), item.get("armRegionName")
        if amount is None or region not in self._config.regions or item.get("armSkuName") != name:
            return None
        if item.get("unitOfMeasure") != "1 Hour" or item.get("type") != "Consumption":
            return None
        if item.get("currencyCode") != "USD" or any(word in words for word in _NOT_LINUX_ON_DEMAND):
            return None
        return Offer(
            provider=NAME,
            region=region,
            instance_type=name,
            gpu=held.gpu,
            num_gpus=held.num_gpus,
            price_per_hour=Money(amount=amount, currency="USD"),
            market=Market.SPOT if "spot" in words.split() else Market.ON_DEMAND,
            as_of=now.date(),  # it is the price of today, whenever it began
            fetched_at=now,
            source=f"{NAME}: Retail Prices API",
        )

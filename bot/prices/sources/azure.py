"""Azure Retail Prices: Microsoft's own list, no key, in USD; a question for each instance type."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from bot.prices.port import MissingPart, SourceAnswer, SourceDown, TimeLeft, json_price
from bot.prices.source_config import AzureConfig, AzureType
from bot.prices.sources.http import fetched_json
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "azure"
API_VERSION: Final = "2023-01-01-preview"
FEWEST_SHARE: Final = 0.5
"""Of the types that we ask for: with fewer answered, the format must have changed."""
MOST_FAILURES: Final = 3
"""In a row: one failure is its instance type's, so many are the source's, which is asked no more."""
_NOT_LINUX_ON_DEMAND: Final = ("windows", "dedicated", "cloud services", "low priority")


class Azure:
    """Linux machines by the hour, on demand and spot, in the regions we know."""

    name = NAME

    def __init__(self, config: AzureConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """Every type in every region of the configuration; a type that fails costs itself alone."""
        now, pages = self._now(), _Pages(self._config, time_left)
        by_type = {
            name: self._offers(pages.items(name, held), name, held, now)
            for name, held in self._config.types.items()
        }
        offers = tuple(offer for found in by_type.values() for offer in found)
        answered = sum(bool(found) for found in by_type.values())
        if answered < FEWEST_SHARE * len(by_type):
            raise pages.why or SourceDown(f"prices for only {answered} of {len(by_type)} instance types")
        return SourceAnswer(fetched_at=now, offers=offers, missing=tuple(pages.missing))

    def _offers(
        self, items: Iterable[Mapping[str, Any]], name: str, held: AzureType, now: datetime
    ) -> tuple[Offer, ...]:
        newest: dict[tuple[str, Market], tuple[str, Offer]] = {}
        for item in items:
            began = str(item.get("effectiveStartDate", ""))
            offer = self._offer(item, name, held, now)
            if offer is None or began[:10] > now.date().isoformat():
                continue
            key = (offer.region, offer.market)
            if key not in newest or began > newest[key][0]:
                newest[key] = (began, offer)
        return tuple(offer for _, offer in newest.values())

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


class _Pages:
    """What is asked in one reading, and what of it was not answered."""

    def __init__(self, config: AzureConfig, time_left: TimeLeft) -> None:
        self._config, self._time_left = config, time_left
        self._in_a_row = 0
        self.missing: list[MissingPart] = []
        self.why: SourceDown | None = None
        """The first failure, or the one that said how long to leave it alone."""

    def items(self, name: str, held: AzureType) -> Iterator[Mapping[str, Any]]:
        """The rows of one instance type; those before a page that fails."""
        try:
            if self.why is not None and (self._in_a_row >= MOST_FAILURES or self.why.retry_after_seconds):
                raise self.why
            yield from self._asked(name)
            self._in_a_row = 0
        except SourceDown as down:
            self._in_a_row += 1
            self.why = down if self.why is None or down.retry_after_seconds else self.why
            self.missing.append(MissingPart(part=name, why=str(down), gpus=(held.gpu,)))

    def _asked(self, name: str) -> Iterator[Mapping[str, Any]]:
        asked = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armSkuName eq '{name}'"
        params: dict[str, str] | None = {"api-version": API_VERSION, "$filter": asked}
        url = self._config.url
        for _ in range(self._config.most_pages):
            page = fetched_json(url, self._time_left, max_bytes=self._config.max_bytes, params=params)
            items = page.get("Items") if isinstance(page, Mapping) else None
            if not isinstance(items, list):
                raise SourceDown("no items in its answer")
            yield from (item for item in items if isinstance(item, Mapping))
            url, params = str(page.get("NextPageLink") or ""), None
            if not url.startswith(self._config.url):  # the last page, or an address that is not theirs
                return

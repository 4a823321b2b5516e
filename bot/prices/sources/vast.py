"""The market place of Vast: the median of what verified hosts ask, one vote a host, in USD."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any, Final

from bot.prices.names import GpuNames
from bot.prices.port import SourceAnswer, SourceDown, TimeLeft, json_number, json_price
from bot.prices.source_config import VastConfig
from bot.prices.sources.http import fetched_json
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "vast"
MEMORY_TOLERANCE: Final = 0.1
"""Of the memory that hosts report: it varies by 7 %."""
MOST_UNREADABLE: Final = 0.5
"""A larger share of offers without a price, a host or a size is another format, not a slip."""

PricesByHost = dict[tuple[str, int, Market], dict[int, list[Decimal]]]
"""USD per hour, by GPU, count and market, then by host."""


class Vast:
    """Public search of offers, no key."""

    name = NAME

    def __init__(self, config: VastConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._names = GpuNames(NAME, config.names, tolerance=MEMORY_TOLERANCE)

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """The medians of all GPUs we know, for whole instances of the usual counts."""
        found = fetched_json(
            self._config.url, time_left, max_bytes=self._config.max_bytes, json=self._query()
        )
        listed = found.get("offers") if isinstance(found, Mapping) else None
        if not isinstance(listed, list):
            raise SourceDown("not a list of offers")
        now = self._now()
        offers = tuple(self._offers(self._asked(_readable(listed)), now))
        self._names.log_unknown()
        if not offers:
            raise SourceDown(f"no GPU of ours with enough hosts among its {len(listed)} offers")
        return SourceAnswer(fetched_at=now, offers=offers)

    def _query(self) -> dict[str, Any]:
        return {
            "gpu_name": {"in": sorted({known.name for known in self._config.names})},
            "num_gpus": {"in": list(self._config.counts)},
            "verified": {"eq": True},
            "external": {"eq": False},
            "rentable": {"eq": True},
            "rented": {"eq": False},
            "type": "on-demand",
            "order": [["score", "desc"]],  # by price the limit would cut off every large GPU
            "limit": self._config.limit,
        }

    def _asked(self, listed: Iterable[Mapping[str, Any]]) -> PricesByHost:
        asked: PricesByHost = defaultdict(lambda: defaultdict(list))
        for item in listed:
            count = item["num_gpus"]
            gpu = self._names.key(item["gpu_name"], item["gpu_ram"] / 1024)
            if gpu is None or count not in self._config.counts:
                continue
            for field, market in (("dph_base", Market.ON_DEMAND), ("min_bid", Market.SPOT)):
                if (price := json_price(item.get(field))) is not None:
                    asked[gpu, count, market][item["host_id"]].append(price)
        return asked

    def _offers(self, asked: PricesByHost, now: datetime) -> Iterator[Offer]:
        for (gpu, count, market), by_host in sorted(asked.items()):
            num_offers = sum(map(len, by_host.values()))
            if len(by_host) < self._config.min_hosts or num_offers < self._config.min_offers:
                continue
            yield Offer(
                provider=NAME,
                instance_type=f"{count}x {gpu}",
                gpu=gpu,
                num_gpus=count,
                price_per_hour=Money(amount=median(map(min, by_host.values())), currency="USD"),
                market=market,
                as_of=now.date(),
                fetched_at=now,
                source=f"{NAME}: median of {len(by_host)} verified hosts",
                caveat="median",
            )


def _readable(listed: list[Any]) -> list[Mapping[str, Any]]:
    """The offers that say what we need.

    Raises:
        SourceDown: there is none, or so few say it that the format must have changed.
    """
    good = [item for item in listed if isinstance(item, Mapping) and _says_enough(item)]
    if len(good) <= MOST_UNREADABLE * len(listed):
        raise SourceDown(f"only {len(good)} of its {len(listed)} offers can be read")
    return good


def _says_enough(item: Mapping[str, Any]) -> bool:
    return (
        isinstance(item.get("gpu_name"), str)
        and type(item.get("num_gpus")) is int
        and type(item.get("host_id")) is int
        and json_number(item.get("gpu_ram")) is not None
        and json_price(item.get("dph_base")) is not None
        and item.get("external") is not True
    )

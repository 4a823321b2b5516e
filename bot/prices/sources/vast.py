"""The market place of Vast: the median of what verified hosts ask, in USD."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from statistics import median
from typing import Any, Final

from bot.prices.config import VastConfig
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.sources.http import fetched_bytes
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "vast"
MEMORY_TOLERANCE: Final = 0.1
"""Of the memory that hosts report: it varies by 7 %."""

Asked = dict[tuple[str, int, Market], list[Decimal]]
"""USD per hour, by GPU, count and market."""


class Vast:
    """Public search of offers, no key."""

    name = NAME

    def __init__(self, config: VastConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now

    def read(self) -> SourceAnswer:
        """The medians of all GPUs we know, for whole instances of the usual counts."""
        body = fetched_bytes(self._config.url, max_bytes=self._config.max_bytes, json=self._query())
        try:
            listed = json.loads(body)["offers"]
        except (ValueError, KeyError, TypeError) as error:
            raise SourceDown(f"not a list of offers: {error!r:.80}") from error
        now = self._now()
        return SourceAnswer(fetched_at=now, offers=tuple(self._offers(self._asked(listed), now)))

    def _query(self) -> dict[str, Any]:
        return {
            "gpu_name": {"in": sorted({known.name for known in self._config.names})},
            "num_gpus": {"in": list(self._config.counts)},
            "verified": {"eq": True},
            "rentable": {"eq": True},
            "rented": {"eq": False},
            "order": [["dph_total", "asc"]],
            "limit": self._config.limit,
        }

    def _asked(self, listed: Any) -> Asked:
        asked: Asked = defaultdict(list)
        for item in listed if isinstance(listed, list) else ():
            if not isinstance(item, Mapping) or (gpu := self._gpu(item)) is None:
                continue
            count = item.get("num_gpus")
            if count not in self._config.counts:
                continue
            for field, market in (("dph_base", Market.ON_DEMAND), ("min_bid", Market.SPOT)):
                if (price := _price(item.get(field))) is not None:
                    asked[gpu, count, market].append(price)
        return asked

    def _offers(self, asked: Asked, now: datetime) -> Iterator[Offer]:
        for (gpu, count, market), prices in sorted(asked.items()):
            if len(prices) < self._config.min_offers:
                continue
            yield Offer(
                provider=NAME,
                instance_type=f"{count}x {gpu}",
                gpu=gpu,
                num_gpus=count,
                price_per_hour=Money(amount=median(prices), currency="USD"),
                market=market,
                as_of=now.date(),
                fetched_at=now,
                source=f"{NAME}: median of {len(prices)} verified offers",
            )

    def _gpu(self, item: Mapping[str, Any]) -> str | None:
        memory_mb = item.get("gpu_ram")
        if not isinstance(memory_mb, int | float):
            return None
        return next(
            (
                known.gpu
                for known in self._config.names
                if known.name == item.get("gpu_name")
                and abs(memory_mb / 1024 - known.memory_gb) <= MEMORY_TOLERANCE * known.memory_gb
            ),
            None,
        )


def _price(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        price = Decimal(str(value))
    except InvalidOperation:
        return None
    return price if price.is_finite() and price > 0 else None

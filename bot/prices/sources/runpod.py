"""RunPod: what a GPU costs an hour in its Secure Cloud and on its Community's machines, in USD."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bot.prices.names import GpuNames
from bot.prices.port import SourceAnswer, SourceDown, TimeLeft, json_number, json_price
from bot.prices.source_config import RunpodConfig
from bot.prices.sources.http import fetched_json
from estimator.money import Money, Offer
from estimator.spec import Market

NAME: Final = "runpod"
QUERY: Final = (
    "query GpuTypes { gpuTypes { id displayName memoryInGb secureCloud communityCloud securePrice"
    " communityPrice secureSpotPrice communitySpotPrice maxGpuCountSecureCloud maxGpuCountCommunityCloud } }"
)
CLOUDS: Final = (
    ("runpod", "secure", "maxGpuCountSecureCloud"),
    ("runpod-community", "community", "maxGpuCountCommunityCloud"),
)
"""Our seller, how its fields begin, and the field of the largest machine."""
MARKETS: Final = (("Price", Market.ON_DEMAND), ("SpotPrice", Market.SPOT))


class Runpod:
    """One question for all GPU types; prices are per GPU and hold in every data centre."""

    name = NAME

    def __init__(self, config: RunpodConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._names = GpuNames(NAME, config.names)

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """Every GPU of ours in machines of the usual counts."""
        found = fetched_json(
            self._config.url, time_left, max_bytes=self._config.max_bytes, json={"query": QUERY}
        )
        now = self._now()
        offers = tuple(offer for listed in gpu_types(found) for offer in self._offers(listed, now))
        self._names.log_unknown()
        if (num_gpus := len({offer.gpu for offer in offers})) < self._config.fewest_gpus:
            raise SourceDown(f"only {num_gpus} GPUs of ours with a price")
        return SourceAnswer(fetched_at=now, offers=offers)

    def _offers(self, listed: Mapping[str, Any], now: datetime) -> Iterator[Offer]:
        memory = json_number(listed.get("memoryInGb"))
        if memory is None or (gpu := self._names.key(str(listed.get("id")), memory)) is None:
            return
        for provider, cloud, largest in CLOUDS:
            most = listed.get(largest)
            counts = [n for n in self._config.counts if type(most) is int and n <= most]
            for field, market in MARKETS:
                if (each := json_price(listed.get(f"{cloud}{field}"))) is not None:
                    for count in counts:
                        yield _offer(provider, gpu, count, each, market, now)


def gpu_types(found: Any) -> tuple[Mapping[str, Any], ...]:
    """The GPU types in an answer; errors come with HTTP 200.

    Raises:
        SourceDown: there are none in it.
    """
    said = found if isinstance(found, Mapping) else {}
    if errors := said.get("errors"):
        first = errors[0] if isinstance(errors, list) else errors
        why = first.get("message") if isinstance(first, Mapping) else first
        raise SourceDown(f"it says: {why!s:.100}")
    data = said.get("data")
    listed = data.get("gpuTypes") if isinstance(data, Mapping) else None
    if not isinstance(listed, list):
        raise SourceDown("no GPU types in its answer")
    return tuple(each for each in listed if isinstance(each, Mapping))


def _offer(provider: str, gpu: str, count: int, each: Decimal, market: Market, now: datetime) -> Offer:
    return Offer(
        provider=provider,
        instance_type=f"{count}x {gpu}",
        gpu=gpu,
        num_gpus=count,
        price_per_hour=Money(amount=each * count, currency="USD"),
        market=market,
        as_of=now.date(),
        fetched_at=now,
        source=f"{NAME}: its public price query",
    )

"""The live sources, each behind its cache and its thread."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot.files import read_config
from bot.prices.cached import CachedSource
from bot.prices.config import sources_config
from bot.prices.plausible import Plausibility
from bot.prices.port import LiveSource
from bot.prices.refresher import Refresher
from bot.prices.source_config import SourcesConfig
from bot.prices.sources.alibaba import Alibaba
from bot.prices.sources.azure import Azure
from bot.prices.sources.gpuhunt import Gpuhunt
from bot.prices.sources.gpurentalprices import GpuRentalPrices
from bot.prices.sources.rates import Rates
from bot.prices.sources.runpod import Runpod
from bot.prices.sources.vast import Vast
from bot.store import Store
from estimator.money import FxRate


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a source may need besides its part of price_sources.yaml."""

    config: SourcesConfig
    state_dir: Path
    bundled_rates: tuple[FxRate, ...]
    now: Callable[[], datetime]


def surroundings_of(
    override_dir: Path | None, *, state_dir: Path, rates: tuple[FxRate, ...], now: Callable[[], datetime]
) -> Surroundings:
    """As the installation's price_sources.yaml says.

    Raises:
        BadPrices: what is wrong in it.
    """
    config = sources_config(read_config("price_sources", override_dir))
    return Surroundings(config=config, state_dir=state_dir, bundled_rates=rates, now=now)


SOURCES: Final[Mapping[str, Callable[[Surroundings], LiveSource]]] = {
    Alibaba.name: lambda its: Alibaba(its.config.alibaba, its.now),
    Azure.name: lambda its: Azure(its.config.azure, its.now),
    Runpod.name: lambda its: Runpod(its.config.runpod, its.now),
    Gpuhunt.name: lambda its: Gpuhunt(its.config.gpuhunt, its.state_dir, its.now),
    Vast.name: lambda its: Vast(its.config.vast, its.now),
    GpuRentalPrices.name: lambda its: GpuRentalPrices(its.config.gpurentalprices, its.now),
    Rates.name: lambda its: Rates(its.config.rates, its.bundled_rates, its.now),
}
"""One line a source; settings name them, sellers.yaml says whose prices they know."""


def live_refreshers(
    names: Sequence[str], its: Surroundings, *, plausibility: Plausibility, store: Store
) -> tuple[tuple[Refresher, ...], Refresher]:
    """A refresher for each of `names`, in this order, and the one of the exchange rates."""
    *offers, rates = (
        Refresher(cached_source(name, its, plausibility=plausibility, store=store))
        for name in (*names, Rates.name)
    )
    return tuple(offers), rates


def cached_source(name: str, its: Surroundings, *, plausibility: Plausibility, store: Store) -> CachedSource:
    """The source of this name behind its cache."""
    return CachedSource(
        SOURCES[name](its),
        store,
        its.config.terms[name],
        now=its.now,
        accepted=plausibility.accepted,
        state_dir=its.state_dir,
    )

"""The live sources, each behind its cache and its thread."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.prices.cached import CachedSource, Refresher
from bot.prices.config import SourcesConfig
from bot.prices.plausible import Plausibility
from bot.prices.port import LiveSource
from bot.prices.sources.alibaba import Alibaba
from bot.prices.sources.fx import Ecb
from bot.prices.sources.gpuhunt import Gpuhunt
from bot.prices.sources.vast import Vast
from bot.store import Store


def live_refreshers(
    names: Sequence[str],
    *,
    config: SourcesConfig,
    plausibility: Plausibility,
    store: Store,
    state_dir: Path,
    now: Callable[[], datetime],
) -> tuple[tuple[Refresher, ...], Refresher]:
    """A refresher for each of `names`, in this order, and the one of the exchange rates."""

    def behind_cache(source: LiveSource) -> Refresher:
        terms = config.terms[source.name]
        accepted = plausibility.accepted
        return Refresher(CachedSource(source, store, terms, now=now, accepted=accepted, state_dir=state_dir))

    built: dict[str, Callable[[], LiveSource]] = {
        "alibaba": lambda: Alibaba(config.alibaba, now),
        "gpuhunt": lambda: Gpuhunt(config.gpuhunt, state_dir, now),
        "vast": lambda: Vast(config.vast, now),
    }
    return tuple(behind_cache(built[name]()) for name in names), behind_cache(Ecb(config.ecb, now))

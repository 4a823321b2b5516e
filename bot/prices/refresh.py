"""Ask live sources now, all at once, and tell of each how it went: for the command line."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.files import load_catalog, read_config, read_sellers
from bot.prices.cached import CachedSource
from bot.prices.config import bundled_rates, price_config
from bot.prices.listed import read_snapshot
from bot.prices.live import cached_source, surroundings_of
from bot.prices.open import snapshot_path
from bot.prices.plausible import plausibility_of
from bot.prices.port import SourceAnswer
from bot.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSource:
    """How one source answered."""

    source: str
    seconds: float
    reading: SourceAnswer | None
    """None where it did not."""
    why: str = ""


def live_sources(
    names: Iterable[str],
    store: Store,
    *,
    state_dir: Path,
    override_dir: Path | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> tuple[CachedSource, ...]:
    """The named sources as the installation's files say, each behind the cache that replicas share.

    Raises:
        BadPrices: what is wrong in which price file.
    """
    listed, rates = (
        price_config(read_config("prices", override_dir)),
        bundled_rates(read_config("fx", override_dir)),
    )
    gpus = frozenset(load_catalog(override_dir).gpus)
    snapshot = read_snapshot(snapshot_path(override_dir), gpus=gpus, reference=listed.reference)
    its = surroundings_of(override_dir, state_dir=state_dir, rates=rates, now=now)
    plausibility = plausibility_of(snapshot.rows, rates, listed.policy, read_sellers(override_dir))
    return tuple(cached_source(name, its, plausibility=plausibility, store=store) for name in names)


def answers_of(sources: Iterable[CachedSource]) -> Iterator[AskedSource]:
    """Each source's answer, in the order in which they come; the slowest decides how long it takes."""
    sources = tuple(sources)
    with ThreadPoolExecutor(max_workers=max(1, len(sources))) as pool:
        for done in as_completed([pool.submit(_answer_of, source) for source in sources]):
            yield done.result()


def _answer_of(source: CachedSource) -> AskedSource:
    began = time.monotonic()
    source.ask_now()
    seconds = time.monotonic() - began
    if source.down is not None:
        return AskedSource(source=source.name, seconds=seconds, reading=None, why=source.down.why)
    return AskedSource(source=source.name, seconds=seconds, reading=source.reading)

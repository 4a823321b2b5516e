"""Opens the book: the bundled snapshot, the installation's own prices, and the live sources where named."""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.files import config_dir, read_config, read_sellers
from bot.prices.config import PriceConfig, bundled_rates, price_config
from bot.prices.listed import SNAPSHOT_NAME, Overrides, read_snapshot
from bot.prices.prices import BUDGET_SECONDS, Listed, Prices
from estimator.money import Offer

if TYPE_CHECKING:
    from bot.prices.refresher import Refresher
    from bot.store import Store

SNAPSHOT_FILE: Final = "prices_snapshot.csv"
NO_NETWORK: Final = (SNAPSHOT_NAME,)
"""The sources that neither need nor ask one."""


def open_prices(  # noqa: PLR0913  -- every part may be replaced
    *,
    sources: Sequence[str] = NO_NETWORK,
    store: "Store | None" = None,
    state_dir: Path | None = None,
    override_dir: Path | None = None,
    known_gpus: Collection[str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    budget_seconds: float = BUDGET_SECONDS,
) -> Prices:
    """Prices from `sources`; nothing is asked before the first `start()` or `gather()`.

    `snapshot` alone needs neither store nor network. Live sources need both `store` and `state_dir`.

    Raises:
        BadPrices: what is wrong in which price file.
    """
    listed = price_config(read_config("prices", override_dir))
    rates = bundled_rates(read_config("fx", override_dir))
    snapshot = read_snapshot(
        snapshot_path(override_dir), gpus=known_gpus, reference=listed.reference, fetched_at=now()
    )
    live: tuple[Refresher, ...] = ()
    ecb: Refresher | None = None
    if names := [name for name in sources if name != SNAPSHOT_NAME]:
        if store is None or state_dir is None:
            raise ValueError(f"the price sources {', '.join(names)} need a store and a state directory")
        from bot.prices.live import live_refreshers, surroundings_of  # noqa: PLC0415  -- the terminal asks no network
        from bot.prices.plausible import plausibility_of  # noqa: PLC0415  -- likewise

        its = surroundings_of(override_dir, state_dir=state_dir, rates=rates, now=now)
        plausibility = plausibility_of(snapshot.rows, rates, listed.policy, read_sellers(override_dir))
        live, ecb = live_refreshers(names, its, plausibility=plausibility, store=store)
    found = Listed(
        overrides=Overrides(listed.overrides, fetched_at=now()),
        snapshot=snapshot,
        rates=rates,
        reference=reference_of(listed),
        shipped_reference=reference_of(price_config(read_config("prices", None))),
        policy=listed.policy,
        tiers={key: str(facts["tier"]) for key, facts in read_sellers(override_dir).items()},
    )
    return Prices(found, live=live, ecb=ecb, now=now, budget_seconds=budget_seconds)


def reference_of(listed: PriceConfig) -> tuple[Offer, ...]:
    """The reference prices of the rule of thumb, as offers."""
    return tuple(price.as_offer("reference") for price in listed.reference)


def snapshot_path(override_dir: Path | None) -> Path:
    """The bundled snapshot, or the installation's own where there is one."""
    if override_dir is not None and (own := override_dir / SNAPSHOT_FILE).is_file():
        return own
    return config_dir() / SNAPSHOT_FILE

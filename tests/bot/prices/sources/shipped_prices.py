"""The prices and rates that the project ships, as sources are attacked against them."""

from datetime import UTC, datetime

from bot.files import load_catalog, read_config
from bot.prices.config import price_config
from bot.prices.listed import read_snapshot
from bot.prices.open import snapshot_path

LISTED = price_config(read_config("prices"))
SNAPSHOT = read_snapshot(
    snapshot_path(None), gpus=frozenset(load_catalog().gpus), reference=LISTED.reference
).rows
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

"""What a GPU costs, from whoever knows: the user, live sources, the bundled snapshot. See `prices`."""

from bot.prices.config import BadPrices, ListedPrice
from bot.prices.open import open_prices
from bot.prices.port import Down, GatheredPrices
from bot.prices.prices import Prices

__all__ = ["BadPrices", "Down", "GatheredPrices", "ListedPrice", "Prices", "open_prices"]

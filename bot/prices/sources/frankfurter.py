"""Frankfurter: the European Central Bank's rates at another address, for when the bank does not answer."""

from collections.abc import Mapping
from typing import Final

from bot.prices.port import SourceDown, TimeLeft
from bot.prices.sources.ecb import day_of_sheet
from bot.prices.sources.http import fetched_json
from estimator.money import FxRate, is_currency_code, positive_number

SOURCE: Final = "ECB euro foreign exchange reference rates, by frankfurter.dev"


def frankfurter_rates(url: str, time_left: TimeLeft, max_bytes: int) -> tuple[FxRate, ...]:
    """The newest rates from EUR: `{"base": "EUR", "date": "2026-11-23", "rates": {"CNY": 7.43}}`.

    Raises:
        SourceDown: no answer, or not these rates.
    """
    found = fetched_json(url, time_left, max_bytes=max_bytes)
    listed = found.get("rates") if isinstance(found, Mapping) else None
    if not isinstance(listed, Mapping) or found.get("base") != "EUR" or found.get("amount", 1) != 1:
        raise SourceDown("not one euro's rates")
    day = day_of_sheet(found.get("date"))
    return tuple(
        FxRate(base="EUR", quote=quote, rate=rate, as_of=day, source=SOURCE)
        for quote, value in listed.items()
        if is_currency_code(quote)
        and not isinstance(value, bool)
        and (rate := positive_number(value)) is not None
    )

"""The exchange rates of the day: the European Central Bank's, Frankfurter behind it."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from bot.prices.port import SourceAnswer, SourceDown, TimeLeft
from bot.prices.source_config import RatesConfig
from bot.prices.sources.ecb import ecb_rates
from bot.prices.sources.frankfurter import frankfurter_rates
from estimator.money import FxRate

NAME: Final = "ecb"
FEWEST_RATES: Final = 5
"""A sheet of fewer is not the sheet we know."""
NEEDED: Final = ("USD", "CNY")
"""What prices are in: a sheet without one of them is none."""
BASE: Final = "EUR"
"""Of every sheet: one euro buys so much."""
DAYS_BEHIND: Final = 7
"""A sheet may be so much older than what is known: a bank has holidays, and its second address is late."""
DAYS_FOR_A_CHANGE: Final = 180
"""A currency may move by `most_change` in so many days, and by more in more."""


class Rates:
    """The first sheet that answers and can be true; all rates are from EUR."""

    name = NAME

    def __init__(self, config: RatesConfig, known: Iterable[FxRate], now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now
        self._known = {rate.quote: rate for rate in known if rate.base == BASE}

    def read(self, time_left: TimeLeft) -> SourceAnswer:
        """The sheet of the last working day."""
        failures: list[SourceDown] = []
        for fetched, url in (
            (ecb_rates, self._config.ecb_url),
            (frankfurter_rates, self._config.frankfurter_url),
        ):
            try:
                rates = self._checked(fetched(url, time_left, self._config.max_bytes))
            except SourceDown as down:
                failures.append(down)
                continue
            self._known |= {rate.quote: rate for rate in rates}
            return SourceAnswer(fetched_at=self._now(), rates=rates)
        waits = [down.retry_after_seconds or 0.0 for down in failures]
        raise SourceDown("; ".join(map(str, failures)), retry_after_seconds=max(waits) or None)

    def _checked(self, rates: tuple[FxRate, ...]) -> tuple[FxRate, ...]:
        """`rates` that can be true.

        Raises:
            SourceDown: they are not the sheet of a day.
        """
        if len(rates) < FEWEST_RATES:
            raise SourceDown(f"only {len(rates)} rates in the sheet")
        if rates[0].as_of > self._now().date() + timedelta(days=1):
            raise SourceDown(f"the sheet is of {rates[0].as_of}, which is to come")
        known = max((rate.as_of for rate in self._known.values()), default=rates[0].as_of)
        if known - rates[0].as_of > timedelta(days=DAYS_BEHIND):
            raise SourceDown(f"the sheet is of {rates[0].as_of}, and one of {known} is known")
        kept = {rate.quote: rate for rate in rates if rate.quote != BASE and self._may_be_true(rate)}
        if missing := [currency for currency in NEEDED if currency not in kept]:
            raise SourceDown(f"no rate that can be true for {' '.join(missing)}")
        return tuple(kept.values())

    def _may_be_true(self, rate: FxRate) -> bool:
        known = self._known.get(rate.quote)
        if known is None:
            return True
        days = abs((rate.as_of - known.as_of).days)
        allowed = 1 + self._config.most_change * max(Decimal(1), Decimal(days) / DAYS_FOR_A_CHANGE)
        return max(rate.rate / known.rate, known.rate / rate.rate) <= allowed


def with_bundled(live: Iterable[FxRate], bundled: Iterable[FxRate]) -> tuple[FxRate, ...]:
    """`live` rates, and of `bundled` those of the currencies that the live ones lack."""
    return tuple(_without_repeats((*live, *bundled)))


def _without_repeats(rates: Iterable[FxRate]) -> Iterator[FxRate]:
    seen: set[tuple[str, str]] = set()
    for rate in rates:
        if (pair := (rate.base, rate.quote)) not in seen:
            seen.add(pair)
            yield rate

"""The European Central Bank's reference rates of the day."""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from bot.prices.config import EcbConfig
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.sources.http import fetched_bytes
from estimator.money import FxRate

NAME: Final = "ecb"
SOURCE: Final = "ECB euro foreign exchange reference rates"
FEWEST_RATES: Final = 5
"""A sheet of fewer is not the sheet we know."""


class Ecb:
    """The daily sheet, about 16:00 CET on working days; all rates are from EUR."""

    name = NAME

    def __init__(self, config: EcbConfig, now: Callable[[], datetime]) -> None:
        self._config, self._now = config, now

    def read(self) -> SourceAnswer:
        """The sheet of the last working day."""
        body = fetched_bytes(self._config.url, max_bytes=self._config.max_bytes)
        return SourceAnswer(fetched_at=self._now(), rates=rates_of(body))


def rates_of(xml: bytes) -> tuple[FxRate, ...]:
    """The rates in the sheet.

    Raises:
        SourceDown: it is not that sheet.
    """
    from defusedxml import DefusedXmlException  # noqa: PLC0415  -- needed only where a sheet is read
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        cubes = [element for element in fromstring(xml).iter() if _local_name(element) == "Cube"]
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise SourceDown(f"not the sheet of rates: {error}") from error
    rates = tuple(_rates(cubes))
    if len(rates) < FEWEST_RATES:
        raise SourceDown(f"only {len(rates)} rates in the sheet")
    return rates


def _rates(cubes: list[Element]) -> Iterator[FxRate]:
    day = next((cube.get("time") for cube in cubes if cube.get("time")), None)
    for cube in cubes:
        currency, rate = cube.get("currency"), _positive(cube.get("rate"))
        if day is not None and currency is not None and rate is not None and len(currency) == 3:
            yield FxRate(base="EUR", quote=currency, rate=rate, as_of=_day(day), source=SOURCE)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise SourceDown(f"the sheet is of no day: {text!r:.40}") from error


def _positive(text: str | None) -> Decimal | None:
    try:
        rate = Decimal(text or "")
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and rate > 0 else None


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]

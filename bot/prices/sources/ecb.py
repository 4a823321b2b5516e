"""The European Central Bank's reference rates of the day."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final
from xml.etree.ElementTree import Element, ParseError

from bot.prices.port import SourceDown, TimeLeft
from bot.prices.sources.http import fetched_bytes
from estimator.money import FxRate, is_currency_code, positive_number

SOURCE: Final = "ECB euro foreign exchange reference rates"


def ecb_rates(url: str, time_left: TimeLeft, max_bytes: int) -> tuple[FxRate, ...]:
    """The daily sheet, about 16:00 CET on working days; all rates are from EUR.

    Raises:
        SourceDown: no answer, or not that sheet.
    """
    return rates_of(fetched_bytes(url, time_left, max_bytes=max_bytes))


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
    return tuple(_rates(cubes))


def _rates(cubes: list[Element]) -> Iterator[FxRate]:
    day = next((cube.get("time") for cube in cubes if cube.get("time")), None)
    for cube in cubes:
        currency, rate = cube.get("currency"), positive_number(cube.get("rate"))
        if day is not None and currency is not None and rate is not None and is_currency_code(currency):
            yield FxRate(base="EUR", quote=currency, rate=rate, as_of=day_of_sheet(day), source=SOURCE)


def day_of_sheet(text: str) -> date:
    """The day that a sheet of rates says.

    Raises:
        SourceDown: it says none.
    """
    try:
        return date.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise SourceDown(f"the sheet is of no day: {text!r:.40}") from error


def _local_name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]

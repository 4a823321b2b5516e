"""Exchange rates: the bank's sheet, Frankfurter behind it, and rates that cannot be."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import bundled_rates, sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.rates import Rates, with_bundled
from estimator.money import Money, convert

CONFIG = sources_config(read_config("price_sources")).rates
KNOWN = bundled_rates(read_config("fx"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def sheet(day: str = "2026-11-23", **rates: str) -> bytes:
    listed = {
        "USD": "1.12",
        "CNY": "7.45",
        "GBP": "0.84",
        "JPY": "176.1",
        "CHF": "0.92",
        "XXX": "n/a",
    } | rates
    cubes = "".join(f"<Cube currency='{name}' rate='{rate}'/>" for name, rate in listed.items() if rate)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube><Cube time='{day}'>{cubes}</Cube></Cube>
</gesmes:Envelope>""".encode()


def frankfurter(**said: object) -> bytes:
    rates = {"USD": 1.13, "CNY": 7.46, "GBP": 0.84, "JPY": 176.1, "CHF": 0.92}
    return json.dumps({"amount": 1.0, "base": "EUR", "date": "2026-11-23", "rates": rates} | said).encode()


def source(web: FakeWeb) -> Rates:
    urls = {"ecb_url": f"{web.url}/daily.xml", "frankfurter_url": f"{web.url}/latest"}
    return Rates(CONFIG.model_copy(update=urls), KNOWN, lambda: NOW)


def test_the_euro_rates_give_the_dollar_in_yuan(web: FakeWeb) -> None:
    web.answers["/daily.xml"] = (200, sheet())
    reading = source(web).read(patient())
    converted = convert(Money(amount=Decimal(1), currency="USD"), "CNY", reading.rates)
    assert len(reading.rates) == 5
    assert converted is not None
    assert float(converted[0].amount) == pytest.approx(7.45 / 1.12)
    assert converted[1].as_of == date(2026, 11, 23)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        sheet("2031-01-01"),
        sheet(CNY=""),
        sheet(CNY="8.9"),
        sheet(USD="0.8"),
        sheet()[:300],
    ],
    ids=["empty", "page", "future", "no yuan", "yuan off", "dollar off", "cut"],
)
def test_frankfurter_answers_where_the_sheet_cannot_be_true(web: FakeWeb, body: bytes) -> None:
    web.answers |= {"/daily.xml": (200, body), "/latest": (200, frankfurter())}
    assert {rate.source for rate in source(web).read(patient()).rates} == {
        "ECB euro foreign exchange reference rates, by frankfurter.dev"
    }


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"{}",
        frankfurter(base="USD"),
        frankfurter(date="soon"),
        frankfurter(rates={"CNY": "x"}),
        b"\xff",
    ],
)
def test_without_either_the_rates_are_down(web: FakeWeb, body: bytes) -> None:
    web.answers |= {"/daily.xml": (503, b""), "/latest": (200, body)}
    with pytest.raises(SourceDown, match="HTTP 503;"):
        source(web).read(patient())


def test_a_minor_currency_that_cannot_be_is_left_out_alone(web: FakeWeb) -> None:
    web.answers["/daily.xml"] = (200, sheet(JPY="17.61"))
    assert {rate.quote for rate in source(web).read(patient()).rates} == {"USD", "CNY", "GBP", "CHF"}


def test_bundled_rates_stand_under_the_live_ones(web: FakeWeb) -> None:
    web.answers["/daily.xml"] = (200, sheet())
    both = {rate.quote: rate for rate in with_bundled(source(web).read(patient()).rates, KNOWN)}
    assert both["USD"].rate == Decimal("1.12")
    assert both["KRW"].as_of == date(2026, 10, 30)
    assert len(both) == len(KNOWN)

"""A sheet of rates attacked cell by cell: a wrong cell costs its currency, a wrong sheet all of it."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.sax.saxutils import quoteattr

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import bundled_rates, sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.rates import Rates
from estimator.money import FxRate

CONFIG = sources_config(read_config("price_sources")).rates
KNOWN = bundled_rates(read_config("fx"))
TRUE = {rate.quote: str(rate.rate) for rate in KNOWN}
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DAY = "2026-11-23"
WRONG_RATES = [
    "",
    " ",
    "NaN",
    "Infinity",
    "-7.45",
    "0",
    "1e9",
    "1e-9",
    "7,45",
    "n/a",
    "7.45 CNY",
    "٧٫٤٥",
    "true",
]
WRONG_CURRENCIES = ["", "yuan", "cny", "CN", "C1Y", "人民币", "EUR"]
NO_SHEETS = {
    "nothing": b"",
    "a page": b"<!DOCTYPE html><html><body>busy<br></body></html>",
    "a page that is XML": b"<html><body><p>busy</p></body></html>",
    "an empty sheet": b"<Envelope><Cube/></Envelope>",
    "an entity": b'<!DOCTYPE a [<!ENTITY x "y">]><Envelope><Cube time="2026-11-23">&x;</Cube></Envelope>',
    "binary": bytes(range(256)),
    "deep": b"<Cube>" * 20_000,
}


def sheet(cubes: list[dict[str, str]], day: str | None = DAY) -> bytes:
    listed = "".join(
        f"<Cube {' '.join(f'{name}={quoteattr(said)}' for name, said in cube.items())}/>" for cube in cubes
    )
    dated = "" if day is None else f" time={quoteattr(day)}"
    return f"<Envelope><Cube><Cube{dated}>{listed}</Cube></Cube></Envelope>".encode()


def cubes() -> list[dict[str, str]]:
    return [{"currency": name, "rate": rate} for name, rate in TRUE.items()]


def read(web: FakeWeb, ecb: bytes, frankfurter: bytes | None = None) -> tuple[FxRate, ...]:
    web.answers["/daily.xml"] = (200, ecb)
    web.answers["/latest"] = (503, b"") if frankfurter is None else (200, frankfurter)
    urls = {"ecb_url": f"{web.url}/daily.xml", "frankfurter_url": f"{web.url}/latest"}
    return Rates(CONFIG.model_copy(update=urls), KNOWN, lambda: NOW).read(patient()).rates


def held(rates: tuple[FxRate, ...]) -> dict[str, Decimal]:
    assert {(rate.base, rate.as_of) for rate in rates} == {("EUR", date(2026, 11, 23))}
    return {rate.quote: rate.rate for rate in rates}


def without(currency: str) -> dict[str, Decimal]:
    return {name: Decimal(rate) for name, rate in TRUE.items() if name != currency}


@pytest.mark.parametrize("wrong", WRONG_RATES)
def test_a_wrong_rate_costs_its_currency_alone_or_the_sheet(web: FakeWeb, wrong: str) -> None:
    for attacked in ("JPY", "GBP"):
        sent = sheet([cube | {"rate": wrong} if cube["currency"] == attacked else cube for cube in cubes()])
        assert held(read(web, sent)) == without(attacked)
    for needed in ("USD", "CNY"):
        sent = sheet([cube | {"rate": wrong} if cube["currency"] == needed else cube for cube in cubes()])
        with pytest.raises(SourceDown, match=f"no rate that can be true for {needed}"):
            read(web, sent)


@pytest.mark.parametrize("wrong", WRONG_CURRENCIES)
def test_a_wrong_currency_costs_its_rate_alone(web: FakeWeb, wrong: str) -> None:
    sent = sheet([cube | {"currency": wrong} if cube["currency"] == "JPY" else cube for cube in cubes()])
    assert held(read(web, sent)) == without("JPY")


@pytest.mark.parametrize("gone", ["currency", "rate"])
def test_a_cell_that_is_missing_costs_its_rate_alone(web: FakeWeb, gone: str) -> None:
    listed = cubes()
    next(cube for cube in listed if cube["currency"] == "JPY").pop(gone)
    assert held(read(web, sheet(listed))) == without("JPY")
    for cube in listed:
        cube.pop(gone, None)
    with pytest.raises(SourceDown, match="only 0 rates in the sheet"):
        read(web, sheet(listed))


@pytest.mark.parametrize(("one", "other"), [("CNY", "USD"), ("JPY", "USD"), ("CNY", "HKD"), ("JPY", "KRW")])
def test_the_rates_of_two_currencies_in_each_others_place_are_refused(
    web: FakeWeb, one: str, other: str
) -> None:
    swapped = {one: other, other: one}
    sent = sheet([cube | {"currency": swapped.get(cube["currency"], cube["currency"])} for cube in cubes()])
    try:
        rates = held(read(web, sent))
    except SourceDown:
        assert {one, other} & {"USD", "CNY"}
    else:
        assert {one, other}.isdisjoint(rates)


def test_of_a_currency_said_twice_the_one_that_can_be_true_is_taken(web: FakeWeb) -> None:
    for place in (0, len(TRUE)):
        listed = cubes()
        listed.insert(place, {"currency": "CNY", "rate": "1e9"})
        assert held(read(web, sheet(listed))) == without("")


@pytest.mark.parametrize("base", ["USD", "CNY"])
def test_the_rates_of_another_base_are_refused(web: FakeWeb, base: str) -> None:
    by = Decimal(TRUE[base])
    listed = [
        {
            "currency": "EUR" if name == base else name,
            "rate": str(1 / by if name == base else Decimal(rate) / by),
        }
        for name, rate in TRUE.items()
    ]
    with pytest.raises(SourceDown, match="no rate that can be true"):
        read(web, sheet(listed))


@pytest.mark.parametrize(
    "day", [None, "", "soon", "23.11.2026", "2026-13-01", "2030-01-01", "2019-01-02", "0001-01-01"]
)
def test_a_sheet_of_no_day_of_one_to_come_or_of_long_ago_is_refused(web: FakeWeb, day: str | None) -> None:
    with pytest.raises(SourceDown):
        read(web, sheet(cubes(), day))


def test_a_sheet_that_ends_anywhere_is_refused(web: FakeWeb) -> None:
    whole = sheet(cubes())
    for length in range(0, len(whole) - 1, 7):
        with pytest.raises(SourceDown):
            read(web, whole[:length])


@pytest.mark.parametrize("body", NO_SHEETS.values(), ids=NO_SHEETS)
def test_what_is_no_sheet_is_refused(web: FakeWeb, body: bytes) -> None:
    with pytest.raises(SourceDown):
        read(web, body)


RATES = {currency: float(rate) for currency, rate in TRUE.items()}
FRANKFURTER = {"amount": 1.0, "base": "EUR", "date": DAY, "rates": RATES}


@pytest.mark.parametrize(
    "wrong", [*WRONG_RATES, None, True, [], {}, [7.45], -7.45, 0, 1e9, float("nan")], ids=repr
)
def test_a_wrong_rate_of_frankfurters_costs_its_currency_alone_or_the_sheet(
    web: FakeWeb, wrong: object
) -> None:
    def sent(currency: str) -> bytes:
        return json.dumps(FRANKFURTER | {"rates": RATES | {currency: wrong}}).encode()

    assert set(held(read(web, b"", sent("JPY")))) == set(TRUE) - {"JPY"}
    with pytest.raises(SourceDown, match="no rate that can be true for CNY"):
        read(web, b"", sent("CNY"))


@pytest.mark.parametrize("name", FRANKFURTER)
@pytest.mark.parametrize("wrong", [None, "", "USD", -1, 100, [], {}, True, "2019-01-02"], ids=repr)
def test_a_wrong_field_of_frankfurters_costs_the_sheet(web: FakeWeb, name: str, wrong: object) -> None:
    if (name, wrong) == ("amount", True):
        wrong = False
    with pytest.raises(SourceDown):
        read(web, b"", json.dumps(FRANKFURTER | {name: wrong}).encode())
    if name != "amount":
        with pytest.raises(SourceDown):
            read(web, b"", json.dumps({k: v for k, v in FRANKFURTER.items() if k != name}).encode())

"""Azure Retail Prices: pages of `{Items: [{armSkuName, retailPrice, meterName, …}], NextPageLink}`."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.azure import API_VERSION, Azure
from estimator.spec import Market

CONFIG = sources_config(read_config("price_sources")).azure
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
H100 = "Standard_ND96isr_H100_v5"


def item(price: object = 98.32, **more: object) -> dict[str, object]:
    listed: dict[str, object] = {
        "currencyCode": "USD",
        "retailPrice": price,
        "unitPrice": price,
        "armRegionName": "eastus",
        "armSkuName": H100,
        "skuName": "ND96isr H100 v5",
        "meterName": "ND96isr H100 v5",
        "productName": "Virtual Machines NDsr H100 v5 Series Linux",
        "serviceName": "Virtual Machines",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "effectiveStartDate": "2024-01-01T00:00:00Z",
        "isPrimaryMeterRegion": True,
    }
    return listed | more


def page(*items: object, following: str | None = None) -> bytes:
    return json.dumps(
        {"BillingCurrency": "USD", "Items": items, "NextPageLink": following, "Count": len(items)}
    ).encode()


def path_of(name: str) -> str:
    asked = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armSkuName eq '{name}'"
    return "/prices?" + urlencode({"api-version": API_VERSION, "$filter": asked})


def source(web: FakeWeb, first: bytes, **more: object) -> Azure:
    web.answers[path_of(H100)] = (200, first)
    types = {H100: CONFIG.types[H100]}
    return Azure(CONFIG.model_copy(update={"url": f"{web.url}/prices", "types": types} | more), lambda: NOW)


def test_on_demand_and_spot_on_linux_are_read_as_of_today(web: FakeWeb) -> None:
    offers = (
        source(
            web,
            page(
                item(),
                item(31.9, meterName="ND96isr H100 v5 Spot", skuName="ND96isr H100 v5 Spot"),
                item(20, meterName="ND96isr H100 v5 Low Priority"),
                item(120, productName="Virtual Machines NDsr H100 v5 Series Windows"),
                item(2_000, productName="NDsr H100 v5 Dedicated Host"),
            ),
        )
        .read(patient())
        .offers
    )
    assert [(o.region, o.gpu, o.num_gpus, o.market, o.price_per_hour.amount) for o in offers] == [
        ("eastus", "h100-80gb", 8, Market.ON_DEMAND, Decimal("98.32")),
        ("eastus", "h100-80gb", 8, Market.SPOT, Decimal("31.9")),
    ]
    assert {o.as_of for o in offers} == {NOW.date()}


def test_of_two_prices_the_one_that_began_last_holds_and_one_to_come_does_not(web: FakeWeb) -> None:
    offers = (
        source(
            web,
            page(
                item(90, effectiveStartDate="2025-01-01T00:00:00Z"),
                item(80),
                item(70, effectiveStartDate="2027-01-01T00:00:00Z"),
            ),
        )
        .read(patient())
        .offers
    )
    assert [o.price_per_hour.amount for o in offers] == [Decimal(90)]


def test_the_next_page_is_read_and_another_host_is_not(web: FakeWeb) -> None:
    following = f"{web.url}/prices?$skip=1000"
    web.answers["/prices?$skip=1000"] = (
        200,
        page(item(armRegionName="westeurope"), following="http://127.0.0.1:9/prices"),
    )
    assert {o.region for o in source(web, page(item(), following=following)).read(patient()).offers} == {
        "eastus",
        "westeurope",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        {"currencyCode": "CNY"},
        {"unitOfMeasure": "1 Month"},
        {"unitOfMeasure": "1 GB"},
        {"type": "Reservation"},
        {"retailPrice": 0},
        {"retailPrice": "98.32"},
        {"armRegionName": "usgovvirginia"},
        {"armSkuName": "Standard_D2"},
        {"price": 98.32, "retailPrice": None},
    ],
)
def test_another_unit_currency_kind_or_place_is_no_price(web: FakeWeb, wrong: dict[str, object]) -> None:
    with pytest.raises(SourceDown, match="prices for only 0 of 1"):
        source(web, page(item(**wrong))).read(patient())


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"Items": 3}', b'{"Items": ['])
def test_no_page_of_items_is_a_failure(web: FakeWeb, body: bytes) -> None:
    with pytest.raises(SourceDown):
        source(web, body).read(patient())


TYPES = tuple(CONFIG.types)


def of_all(web: FakeWeb, failing: dict[str, tuple[int, bytes]]) -> Azure:
    """All types, each with a price in eastus, but for those that fail."""
    for name in TYPES:
        web.answers[path_of(name)] = failing.get(name, (200, page(item(armSkuName=name))))
    return Azure(CONFIG.model_copy(update={"url": f"{web.url}/prices"}), lambda: NOW)


@pytest.mark.parametrize("answer", [(500, b"oops"), (200, b"<html>"), (200, b"{}"), (200, b'{"Items": [')])
def test_a_type_that_fails_costs_itself_alone_and_is_marked(web: FakeWeb, answer: tuple[int, bytes]) -> None:
    reading = of_all(web, {H100: answer}).read(patient())
    assert {offer.instance_type for offer in reading.offers} == set(TYPES) - {H100}
    assert [(each.part, each.gpus) for each in reading.missing] == [(H100, ("h100-80gb",))]


def test_a_later_page_that_fails_costs_itself_alone(web: FakeWeb) -> None:
    web.answers["/prices?$skip=1000"] = (500, b"oops")
    first = page(item(), following=f"{web.url}/prices?$skip=1000")
    reading = source(web, first).read(patient())
    assert [offer.region for offer in reading.offers] == ["eastus"]
    assert [each.part for each in reading.missing] == [H100]


def test_a_row_that_cannot_be_read_costs_itself_alone(web: FakeWeb) -> None:
    wrong: tuple[object, ...] = ("row", None, [], {}, item(armRegionName=["eastus"]))
    right = (item(productName=None), item(armRegionName="westeurope"))
    reading = source(web, page(*wrong, *right)).read(patient())
    assert {offer.region for offer in reading.offers} == {"eastus", "westeurope"}
    assert not reading.missing


def test_a_source_that_fails_three_times_in_a_row_is_asked_no_more(web: FakeWeb) -> None:
    failing = dict.fromkeys(TYPES[-5:], (500, b"oops"))
    reading = of_all(web, failing).read(patient())
    assert len(web.asked) == len(TYPES) - 2
    assert [each.part for each in reading.missing] == list(TYPES[-5:])


def test_a_source_that_asks_to_be_left_alone_is(web: FakeWeb) -> None:
    azure = of_all(web, {})

    def fault(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        handler.send_response(429 if handler.path == path_of(TYPES[1]) else 200)
        handler.send_header("Retry-After", "77")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    web.fault = fault
    with pytest.raises(SourceDown, match="429") as down:
        azure.read(patient())
    assert down.value.retry_after_seconds == 77
    assert len(web.asked) == 2


def test_each_type_is_asked_for_by_its_name(web: FakeWeb) -> None:
    source(web, page(item())).read(patient())
    asked = parse_qs(urlsplit(web.asked[0][0]).query)
    assert quote(H100) in asked["$filter"][0]

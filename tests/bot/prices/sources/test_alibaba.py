"""Alibaba's price file: an envelope with currency and day, a price for each `region::type::network::os`."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import config_dir, read_config
from bot.prices.config import sources_config
from bot.prices.listed import read_snapshot
from bot.prices.port import SourceDown
from bot.prices.sources.alibaba import Alibaba, PriceFile, gpus_of

CONFIG = sources_config(read_config("price_sources")).alibaba
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def now() -> datetime:
    return NOW


ENVELOPE = {
    "currency": "CNY",
    "version": "v1.0",
    "publicationDate": "2026-11-20T08:00:00Z",
    "type": "Instance",
    "site": "china",
}


def price_file(**said: object) -> bytes:
    envelope = ENVELOPE | said

    def hourly(price: str) -> dict[str, object]:
        return {"hours": [{"price": price, "period": "1"}], "months": [{"price": "9", "period": "1"}]}

    listed = {
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::vpc::linux::none": hourly("34.9"),
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::vpc::linux::optimized": hourly("34.742"),
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::vpc::windows::optimized": hourly("35"),
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::classic::linux::optimized": hourly("36"),
        "cn-hangzhou::ecs.g7.large::vpc::linux::optimized": hourly("0.5"),
        "cn-hangzhou::ecs.vgn7i-vws-m4.xlarge::vpc::linux::optimized": hourly("2.5"),
        "cn-beijing::ecs.ebmgn7ex.32xlarge::vpc::linux::optimized": hourly("278.8"),
    }
    return json.dumps(envelope | {"pricingInfo": listed}).encode()


def alibaba(web: FakeWeb, body: bytes | None = None) -> Alibaba:
    page = f"<script src='{web.url}/aliyun/ecs-price-info/2.0.421/app.js'></script>".encode()
    web.answers["/page"] = (200, page)
    web.answers["/aliyun/ecs-price-info/2.0.421/price/download/instancePrice.json"] = (
        200,
        body or price_file(),
    )
    pattern = web.url.replace(".", r"\.") + r"/aliyun/ecs-price-info/\d+\.\d+\.\d+"
    return Alibaba(
        CONFIG.model_copy(
            update={"page_url": f"{web.url}/page", "file_url_pattern": pattern, "fewest_offers": 2}
        ),
        now,
    )


def test_alibaba_lists_whole_gpus_on_linux_in_a_vpc(web: FakeWeb) -> None:
    reading = alibaba(web).read(patient())
    assert [(o.region, o.gpu, o.num_gpus, o.price_per_hour.amount) for o in reading.offers] == [
        ("cn-hangzhou", "a100-80gb", 1, Decimal("34.742")),
        ("cn-beijing", "a100-80gb", 8, Decimal("278.8")),
    ]
    assert {(o.price_per_hour.currency, o.as_of, o.fetched_at) for o in reading.offers} == {
        ("CNY", date(2026, 11, 20), NOW)
    }


def test_alibaba_asks_the_last_version_that_worked_when_its_page_is_gone(web: FakeWeb) -> None:
    source = alibaba(web)
    source.read(patient())
    web.answers["/page"] = (503, b"")
    assert len(source.read(patient()).offers) == 2


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_the_price_file_reads_the_same_in_pieces_of_any_size(size: int) -> None:
    body = price_file()
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    assert dict(PriceFile(chunks).entries()) == json.loads(body)["pricingInfo"]


def test_the_family_table_agrees_with_every_alibaba_row_of_the_snapshot() -> None:
    rows = {
        (offer.instance_type, offer.gpu, offer.num_gpus)
        for offer in read_snapshot(config_dir() / "prices_snapshot.csv").rows
        if offer.provider == "alibaba" and offer.instance_type.startswith("ecs.") and offer.gpu != "p4"
    }
    assert len(rows) > 40
    assert {(kind, *(gpus_of(kind, CONFIG) or ("?", 0))) for kind, _, _ in rows} == rows


@pytest.mark.parametrize(
    "kind",
    [
        "ecs.g7.large",
        "ecs.vgn7i-vws-m4.xlarge",
        "ecs.sgn7i-vws-m2s.xlarge",
        "nonsense",
        "",
        "ecs.gn7e-c0g1.4xlarge",
    ],
)
def test_other_instance_types_hold_no_whole_gpu(kind: str) -> None:
    assert gpus_of(kind, CONFIG) is None


@pytest.mark.parametrize(
    ("said", "currency", "day"),
    [
        ({"currency": "USD"}, "USD", date(2026, 11, 20)),
        ({"publicationDate": "2024-12-30 10:00:00"}, "CNY", date(2024, 12, 30)),
        ({"publicationDate": "20241230"}, "CNY", date(2024, 12, 30)),
        ({"publicationDate": "soon"}, "CNY", None),
    ],
)
def test_currency_and_day_are_those_of_the_envelope(
    web: FakeWeb, said: dict[str, str], currency: str, day: date | None
) -> None:
    offers = alibaba(web, price_file(**said)).read(patient()).offers
    assert {(o.price_per_hour.currency, o.as_of) for o in offers} == {(currency, day)}


def test_an_envelope_after_the_prices_is_read_too(web: FakeWeb) -> None:
    document = json.loads(price_file())
    last = {"pricingInfo": document.pop("pricingInfo")} | document
    offers = alibaba(web, json.dumps(last).encode()).read(patient()).offers
    assert {o.as_of for o in offers} == {date(2026, 11, 20)}


@pytest.mark.parametrize(
    ("said", "why"),
    [({"currency": ""}, "no currency"), ({"publicationDate": "2030-01-01"}, "to come")],
)
def test_an_envelope_that_cannot_be_is_refused(web: FakeWeb, said: dict[str, str], why: str) -> None:
    with pytest.raises(SourceDown, match=why):
        alibaba(web, price_file(**said)).read(patient())


@pytest.mark.parametrize("kept", [0.5, 0.8, 0.99])
def test_a_file_that_was_cut_is_refused_though_every_entry_in_it_is_whole(web: FakeWeb, kept: float) -> None:
    body = price_file()
    cut = body[: body.rindex(b"}", 0, int(len(body) * kept)) + 1]
    with pytest.raises(SourceDown, match=r"in the middle|GPU instances|no currency"):
        alibaba(web, cut).read(patient())


def test_a_page_that_leaves_out_the_scheme_still_names_the_file() -> None:
    for address in ("https://g.alicdn.com", "//g.alicdn.com"):
        page = f'<script src="{address}/aliyun/ecs-price-info/2.0.421/app.js">'
        assert re.search(CONFIG.file_url_pattern, page)


def test_a_list_with_few_gpus_is_no_list(web: FakeWeb) -> None:
    source = alibaba(web)
    source._config = source._config.model_copy(update={"fewest_offers": 150})
    with pytest.raises(SourceDown, match="only 2 GPU instances"):
        source.read(patient())

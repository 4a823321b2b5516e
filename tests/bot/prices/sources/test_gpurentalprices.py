"""gpurentalprices.com: `{date, offers: [{provider, gpu, vram_gb, usd_hr, kind, fetched_at}], …}`."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.gpurentalprices import GpuRentalPrices
from estimator.spec import Market

CONFIG = sources_config(read_config("price_sources")).gpurentalprices
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def rental(provider: str = "nebius", gpu: str = "h100-sxm", **more: object) -> dict[str, object]:
    listed: dict[str, object] = {
        "provider": provider,
        "gpu": gpu,
        "vram_gb": 80,
        "usd_hr": 2.95,
        "kind": "on-demand",
        "source_url": "https://example.com/pricing",
        "fetched_at": "2026-11-22T22:04:11Z",
    }
    return listed | more


def source(web: FakeWeb, body: object, fewest: int = 1) -> GpuRentalPrices:
    web.answers["/latest.json"] = (200, json.dumps(body).encode())
    config = CONFIG.model_copy(update={"url": f"{web.url}/latest.json", "fewest_offers": fewest})
    return GpuRentalPrices(config, lambda: NOW)


def day(*offers: dict[str, object]) -> dict[str, object]:
    return {"date": "2026-11-23", "generated_at": "2026-11-23T08:47:00Z", "meta": {}, "offers": list(offers)}


def test_a_price_is_dated_by_the_day_its_page_was_read(web: FakeWeb) -> None:
    listed = day(rental(), rental(usd_hr=3.5), rental("coreweave"), rental(kind="spot"))
    offers = source(web, listed).read(patient()).offers
    assert [(o.provider, o.num_gpus, o.market, o.price_per_hour.amount, o.as_of) for o in offers] == [
        ("nebius", 1, Market.ON_DEMAND, Decimal("2.95"), date(2026, 11, 22)),
        ("coreweave", 8, Market.ON_DEMAND, Decimal("23.60"), date(2026, 11, 22)),
        ("nebius", 1, Market.SPOT, Decimal("2.95"), date(2026, 11, 22)),
    ]


@pytest.mark.parametrize(
    "other",
    [
        rental("aws"),
        rental("gcp"),
        rental("scaleway"),
        rental("vast"),
        rental(kind="community"),
        rental(kind="reserved"),
        rental(kind="serverless"),
        rental(gpu="h100"),
        rental(vram_gb=10),
        rental(vram_gb="80"),
        rental(usd_hr=0),
        rental(usd_hr="2.95"),
        rental(usd_hr=None),
        rental(fetched_at=None),
        rental(fetched_at="2031-01-01T00:00:00Z"),
        {},
    ],
)
def test_what_we_cannot_vouch_for_is_left_out(web: FakeWeb, other: dict[str, object]) -> None:
    offers = source(web, day(other, rental("lambda"))).read(patient()).offers
    assert [offer.provider for offer in offers] == ["lambda"]


@pytest.mark.parametrize("body", [None, [], {}, {"offers": None}, day(), day(rental("aws"))])
def test_an_answer_without_offers_is_a_failure(web: FakeWeb, body: object) -> None:
    with pytest.raises(SourceDown):
        source(web, body).read(patient())


def test_a_day_with_few_offers_is_a_failure(web: FakeWeb) -> None:
    with pytest.raises(SourceDown, match="only 1 of its 1"):
        source(web, day(rental()), fewest=20).read(patient())

"""What each live source makes of a good answer, asked of a web server on this machine."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from fake_web import FakeWeb

from bot.files import config_dir, read_config
from bot.prices.config import SourcesConfig, sources_config
from bot.prices.listed import read_snapshot
from bot.prices.port import SourceDown
from bot.prices.sources.alibaba import Alibaba, entries, gpus_of
from bot.prices.sources.fx import Ecb
from bot.prices.sources.gpuhunt import Gpuhunt, Row, rows_of
from bot.prices.sources.vast import Vast
from estimator.money import Money, convert
from estimator.spec import Market

CONFIG: SourcesConfig = sources_config(read_config("price_sources"))
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

SHEET = b"""<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
                 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube><Cube time='2024-06-28'>
    <Cube currency='USD' rate='1.0705'/><Cube currency='CNY' rate='7.7748'/>
    <Cube currency='GBP' rate='0.84638'/><Cube currency='JPY' rate='171.94'/>
    <Cube currency='CHF' rate='0.9634'/><Cube currency='XXX' rate='n/a'/>
  </Cube></Cube>
</gesmes:Envelope>"""


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


def now() -> datetime:
    return NOW


def test_the_euro_rates_give_the_dollar_in_yuan(web: FakeWeb) -> None:
    web.answers["/daily.xml"] = (200, SHEET)
    reading = Ecb(CONFIG.ecb.model_copy(update={"url": f"{web.url}/daily.xml"}), now).read()
    assert len(reading.rates) == 5
    converted = convert(Money(amount=Decimal(1), currency="USD"), "CNY", reading.rates)
    assert converted is not None
    assert float(converted[0].amount) == pytest.approx(7.2628, abs=5e-5)
    assert converted[1].as_of == date(2024, 6, 28)


def vast_offer(price: float, **changes: object) -> dict[str, object]:
    listed = {
        "gpu_name": "A100 SXM4",
        "num_gpus": 1,
        "gpu_ram": 81920,
        "dph_base": price,
        "min_bid": price / 2,
    }
    return listed | changes


def test_vast_quotes_the_median_of_what_verified_hosts_ask(web: FakeWeb) -> None:
    listed = [vast_offer(price) for price in (0.6, 1.0, 9.0)]
    listed += [vast_offer(1.2, num_gpus=3), vast_offer(1.2, gpu_name="RTX 2060"), vast_offer(0.0)]
    web.answers["/bundles/"] = (200, json.dumps({"offers": listed}).encode())
    reading = Vast(CONFIG.vast.model_copy(update={"url": f"{web.url}/bundles/"}), now).read()
    assert [(o.gpu, o.num_gpus, o.market, o.price_per_hour.amount) for o in reading.offers] == [
        ("a100-80gb", 1, Market.ON_DEMAND, Decimal("1.0")),
        ("a100-80gb", 1, Market.SPOT, Decimal("0.5")),
    ]
    assert json.loads(web.asked[0][1])["verified"] == {"eq": True}


def test_vast_tells_the_sizes_of_one_name_by_their_memory(web: FakeWeb) -> None:
    listed = [vast_offer(0.5, gpu_ram=40536)] * 2 + [vast_offer(0.9, gpu_ram=79000)] * 2
    web.answers["/bundles/"] = (200, json.dumps({"offers": listed}).encode())
    reading = Vast(CONFIG.vast.model_copy(update={"url": f"{web.url}/bundles/"}), now).read()
    assert {offer.gpu for offer in reading.offers} == {"a100-40gb", "a100-80gb"}


def price_file(**more: object) -> bytes:
    def hourly(price: str) -> dict[str, object]:
        return {"hours": [{"price": price, "period": "1"}], "months": [{"price": "9", "period": "1"}]}

    listed = {
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::vpc::linux::optimized": hourly("34.742"),
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::vpc::windows::optimized": hourly("35"),
        "cn-hangzhou::ecs.gn7e-c16g1.4xlarge::classic::linux::optimized": hourly("36"),
        "cn-hangzhou::ecs.g7.large::vpc::linux::optimized": hourly("0.5"),
        "cn-hangzhou::ecs.vgn7i-vws-m4.xlarge::vpc::linux::optimized": hourly("2.5"),
        "cn-beijing::ecs.ebmgn7ex.32xlarge::vpc::linux::optimized": hourly("278.8"),
    }
    return json.dumps({"version": "1", "pricingInfo": listed | more}).encode()


def alibaba(web: FakeWeb) -> Alibaba:
    page = f"<script src='{web.url}/aliyun/ecs-price-info/2.0.421/app.js'></script>".encode()
    web.answers["/page"] = (200, page)
    web.answers["/aliyun/ecs-price-info/2.0.421/price/download/instancePrice.json"] = (200, price_file())
    pattern = web.url.replace(".", r"\.") + r"/aliyun/ecs-price-info/\d+\.\d+\.\d+"
    return Alibaba(
        CONFIG.alibaba.model_copy(update={"page_url": f"{web.url}/page", "file_url_pattern": pattern}), now
    )


def test_alibaba_lists_whole_gpus_on_linux_in_a_vpc(web: FakeWeb) -> None:
    reading = alibaba(web).read()
    assert [(o.region, o.gpu, o.num_gpus, o.price_per_hour.amount) for o in reading.offers] == [
        ("cn-hangzhou", "a100-80gb", 1, Decimal("34.742")),
        ("cn-beijing", "a100-80gb", 8, Decimal("278.8")),
    ]
    assert {(o.price_per_hour.currency, o.as_of, o.fetched_at) for o in reading.offers} == {
        ("CNY", NOW.date(), NOW)
    }


def test_alibaba_asks_the_last_version_that_worked_when_its_page_is_gone(web: FakeWeb) -> None:
    source = alibaba(web)
    source.read()
    web.answers["/page"] = (503, b"")
    assert len(source.read().offers) == 2


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
def test_the_price_file_reads_the_same_in_pieces_of_any_size(size: int) -> None:
    body = price_file()
    chunks = (body[start : start + size] for start in range(0, len(body), size))
    assert dict(entries(chunks)) == json.loads(body)["pricingInfo"]


def test_the_family_table_agrees_with_every_alibaba_row_of_the_snapshot() -> None:
    rows = {
        (offer.instance_type, offer.gpu, offer.num_gpus)
        for offer in read_snapshot(config_dir() / "prices_snapshot.csv").rows
        if offer.provider == "alibaba" and offer.instance_type.startswith("ecs.") and offer.gpu != "p4"
    }
    assert len(rows) > 40
    assert {(kind, *(gpus_of(kind, CONFIG.alibaba) or ("?", 0))) for kind, _, _ in rows} == rows


@pytest.mark.parametrize(
    "kind", ["ecs.g7.large", "ecs.vgn7i-vws-m4.xlarge", "ecs.sgn7i-vws-m2s.xlarge", "nonsense", ""]
)
def test_other_instance_types_hold_no_whole_gpu(kind: str) -> None:
    assert gpus_of(kind, CONFIG.alibaba) is None


COLUMNS = [
    "instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot",
    "disk_size", "gpu_vendor", "flags", "cpu_arch", "provider_data",
]  # fmt: skip


def catalogue(provider: str, *rows: tuple[object, ...]) -> bytes:
    """A zip with one CSV; a row is (instance, region, price, gpu count, gpu, gpu memory, spot)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for name, region, price, count, gpu, memory, spot in rows:
        vendor = "nvidia" if count else ""
        writer.writerow([name, region, price, 8, 64, count, gpu, memory, spot, 100, vendor, "", "x86", "{}"])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{provider}.csv", text.getvalue())
    return packed.getvalue()


def gpuhunt(web: FakeWeb, state_dir: Path) -> Gpuhunt:
    return Gpuhunt(CONFIG.gpuhunt.model_copy(update={"catalog_url": web.url}), state_dir, now)


def test_gpuhunt_gives_our_gpus_in_the_cheapest_regions(web: FakeWeb, tmp_path: Path) -> None:
    regions = [("p4d", f"region-{n}", 30 + n, 8, "A100", 40, False) for n in range(9)]
    web.answers["/aws/version"] = (200, b"20261123-77\n")
    web.answers["/aws/20261123-77/catalog.zip"] = (
        200,
        catalogue(
            "aws",
            *regions,
            ("p4d", "region-0", 9, 8, "A100", 40, True),
            ("m5", "region-0", 0.1, 0, "", "", False),
        ),
    )
    offers = gpuhunt(web, tmp_path).read().offers
    on_demand = [offer for offer in offers if offer.market is Market.ON_DEMAND]
    assert [offer.region for offer in on_demand] == [f"region-{n}" for n in range(6)]
    assert {(o.provider, o.gpu, o.num_gpus, o.as_of) for o in offers} == {
        ("aws", "a100-40gb", 8, date(2026, 11, 23))
    }
    assert [o.price_per_hour.amount for o in offers if o.market is Market.SPOT] == [Decimal("9.0")]


def test_gpuhunt_downloads_a_version_once(web: FakeWeb, tmp_path: Path) -> None:
    web.answers["/lambdalabs/version"] = (200, b"20261123-77")
    web.answers["/lambdalabs/20261123-77/catalog.zip"] = (
        200,
        catalogue("lambdalabs", ("gpu_1x", "us-east-1", 1.99, 1, "A100", 40, False)),
    )
    source = gpuhunt(web, tmp_path)
    assert [offer.provider for offer in source.read().offers] == ["lambda"]
    source.read()
    assert sum(path.endswith("catalog.zip") for path, _ in web.asked) == 1


def test_a_cloud_that_fails_keeps_its_catalogue_before(web: FakeWeb, tmp_path: Path) -> None:
    for provider, price in (("aws", 30), ("gcp", 31)):
        web.answers[f"/{provider}/version"] = (200, b"20261122-1")
        web.answers[f"/{provider}/20261122-1/catalog.zip"] = (
            200,
            catalogue(provider, ("x", "here", price, 8, "A100", 40, False)),
        )
    source = gpuhunt(web, tmp_path)
    source.read()
    web.answers["/aws/version"] = (500, b"")
    web.answers["/gcp/version"] = (200, b"20261123-2")
    web.answers["/gcp/20261123-2/catalog.zip"] = (
        200,
        catalogue("gcp", ("x", "here", 29, 8, "A100", 40, False)),
    )
    assert {(o.provider, o.as_of) for o in source.read().offers} == {
        ("aws", date(2026, 11, 22)),
        ("gcp", date(2026, 11, 23)),
    }


def test_gpuhunt_without_any_catalogue_is_down(web: FakeWeb, tmp_path: Path) -> None:
    with pytest.raises(SourceDown, match="HTTP 404"):
        gpuhunt(web, tmp_path).read()


def test_gpuhunt_reads_the_columns_as_the_collectors_write_them(tmp_path: Path) -> None:
    """Lines as `gpuhunt._internal.storage.dump` writes them, with the memory that each cloud tells."""
    (tmp_path / "aws.csv").write_text(
        "instance_name,location,price,cpu,memory,gpu_count,gpu_name,gpu_memory,spot,disk_size,gpu_vendor,"
        "flags,cpu_arch,provider_data\n"
        "g5.xlarge,us-east-1,1.006,4,16.0,1,A10G,22.35,False,,nvidia,,x86,{}\n"
        'p6-b200.48xlarge,us-west-2,113.9328,192,2048.0,8,B200,179.06,True,,nvidia,,x86,"{""a"": 1}"\n'
        "m5.large,us-east-1,0.096,2,8.0,0,,,False,,,,x86,{}\n"
        "v5,us-central1,4.2,24,48.0,1,tpu-v5p,,False,,google,,x86,{}\n",
        encoding="utf-8",
    )
    a10g, b200 = rows_of(tmp_path / "aws.csv")
    assert a10g == Row(
        instance_name="g5.xlarge",
        location="us-east-1",
        price_usd_per_hour=Decimal("1.006"),
        gpu_count=1,
        gpu_name="A10G",
        gpu_memory_gb=22.35,
        spot=False,
    )
    assert (b200.gpu_count, b200.price_usd_per_hour, b200.spot) == (8, Decimal("113.9328"), True)


@pytest.mark.parametrize(
    ("name", "memory_gb", "gpu"),
    [
        ("A10G", 22.35, "a10g"),
        ("L40S", 44.7, "l40s"),
        ("B200", 179.06, "b200"),
        ("B300", 268.59, "b300"),
        ("B300", 288, "b300"),
        ("A100", 40, "a100-40gb"),
        ("a100", 79.6, "a100-80gb"),
    ],
)
def test_gpuhunt_knows_a_gpu_by_the_memory_that_is_nearest(
    web: FakeWeb, tmp_path: Path, name: str, memory_gb: float, gpu: str
) -> None:
    web.answers["/aws/version"] = (200, b"20261123-77")
    listed = catalogue(
        "aws", ("x", "here", 9, 1, name, memory_gb, False), ("y", "here", 9, 1, name, memory_gb * 1.5, False)
    )
    web.answers["/aws/20261123-77/catalog.zip"] = (200, listed)
    assert [offer.gpu for offer in gpuhunt(web, tmp_path).read().offers] == [gpu]


def test_a_line_that_gpuhunt_broke_costs_that_line_alone(web: FakeWeb, tmp_path: Path) -> None:
    good = ("p4d", "here", 30, 8, "A100", 40, False)
    bad = [("p4d", "there", *more) for more in (
        ("free", 8, "A100", 40, False), (30, "eight", "A100", 40, False), (30, 8, "A100", "big", False),
        (30, 8, "A100", 40, "maybe"), (0, 8, "A100", 40, False), ("NaN", 8, "A100", 40, False),
    )]  # fmt: skip
    for provider, rows in (("aws", [*bad, good]), ("gcp", bad)):
        web.answers[f"/{provider}/version"] = (200, b"20261123-77")
        web.answers[f"/{provider}/20261123-77/catalog.zip"] = (200, catalogue(provider, *rows))
    assert [(o.provider, o.region) for o in gpuhunt(web, tmp_path).read().offers] == [("aws", "here")]

"""The published catalogues of gpuhunt: rows as its `storage.dump` writes them, with what each cloud tells."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from fake_web import FakeWeb
from patience import patient

from bot.files import read_config
from bot.prices.config import sources_config
from bot.prices.port import SourceDown
from bot.prices.sources.gpuhunt import Gpuhunt
from bot.prices.sources.gpuhunt_catalogue import CatalogueRow, catalogue_rows, rows_in
from estimator.spec import Market

CONFIG = sources_config(read_config("price_sources")).gpuhunt
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def now() -> datetime:
    return NOW


COLUMNS = [
    "instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot",
    "disk_size", "gpu_vendor", "flags", "cpu_arch", "provider_data",
]  # fmt: skip


def catalogue(provider: str, *rows: tuple[object, ...]) -> bytes:
    """A zip with one CSV; a row is (instance, region, price, gpu count, gpu, gpu memory, spot)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for name, region, price, count, gpu, memory, spot, *flags in rows:
        vendor, flagged = "nvidia" if count else "", " ".join(map(str, flags))
        writer.writerow(
            [name, region, price, 8, 64, count, gpu, memory, spot, 100, vendor, flagged, "x86", "{}"]
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"{provider}.csv", text.getvalue())
    return packed.getvalue()


def gpuhunt(web: FakeWeb, state_dir: Path) -> Gpuhunt:
    return Gpuhunt(CONFIG.model_copy(update={"catalog_url": web.url}), state_dir, now)


def test_gpuhunt_gives_our_gpus_in_every_region(web: FakeWeb, tmp_path: Path) -> None:
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
    offers = gpuhunt(web, tmp_path).read(patient()).offers
    on_demand = [offer for offer in offers if offer.market is Market.ON_DEMAND]
    assert [offer.region for offer in on_demand] == [f"region-{n}" for n in range(9)]
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
    assert [offer.provider for offer in source.read(patient()).offers] == ["lambda"]
    source.read(patient())
    assert sum(path.endswith("catalog.zip") for path, _ in web.asked) == 1


def test_a_cloud_that_fails_keeps_its_catalogue_before(web: FakeWeb, tmp_path: Path) -> None:
    for provider, price in (("aws", 30), ("gcp", 31)):
        web.answers[f"/{provider}/version"] = (200, b"20261122-1")
        web.answers[f"/{provider}/20261122-1/catalog.zip"] = (
            200,
            catalogue(provider, ("x", "here", price, 8, "A100", 40, False)),
        )
    source = gpuhunt(web, tmp_path)
    source.read(patient())
    web.answers["/aws/version"] = (500, b"")
    web.answers["/gcp/version"] = (200, b"20261123-2")
    web.answers["/gcp/20261123-2/catalog.zip"] = (
        200,
        catalogue("gcp", ("x", "here", 29, 8, "A100", 40, False)),
    )
    reading = source.read(patient())
    assert {"aws", "gcp"} & {each.part for each in reading.missing} == {"aws"}
    sellers = {each.part: each.sellers for each in reading.missing}
    assert (sellers["aws"], sellers["runpod"]) == (("aws",), ("runpod", "runpod-community"))
    assert {(o.provider, o.as_of) for o in reading.offers} == {
        ("aws", date(2026, 11, 22)),
        ("gcp", date(2026, 11, 23)),
    }


def test_gpuhunt_without_any_catalogue_is_down(web: FakeWeb, tmp_path: Path) -> None:
    with pytest.raises(SourceDown, match="HTTP 404"):
        gpuhunt(web, tmp_path).read(patient())


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
    a10g, b200 = catalogue_rows(tmp_path / "aws.csv")
    assert a10g == CatalogueRow(
        instance_name="g5.xlarge",
        location="us-east-1",
        price_usd_per_hour=Decimal("1.006"),
        gpu_count=1,
        gpu_name="A10G",
        gpu_memory_gb=22.35,
        spot=False,
        memory_gb=16.0,
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
    assert [offer.gpu for offer in gpuhunt(web, tmp_path).read(patient()).offers] == [gpu]


def test_a_line_that_gpuhunt_broke_costs_that_line_alone(web: FakeWeb, tmp_path: Path) -> None:
    good = ("p4d", "here", 30, 8, "A100", 40, False)
    bad = [("p4d", "there", *more) for more in (
        ("free", 8, "A100", 40, False), (30, "eight", "A100", 40, False), (30, 8, "A100", "big", False),
        (30, 8, "A100", 40, "maybe"), (0, 8, "A100", 40, False), ("NaN", 8, "A100", 40, False),
    )]  # fmt: skip
    for provider, rows in (("aws", [*bad, good]), ("gcp", bad)):
        web.answers[f"/{provider}/version"] = (200, b"20261123-77")
        web.answers[f"/{provider}/20261123-77/catalog.zip"] = (200, catalogue(provider, *rows))
    offers = gpuhunt(web, tmp_path).read(patient()).offers
    assert [(o.provider, o.region) for o in offers] == [("aws", "here")]


def offered(web: FakeWeb, tmp_path: Path, cloud: str, *rows: tuple[object, ...]) -> set[tuple[object, ...]]:
    """Seller, region, GPU and count that a catalogue of `rows` gives."""
    web.answers[f"/{cloud}/version"] = (200, b"20261123-77")
    web.answers[f"/{cloud}/20261123-77/catalog.zip"] = (200, catalogue(cloud, *rows))
    offers = gpuhunt(web, tmp_path).read(patient()).offers
    return {(o.provider, o.region, o.gpu, o.num_gpus) for o in offers}


def test_runpods_two_clouds_are_told_apart_by_where_they_are(web: FakeWeb, tmp_path: Path) -> None:
    found = offered(
        web,
        tmp_path,
        "runpod",
        ("NVIDIA A100 80GB PCIe", "US-KS-2", 1.64, 1, "A100", 80, False),
        ("NVIDIA A100 80GB PCIe", "CA", 1.19, 1, "A100", 80, False),
        ("NVIDIA A100-SXM4-80GB", "EU-RO-1", 1.99, 1, "A100", 80, False),
        ("NVIDIA B300 SXM6 AC", "US-KS-2", 8.99, 1, "B300", 288, False),
        ("NVIDIA H100 80GB HBM3", "US-KS-2", 25.6, 8, "H100", 80, False, "runpod-cluster"),
    )
    assert found == {
        ("runpod", "US-KS-2", "a100-80gb-pcie", 1),
        ("runpod-community", "CA", "a100-80gb-pcie", 1),
        ("runpod", "EU-RO-1", "a100-80gb", 1),
        ("runpod", "US-KS-2", "b300", 1),
    }


def test_a_zone_of_google_is_its_region_and_reservations_are_not_on_demand(
    web: FakeWeb, tmp_path: Path
) -> None:
    found = offered(
        web,
        tmp_path,
        "gcp",
        ("a3-highgpu-8g", "us-central1-a", 88.25, 8, "H100", 80, False),
        ("a3-highgpu-1g", "us-central1-a", 11.06, 1, "H100", 80, False),
        ("a3-highgpu-1g", "us-central1-b", 3.6, 1, "H100", 80, True),
        ("a3-highgpu-8g", "us-east4-b", 50, 8, "H100", 80, False, "gcp-dws-calendar-mode"),
        ("a3-ultragpu-8g", "us-east4-b", 84, 8, "H200", 141, False),
        ("a3-edgegpu-8g", "us-east4-b", 30, 8, "H100", 80, False),
        ("g2-standard-4", "europe-west4-c", 0.78, 1, "L4", 24, False),
    )
    assert found == {
        ("gcp", "us-central1", "h100-80gb", 8),
        ("gcp", "us-central1", "h100-80gb", 1),
        ("gcp", "europe-west4", "l4", 1),
    }


@pytest.mark.parametrize(
    ("instance", "name", "memory_gb", "gpu"),
    [
        ("Standard_NC24ads_A100_v4", "A100", 80, "a100-80gb-pcie"),
        ("Standard_ND96amsr_A100_v4", "A100", 80, "a100-80gb"),
        ("gpu_1x_a100", "A100", 40, "a100-40gb-pcie"),
        ("gpu_1x_a100_sxm4", "A100", 40, "a100-40gb"),
        ("NVIDIA H100 PCIe", "H100", 80, "h100-80gb-pcie"),
        ("p5.48xlarge", "H100", 80, "h100-80gb"),
        ("Standard_NC40ads_H100_v5", "H100", 94, "h100-94gb-nvl"),
        ("1B300.30V", "B300", 268, "b300"),
    ],
)
def test_the_instance_type_tells_pcie_from_sxm(
    web: FakeWeb, tmp_path: Path, instance: str, name: str, memory_gb: float, gpu: str
) -> None:
    row = (instance, "here", 4, 1, name, memory_gb, False)
    assert {found[2] for found in offered(web, tmp_path, "azure", row)} == {gpu}


def test_a_slice_of_a_card_is_no_card(web: FakeWeb, tmp_path: Path) -> None:
    slices = [("mig", "here", 0.5, 1, "H100", gb, False) for gb in (10, 20, 40)]
    whole = ("p5", "here", 4, 1, "H100", 80, False)
    assert len(offered(web, tmp_path, "aws", *slices, whole)) == 1


def test_a_catalogue_with_half_of_its_rows_is_not_believed_for_a_week(web: FakeWeb, tmp_path: Path) -> None:
    def lay(version: str, num_rows: int) -> None:
        rows = [("p4d", f"region-{n}", 30, 8, "A100", 40, False) for n in range(num_rows)]
        web.answers["/aws/version"] = (200, version.encode())
        web.answers[f"/aws/{version}/catalog.zip"] = (200, catalogue("aws", *rows))

    web.answers["/gcp/version"] = (200, b"20261122-1")
    web.answers["/gcp/20261122-1/catalog.zip"] = (200, catalogue("gcp", ("x", "y", 9, 8, "A100", 40, False)))
    lay("20261122-1", 5)
    source = gpuhunt(web, tmp_path)
    source.read(patient())
    lay("20261123-1", 2)
    kept = [offer for offer in source.read(patient()).offers if offer.provider == "aws"]
    assert {(offer.as_of, len(kept)) for offer in kept} == {(date(2026, 11, 22), 5)}
    config = CONFIG.model_copy(update={"catalog_url": web.url})
    later = Gpuhunt(config, tmp_path, lambda: NOW + timedelta(days=9)).read(patient())
    assert len([offer for offer in later.offers if offer.provider == "aws"]) == 2


def test_one_broken_catalogue_does_not_take_the_others_along(web: FakeWeb, tmp_path: Path) -> None:
    web.answers["/aws/version"] = (200, b"20261123-77")
    web.answers["/aws/20261123-77/catalog.zip"] = (200, b"<html>no</html>")
    row = ("a2-ultragpu-1g", "us-central1-a", 5.07, 1, "A100", 80, False)
    assert offered(web, tmp_path, "gcp", row) == {("gcp", "us-central1", "a100-80gb", 1)}


def test_zones_are_one_region_before_the_cheapest_regions_are_taken(web: FakeWeb, tmp_path: Path) -> None:
    zones = {"us-central1-a": 3, "us-central1-b": 1, "us-central1-c": 2, "us-east4-a": 5, "asia-a": 4}
    rows = [("a2-highgpu-8g", zone, price, 8, "A100", 40, False) for zone, price in zones.items()]
    laid(web, "gcp", "20261123-77", *rows)
    config = CONFIG.model_copy(update={"catalog_url": web.url, "regions_per_type": 2})
    offers = Gpuhunt(config, tmp_path, now).read(patient()).offers
    assert [(o.region, o.price_per_hour.amount) for o in offers] == [
        ("us-central1", Decimal(1)),
        ("asia", Decimal(4)),
    ]


@pytest.mark.parametrize("wild", ["Infinity", "-Infinity", "NaN", "1e999999", "-1", "1e-999999"])
def test_a_number_that_cannot_be_costs_its_row_or_its_field_alone(wild: str) -> None:
    columns = "instance_name,location,price,memory,gpu_count,gpu_name,gpu_memory,spot,flags"
    said = [("30", "64", "40"), (wild, "64", "40"), ("31", wild, "40"), ("30", "64", wild)]
    lines = [f"p4d,here,{price},{memory},8,A100,{gpu},False," for price, memory, gpu in said]
    found = [(row.price_usd_per_hour, row.memory_gb) for row in rows_in([columns, *lines])]
    assert found == [(Decimal(30), 64.0), (Decimal(31), None)]


def laid(web: FakeWeb, cloud: str, version: str, *rows: tuple[object, ...]) -> None:
    """The newest catalogue of a cloud."""
    web.answers[f"/{cloud}/version"] = (200, version.encode())
    web.answers[f"/{cloud}/{version}/catalog.zip"] = (200, catalogue(cloud, *rows))


GOOD = ("x", "here", 30, 8, "A100", 40, False)


def test_a_version_of_no_day_does_not_take_the_other_clouds_along(web: FakeWeb, tmp_path: Path) -> None:
    laid(web, "aws", "20261345-1", GOOD)
    laid(web, "gcp", "20261123-1", GOOD)
    (tmp_path / "gpuhunt").mkdir()
    (tmp_path / "gpuhunt" / "oci.version").write_bytes(b"20261399-1")  # as kept before it was looked at
    (tmp_path / "gpuhunt" / "oci.csv").write_bytes(b"")
    assert {o.provider for o in gpuhunt(web, tmp_path).read(patient()).offers} == {"gcp"}
    assert not any("20261345" in path for path, _ in web.asked)


def test_a_catalogue_that_ends_in_what_is_no_csv_is_not_believed(web: FakeWeb, tmp_path: Path) -> None:
    laid(web, "aws", "20261122-1", GOOD, GOOD)
    laid(web, "gcp", "20261122-1", GOOD)
    source = gpuhunt(web, tmp_path)
    source.read(patient())
    laid(web, "aws", "20261123-1", GOOD, GOOD, ("x" * 200_000, *GOOD[1:]), GOOD)
    found = {(o.provider, o.as_of) for o in source.read(patient()).offers}
    assert found == {("aws", date(2026, 11, 22)), ("gcp", date(2026, 11, 22))}


def test_a_kept_catalogue_that_was_damaged_is_asked_for_again(web: FakeWeb, tmp_path: Path) -> None:
    laid(web, "aws", "20261122-1", GOOD)
    laid(web, "gcp", "20261122-1", GOOD)
    source = gpuhunt(web, tmp_path)
    source.read(patient())
    with (tmp_path / "gpuhunt" / "aws.csv").open("a", encoding="utf-8") as file:
        file.write("x" * 200_000)
    assert {o.provider for o in source.read(patient()).offers} == {"gcp"}
    assert {o.provider for o in source.read(patient()).offers} == {"aws", "gcp"}


def test_a_state_directory_that_takes_nothing_is_our_trouble_and_called_so(
    web: FakeWeb, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SourceDown, match="FTCOST_STATE_DIR takes no catalogue: Not a directory"):
        gpuhunt(web, tmp_path / "file").read(patient())

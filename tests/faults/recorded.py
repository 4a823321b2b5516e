"""What each live source answers, as its producer writes it: prices of the bundled list, as of today."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import urlencode

from bot.files import config_dir, read_config
from bot.prices.sources.azure import API_VERSION

RAW = read_config("price_sources")
with (config_dir() / "prices_snapshot.csv").open(encoding="utf-8", newline="") as _file:
    ROWS = tuple(csv.DictReader(_file))


@cache
def short_list() -> str:
    """The bundled list with the cheapest and the dearest region of each machine: its bounds are the same."""
    kept: dict[tuple[str, ...], list[dict[str, str]]] = {}
    for row in ROWS:
        kept.setdefault(tuple(row[name] for name in ("provider", "gpu", "instance_type")), []).append(row)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, ROWS[0])
    writer.writeheader()
    for rows in kept.values():
        by_price = sorted(rows, key=lambda row: Decimal(row["price_per_hour"]))
        writer.writerows(by_price[:1] + by_price[1:][-1:])
    return text.getvalue()


CATALOGUES = ("aws", "gcp")
"""Clouds of gpuhunt: two tell as much as nine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """How an answer differs from a right one."""

    times: Decimal = Decimal(1)
    """Every price, multiplied."""
    is_renamed: bool = False
    """The field of the price has another name."""
    is_foreign: bool = False
    """Another currency is named; where none is, prices are in yuan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The answers by path, and what of price_sources.yaml leads to them."""

    answers: Mapping[str, bytes]
    config: Mapping[str, Any] = field(default_factory=dict)
    section: str = ""
    """Of price_sources.yaml; empty: that of the source's name."""


def _price(text: str | Decimal, wrong: Wrong, *, names_currency: bool = False) -> Decimal:
    in_yuan = wrong.is_foreign and not names_currency
    return Decimal(text) * wrong.times * (Decimal("6.65") if in_yuan else 1)


def _each(provider: str) -> dict[str, Decimal]:
    """The seller's cheapest price of each GPU, per GPU-hour."""
    found: dict[str, Decimal] = {}
    for row in ROWS:
        if row["provider"] == provider and row["currency"] == "USD":
            price = Decimal(row["price_per_hour"]) / int(row["gpu_count"])
            found[row["gpu"]] = min(price, found.get(row["gpu"], price))
    return found


def _alibaba(url: str, wrong: Wrong, today: date) -> Recorded:
    price = "Price" if wrong.is_renamed else "price"
    listed = {
        f"{row['region']}::{row['instance_type']}::vpc::linux::optimized": {
            "hours": [{price: str(_price(row["price_per_hour"], wrong, names_currency=True)), "period": "1"}]
        }
        for row in ROWS
        if row["provider"] == "alibaba" and row["instance_type"].startswith("ecs.")
    }
    envelope = {
        "currency": "USD" if wrong.is_foreign else "CNY",
        "version": "v1.0",
        "publicationDate": f"{today.isoformat()}T08:00:00Z",
    }
    file = "/aliyun/ecs-price-info/2.0.421"
    return Recorded(
        answers={
            "/page": f"<script src='{url}{file}/app.js'></script>".encode(),
            f"{file}/price/download/instancePrice.json": json.dumps(
                envelope | {"pricingInfo": listed}
            ).encode(),
        },
        config={
            "page_url": f"{url}/page",
            "file_url_pattern": url.replace(".", r"\.") + r"/aliyun/ecs-price-info/\d+\.\d+\.\d+",
        },
    )


def _azure(url: str, wrong: Wrong, today: date) -> Recorded:
    price = "listPrice" if wrong.is_renamed else "retailPrice"
    currency = "CNY" if wrong.is_foreign else "USD"

    def items(name: str) -> Iterator[dict[str, object]]:
        for row in ROWS:
            if row["provider"] == "azure" and row["instance_type"] == name:
                yield {
                    "currencyCode": currency,
                    price: float(_price(row["price_per_hour"], wrong, names_currency=True)),
                    "armRegionName": row["region"],
                    "armSkuName": name,
                    "skuName": name,
                    "meterName": name,
                    "productName": "Virtual Machines Series Linux",
                    "unitOfMeasure": "1 Hour",
                    "type": "Consumption",
                    "effectiveStartDate": "2024-01-01T00:00:00Z",
                }

    answers = {}
    for name in RAW["azure"]["types"]:
        asked = f"serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armSkuName eq '{name}'"
        path = "/prices?" + urlencode({"api-version": API_VERSION, "$filter": asked})
        answers[path] = json.dumps({"Items": [*items(name)], "NextPageLink": None}).encode()
    return Recorded(answers=answers, config={"url": f"{url}/prices"})


def _runpod(url: str, wrong: Wrong, today: date) -> Recorded:
    secure, community = _each("runpod"), _each("runpod-community")
    price = "Cost" if wrong.is_renamed else "Price"
    types = [
        {
            "id": known["name"],
            "memoryInGb": known["memory_gb"],
            f"secure{price}": float(_price(secure[known["gpu"]], wrong)) if known["gpu"] in secure else None,
            f"community{price}": float(_price(community[known["gpu"]], wrong))
            if known["gpu"] in community
            else None,
            "maxGpuCountSecureCloud": 8,
            "maxGpuCountCommunityCloud": 4,
        }
        for known in RAW["runpod"]["names"]
    ]
    body = json.dumps({"data": {"gpuTypes": types}}).encode()
    return Recorded(answers={"/graphql": body}, config={"url": f"{url}/graphql"})


def _gpuhunt(url: str, wrong: Wrong, today: date) -> Recorded:
    names = {known["gpu"]: known for known in RAW["gpuhunt"]["names"] if not known.get("instance")}
    answers: dict[str, bytes] = {}
    for cloud in CATALOGUES:
        text = io.StringIO()
        columns = ("instance_name", "location", "cost" if wrong.is_renamed else "price", "gpu_count")
        writer = csv.writer(text)
        writer.writerow((*columns, "gpu_name", "gpu_memory", "spot", "flags"))
        for row in ROWS:
            if row["provider"] == cloud and row["gpu"] in names and row["currency"] == "USD":
                known, zone = names[row["gpu"]], f"{row['region']}-a" if cloud == "gcp" else row["region"]
                price = _price(row["price_per_hour"], wrong)
                gpu = (row["gpu_count"], known["name"], known["memory_gb"])
                writer.writerow((row["instance_type"], zone, price, *gpu, "False", ""))
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{cloud}.csv", text.getvalue())
        version = f"{today:%Y%m%d}-7"
        answers[f"/gpuhunt/{cloud}/version"] = version.encode()
        answers[f"/gpuhunt/{cloud}/{version}/catalog.zip"] = packed.getvalue()
    providers = {cloud: cloud for cloud in CATALOGUES}
    return Recorded(answers=answers, config={"catalog_url": f"{url}/gpuhunt", "providers": providers})


def _vast(url: str, wrong: Wrong, today: date) -> Recorded:
    medians = _each("vast")
    price = "dph" if wrong.is_renamed else "dph_base"
    offers = [
        {
            "gpu_name": known["name"],
            "num_gpus": 1,
            "gpu_ram": known["memory_gb"] * 1024,
            "host_id": host,
            "external": False,
            price: float(_price(medians[known["gpu"]], wrong)),
        }
        for known in RAW["vast"]["names"]
        if known["gpu"] in medians
        for host in range(6)
    ]
    return Recorded(
        answers={"/bundles/": json.dumps({"offers": offers}).encode()}, config={"url": f"{url}/bundles/"}
    )


def _gpurentalprices(url: str, wrong: Wrong, today: date) -> Recorded:
    price = "usd_per_hour" if wrong.is_renamed else "usd_hr"
    offers = [
        {
            "provider": theirs,
            "gpu": known["name"],
            "vram_gb": known["memory_gb"],
            price: float(_price(each, wrong)),
            "kind": "on-demand",
            "fetched_at": f"{today.isoformat()}T03:00:00Z",
        }
        for theirs, ours in RAW["gpurentalprices"]["providers"].items()
        for known in RAW["gpurentalprices"]["names"]
        if (each := _each(ours).get(known["gpu"])) is not None
    ]
    body = json.dumps({"date": today.isoformat(), "offers": offers}).encode()
    return Recorded(answers={"/latest.json": body}, config={"url": f"{url}/latest.json"})


def _ecb(url: str, wrong: Wrong, today: date) -> Recorded:
    bundled = read_config("fx")["rates"]
    day = (today - timedelta(days=1)).isoformat()
    rate = "value" if wrong.is_renamed else "rate"
    base = Decimal(str(bundled["CNY"])) if wrong.is_foreign else Decimal(1)
    rates = {name: Decimal(str(value)) * wrong.times / base for name, value in bundled.items()}
    cubes = "".join(f"<Cube currency='{name}' {rate}='{value:.6f}'/>" for name, value in rates.items())
    document = {"base": "EUR", "date": day, f"{rate}s": {name: float(each) for name, each in rates.items()}}
    return Recorded(
        answers={
            "/daily.xml": f"<Envelope><Cube><Cube time='{day}'>{cubes}</Cube></Cube></Envelope>".encode(),
            "/latest": json.dumps(document).encode(),
        },
        config={"ecb_url": f"{url}/daily.xml", "frankfurter_url": f"{url}/latest"},
        section="rates",
    )


RECORDED: Mapping[str, Callable[[str, Wrong, date], Recorded]] = {
    "alibaba": _alibaba,
    "azure": _azure,
    "runpod": _runpod,
    "gpuhunt": _gpuhunt,
    "vast": _vast,
    "gpurentalprices": _gpurentalprices,
    "ecb": _ecb,
}
"""One for each source that is registered."""

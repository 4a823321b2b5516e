"""A catalogue of gpuhunt attacked cell by cell: a wrong cell costs its row, a wrong file its cloud."""

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from fake_web import FakeWeb
from patience import patient
from shipped_prices import LISTED, NOW, SNAPSHOT

from bot.files import read_config, read_sellers
from bot.prices.config import bundled_rates, sources_config
from bot.prices.plausible import Plausibility, plausibility_of
from bot.prices.port import SourceAnswer, SourceDown
from bot.prices.sources.gpuhunt import Gpuhunt

CONFIG = sources_config(read_config("price_sources")).gpuhunt
TRUE = {
    "p5.48xlarge": {"price": "55.04", "gpu_count": "8", "gpu_name": "H100", "gpu_memory": "80"},
    "p4d.24xlarge": {"price": "21.96", "gpu_count": "8", "gpu_name": "A100", "gpu_memory": "40"},
    "g6.xlarge": {"price": "0.8048", "gpu_count": "1", "gpu_name": "L4", "gpu_memory": "22.35"},
}
"""Of AWS in us-east-1, by instance; what the list of November 2026 asks."""
ATTACKED = "p5.48xlarge"
NUMBERS = ["", " ", "NaN", "Infinity", "-1", "0", "1e9", "1e-9", "8,0", "8 USD", "n/a", "True", "None",
           "eight", "1e999999", "٨"]  # fmt: skip
WRONG_CELLS = [
    *(("price", wrong) for wrong in [*NUMBERS, "5504", "396.3", "13.75", "0.9", "<td>55.04</td>"]),
    *(("gpu_count", wrong) for wrong in [*NUMBERS, "8.0", "1025", "1", "80"] if wrong != "٨"),
    *(("gpu_memory", wrong) for wrong in [*NUMBERS, "8", "10240"]),
    *(("gpu_name", wrong) for wrong in ("", " ", "H", "NVIDIA", "TPU", "A100B", "<b>H100</b>")),
    *(("spot", wrong) for wrong in ("", "true", "0", "no", "None")),
    *(("instance_name", wrong) for wrong in ("", " ")),
    *(("location", wrong) for wrong in ("", " ")),
]
COLUMNS = (
    "instance_name", "location", "price", "cpu", "memory", "gpu_count", "gpu_name", "gpu_memory", "spot",
    "disk_size", "gpu_vendor", "flags", "cpu_arch", "provider_data",
)  # fmt: skip
NEEDED = ("instance_name", "location", "price", "gpu_count", "gpu_name", "gpu_memory", "spot", "flags")


@pytest.fixture(scope="module")
def plausibility() -> Plausibility:
    return plausibility_of(SNAPSHOT, bundled_rates(read_config("fx")), LISTED.policy, read_sellers(None))


def rows(**attacked: str) -> list[dict[str, str]]:
    beside = {"location": "us-east-1", "cpu": "8", "memory": "64", "spot": "False", "disk_size": "",
              "gpu_vendor": "nvidia", "flags": "", "cpu_arch": "x86", "provider_data": "{}"}  # fmt: skip
    return [
        beside | {"instance_name": name} | said | (attacked if name == ATTACKED else {})
        for name, said in TRUE.items()
    ]


def csv_of(rows: list[dict[str, str]], columns: tuple[str, ...] = COLUMNS) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def asked(web: FakeWeb, state_dir: Path, text: str, plausibility: Plausibility) -> SourceAnswer:
    """What comes through of a catalogue of AWS, beside a sound one of another cloud."""
    for cloud, content in (("aws", text), ("gcp", csv_of([rows()[-1]]).replace("us-east-1", "us-east4-a"))):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr(f"{cloud}.csv", content)
        web.answers[f"/{cloud}/version"] = (200, b"20261123-77")
        web.answers[f"/{cloud}/20261123-77/catalog.zip"] = (200, packed.getvalue())
    source = Gpuhunt(CONFIG.model_copy(update={"catalog_url": web.url}), state_dir, lambda: NOW)
    return plausibility.accepted("gpuhunt", source.read(patient()))


def of_aws(reading: SourceAnswer) -> dict[str, Decimal]:
    assert [offer.provider for offer in reading.offers].count("gcp") == 1
    found = [offer for offer in reading.offers if offer.provider == "aws"]
    assert {offer.region for offer in found} <= {"us-east-1"}
    return {offer.instance_type: offer.price_per_hour.amount for offer in found}


def true_but(*names: str) -> dict[str, Decimal]:
    return {name: Decimal(said["price"]) for name, said in TRUE.items() if name not in names}


def test_a_sound_catalogue_comes_through_whole(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility
) -> None:
    assert of_aws(asked(web, tmp_path, csv_of(rows()), plausibility)) == true_but()


@pytest.mark.parametrize(("column", "wrong"), WRONG_CELLS)
def test_a_wrong_cell_costs_its_row_alone(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility, column: str, wrong: str
) -> None:
    sent = csv_of(rows(**{column: wrong}))
    assert of_aws(asked(web, tmp_path, sent, plausibility)) == true_but(ATTACKED)


@pytest.mark.parametrize("wrong", ["", "NaN", "-64", "1e9", "64 GB"])
def test_a_wrong_memory_of_the_machine_is_no_memory(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility, wrong: str
) -> None:
    reading = asked(web, tmp_path, csv_of(rows(memory=wrong)), plausibility)
    assert of_aws(reading) == true_but()
    (memory,) = (offer.host_memory_gb for offer in reading.offers if offer.instance_type == ATTACKED)
    assert memory is None


@pytest.mark.parametrize("gone", NEEDED)
def test_a_catalogue_without_a_column_is_refused(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility, gone: str
) -> None:
    columns = tuple(name for name in COLUMNS if name != gone)
    reading = asked(web, tmp_path, csv_of(rows(), columns), plausibility)
    assert of_aws(reading) == {}
    (why,) = (each.why for each in reading.missing if each.part == "aws")
    assert why == f"aws: its catalogue has no column {gone}"


def test_a_row_of_fewer_or_more_cells_costs_itself_alone(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility
) -> None:
    head, attacked, *others = csv_of(rows()).splitlines(keepends=True)
    cells = attacked.split(",")
    for number in range(1, len(cells)):
        sent = "".join([head, ",".join(cells[:number]) + "\r\n", *others])
        assert of_aws(asked(web, tmp_path / str(number), sent, plausibility)) == true_but(ATTACKED)
        moved = "".join([head, ",".join([*cells[:number], "1", *cells[number:]]), *others])
        assert of_aws(asked(web, tmp_path / f"+{number}", moved, plausibility)) == true_but(ATTACKED)


def test_a_catalogue_that_ends_anywhere_gives_nothing_that_is_untrue(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility
) -> None:
    whole = csv_of(rows())
    for length in range(0, len(whole), 11):
        found = of_aws(asked(web, tmp_path / str(length), whole[:length], plausibility))
        assert found.items() <= true_but().items()


@pytest.mark.parametrize(
    "text", ["", "\n\n", "<!DOCTYPE html><html>\n<body>busy</body>\n</html>", "a,b\n1,2\n", "{}"]
)
def test_what_is_no_catalogue_is_refused(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility, text: str
) -> None:
    reading = asked(web, tmp_path, text, plausibility)
    assert of_aws(reading) == {}
    assert "aws" in {each.part for each in reading.missing}


@pytest.mark.parametrize("factor", ["6.653", "720", "100", "0.15", "0.0166"])
def test_a_catalogue_in_another_unit_or_currency_is_refused(
    web: FakeWeb, tmp_path: Path, plausibility: Plausibility, factor: str
) -> None:
    wrong = [row | {"price": str(Decimal(row["price"]) * Decimal(factor))} for row in rows()]
    with pytest.raises(SourceDown, match="cannot be true"):
        asked(web, tmp_path, csv_of(wrong), plausibility)

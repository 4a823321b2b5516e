"""`ftcost prices refresh` and `ftcost prices snapshot`, against sources of our own."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from fake_web import FakeWeb

from bot.cli.group import main
from bot.files import config_dir, read_config
from bot.prices.rewrite import COLUMNS, moves, read_rows, rewritten
from estimator.money import Money, Offer
from estimator.spec import Market

TIERS = {"runpod": "B", "aws": "A"}
SHIPPED = config_dir() / "prices_snapshot.csv"


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running


def ftcost(web: FakeWeb, tmp_path: Path, *args: str) -> Result:
    raw = dict(read_config("price_sources"))
    raw["vast"] = dict(raw["vast"]) | {"url": f"{web.url}/bundles/"}
    raw["rates"] = dict(raw["rates"]) | {"ecb_url": f"{web.url}/x", "frankfurter_url": f"{web.url}/latest"}
    (tmp_path / "price_sources.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    environ = {
        "FTCOST_CONFIG_DIR": str(tmp_path),
        "FTCOST_STATE_DIR": str(tmp_path / "state"),
        "REDIS_URL": "",
        "LC_ALL": "C.UTF-8",
    }
    words = ("prices", *args, "--source", "vast", "--source", "ecb")
    return CliRunner().invoke(main, words, env=environ)


def lay(web: FakeWeb, price: float = 1.0) -> None:
    offer = {"gpu_name": "A100 SXM4", "num_gpus": 1, "gpu_ram": 81920, "dph_base": price, "min_bid": 0.6}
    listed = [offer | {"host_id": host} for host in range(5)]
    rates = {"USD": 1.12, "CNY": 7.45, "GBP": 0.84, "JPY": 176.0, "CHF": 0.92}
    day = datetime.now(UTC).date().isoformat()
    web.answers["/bundles/"] = (200, json.dumps({"offers": listed}).encode())
    web.answers["/latest"] = (
        200,
        json.dumps({"amount": 1, "base": "EUR", "date": day, "rates": rates}).encode(),
    )


def test_refresh_says_of_each_source_how_it_went(web: FakeWeb, tmp_path: Path) -> None:
    lay(web)
    ran = ftcost(web, tmp_path, "refresh")
    assert ran.exit_code == 0, ran.stderr
    assert "vast: 2 prices of 1 GPUs at 1 sellers" in ran.stderr
    assert "ecb: 5 exchange rates" in ran.stderr
    assert (tmp_path / "state" / "prices" / "vast.json").is_file()


def test_refresh_without_any_answer_ends_badly_and_says_why(web: FakeWeb, tmp_path: Path) -> None:
    ran = ftcost(web, tmp_path, "refresh")
    assert ran.exit_code == 1
    assert "vast: no answer (" in ran.stderr
    assert "HTTP 404" in ran.stderr


def test_snapshot_writes_both_files_and_loses_no_column(web: FakeWeb, tmp_path: Path) -> None:
    lay(web, price=1.7)
    ran = ftcost(web, tmp_path, "snapshot", "--to", str(tmp_path))
    assert ran.exit_code == 0, ran.stderr
    with (tmp_path / "prices_snapshot.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    (mine,) = [row for row in rows if row["provider"] == "vast" and row["gpu"] == "a100-80gb"]
    assert (mine["price_per_hour"], mine["spot_price_per_hour"], mine["tier"]) == ("1.7", "0.6", "C")
    assert mine["as_of"] == datetime.now(UTC).date().isoformat()
    rates = yaml.safe_load((tmp_path / "fx.yaml").read_text())["rates"]
    assert (rates["CNY"], rates["KRW"]) == ("7.45", "1491.76")


def test_the_rates_of_the_directory_that_is_written_stand_under_the_new_ones(
    web: FakeWeb, tmp_path: Path
) -> None:
    lay(web)
    own = tmp_path / "other"
    own.mkdir()
    (own / "fx.yaml").write_text(yaml.safe_dump({"rates": {"KRW": "1500"}}), encoding="utf-8")
    (own / "before").hardlink_to(own / "fx.yaml")  # what a reader of the file before still holds
    (tmp_path / "fx.yaml").write_text(yaml.safe_dump({"rates": {"KRW": "1600"}}), encoding="utf-8")
    assert ftcost(web, tmp_path, "snapshot", "--to", str(own)).exit_code == 0
    rates = yaml.safe_load((own / "fx.yaml").read_text())["rates"]
    assert (rates["CNY"], rates["KRW"]) == ("7.45", "1500")
    assert yaml.safe_load((own / "before").read_text()) == {"rates": {"KRW": "1500"}}
    assert sorted(path.name for path in own.iterdir()) == ["before", "fx.yaml", "prices_snapshot.csv"]


def new_machine(market: Market = Market.ON_DEMAND, **more: object) -> Offer:
    """Of a type that the list does not know, with a GPU that is new to it."""
    said = {"provider": "aws", "region": "us-east-1", "instance_type": "p9.large", "gpu": "new-gpu"}
    price = Money(amount=Decimal(4), currency="USD")
    rest = {"num_gpus": 2, "price_per_hour": price, "as_of": "2026-11-29", "source": "test", "market": market}
    return Offer.model_validate(said | rest | more)


def test_a_machine_new_to_the_list_has_its_memory_and_its_gpus() -> None:
    rows, _ = rewritten([], [[new_machine(host_memory_gb=117.5)]], TIERS, gpu_memory_gb={"new-gpu": 96.0})
    assert [(row["memory_gb"], row["gpu_memory_gb"]) for row in rows] == [("117.5", "96")]
    newer = new_machine(host_memory_gb=120, as_of="2026-11-30")
    (again,), _ = rewritten(rows, [[newer]], TIERS, gpu_memory_gb={})
    assert (again["memory_gb"], again["gpu_memory_gb"]) == ("120", "96")


@pytest.mark.parametrize(
    ("beside", "num_dropped", "written"),
    [
        ([], 1, []),
        ([new_machine()], 0, ["4"]),
        ([new_machine(as_of="2026-11-28")], 1, [""]),
    ],
)
def test_a_spot_price_without_a_row_is_counted(
    beside: list[Offer], num_dropped: int, written: list[str]
) -> None:
    found = rewritten([], [[*beside, new_machine(Market.SPOT)]], TIERS, gpu_memory_gb={})
    assert found.num_dropped == num_dropped
    assert [row["spot_price_per_hour"] for row in found.rows] == written


def test_a_dry_run_writes_nothing(web: FakeWeb, tmp_path: Path) -> None:
    lay(web)
    assert ftcost(web, tmp_path, "snapshot", "--dry-run", "--to", str(tmp_path)).exit_code == 0
    assert not (tmp_path / "prices_snapshot.csv").exists()


def test_a_list_rewritten_with_nothing_new_is_the_same_list() -> None:
    rows = read_rows(SHIPPED)
    again, _ = rewritten(rows, [], {}, gpu_memory_gb={})
    kept, before = ({tuple(row[name] for name in COLUMNS[:5]) for row in each} for each in (again, rows))
    overtaken = before - kept
    assert kept <= before
    assert {(row[0], row[3]) for row in overtaken} == {("alibaba", "a100-80gb")}, (
        "the article's, of no place or day"
    )
    assert moves(rows, again) == []


def test_a_price_that_moved_by_over_a_fifth_is_shown() -> None:
    rows = read_rows(SHIPPED)
    price = Money(amount=Decimal(400), currency="USD")
    dearer = Offer(
        provider="aws",
        region="us-east-1",
        instance_type="p5.48xlarge",
        gpu="h100-80gb",
        num_gpus=8,
        price_per_hour=price,
        as_of=datetime.now(UTC).date(),
        source="test",
    )
    moved = moves(rows, rewritten(rows, [[dearer]], TIERS, gpu_memory_gb={}).rows)
    assert [(move.provider, move.gpu, move.num_gpus) for move in moved] == [("aws", "h100-80gb", 8)]

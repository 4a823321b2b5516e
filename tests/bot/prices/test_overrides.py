"""Prices of one's own: they lead, their GPU is asked for, their seller has a name, and they grow old."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from prices_on_a_day import BUNDLED_ON

from bot.files import load_catalog, load_sellers
from bot.language import read, vocabulary_of
from bot.prices import GatheredPrices, open_prices
from estimator.estimate import estimate
from estimator.prices.book import Size
from estimator.result import Estimate
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
GPUS = tuple(CATALOG.gpus)
H100 = {"gpu": "h100-80gb", "num_gpus": 1, "amount": "1.20"}


def own_prices(directory: Path, *own: dict[str, Any]) -> Path:
    """A configuration directory with these prices, in-house and in USD where they do not say."""
    usual = {"provider": "in-house", "currency": "USD", "as_of": date(2026, 11, 1), "source": "finance"}
    written = yaml.safe_dump({"overrides": [usual | each for each in own]})
    (directory / "prices.yaml").write_text(written, encoding="utf-8")
    return directory


def gathered(directory: Path, day: date = BUNDLED_ON) -> GatheredPrices:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return open_prices(override_dir=directory, now=lambda: noon, known_gpus=frozenset(GPUS)).gather(GPUS)


def answered(text: str, directory: Path, *, currency: str = "USD") -> Estimate:
    spec = read(text, vocabulary_of(CATALOG, load_sellers(directory))).spec
    assert spec is not None
    book = gathered(directory).book
    assert book is not None
    return estimate(spec, CATALOG, book, currency=currency)


@pytest.mark.parametrize("currency", ["USD", "CNY"])
@pytest.mark.parametrize(
    ("text", "gpu"), [("7b qlora n=20k", "l40s"), ("llama-3.1-70b qlora n=20000", "h100-80gb")]
)
def test_a_gpu_with_a_price_of_ones_own_leads_unasked(
    text: str, gpu: str, currency: str, tmp_path: Path
) -> None:
    own = {"gpu": gpu, "num_gpus": 1, "amount": "0.05"}
    best = answered(text, own_prices(tmp_path, own), currency=currency).headline
    assert best is not None
    assert best.plan.gpu == gpu
    assert best.quotes[0].provider == "in-house"


@pytest.mark.parametrize("own", [{"gpu": "rtx-4090"}, {"gpu": "mi300x"}, {"gpu": "l40s", "region": "my-1"}])
def test_ones_own_price_of_what_not_all_runs_on_or_of_elsewhere_does_not_lead_unasked(
    own: dict[str, Any], tmp_path: Path
) -> None:
    directory = own_prices(tmp_path, own | {"num_gpus": 1, "amount": "0.10"})
    best = answered("7b qlora n=20k region=us-east-1", directory).headline
    assert best is not None
    assert best.quotes[0].provider != "in-house"


@pytest.mark.parametrize("text", ["providers=in-house", "in-house", "from in-house", "provider=inhouse"])
def test_who_is_only_in_ones_own_prices_can_be_named(text: str, tmp_path: Path) -> None:
    best = answered(f"7b lora n=50k {text}", own_prices(tmp_path, H100)).headline
    assert best is not None
    assert best.quotes[0].provider == "in-house"


@pytest.mark.parametrize("text", ["no-in-house", "-in-house", "exclude=in-house", "不要in-house"])
def test_who_is_only_in_ones_own_prices_can_be_left_out(text: str, tmp_path: Path) -> None:
    found = read(f"7b lora {text}", vocabulary_of(CATALOG, load_sellers(own_prices(tmp_path, H100))))
    assert found.spec is not None, found.problems
    assert found.spec.excluded_providers == ("in-house",)


def test_a_price_of_ones_own_for_a_known_seller_takes_none_of_its_names(tmp_path: Path) -> None:
    directory = own_prices(tmp_path, H100 | {"provider": "alibaba"})
    assert load_sellers(directory) == load_sellers()


@pytest.mark.parametrize(("days", "marked"), [(0, [False]), (180, [False]), (181, [True]), (2000, [True])])
def test_a_price_of_ones_own_is_marked_when_it_is_old_and_still_leads(
    days: int, marked: list[bool], tmp_path: Path
) -> None:
    directory = own_prices(tmp_path, H100 | {"as_of": BUNDLED_ON})
    book = gathered(directory, BUNDLED_ON + timedelta(days=days)).book
    assert book is not None
    first = book.priced_size(TrainingSpec(), Size("h100-80gb", 1, 1))[0].offer
    assert (first.provider, first.stale, first.usable) == ("in-house", *marked, True)
    assert [each.stale for each in book.offers(TrainingSpec(gpu="h100-80gb")) if each == first] == marked


def test_a_price_of_ones_own_without_a_day_is_marked(tmp_path: Path) -> None:
    book = gathered(own_prices(tmp_path, H100 | {"as_of": None})).book
    assert book is not None
    assert book.priced_size(TrainingSpec(), Size("h100-80gb", 1, 1))[0].offer.stale

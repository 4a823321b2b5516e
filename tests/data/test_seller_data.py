"""Who sells GPU hours: a tier for each, and names that mean one thing."""

import csv
from collections import Counter
from typing import get_args

import pytest
from shipped import shipped_names

from bot.files import config_dir, read_config, read_sellers
from bot.language.catalogued import SELLERS as WELL_KNOWN
from bot.language.index import is_known
from bot.language.kinds import squash
from bot.settings import PriceSourceName
from estimator.places import is_everywhere

SELLERS = dict(read_sellers())
SOURCES = read_config("price_sources")

with (config_dir() / "prices_snapshot.csv").open(encoding="utf-8", newline="") as stream:
    ROWS = tuple(csv.DictReader(stream))
LISTED = {row["provider"] for row in ROWS}


def test_a_seller_has_its_tier_and_where_its_prices_come_from() -> None:
    for key, seller in SELLERS.items():
        assert set(seller["sources"]) <= set(get_args(PriceSourceName)), key


def test_every_seller_with_a_price_is_known() -> None:
    assert set(SELLERS) >= LISTED
    assert set(SELLERS) >= {*WELL_KNOWN, *SOURCES["gpuhunt"]["providers"].values(), "alibaba", "vast"}
    gpuhunt = {*SOURCES["gpuhunt"]["providers"].values(), *SOURCES["gpuhunt"]["community"].values()}
    assert {key for key in SELLERS if "gpuhunt" in SELLERS[key]["sources"]} == gpuhunt
    assert {key for key in SELLERS if "gpurentalprices" in SELLERS[key]["sources"]} == set(
        SOURCES["gpurentalprices"]["providers"].values()
    )


def test_no_name_means_two_sellers_or_another_thing() -> None:
    names = [squash(name) for key, seller in SELLERS.items() for name in {key, *seller.get("aliases", ())}]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    catalogue = shipped_names()
    taken = [name for name in names if name in catalogue.gpu_keys or name in catalogue.model_keys]
    assert taken == []
    assert {name for name in names if is_known(name)} == set()


def test_the_best_known_are_named_in_an_order() -> None:
    ranks = [SELLERS[key]["well_known"] for key in WELL_KNOWN]
    assert ranks == list(range(1, len(ranks) + 1))
    assert list(WELL_KNOWN)[:2] == ["aws", "gcp"]


def test_sellers_in_china_have_a_chinese_name() -> None:
    for key in ("alibaba", "tencent", "volcengine", "huawei", "baidu", "gpushare", "matpool", "suanjiayun"):
        assert any(not alias.isascii() for alias in SELLERS[key]["aliases"]), key


@pytest.mark.parametrize("key", SELLERS)
def test_the_regions_of_a_seller_are_those_of_its_bundled_prices(key: str) -> None:
    places = {row["region"] for row in ROWS if row["provider"] == key}
    named = sorted(place for place in places if place and not is_everywhere(place))
    assert SELLERS[key].get("regions", []) == named

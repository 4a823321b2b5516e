"""Machines of clouds: of cards and sellers that are known, and none that the bundled prices name already."""

import csv
from datetime import date

import pytest

from bot.files import config_dir, load_catalog, load_machine_types, read_config

LISTED = read_config("instance_types")
with (config_dir() / "prices_snapshot.csv").open(encoding="utf-8", newline="") as stream:
    PRICED = {row["instance_type"] for row in csv.DictReader(stream)}


@pytest.mark.parametrize("seller", LISTED)
def test_a_seller_says_who_names_its_machines_so(seller: str) -> None:
    assert seller in read_config("sellers")
    assert LISTED[seller]["source"]
    assert isinstance(LISTED[seller]["checked"], date)
    gpus = load_catalog().gpus
    for name, (gpu, num_gpus) in LISTED[seller]["types"].items():
        assert gpu in gpus, name
        assert num_gpus in {1, 2, 4, 8, 16}, name


def test_what_has_a_price_is_listed_once() -> None:
    listed = {name for facts in LISTED.values() for name in facts["types"]}
    assert listed & PRICED == set()
    assert listed <= set(load_machine_types())

"""Lists of prices: everybody's, or of those who were asked for, in so large a machine."""

import pytest
from fakes import NoHub
from prices_on_a_day import prices_as_of

from bot.answers.estimates import EstimateService
from bot.answers.listings import Listings
from bot.files import load_catalog, load_sellers
from bot.i18n import load_texts
from bot.language import vocabulary_of
from estimator.errors import UnknownGPU

CATALOG = load_catalog()
LISTS = Listings(EstimateService(CATALOG, prices_as_of(), NoHub()), vocabulary_of(CATALOG, load_sellers()))


def shown(arguments: str) -> str:
    card = LISTS.card("prices", arguments, load_texts("en"), "terminal", "USD")
    assert card is not None
    return str(card.blocks)


@pytest.mark.parametrize(
    ("arguments", "has", "lacks"),
    [
        ("h100", ("middle of 12 sellers ($1.99–6.88)", "middle of 17 sellers", "Voltage Park"), ("–$",)),
        ("t4 aws", ("AWS us-east-1",), ("Azure", "middle of")),
        ("t4 no-aws", ("Azure",), ("AWS",)),
        ("h100 8", ("*8 GPUs*", "middle of 17 sellers"), ("*1 GPU*",)),
        ("8xh100 lambda region=us-west-1", ("$3.99", "one price for all its regions"), ("RunPod",)),
        ("a100 region=cn-hangzhou", ("Alibaba Cloud cn-hangzhou",), ("Hyperstack", "cn-beijing")),
        ("1xa100 aws", ("$3.43", "the whole machine of 8 GPUs, 1 of them used"), ()),
        ("a100 gcp spot", ("no current spot price there",), ('us-central1, tier A"',)),
        ("t4 lambda", ("None of those who were asked for lists T4",), ("$",)),
    ],
)
def test_a_list_of_prices_is_of_those_who_were_asked_for(
    arguments: str, has: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    card = shown(arguments)
    assert [each for each in has if each not in card] == []
    assert [each for each in lacks if each in card] == []


@pytest.mark.parametrize("arguments", ["foo", "foo 8", "h100 foo"])
def test_what_is_no_gpu_has_no_prices(arguments: str) -> None:
    with pytest.raises(UnknownGPU):
        shown(arguments)


@pytest.mark.parametrize(
    ("pattern", "rows"),
    [
        ("redpajama 7b", ("redpajama-incite-7b, -chat",)),
        ("redpajama 7b chat", ("redpajama-incite-7b-chat",)),
        ("platypus", ("platypus-30b",)),
    ],
)
def test_a_copy_stands_beside_its_model_or_alone_where_only_it_was_asked_for(
    pattern: str, rows: tuple[str, ...]
) -> None:
    card = LISTS.card("models", pattern, load_texts("en"), "terminal", "USD")
    assert card is not None
    listed = next(block["rows"] for block in card.blocks if block["type"] == "table")
    assert tuple(first["text"] for first, *_ in listed[1:]) == rows

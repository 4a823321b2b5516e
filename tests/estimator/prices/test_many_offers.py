"""An answer among very many offers does the work of one among few."""

import sys
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial

import pytest
from prices_on_a_day import BUNDLED_ON, gathered_on

from bot.files import load_catalog
from estimator.estimate import estimate
from estimator.prices.book import PriceBook
from estimator.spec import TrainingSpec

CATALOG = load_catalog()
TIMES = 16
"""As many offers as bundled, each in so many places and a little dearer in each."""
GROWS_BY = 1.005


@cache
def book_of(times: int) -> PriceBook:
    found = gathered_on(BUNDLED_ON)
    offers = [
        offer.model_copy(
            update={
                "region": f"{offer.region}{copy or ''}",
                "price_per_hour": offer.price_per_hour.times(1 + Decimal(copy) / 10_000),
            }
        )
        for copy in range(times)
        for offer in found.offers
    ]
    return PriceBook(offers, found.rates)


def num_calls(work: Callable[[], object]) -> int:
    """Of functions and generators: what no other process of the machine can change."""
    calls = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.untraced
@pytest.mark.parametrize("said", [{}, {"gpu": "a100-80gb"}, {"providers": ("aws",)}, {"currency": "CNY"}])
def test_an_answer_among_many_offers_does_the_work_of_one_among_few(said: dict[str, object]) -> None:
    def spec(sequence_length: int) -> TrainingSpec:
        more = {"model": "llama-3.1-8b", "sequence_length": sequence_length, "num_examples": 10_000}
        return TrainingSpec.model_validate(more | said)

    few, many = book_of(1), book_of(TIMES)
    for book in (few, many):
        estimate(spec(500), CATALOG, book)  # what a book keeps, it keeps from its first answer on
    of_few, of_many = (num_calls(partial(estimate, spec(501), CATALOG, book)) for book in (few, many))
    assert of_many <= GROWS_BY * of_few

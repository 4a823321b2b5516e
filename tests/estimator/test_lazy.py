"""Members that are made when somebody looks, each once."""

from functools import partial

import pytest
from prices_on_a_day import prices_as_of

from bot.files import load_catalog
from estimator.lazy import MadeWhenSeen
from estimator.planner import plan_prices
from estimator.planner.planner import search
from estimator.prices.book import PriceBook
from estimator.prices.cost import quote
from estimator.spec import TrainingSpec


def test_each_member_is_made_once_and_when_it_is_looked_at() -> None:
    made: list[int] = []

    def making(number: int) -> int:
        made.append(number)
        return number * number

    squares = MadeWhenSeen([partial(making, number) for number in range(5)])
    assert len(squares) == 5
    assert squares
    assert made == []
    assert (squares[1], squares[-1], squares[1:3]) == (1, 16, (1, 4))
    assert made == [1, 4, 2]
    assert squares == (0, 1, 4, 9, 16)
    assert squares != (0, 1, 4, 9)
    assert hash(squares) == hash((0, 1, 4, 9, 16))
    assert list(squares) == [0, 1, 4, 9, 16]
    with pytest.raises(IndexError):
        squares[5]
    assert not MadeWhenSeen[int]([])


def test_a_search_multiplies_no_price_that_it_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = load_catalog()
    gathered = prices_as_of().gather(tuple(catalog.gpus))
    quoted: list[object] = []

    def counted(*arguments: object, **named: object) -> object:
        quoted.append(arguments)
        return quote(*arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(plan_prices, "quote", counted)
    book = PriceBook(gathered.offers, gathered.rates)
    options = search(TrainingSpec(model="7b"), catalog, book, currency="USD").options
    assert len(quoted) <= len(options)
    assert sum(len(option.quotes) for option in options) > len(quoted)

"""A run over what its asker allowed: red, by how much, with how many tries it is not, and what is."""

import pytest
from test_cards_chinese import CHINESE
from test_cards_real import book

from bot.answers.estimates import PricedEstimate
from bot.answers.opened import with_way_under
from bot.cards.block import Card, words_in
from bot.cards.estimate import estimate_card
from bot.cards.requested import RequestedEstimate
from bot.files import load_catalog
from bot.i18n import Texts, load_texts
from bot.language import read, vocabulary_of
from bot.prices import Gathered
from estimator import TrainingSpec, estimate

ENGLISH = load_texts("en")
RUN = "7b fp16 n=10000 bs=32"


def answered(spec: TrainingSpec) -> PricedEstimate:
    found = estimate(spec, load_catalog(), book(), currency="USD")
    return PricedEstimate(estimate=found, gathered=Gathered(offers=(), rates=(), notes=()))


def card(text: str, texts: Texts = ENGLISH) -> Card:
    request = read(text, vocabulary_of(load_catalog())).request
    assert request is not None
    requested = RequestedEstimate.of(request, answered(request.spec).estimate)
    return estimate_card(with_way_under(requested, answered), texts=texts)


def header(found: Card) -> str:
    return words_in(found.blocks[0]["text"])


def verdict(found: Card) -> str:
    return str(found.blocks[1]["text"]["text"])


def test_a_run_under_its_budget_is_told_as_any_other() -> None:
    assert "🔴" not in header(card(f"{RUN} budget=500usd"))


@pytest.mark.parametrize(
    "run", [f"{RUN} 1xh200", "7b lora n=777 1xh100", "13b qlora n=9999 1xl40s", "3b full n=123 2xh100"]
)
def test_a_run_that_costs_on_the_card_just_what_its_budget_is_keeps_it(run: str) -> None:
    shown = header(card(run)).split(" with ")[0].removeprefix("$").replace(",", "")
    assert "🔴" not in header(card(f"{run} budget={shown}usd"))
    assert "🔴" in header(card(f"{run} budget={float(shown) - 0.03:.2f}usd"))


def test_over_the_budget_what_is_seen_adds_up() -> None:
    found = card(f"{RUN} 1xh200 budget=17usd")
    said, by = header(found).split(" of ")[0].removeprefix("🔴 $"), verdict(found).split("by $")[1]
    assert float(said) - 17 == pytest.approx(float(by.split(". ")[0]))


def test_over_the_budget_it_says_with_how_many_tries_it_is_not_and_the_cheapest_pick_that_is() -> None:
    said = verdict(card(f"{RUN} 1xh200 budget=17usd"))
    assert "With 2 tries it would be under it." in said
    assert "Cheapest pick that keeps it: " in said


def test_where_nothing_keeps_it_the_cheapest_is_named() -> None:
    said = verdict(card(f"{RUN} 1xh200 budget=1usd"))
    assert "Not even one try is under it. No pick keeps it; the cheapest is " in said


def test_a_budget_in_other_money_is_told_in_both() -> None:
    assert header(card(f"{RUN} 1xh200 budget=10cny")).startswith("🔴 $")
    assert "(¥" in header(card(f"{RUN} 1xh200 budget=10cny"))


def test_past_the_deadline_likewise() -> None:
    found = card(f"{RUN} 1xh200 deadline=1h")
    assert "1.0 h allowed" in header(found)
    assert "Past the deadline by " in verdict(found)
    assert "Cheapest pick that keeps it: " in verdict(found)
    assert "限时 1.0 小时" in header(card(f"{RUN} 1xh200 deadline=1h", CHINESE))

"""A run over what its asker allowed: red, by how much, with how many tries it is not, and what is."""

from functools import cache

import pytest
from shipped import shipped_names
from test_cards_chinese import CHINESE
from test_cards_real import book

from bot.answers.estimates import PricedEstimate
from bot.answers.opened import opened, with_way_under
from bot.cards.block import Card, words_in
from bot.cards.delta import delta_card
from bot.cards.estimate import estimate_card
from bot.cards.format import duration
from bot.cards.own_limits import best_on_limit, broken_limit, duration_beyond, run_time
from bot.cards.phrases import plan_gpus
from bot.cards.picks import picks_table
from bot.cards.requested import RequestedEstimate
from bot.files import load_catalog
from bot.i18n import Texts, load_texts
from bot.language import read
from bot.prices import GatheredPrices
from estimator import TrainingSpec, estimate
from estimator.planner.limits import OVER_BUDGET, OWN_LIMITS, PAST_DEADLINE
from estimator.result import Option
from estimator.units import HOUR_SECONDS

ENGLISH = load_texts("en")
RUN = "7b fp16 n=10000 bs=32"


def answered(spec: TrainingSpec) -> PricedEstimate:
    found = estimate(spec, load_catalog(), book(), currency="USD")
    return PricedEstimate(estimate=found, gathered=GatheredPrices(offers=(), rates=(), notes=()))


@cache
def requested(text: str) -> RequestedEstimate:
    request = read(text, shipped_names()).request
    assert request is not None
    return with_way_under(RequestedEstimate.of(request, answered(request.spec).estimate), answered)


def card(text: str, texts: Texts = ENGLISH) -> Card:
    return estimate_card(requested(text), texts=texts)


def follow_up(before: str, after: str, texts: Texts = ENGLISH) -> tuple[str, str]:
    """The lead and the verdict."""
    found = delta_card(requested(before), requested(after), texts=texts)
    lead, said = (block["text"]["text"] for block in found.blocks[:2])
    return str(lead), str(said)


def headline_of(text: str) -> Option:
    best = requested(text).estimate.headline
    assert best is not None
    return best


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
    assert "Cheapest pick within it: " in said


def test_where_nothing_keeps_it_the_cheapest_is_named() -> None:
    said = verdict(card(f"{RUN} 1xh200 budget=1usd"))
    assert "Not even one try of this pick is under it. No pick is within it; the cheapest is " in said


def test_a_budget_in_other_money_is_told_in_both() -> None:
    assert header(card(f"{RUN} 1xh200 budget=10cny")).startswith("🔴 $")
    assert "(¥" in header(card(f"{RUN} 1xh200 budget=10cny"))


def test_past_the_deadline_likewise() -> None:
    found = card(f"{RUN} 1xh200 deadline=1h")
    assert "1 h allowed" in header(found)
    assert "Past the deadline by " in verdict(found)
    assert "Cheapest pick within it: " in verdict(found)
    assert "限时 1 小时" in header(card(f"{RUN} 1xh200 deadline=1h", CHINESE))


def test_where_both_are_broken_header_and_verdict_say_both() -> None:
    found = card(f"{RUN} 1xh200 budget=1usd deadline=1h")
    assert "of a $1.00 budget" in header(found)
    assert "1 h allowed" in header(found)
    assert "Over the budget by " in verdict(found)
    assert "Past the deadline by " in verdict(found)
    assert "预算只有 $1.00" in header(card(f"{RUN} 1xh200 budget=1usd deadline=1h", CHINESE))


def test_no_pick_of_a_red_card_is_beaten_by_its_headline() -> None:
    text = "7b full n=50k budget=20usd deadline=1h"
    asked = read(text, shipped_names()).spec
    assert asked is not None
    found = estimate(asked, load_catalog(), book(), currency="CNY")
    best = found.headline
    assert best is not None
    beaten = [each for each in found.options if each.tags and best.beats(each)]
    rows = [words_in(row[0]) for block in picks_table(found, ENGLISH) for row in block["rows"][1:]]
    assert beaten
    assert rows
    assert not {row.partition(": ")[2] for row in rows} & {plan_gpus(each.plan, ENGLISH) for each in beaten}


@pytest.mark.parametrize(
    ("limit", "said", "chinese"),
    [
        ("1min", "1 min allowed", "限时 1 分钟"),
        ("90min", "1.5 h allowed", "限时 1.5 小时"),
        ("100min", "100 min allowed", "限时 100 分钟"),
        ("20s", "20 s allowed", "限时 20 秒"),
        ("2d", "2 days allowed", "限时 2 天"),
    ],
)
def test_a_deadline_is_said_as_people_say_it(limit: str, said: str, chinese: str) -> None:
    run = f"7b full n=900k 1xh200 deadline={limit}"
    assert said in header(card(run))
    assert chinese in header(card(run, CHINESE))


def picks(text: str) -> list[str]:
    """What is offered, its praise left out: the cheapest of those in the table may not be that of all."""
    tables = [block for block in card(text).blocks if block["block_id"] == "picks"]
    rows = [[words_in(each) for each in row] for table in tables for row in table["rows"][1:]]
    return [" ".join((name.partition(": ")[2], *figures)) for name, *figures in rows]


def test_over_a_budget_that_nothing_keeps_the_picks_are_those_of_who_asks_for_the_cheapest() -> None:
    assert picks(f"{RUN} budget=1usd") == picks(f"{RUN} cheapest") != []


@pytest.mark.parametrize("limits", ["budget=1usd", "deadline=1min"])
def test_what_comes_nearest_to_a_limit_leads_before_picks_that_there_would_be_without_it(
    limits: str,
) -> None:
    first, *others = picks(f"{RUN} {limits}")
    assert plan_gpus(headline_of(f"{RUN} {limits}").plan, ENGLISH) in first
    assert "No pick is within it; this one is the" in verdict(card(f"{RUN} {limits}"))
    assert set(picks(RUN)) & set(others)


def test_the_cheapest_that_a_broken_budget_names_can_be_taken_and_has_its_hours() -> None:
    found = card("lora qwen2.5-7b n=50k seq=2k budget=1usd deadline=45min")
    named = verdict(found).partition("the cheapest is ")[2].partition(" a run.")[0].split(", ")
    table = next(block for block in found.blocks if block["block_id"] == "picks")
    *_, (last, cost, time) = [[words_in(each) for each in row] for row in table["rows"]]
    assert named == [last.removeprefix("Cheapest: "), cost, time.removeprefix("🔴 ")]


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
def test_a_pick_past_a_deadline_that_the_headline_keeps_is_marked(texts: Texts) -> None:
    request = requested("llama-3.1-70b qlora n=20000 seq=2k budget=5usd deadline=6h")
    best, options = request.estimate.headline, request.estimate.options
    assert best
    assert not broken_limit(best, PAST_DEADLINE)
    (table,) = picks_table(request.estimate, texts)
    late = {plan_gpus(each.plan, texts) for each in options if broken_limit(each, PAST_DEADLINE)}
    rows = [[words_in(each) for each in row] for row in table["rows"][1:]]
    marked = [time.startswith("🔴") for _, _, time in rows]
    assert marked == [any(name.endswith(gpus) for gpus in late) for name, *_ in rows]
    assert any(marked)
    assert not any("🔴" in cost for _, cost, _ in rows)


@pytest.mark.parametrize("limit", ["budget=1usd", "deadline=1h"])
def test_a_follow_up_over_a_limit_is_red_in_its_lead(limit: str) -> None:
    lead, _ = follow_up(f"{RUN} 1xh200", f"{RUN} 1xh200 {limit}")
    assert lead.startswith("*🔴 ")
    assert "🔴" not in follow_up(f"{RUN} 1xh200", f"{RUN} 1xh200 deadline=99h")[0]


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE])
@pytest.mark.parametrize(
    "change",
    [
        (
            "7b lora n=100k epochs=10 2xa100 budget=200usd deadline=24h",
            "7b lora n=100k epochs=10 1x4090 budget=200usd deadline=24h",
        ),
        (
            "7b qlora n=50k 1x4090 budget=5usd deadline=2h",
            "7b lora n=50k r=8 2x4090 budget=5usd deadline=2h",
        ),
    ],
)
def test_a_follow_up_has_room_for_both_limits_however_much_changed(
    change: tuple[str, str], texts: Texts
) -> None:
    for before, after in (change, change[::-1]):
        _, said = follow_up(before, after, texts)
        assert said.count(":warning: ") == 2


RUNS = (
    "7b full n=10k",
    "7b full n=10k 1xh200",
    "7b lora n=10k 1xa100",
    "13b qlora n=50k",
    "7b qlora n=52k 1x4090",
)
LIMITS = ("budget=5usd", "budget=10usd deadline=5min", "deadline=1min", "budget=1usd deadline=2h")
ALONE = {OVER_BUDGET: "deadline_seconds", PAST_DEADLINE: "budget"}
"""A limit -> the field of the other."""


def measure(option: Option, code: str) -> float:
    cost = option.cost
    assert cost is not None
    return float(cost.amount) if code == OVER_BUDGET else option.time.run_seconds.likely


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("limits", LIMITS)
def test_no_pick_keeps_it_is_true_of_that_limit_alone_and_the_one_named_is_nearest(
    run: str, limits: str
) -> None:
    found = requested(f"{run} {limits}")
    free = opened(found.request.spec)
    for code in OWN_LIMITS:
        best = best_on_limit(found.estimate.options, code)
        assert best is not None
        if broken_limit(best, code):
            alone = answered(free.model_copy(update={ALONE[code]: None})).estimate.options
            assert all(broken_limit(each, code) for each in alone)
            assert measure(best, code) <= min(measure(each, code) for each in alone)


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("limit", ["budget=1usd", "deadline=1min"])
def test_a_limit_that_nothing_keeps_makes_the_headline_no_worse_on_it(run: str, limit: str) -> None:
    over, without = requested(f"{run} {limit}").estimate.headline, requested(run).estimate.headline
    assert over is not None
    assert without is not None
    [code] = [each.code for each in over.warnings if each.code in OWN_LIMITS]
    assert measure(over, code) <= measure(without, code)


def test_some_pick_is_always_named() -> None:
    for run in RUNS:
        assert "No pick is within it; " in verdict(card(f"{run} budget=1usd"))
    assert "No pick is within it; this one is the cheapest." in verdict(
        card("7b lora n=10k 2xa800 budget=1usd")
    )


@pytest.mark.parametrize(
    ("seconds", "limit", "said"),
    [
        (3_720, 3_600, "62 min"),
        (3_610, 3_600, "60.2 min"),
        (7_200, 3_600, "2.0 h"),
        (49 * 3_600, 48.9 * 3_600, "49 h"),
        (61.4, 61, "61.4 s"),
    ],
)
def test_a_time_beyond_a_limit_reads_longer(seconds: float, limit: float, said: str) -> None:
    assert duration_beyond(seconds, limit, ENGLISH) == said


@pytest.mark.parametrize("texts", [ENGLISH, CHINESE], ids=["en", "zh"])
def test_a_pick_named_for_one_limit_says_that_it_breaks_the_other(texts: Texts) -> None:
    run = "70b full budget=100usd deadline=1h"
    pick = best_on_limit(requested(run).estimate.options, OVER_BUDGET)
    assert pick is not None
    late = broken_limit(pick, PAST_DEADLINE) is not None
    said = verdict(card(run, texts))
    assert plan_gpus(pick.plan, texts) in said
    assert (texts("estimate.pick_breaks.past_deadline") in said) == late
    assert late
    assert run_time(pick, texts) in said
    assert run_time(pick, texts) != duration(HOUR_SECONDS, texts)


def test_a_pick_under_the_deadline_says_that_it_is_over_the_budget() -> None:
    said = verdict(card("70b full budget=120usd deadline=47min"))
    assert "Cheapest pick within it: " in said
    assert "a run. That pick is over the budget.\n" in said

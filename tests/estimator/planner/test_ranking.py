"""Order, knee and tags of candidates."""

import math

from bot.files import load_catalog
from estimator.plan import Plan
from estimator.planner.candidate import Candidate
from estimator.planner.limits import OVER_BUDGET, PAST_DEADLINE
from estimator.planner.losers import beaten, not_weighed, over_memory
from estimator.planner.ranking import Aim, best_by_limit, front, ranked, tags, value_scores
from estimator.planner.shortlist import chosen
from estimator.result import Tag
from estimator.spec import RankBy, TrainingSpec
from estimator.units import GIB, HOUR_SECONDS

CATALOG = load_catalog()
GPU = CATALOG.gpu("a100-80gb")
PLAN = Plan(gpu=GPU.key, stack="hf")


def candidate(
    cost: float,
    hours: float,
    *,
    tight: bool = False,
    over: bool = False,
    sold: bool = True,
    listed: bool = True,
) -> Candidate:
    return Candidate(
        gpu=GPU,
        plan=PLAN,
        seconds=hours * HOUR_SECONDS,
        price_per_hour=cost / hours,
        is_sold=sold,
        is_listed=listed,
        tight=tight,
        broken_limits=(OVER_BUDGET,) if over else (),
    )


CHEAP, KNEE, FAST, BAD = candidate(10, 10), candidate(13, 2), candidate(40, 1.5), candidate(50, 20)


def test_the_front_is_what_nothing_beats() -> None:
    assert front([BAD, FAST, CHEAP, KNEE]) == (2, 3, 1)


def test_the_knee_scores_below_both_ends() -> None:
    cheap, knee, fast = value_scores([CHEAP, KNEE, FAST])
    assert cheap == fast == 1
    assert knee < 1


def test_each_way_of_ranking_has_its_first() -> None:
    pool = (BAD, FAST, CHEAP, KNEE)
    assert ranked(pool, Aim(RankBy.COST))[0] is CHEAP
    assert ranked(pool, Aim(RankBy.TIME))[0] is FAST
    assert ranked(pool, Aim(RankBy.VALUE))[0] is KNEE


def test_fewest_limits_broken_come_first_and_late_before_dear() -> None:
    broken = ((), (PAST_DEADLINE,), (OVER_BUDGET,), (OVER_BUDGET, PAST_DEADLINE))
    pool = [
        candidate(cost, 1)._replace(broken_limits=each)
        for cost, each in zip((40, 30, 20, 10), broken, strict=True)
    ]
    assert [each.broken_limits for each in ranked(reversed(pool))] == list(broken)


def test_what_comes_nearest_to_a_limit_that_nothing_keeps_leads_however_odd() -> None:
    dear, odd = candidate(30, 1, over=True), candidate(20, 9, over=True)._replace(oddness=4, is_listed=False)
    assert ranked((dear, odd))[0] is odd
    assert tags(ranked((dear, odd)))[0] == (Tag.CHEAPEST,)
    late = [each._replace(broken_limits=(PAST_DEADLINE,)) for each in (odd, dear)]
    assert ranked(late)[0] is late[1]
    assert Tag.FASTEST in tags(ranked(late))[0]


def test_of_what_is_hardly_later_than_the_least_late_the_cheapest_leads() -> None:
    dear, near, slow = (
        candidate(cost, hours)._replace(broken_limits=(PAST_DEADLINE,))
        for cost, hours in ((90, 10), (10, 11.4), (9, 30))
    )
    assert ranked((slow, dear, near))[0] is near


def test_who_sets_a_limit_gets_nothing_that_another_beats_in_money_and_time() -> None:
    many = candidate(10, 1)._replace(plan=PLAN._replace(num_gpus=8, data_parallel_size=8))
    simple = candidate(11, 8)
    assert ranked((many, simple))[0] is simple
    assert ranked((many, simple), Aim(has_limits=True))[0] is many
    assert tags((many, simple), Aim(has_limits=True))[0] == tuple(Tag)


def test_what_is_sold_otherwise_than_asked_comes_after_what_is_not() -> None:
    elsewhere, odd = candidate(1, 1)._replace(as_asked=False), candidate(9, 9)._replace(oddness=4)
    for aim in (Aim(), Aim(whatever=True), Aim(RankBy.TIME)):
        assert ranked((elsewhere, odd), aim) == (odd, elsewhere)


def test_best_on_each_limit_is_what_keeps_it_else_what_is_nearest() -> None:
    both = (OVER_BUDGET, PAST_DEADLINE)
    late = CHEAP._replace(broken_limits=(PAST_DEADLINE,))
    over, quick = KNEE._replace(broken_limits=both), FAST._replace(broken_limits=both)
    assert best_by_limit([over, late, quick]) == {1, 2}
    assert best_by_limit([over, KNEE, quick]) == set()
    assert best_by_limit([]) == set()


def test_tight_comes_after_fitting_and_over_a_limit_last() -> None:
    tight, over = candidate(1, 1, tight=True), candidate(0.5, 0.5, over=True)
    assert ranked((over, tight, BAD)) == (BAD, tight, over)


def test_a_machine_that_somebody_lists_comes_before_one_put_together() -> None:
    heap = candidate(1, 1, listed=False)
    assert ranked((heap, BAD)) == (BAD, heap)
    assert 0 not in tags([heap, CHEAP, KNEE])
    assert tags([heap])


def test_only_what_surely_runs_is_praised() -> None:
    tight = candidate(1, 1, tight=True)
    praise = tags([tight, CHEAP, KNEE, FAST])
    assert praise == {1: (Tag.CHEAPEST,), 2: (Tag.BALANCED,), 3: (Tag.FASTEST,)}
    assert tags([tight]) == {}


def test_of_what_costs_about_the_same_the_simpler_and_then_the_shorter_leads() -> None:
    near, far = candidate(12, 5), candidate(12.6, 1)
    assert ranked((CHEAP, near, far)) == (near, CHEAP, far)
    many = candidate(10, 1)._replace(plan=PLAN._replace(num_gpus=8, data_parallel_size=8))
    assert ranked((many, near))[0] is near


def test_who_asks_for_the_cheapest_pays_nothing_for_what_is_simpler() -> None:
    said = Aim.of(TrainingSpec(model="7b", rank_by=RankBy.COST), RankBy.COST)
    simple = candidate(12, 10)
    cheapest = candidate(10, 10)._replace(plan=PLAN._replace(num_gpus=8))
    assert ranked((cheapest, simple))[0] is simple
    assert ranked((cheapest, simple), said)[0] is cheapest
    assert Tag.CHEAPEST in tags([cheapest, simple], said)[0]
    assert not any(
        Aim.of(TrainingSpec(model="7b", rank_by=each), RankBy.COST).whatever for each in (None, RankBy.VALUE)
    )


def test_who_asks_for_the_cheapest_gets_it_on_whatever_costs_least() -> None:
    said = Aim(whatever=True)
    odd = candidate(5, 50)._replace(oddness=4, is_listed=False)
    order = ranked((CHEAP, KNEE, FAST, odd), said)
    assert order[0] is odd
    assert {order[i]: praise for i, praise in tags(order, said).items()} == {
        odd: (Tag.CHEAPEST,),
        KNEE: (Tag.BALANCED,),
        FAST: (Tag.FASTEST,),
    }
    assert ranked((CHEAP, odd._replace(tight=True)), said)[0] is CHEAP


def test_the_cheapest_is_shown_where_a_simpler_one_is_the_pick() -> None:
    """Else the pick of about the least cost would be called the cheapest."""
    cheapest = candidate(10, 5)._replace(plan=PLAN._replace(num_gpus=8))
    simple = candidate(10.2, 10)
    order = ranked([FAST, cheapest, simple, *(candidate(20, 4) for _ in range(9))], Aim(RankBy.TIME))
    options, others = chosen(order)
    assert options[order.index(simple)] == (Tag.CHEAPEST,)
    assert options[order.index(cheapest)] == ()
    assert cheapest not in others


def test_what_nobody_would_take_unasked_comes_last() -> None:
    odd, odder = candidate(1, 1)._replace(oddness=1), candidate(0.5, 0.5)._replace(oddness=2)
    assert ranked((odder, odd, BAD)) == (BAD, odd, odder)
    assert 0 not in tags([odd, CHEAP, KNEE])
    assert set(tags([odder, odd])) == {1}


def test_who_is_hardly_faster_for_much_more_is_no_pick_unless_time_was_asked_for() -> None:
    dear, near, slow = candidate(90, 10), candidate(10, 11.4), candidate(9, 30)
    assert Tag.FASTEST in tags([slow, near, dear])[1]
    assert tags([slow, candidate(10, 11.6), dear])[2] == (Tag.FASTEST,)
    assert tags([dear, near, slow])[0] == (Tag.FASTEST,)


def test_where_nothing_is_sold_nothing_is_called_cheap() -> None:
    assert tags([candidate(10, 10, sold=False)]) == {0: (Tag.FASTEST,)}


def test_a_beaten_plan_says_in_which_measure_and_by_how_much() -> None:
    lost = beaten(PLAN, cost=20, seconds=20 * HOUR_SECONDS, by=CHEAP)
    winner = {"num_gpus": 1, "gpu": "A100 SXM4 80GB"}
    assert (lost.code, lost.figures) == ("beaten", {"cost_ratio": 2, "time_ratio": 2, **winner})
    dearer = beaten(PLAN, cost=11, seconds=HOUR_SECONDS, by=CHEAP)
    assert dearer.figures == {"cost_ratio": 1.1, "time_ratio": 0.1, **winner}


def test_what_was_not_weighed_is_beaten_only_by_the_least_that_it_can_take() -> None:
    """Ratios below one of what nobody weighed are no verdict: they are where it could begin."""
    surely = not_weighed(PLAN, least_cost=20, least_seconds=HOUR_SECONDS, by=CHEAP)
    assert surely == beaten(PLAN, cost=20, seconds=HOUR_SECONDS, by=CHEAP)
    maybe = not_weighed(PLAN, least_cost=8, least_seconds=4 * HOUR_SECONDS, by=CHEAP)
    assert (maybe.code, maybe.figures["cost_ratio"], maybe.figures["time_ratio"]) == ("not_weighed", 0.8, 0.4)


def test_what_nobody_sells_has_no_ratio_of_cost() -> None:
    assert "cost_ratio" not in beaten(PLAN, cost=math.inf, seconds=HOUR_SECONDS, by=CHEAP).figures


def test_a_shortfall_is_in_bytes() -> None:
    lost = over_memory(PLAN, missing_bytes=3.1 * GIB)
    assert (lost.code, lost.figures) == ("over_memory", {"missing_bytes": int(3.1 * GIB)})

"""The picks that people choose from, as a table of three columns, so that a phone shows it."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.block import Block, cell, table
from bot.cards.own_limits import best_on_limit, breaks_limit, broken_limit, run_time
from bot.i18n import Texts
from estimator.framework.states import States
from estimator.memory.result import Verdict
from estimator.money import CHINESE_CURRENCY
from estimator.planner.limits import OVER_BUDGET, PAST_DEADLINE
from estimator.result import Estimate, Option, Tag

MAX_PICKS: Final = 3


def picks_table(estimate: Estimate, texts: Texts) -> Iterator[Block]:
    """Cheapest, balanced, fastest, with what they cost with retries; nothing where there is no choice."""
    picks = [each for each in estimate.options if each.fits and each.tags and not _is_beaten(estimate, each)]
    picks = [*picks[:MAX_PICKS], *_nearest_to_the_budget(estimate, picks[:MAX_PICKS])]
    if len(picks) < 2:
        return
    tries = phrases.tries(estimate.schedule.retries, texts)
    heads = (texts("picks.pick"), texts("picks.cost", tries=tries), texts("picks.time"))
    rows = [[cell(each, bold=True) for each in heads]]
    rows += [[cell(each) for each in _row(estimate, pick, picks, texts)] for pick in picks]
    yield table(rows, block_id="picks", align=("left", "right", "right"))


def _nearest_to_the_budget(estimate: Estimate, picks: Sequence[Option]) -> Iterator[Option]:
    """The cheapest of all, where nothing keeps the budget: the verdict names it, so it can be taken."""
    best = estimate.headline
    if best is None or broken_limit(best, OVER_BUDGET) is None:
        return
    least = best_on_limit(estimate.options, OVER_BUDGET)
    if least and broken_limit(least, OVER_BUDGET) and all(each is not least for each in picks):
        yield least


def _is_beaten(estimate: Estimate, pick: Option) -> bool:
    """Whether the headline is cheaper and quicker: it may be there for the limits of the asker alone."""
    best = estimate.headline
    return best is not None and breaks_limit(best) and best.beats(pick)


def _row(estimate: Estimate, pick: Option, picks: Sequence[Option], texts: Texts) -> Iterator[str]:
    named = [_praise(estimate, pick, picks, tag, texts) for tag in pick.tags] or [str(Tag.CHEAPEST)]
    praise = phrases.joined(*(texts(f"picks.{name}") for name in named), texts=texts, by="comma")
    yield texts("picks.row", praise=praise, gpus=phrases.plan_gpus(pick.plan, texts)) + _otherwise(
        estimate, pick, texts
    )
    cost = phrases.retried_money(pick.quotes[0], estimate.schedule.retries, texts) if pick.quotes else ""
    for limit, said in (
        (OVER_BUDGET, cost),
        (PAST_DEADLINE, run_time(pick, texts)),
    ):
        yield texts("picks.beyond", said=said) if said and _marks(estimate, limit, pick) else said


def _marks(estimate: Estimate, limit: str, pick: Option) -> bool:
    """Whether a pick is beyond what the asker allowed and the card is not: its header says so where it is."""
    best = estimate.headline
    return best is not None and not broken_limit(best, limit) and broken_limit(pick, limit) is not None


def _praise(estimate: Estimate, pick: Option, picks: Sequence[Option], tag: Tag, texts: Texts) -> str:
    """The simplest of what costs about the least is no `cheapest` where another is cheaper.

    Where another pick is cheaper it is no `low cost` either: what speaks for it, its size or its time, is its
    name then.
    """
    if tag is Tag.FASTEST and _is_outrun(estimate, pick):
        return "fast"
    if tag is not Tag.CHEAPEST:
        return str(tag)
    if cheaper_picks := [each for each in picks if each.beats(pick) or _costs_less(each, pick)]:
        return _against_the_cheaper(pick, cheaper_picks, picks, texts)
    return "low_cost" if _cheaper_than(estimate, pick) else str(tag)


def _against_the_cheaper(
    pick: Option, cheaper_picks: Sequence[Option], picks: Sequence[Option], texts: Texts
) -> str:
    """What a pick has before those that cost less; of its size no other of the table has as little."""
    for name, size in (("fewest_machines", _num_machines), ("fewest_gpus", _num_gpus)):
        least = size(pick)
        if all(size(each) > least for each in cheaper_picks) and least == min(map(size, picks)):
            return name
    is_quicker = all(_is_slower(each, pick, texts) for each in cheaper_picks)
    return "quicker" if is_quicker else "simple"


def _num_machines(option: Option) -> int:
    return option.plan.num_nodes


def _num_gpus(option: Option) -> int:
    return option.plan.num_gpus


def _is_slower(one: Option, other: Option, texts: Texts) -> bool:
    """By what a card shows: nothing is slower that takes 51 min beside 51 min."""
    ours, theirs = one.time.run_seconds.likely, other.time.run_seconds.likely
    return ours > theirs and fmt.duration(ours, texts) != fmt.duration(theirs, texts)


def _costs_less(one: Option, other: Option) -> bool:
    """As far as one currency can say."""
    ours, theirs = one.cost, other.cost
    if ours is None or theirs is None or ours.currency != theirs.currency:
        return False
    return round(ours.amount, fmt.money_decimals(ours)) < round(theirs.amount, fmt.money_decimals(theirs))


def _is_outrun(estimate: Estimate, pick: Option) -> bool:
    """Whether another plan that surely fits, or may, takes less time, by more than what a card shows."""
    weighed = (each.time.run_seconds.likely for each in estimate.options if _is_sure(each))
    shown = 0.99 * pick.time.run_seconds.likely
    return min(estimate.least_seconds_unweighed, *weighed) < shown


def cheaper(estimate: Estimate, texts: Texts) -> str:
    """The cheapest plan where the pick that costs about the least is another; nothing where it is a pick.

    Nor where a limit of the asker is broken: what is cheapest then stands in the verdict.
    """
    if estimate.headline and breaks_limit(estimate.headline):
        return ""
    pick = next((each for each in estimate.options if Tag.CHEAPEST in each.tags), None)
    least = _cheaper_than(estimate, pick) if pick else None
    if pick is None or least is None or least.tags:
        return ""
    return texts(
        "picks.cheaper",
        how=_why_not(estimate, pick, least, texts),
        gpus=phrases.plan_gpus(least.plan, texts) + _otherwise(estimate, least, texts),
        cost=phrases.retried_money(least.quotes[0], estimate.schedule.retries, texts),
        tries=phrases.tries(estimate.schedule.retries, texts),
        time=fmt.duration(least.time.run_seconds.likely, texts),
    )


def _why_not(estimate: Estimate, pick: Option, least: Option, texts: Texts) -> str:
    """What speaks against the cheaper plan: more machines, more GPUs, a longer run, its seller."""
    machines = least.plan.num_nodes > pick.plan.num_nodes
    more = least.plan.num_gpus > pick.plan.num_gpus and not machines
    slower = _is_slower(least, pick, texts)
    abroad = _is_abroad(estimate, least) and not _is_abroad(estimate, pick)
    holding = {"machines": machines, "more": more, "slower": slower, "china": abroad}
    found = [name for name, holds in holding.items() if holds] or ["rarer"]
    count = fmt.count(least.plan.num_nodes, texts)
    said = (texts(f"picks.how.{name}", machines=count) for name in found)
    return phrases.joined(*said, texts=texts, by="comma")


def _is_sure(option: Option) -> bool:
    return option.memory.verdict is Verdict.FITS


def _is_abroad(estimate: Estimate, option: Option) -> bool:
    """Whether its price is one of China's own market, and the reader's is another."""
    return estimate.currency != CHINESE_CURRENCY == option.quotes[0].price_per_hour.currency


def _cheaper_than(estimate: Estimate, pick: Option) -> Option | None:
    """What surely fits for less, as far as one currency can say; in the region asked for, if the pick is."""
    cost = pick.cost
    if cost is None:
        return None
    is_elsewhere = "region" in pick.quotes[0].instead
    found = [
        (option.cost.amount, option)
        for option in estimate.options
        if option.cost is not None
        and _is_sure(option)
        and (is_elsewhere or "region" not in option.quotes[0].instead)
        and _costs_less(option, pick)
    ]
    return min(found, key=lambda each: each[0])[1] if found else None


def _otherwise(estimate: Estimate, pick: Option, texts: Texts) -> str:
    """What a pick does otherwise than the headline, which nobody should find out later."""
    best = estimate.headline
    if best is None:
        return ""
    other = list(_other_states(pick, best, texts))
    other += [pick.plan.stack] if pick.plan.stack != best.plan.stack else []
    if (batch := pick.plan.sequences_per_step) != best.plan.sequences_per_step:
        other.append(texts("picks.batch", batch=fmt.count(batch, texts)))
    if not other:
        return ""
    return texts("picks.otherwise", what=phrases.joined(*other, texts=texts, by="comma"))


def _other_states(pick: Option, best: Option, texts: Texts) -> Iterator[str]:
    """All in 16 bit or not: where fp32 numbers are kept is nobody's concern, nor are those of adapters."""
    pure, others_pure = (each.states is States.HALF for each in (pick, best))
    if pure is not others_pure and phrases.trains_everything(best.workload):
        yield texts(f"picks.states.{'half' if pure else 'whole'}")

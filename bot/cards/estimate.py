"""An estimate as the card that suits it: what it costs, what the rule of thumb says, or why nothing fits."""

from collections.abc import Iterator
from functools import partial

from bot.cards import format as fmt
from bot.cards import phrases, sections
from bot.cards.block import Card, context, fields, header, section
from bot.cards.nofit import nofit_card
from bot.cards.price_notes import nearest_seller
from bot.cards.requested import RequestedEstimate
from bot.cards.rule_of_thumb import rule_card, rule_line
from bot.cards.sections import Surface
from bot.i18n import Texts
from estimator.result import Estimate, Option, Tag


def cost_card(
    requested: RequestedEstimate,
    best: Option,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """What the run needs, takes and costs on `best`; assumptions are cut to what a card can hold."""
    own_line = sections.own_command_line(requested, texts, asker=asker, surface=surface)
    build = partial(_card, requested, best, texts, own_line, notice)
    return sections.within_limits(build, len(requested.estimate.assumptions))


def _card(
    requested: RequestedEstimate,
    best: Option,
    texts: Texts,
    own_line: str,
    notice: str,
    shown: int,
) -> Card:
    estimate = requested.estimate
    verdict = phrases.lines(*sections.judgement(estimate, best, texts), _fastest(estimate, texts), notice)
    blocks = (
        header(_headline(estimate, best, texts)),
        section(verdict, block_id="verdict"),
        fields(_facts(estimate, best, texts), block_id="facts"),
        section(rule_line(estimate, best, texts), block_id="rule"),
        sections.buttons(requested, texts),
        context(
            own_line,
            sections.assumed(estimate.assumptions, texts, shown),
            sections.price_small_print(estimate, best, texts),
        ),
    )
    return Card(sentence(estimate, best, texts), blocks)


def _headline(estimate: Estimate, best: Option, texts: Texts) -> str:
    time, gpus = fmt.duration(best.time.run_seconds.likely, texts), phrases.plan_gpus(best.plan, texts)
    if not best.quotes:
        elsewhere = nearest_seller(estimate, texts)
        return texts(f"estimate.header_{'elsewhere' if elsewhere else 'unpriced'}", time=time, gpus=gpus)
    cost = fmt.money(phrases.run_cost(best.quotes[0]).likely, texts)
    return texts("estimate.header", cost=cost, time=time, gpus=gpus)


def sentence(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What notifications and screen readers say: the number and the verdict."""
    facts = {
        "model": phrases.model_name(estimate),
        "method": phrases.method(estimate.workload, texts),
        "time": fmt.duration(best.time.run_seconds.likely, texts),
        "gpus": phrases.plan_gpus(best.plan, texts),
        "verdict": texts(f"verdict.{best.memory.verdict}"),
        "memory": phrases.used(best, texts),
    }
    if not best.quotes and (elsewhere := nearest_seller(estimate, texts)):
        return texts("estimate.text_elsewhere", **facts, elsewhere=elsewhere)
    if not best.quotes:
        return texts("estimate.text_unpriced", **facts)
    costs = sections.cost_facts(best.quotes[0], estimate.schedule.retries, texts)
    return texts("estimate.text", **facts, **costs)


def _fastest(estimate: Estimate, texts: Texts) -> str:
    """The fastest of the other options, if somebody sells it."""
    others = (each for each in estimate.options[1:] if Tag.FASTEST in each.tags and each.quotes)
    return next((texts("estimate.fastest", **setup_facts(each, texts)) for each in others), "")


def setup_facts(option: Option, texts: Texts) -> dict[str, str]:
    """The names of a priced setup in a sentence."""
    return {
        "gpus": phrases.plan_gpus(option.plan, texts),
        "time": fmt.duration(option.time.run_seconds.likely, texts),
        "cost": fmt.money(phrases.run_cost(option.quotes[0]).likely, texts),
    }


def _facts(estimate: Estimate, best: Option, texts: Texts) -> Iterator[tuple[str, str]]:
    """What went in and what came out, two columns of it."""
    time = best.time
    yield texts("field.data"), sections.data(estimate, best, texts)
    steps = texts(
        "field.steps_value",
        steps=fmt.whole(time.num_steps, texts),
        seconds=fmt.duration_range(time.step_seconds, texts),
        bound=texts(f"bound_by.{time.bound_by}"),
    )
    yield texts("field.steps"), steps
    recipe = (phrases.model_name(estimate), phrases.recipe(best.workload, texts))
    yield texts("field.method"), phrases.joined(*recipe, texts=texts, by="comma")
    yield texts("field.plan"), sections.plan_line(best, texts)
    yield texts("field.memory"), sections.memory_parts(best, texts)
    yield texts("field.evidence"), sections.evidence(estimate, best, texts)


def estimate_card(
    requested: RequestedEstimate,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """The answer to one request.

    `asker` is a user's id; `notice` one more line under the verdict, already in Slack's markup.
    """
    best = requested.estimate.headline
    if requested.request.rule_of_thumb:
        return rule_card(requested, texts=texts, asker=asker, notice=notice, surface=surface)
    if best is None or not best.fits:
        return nofit_card(requested, texts=texts, asker=asker, surface=surface)
    return cost_card(requested, best, texts=texts, asker=asker, notice=notice, surface=surface)

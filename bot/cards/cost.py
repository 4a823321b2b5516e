"""The cost card: the answer first, the decision second, what went in third, the small print last."""

from collections.abc import Iterator
from functools import partial

from bot.cards import format as fmt
from bot.cards import parts, words
from bot.cards.block import Card, context, fields, header, section
from bot.cards.parts import Surface
from bot.cards.rule import rule_line
from bot.i18n import Texts
from estimator.outcome import Estimate, Option, Tag


def cost_card(
    estimate: Estimate,
    best: Option,
    *,
    texts: Texts,
    asker: str | None = None,
    notice: str = "",
    surface: Surface = "slack",
) -> Card:
    """What the run needs, takes and costs on `best`; assumptions are cut to what a card can hold."""
    build = partial(_card, estimate, best, texts, asker, notice, surface)
    return parts.within_limits(build, len(estimate.assumptions))


def _card(
    estimate: Estimate,
    best: Option,
    texts: Texts,
    asker: str | None,
    notice: str,
    surface: Surface,
    shown: int,
) -> Card:
    verdict = words.lines(*parts.judgement(estimate, best, texts), _fastest(estimate, texts), notice)
    blocks = (
        header(_headline(best, texts)),
        section(verdict, block_id="verdict"),
        fields(_facts(estimate, best, texts), block_id="facts"),
        section(rule_line(estimate, best, texts), block_id="rule"),
        parts.buttons(estimate, texts),
        context(
            parts.command_line(
                estimate.command, texts, asker=asker, surface=surface, has_thread=not estimate.spec.private
            ),
            parts.assumed(estimate.assumptions, texts, shown),
            parts.price_source(best.quotes[0], texts) if best.quotes else "",
        ),
    )
    return Card(sentence(estimate, best, texts), blocks)


def _headline(best: Option, texts: Texts) -> str:
    time, gpus = fmt.duration(best.time.run_seconds.likely, texts), words.plan_gpus(best.plan, texts)
    if not best.quotes:
        return texts("estimate.header_unpriced", time=time, gpus=gpus)
    cost = fmt.money(words.run_cost(best.quotes[0]).likely, texts)
    return texts("estimate.header", cost=cost, time=time, gpus=gpus)


def sentence(estimate: Estimate, best: Option, texts: Texts) -> str:
    """What notifications and screen readers say: the number and the verdict."""
    facts = {
        "model": words.model_name(estimate),
        "method": words.method(estimate.workload, texts),
        "time": fmt.duration(best.time.run_seconds.likely, texts),
        "gpus": words.plan_gpus(best.plan, texts),
        "verdict": texts(f"verdict.{best.memory.verdict}"),
        "memory": words.used(best, texts),
    }
    if not best.quotes:
        return texts("estimate.text_unpriced", **facts)
    costs = parts.cost_facts(best.quotes[0], estimate.schedule.retries, texts)
    return texts("estimate.text", **facts, **costs)


def _fastest(estimate: Estimate, texts: Texts) -> str:
    """The fastest of the other options, if somebody sells it."""
    others = (each for each in estimate.options[1:] if Tag.FASTEST in each.tags and each.quotes)
    return next((texts("estimate.fastest", **setup_facts(each, texts)) for each in others), "")


def setup_facts(option: Option, texts: Texts) -> dict[str, str]:
    """The names of a priced setup in a sentence."""
    return {
        "gpus": words.plan_gpus(option.plan, texts),
        "time": fmt.duration(option.time.run_seconds.likely, texts),
        "cost": fmt.money(words.run_cost(option.quotes[0]).likely, texts),
    }


def _facts(estimate: Estimate, best: Option, texts: Texts) -> Iterator[tuple[str, str]]:
    """What went in and what came out, two columns of it."""
    time = best.time
    yield texts("field.data"), parts.data(estimate, best, texts)
    steps = texts(
        "field.steps_value",
        steps=fmt.whole(time.num_steps, texts),
        seconds=fmt.duration_range(time.step_seconds, texts),
        bound=texts(f"bound_by.{time.bound_by}"),
    )
    yield texts("field.steps"), steps
    recipe = (words.model_name(estimate), words.recipe(best.workload, texts))
    yield texts("field.method"), words.joined(*recipe, texts=texts, by="comma")
    yield texts("field.plan"), parts.plan_line(best, texts)
    yield texts("field.memory"), parts.memory_parts(best, texts)
    yield texts("field.evidence"), parts.evidence(estimate, best, texts)

"""What somebody asks of a card, in one line of the card's own fields: batch, price, why it is slow."""

from collections.abc import Callable, Mapping
from typing import Final

from bot.cards import format as fmt
from bot.cards import maths, phrases, sections
from bot.cards.block import Card, code_span, escape, section
from bot.i18n import Texts
from estimator.result import Estimate, Option


def asked_card(topic: str, estimate: Estimate, texts: Texts, *, otherwise: str) -> Card:
    """The line of `topic`; `otherwise`, where the card has no plan to speak of or nothing of that name."""
    name, _, settings = topic.partition(" ")
    best, line = estimate.headline, _LINES.get(name)
    if settings:
        said = texts("asked.no_effect", what=code_span(settings))
        return Card(said, (section(said, block_id="asked"),))
    said = line(estimate, best, texts) if best is not None and line is not None else escape(otherwise)
    return Card(said, (section(said, block_id="asked"),))


def _batch(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.batch(best.plan, texts)


def _recipe(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.recipe(best.workload, texts)


def _adapters(_: Estimate, best: Option, texts: Texts) -> str:
    workload = best.workload
    if not workload.lora_rank:
        return texts("asked.no_adapters", method=phrases.method(workload, texts))
    targets = escape(", ".join(workload.lora_targets))
    return texts("asked.adapters", method=phrases.method(workload, texts), targets=targets)


def _data(estimate: Estimate, best: Option, texts: Texts) -> str:
    packed = texts("asked.packed" if best.workload.packing else "asked.not_packed")
    return phrases.joined(sections.data(estimate, best, texts), packed, texts=texts)


def _steps(_: Estimate, best: Option, texts: Texts) -> str:
    return sections.steps(best, texts)


def _price(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.price(best.quotes[0], texts) if best.quotes else texts("asked.no_price")


def _gpus(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.joined(phrases.plan_gpus(best.plan, texts), phrases.sharding(best, texts), texts=texts)


def _plan(_: Estimate, best: Option, texts: Texts) -> str:
    run_by = texts("asked.run_by", stack=escape(best.plan.stack), attention=str(best.plan.attention))
    return phrases.joined(run_by, sections.plan_line(best, texts), texts=texts)


def _memory(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.joined(sections.fitted(best, texts), sections.memory_parts(best, texts), texts=texts)


def _slow(_: Estimate, best: Option, texts: Texts) -> str:
    return phrases.joined(maths.step_line(best, texts), maths.step_shares(best, texts), texts=texts)


def _run(_: Estimate, best: Option, texts: Texts) -> str:
    counted = {each.what for each in best.time.lines if each.seconds > 0}
    evaluation = texts("asked.evaluated" if "evaluation" in counted else "asked.not_evaluated")
    return phrases.joined(maths.run_shares(best, texts), evaluation, texts=texts)


def _cost(_: Estimate, best: Option, texts: Texts) -> str:
    if not best.quotes:
        return texts("asked.no_price")
    return phrases.joined(
        phrases.run_money(best.quotes[0], texts),
        fmt.duration(best.time.run_seconds.likely, texts),
        phrases.price(best.quotes[0], texts),
        texts=texts,
    )


def _tries(estimate: Estimate, _: Option, texts: Texts) -> str:
    return texts("asked.tries", tries=phrases.tries(estimate.schedule.retries, texts))


_LINES: Final[Mapping[str, Callable[[Estimate, Option, Texts], str]]] = {
    "batch": _batch,
    "recipe": _recipe,
    "adapters": _adapters,
    "data": _data,
    "steps": _steps,
    "price": _price,
    "gpus": _gpus,
    "plan": _plan,
    "memory": _memory,
    "slow": _slow,
    "run": _run,
    "cost_why": _cost,
    "tries": _tries,
}
"""Topic of `bot.language.card_questions` -> its line; of time and cost the card's own sentence tells."""

"""The same run, otherwise: changed, undone, on other GPUs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.answers.answers import Answerer
from bot.answers.estimates import PricedEstimate
from bot.answers.noted import with_news_alone
from bot.answers.opened import opened, with_way_under
from bot.answers.reply import Asker, Reply
from bot.answers.shown import as_shown, moved_line
from bot.cards import phrases
from bot.cards.changes import is_as_assumed
from bot.cards.compare import Setup, compare_card
from bot.cards.delta import delta_card
from bot.cards.field_answers import asked_card
from bot.cards.notes import dropped_line, unchanged_card
from bot.cards.price_notes import source_lines
from bot.cards.requested import RequestedEstimate
from bot.conversation.followups import Step, Unchanged
from bot.i18n import Texts
from bot.language import Reading, Request, format_request
from estimator.result import Estimate, Option

GPUS_ALONE: Final = "on "
"""Begins the value of a menu's line that has no room for the whole command."""


def stepped(answers: Answerer, step: Step, asker: Asker, link: str | None = None) -> Reply:
    """The next card, told as a change of the one before, to which `link` leads.

    Where that one no longer makes sense, or only the looks change, the card stands alone.
    """
    after, before = answers.read(step.after.command).request, answers.read(step.against).request
    if after is None:
        return answers.reply(answers.read(step.after.command), asker)
    reply = answers.estimate(after, step.after.command, asker)
    old = answers.answered(before.spec, replace(asker, language=reply.language)) if before else None
    if before is None or reply.requested is None or not isinstance(old, PricedEstimate):
        return answers.remarked(reply, step)
    texts, said = answers.texts(reply.language), before.said()
    requested = reply.requested
    told_of = (requested.estimate, step.after.shown) if step.is_back else (old.estimate, step.shown_before)
    prices_moved = moved_line(*told_of, texts)
    requested = replace(requested, estimate=as_shown(requested.estimate, step.after.shown))
    if step.asked and is_as_assumed(old.estimate, requested.estimate, texts):
        return (
            one_line(answers, after, "cost_why", asker)
            if step.asks_price
            else _as_before(step.after.command, step.asked, after, texts)
        )
    drawn = replace(requested, estimate=with_news_alone(requested.estimate, step.base.noted))
    lost = [(each.field, said.get(each.field)) for each in step.dropped]
    notice = phrases.lines(prices_moved, dropped_line(lost, texts))
    card = delta_card(
        RequestedEstimate.of(before, as_shown(old.estimate, step.shown_before)),
        with_way_under(drawn, lambda spec: answers.answered(spec, asker)),
        texts=texts,
        base_link=link,
        asker=asker.user_id or None,
        notice=notice,
        surface=asker.surface,
    )
    return answers.remarked(replace(reply, card=card, requested=requested), step)


def unchanged(answers: Answerer, move: Unchanged, asker: Asker) -> Reply:
    """One line: the card says that already; what it costs, where that is asked for."""
    request = answers.request(move.base.command) or Request()
    if move.asks_price:
        return one_line(answers, request, "cost_why", asker)
    texts = answers.texts(request.language or asker.language)
    return _as_before(move.base.command, move.asked, request, texts)


def _as_before(command: str, asked: tuple[str, ...], request: Request, texts: Texts) -> Reply:
    said = request.said()
    card = unchanged_card(command, {field: said.get(field) for field in asked}, texts=texts)
    return Reply(card=card, outcome="done", language=texts.language, for_everybody=not request.private)


def one_line(answers: Answerer, request: Request, topic: str, asker: Asker) -> Reply:
    """What the card says of `topic`, in one line; of what it holds in one sentence, that sentence."""
    reply = answers.estimate(request, format_request(request), asker)
    if reply.requested is None:
        return reply
    texts = answers.texts(reply.language)
    said = asked_card(topic, reply.requested.estimate, texts, otherwise=reply.card.text)
    return Reply(card=said, outcome="done", language=reply.language, for_everybody=True)


def granted(answers: Answerer, reading: Reading, before: Request, asker: Asker) -> Reading:
    """`faster`, `cheaper`: `reading` on the next setup by that measure; as it stands where there is none."""
    asker = replace(asker, language=before.language or asker.language)
    freed = _freed(before)
    found = answers.answered(freed.spec, asker)
    own = answers.answered(before.spec, asker)
    if not isinstance(found, PricedEstimate) or not isinstance(own, PricedEstimate):
        return reading
    if own.estimate.headline is None:
        return reading
    limit = _measured(own.estimate.headline, reading.wish)
    better = [each for each in found.estimate.options if _measured(each, reading.wish) < limit]
    if not better:
        return reading
    plan = max(better, key=lambda each: _measured(each, reading.wish)).plan
    taken = freed.spec.model_copy(update={"gpu": plan.gpu, "num_gpus": plan.num_gpus})
    return replace(reading, request=before.with_spec(taken), changes=("gpu", "num_gpus"))


def _measured(option: Option, wish: str) -> float:
    """Seconds, or the cost of a run in the reader's currency; without a price, nobody's wish."""
    if wish == "time":
        return option.time.run_seconds.likely
    return float(option.cost.amount) if option.cost else float("inf")


def alternatives(answers: Answerer, request: Request, asker: Asker, told: str = "") -> Reply:
    """The run of `request` on other GPUs, side by side with its own; `told`: marks of notes said before."""
    asker = replace(asker, language=request.language or asker.language)
    freed = _freed(request)
    found = answers.answered(freed.spec, asker)
    own = answers.answered(request.spec, asker)
    if not isinstance(found, PricedEstimate) or not isinstance(own, PricedEstimate):
        return answers.estimate(request, format_request(request), asker)
    texts = answers.texts(asker.language)
    setups = {
        setup.name: setup
        for estimate in (found.estimate, own.estimate)
        for setup in _setups(with_news_alone(estimate, told), freed, texts)
    }
    card = compare_card(
        tuple(setups.values()),
        texts=texts,
        command=format_request(request),
        asker=asker.user_id or None,
        surface=asker.surface,
        has_thread=not request.private,
    )
    return Reply(card=card, outcome="done", language=asker.language, for_everybody=not request.private)


def taken_setup(answers: Answerer, request: Request, taken: str) -> Request | None:
    """`request` on the setup that was chosen: a whole command, or the GPUs alone."""
    if not taken.startswith(GPUS_ALONE):
        return answers.request(taken)
    return answers.read(taken.removeprefix(GPUS_ALONE), _freed(request)).request


def _freed(request: Request) -> Request:
    """`request` on whatever GPUs suit it."""
    return request.with_spec(opened(request.spec))


def _setups(estimate: Estimate, freed: Request, texts: Texts) -> Iterator[Setup]:
    """A row for each option, with the command that takes its GPUs."""
    for option in estimate.options:
        plan = option.plan
        taken = freed.spec.model_copy(update={"gpu": plan.gpu, "num_gpus": plan.num_gpus})
        yield Setup(
            name=phrases.plan_gpus(plan, texts),
            option=option,
            retries=estimate.schedule.retries,
            command=format_request(freed.with_spec(taken)),
            gpus=f"{GPUS_ALONE}gpu={plan.gpu} gpus={plan.num_gpus}",
            notes=tuple(source_lines(estimate, texts)),
        )

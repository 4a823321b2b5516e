"""The same run, otherwise: changed, undone, on other cards."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from bot.answer import Answers, Asker, Reply
from bot.cards import words
from bot.cards.compare import Setup, compare_card
from bot.cards.delta import delta_card, is_as_assumed
from bot.cards.followup import dropped_line, unchanged_card
from bot.conversation import Step, Unchanged
from bot.i18n import Texts
from bot.language import format_spec
from bot.service import Answered
from estimator.outcome import Estimate
from estimator.spec import TrainingSpec

HARDWARE: Final = (
    "gpu",
    "num_gpus",
    "num_nodes",
    "price_per_gpu_hour",
    "zero_stage",
    "tensor_parallel_size",
    "pipeline_parallel_size",
    "context_parallel_size",
    "micro_batch_size",
    "gradient_accumulation_steps",
)
"""Fields that belong to one setup: a comparison of setups leaves them open."""


CARDS_ALONE: Final = "on "
"""Begins the value of a menu's line that has no room for the whole command."""


def stepped(answers: Answers, step: Step, asker: Asker, link: str | None = None) -> Reply:
    """The next card, told as a change of the one before, to which `link` leads.

    Where that one no longer makes sense, or only the looks change, the card stands alone.
    """
    after, before = answers.read(step.after.command).spec, answers.read(step.against).spec
    if after is None:
        return answers.reply(answers.read(step.after.command), asker)
    reply = answers.estimate(after, step.after.command, asker)
    old = answers.answered(before, reply.language, asker.currency) if before else None
    if before is None or reply.estimate is None or not isinstance(old, Answered):
        return reply
    texts, said = answers.texts(reply.language), before.said()
    if step.asked and is_as_assumed(old.estimate, reply.estimate, texts):
        return _as_before(step.after.command, step.asked, after, texts)
    lost = [(each.field, said.get(each.field)) for each in step.dropped]
    notice = dropped_line(lost, step.notes, texts)
    card = delta_card(
        old.estimate,
        reply.estimate,
        texts=texts,
        base_link=link,
        asker=asker.user_id or None,
        notice=notice,
        surface=asker.surface,
    )
    return replace(reply, card=card)


def unchanged(answers: Answers, move: Unchanged, asker: Asker) -> Reply:
    """One line: the card says that already."""
    spec = answers.spec(move.base.command) or TrainingSpec()
    texts = answers.texts(spec.language or asker.language)
    return _as_before(move.base.command, move.asked, spec, texts)


def _as_before(command: str, asked: tuple[str, ...], spec: TrainingSpec, texts: Texts) -> Reply:
    said = spec.said()
    card = unchanged_card(command, {field: said.get(field) for field in asked}, texts=texts)
    return Reply(card=card, outcome="listing", language=texts.language, for_everybody=True)


def alternatives(answers: Answers, spec: TrainingSpec, asker: Asker) -> Reply:
    """`spec` on other cards, side by side with its own."""
    language = spec.language or asker.language
    freed = spec.model_copy(update=dict.fromkeys(HARDWARE))
    found = answers.answered(freed, language, asker.currency)
    own = answers.answered(spec, language, asker.currency)
    if not isinstance(found, Answered) or not isinstance(own, Answered):
        return answers.estimate(spec, format_spec(spec), asker)
    texts = answers.texts(language)
    setups = {
        setup.name: setup
        for estimate in (found.estimate, own.estimate)
        for setup in _setups(estimate, freed, texts)
    }
    card = compare_card(
        tuple(setups.values()),
        texts=texts,
        command=format_spec(spec),
        asker=asker.user_id or None,
        surface=asker.surface,
        has_thread=not spec.private,
    )
    return Reply(card=card, outcome="listing", language=language, for_everybody=not spec.private)


def taken_setup(answers: Answers, spec: TrainingSpec, taken: str) -> TrainingSpec | None:
    """`spec` on the setup that was chosen: a whole command, or the cards alone."""
    if not taken.startswith(CARDS_ALONE):
        return answers.spec(taken)
    freed = spec.model_copy(update=dict.fromkeys(HARDWARE))
    return answers.read(taken.removeprefix(CARDS_ALONE), freed).spec


def _setups(estimate: Estimate, freed: TrainingSpec, texts: Texts) -> Iterator[Setup]:
    """A row for each option, with the command that takes its cards."""
    for option in estimate.options:
        plan = option.plan
        taken = freed.model_copy(update={"gpu": plan.gpu, "num_gpus": plan.num_gpus})
        command, cards = format_spec(taken), f"{CARDS_ALONE}gpu={plan.gpu} gpus={plan.num_gpus}"
        yield Setup(name=words.plan_gpus(plan, texts), option=option, command=command, cards=cards)

"""The same run, otherwise: changed, undone, on other cards."""

from collections.abc import Iterator
from typing import Final

from bot.answer import Answers, Asker, Reply
from bot.cards import words
from bot.cards.compare import Setup, compare_card
from bot.cards.delta import delta_card
from bot.cards.texts import Texts
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


def changed(answers: Answers, before: TrainingSpec, after: TrainingSpec, text: str, asker: Asker) -> Reply:
    """`after`, told as a change of `before`; where `before` no longer makes sense, `after` alone."""
    reply = answers.estimate(after, text, asker)
    old = answers.answered(before, reply.language)
    if reply.estimate is None or not isinstance(old, Answered):
        return reply
    card = delta_card(
        old.estimate, reply.estimate, texts=answers.texts(reply.language), surface=asker.surface
    )
    return Reply(
        card=card,
        outcome=reply.outcome,
        language=reply.language,
        for_everybody=reply.for_everybody,
        command=reply.command,
        estimate=reply.estimate,
    )


def alternatives(answers: Answers, spec: TrainingSpec, asker: Asker) -> Reply:
    """`spec` on other cards, side by side with its own."""
    language = spec.language or asker.language
    freed = spec.model_copy(update=dict.fromkeys(HARDWARE))
    found = answers.answered(freed, language)
    own = answers.answered(spec, language)
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
    )
    return Reply(card=card, outcome="listing", language=language, for_everybody=not spec.private)


def _setups(estimate: Estimate, freed: TrainingSpec, texts: Texts) -> Iterator[Setup]:
    """A row for each option, with the command that takes its cards."""
    for option in estimate.options:
        plan = option.plan
        taken = freed.model_copy(update={"gpu": plan.gpu, "num_gpus": plan.num_gpus})
        yield Setup(name=words.plan_gpus(plan, texts), option=option, command=format_spec(taken))

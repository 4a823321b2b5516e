"""A run as the configuration of a tool: exactly the plan that was estimated."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from bot.answers.estimates import PricedEstimate
from bot.answers.reply import Asker, Reply
from bot.cards import pastes, phrases
from bot.cards.notes import notice_card
from bot.cards.requested import written
from bot.cards.sections import as_typed
from bot.language import Reading, Request, format_request
from bot.language.recipe import Recipe, recipe_of
from bot.language.tools.argument import Tool
from bot.language.tools.registry import RECIPES, framework_key, recipe_tool
from bot.language.vocabulary import Vocabulary
from estimator.model.adapters import ALL_AND_EXPERTS, ALL_LINEAR
from estimator.result import Estimate, Option
from estimator.spec import SaidMoney, TrainingSpec

if TYPE_CHECKING:
    from bot.answers.answers import Answerer

ESSENTIAL: Final = ("model", "method", "num_gpus", "zero_stage", "micro_batch_size")
"""Said or not: without these it is another run."""


def planned(estimate: Estimate, best: Option) -> TrainingSpec:
    """The spec with everything that the headline's plan answers; the global batch follows from its parts."""
    plan, workload, schedule = best.plan, best.workload, estimate.schedule
    found: dict[str, Any] = {
        "method": workload.method,
        "precision": workload.precision,
        "quantization": workload.quantization,
        "sequence_length": workload.sequence_length,
        "optimizer": workload.optimizer,
        "num_epochs": schedule.num_epochs,
        "num_examples": None if schedule.num_tokens else schedule.num_examples,
        "gpu": plan.gpu,
        "num_gpus": plan.num_gpus,
        "num_nodes": plan.num_nodes if plan.num_nodes > 1 else None,
        "zero_stage": plan.zero_stage if plan.num_gpus > 1 else None,
        "engine": plan.engine if plan.num_gpus > 1 else None,
        "offload": plan.offload or None,
        "offload_params": plan.offload_params or None,
        "tensor_parallel_size": plan.tensor_parallel_size if plan.tensor_parallel_size > 1 else None,
        "pipeline_parallel_size": plan.pipeline_parallel_size if plan.pipeline_parallel_size > 1 else None,
        "context_parallel_size": plan.context_parallel_size if plan.context_parallel_size > 1 else None,
        "micro_batch_size": plan.micro_batch_size,
        "gradient_accumulation_steps": plan.gradient_accumulation_steps,
        "global_batch_size": None,
        "activation_checkpointing": plan.activation_checkpointing,
        "attention": plan.attention,
        **_adapters(best),
        **_priced(best),
    }
    return estimate.spec.model_copy(update=found)


def _adapters(best: Option) -> dict[str, Any]:
    workload = best.workload
    if not workload.has_adapters:
        return {}
    every = workload.lora_targets in (ALL_LINEAR, ALL_AND_EXPERTS)
    return {
        "lora_rank": workload.lora_rank,
        "lora_targets": "all-linear" if every else workload.lora_targets,
        "lora_dropout": workload.lora_dropout,
    }


def _priced(best: Option) -> dict[str, Any]:
    """The seller of the headline and what it asks: the most that is to be paid."""
    if not best.quotes:
        return {}
    quote = best.quotes[0]
    price = quote.price_per_hour.amount / quote.num_gpus
    return {
        "providers": (quote.provider,),
        "market": quote.market,
        "price_per_gpu_hour": SaidMoney(amount=round(price, 4), currency=quote.price_per_hour.currency),
    }


def recipe_for(
    estimate: Estimate, best: Option, tool: Tool, vocabulary: Vocabulary
) -> tuple[Recipe, tuple[str, ...]]:
    """The recipe of a plan, and what of it that matters the tool cannot say."""
    recipe = recipe_of(planned(estimate, best), tool, vocabulary)
    matters = {*estimate.spec.said(), *ESSENTIAL}
    return recipe, tuple(name for name in recipe.unsaid if name in matters and name not in _FOLLOWS)


_OUTSIDE: Final = ("gpu", "gpu_memory_gb", "num_gpus", "num_examples", "num_tokens", "mean_length")
"""What a configuration leaves to the machine and to the data, where it does not say it."""


def read_back(recipe: Recipe, asked: TrainingSpec) -> TrainingSpec:
    """The run that the tool makes of its recipe, on what was asked for."""
    whole = asked.said()
    outside = {name: whole[name] for name in _OUTSIDE if name in whole}
    return TrainingSpec.model_validate({**outside, **recipe.done})


def _is_the_same(
    answers: "Answerer", recipe: Recipe, asked: TrainingSpec, best: Option, asker: Asker
) -> bool:
    """Whether the recipe, read back, has the verdict and the batch of the plan that it was written from."""
    if recipe.lost:
        return False
    if recipe.tool.stack is None:
        return True
    answered = answers.answered(read_back(recipe, asked), asker)
    found = answered.estimate.headline if isinstance(answered, PricedEstimate) else None
    return (
        found is not None
        and found.memory.verdict is best.memory.verdict
        and found.plan.sequences_per_step == best.plan.sequences_per_step
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A plan, and its recipe."""

    estimate: Estimate
    best: Option
    recipe: Recipe
    unsaid: tuple[str, ...]
    is_the_same: bool


def _tries(
    answers: "Answerer", answered: PricedEstimate, best: Option, tool: Tool, asker: Asker
) -> Iterator[_Tried]:
    """The plan asked for; where nobody named a framework, those that the tool itself can run."""
    spec = answered.estimate.spec
    yield _tried(answers, answered.estimate, best, tool, asker)
    key = framework_key(tool)
    if spec.stack is not None or key is None:
        return
    own = answers.answered(spec.model_copy(update={"stack": key}), asker)
    if isinstance(own, PricedEstimate):
        for option in own.estimate.options:
            if option.fits:
                yield _tried(answers, own.estimate, option, tool, asker)


def _tried(answers: "Answerer", estimate: Estimate, best: Option, tool: Tool, asker: Asker) -> _Tried:
    recipe, unsaid = recipe_for(estimate, best, tool, answers.vocabulary)
    same = _is_the_same(answers, recipe, planned(estimate, best), best, asker)
    return _Tried(estimate, best, recipe, unsaid, same)


def _refused(answers: "Answerer", tried: _Tried, request: Request, asker: Asker) -> Reply:
    """No recipe, with what the tool cannot say and who can."""
    texts, recipe, vocabulary = answers.texts(asker.language), tried.recipe, answers.vocabulary
    tool, lost = recipe.tool, {*recipe.lost} & request.spec.said().keys() or {*recipe.lost}
    if not lost:
        spec = request.spec.model_copy(update={"stack": framework_key(tool)})
        command = as_typed(format_request(request.with_spec(spec)), asker.surface)
        card = notice_card("recipe_other_room", texts=texts, tool=tool.name, command=command)
    else:
        whole = planned(tried.estimate, tried.best)
        others = (recipe_of(whole, each, vocabulary) for each in RECIPES.values())
        able = [each.tool.key for each in others if not each.lost and not lost & {*each.unsaid}]
        name = "recipe_others" if able else "recipe_none"
        card = notice_card(
            name,
            texts=texts,
            tool=tool.name,
            names=pastes.as_said(whole, lost, texts),
            tools=", ".join(able),
            plan=phrases.whole_plan(tried.best, texts),
        )
    return Reply(card=card, outcome="help", language=asker.language)


_FOLLOWS: Final = frozenset(
    {"global_batch_size", "stack", "stack_release", "currency", "retries", "rank_by", "mfu"}
)
"""What follows from the rest, or is ours alone."""


def recipe_reply(answers: "Answerer", request: Request, named: str, asker: Asker) -> Reply:
    """`request` as the configuration of the tool `named`."""
    texts, tool = answers.texts(asker.language), recipe_tool(named)
    if tool is None:
        said = notice_card("recipe_tools", texts=texts, tools=", ".join(RECIPES))
        return Reply(card=said, outcome="help", language=asker.language)
    answered = answers.answered(request.spec, asker)
    if not isinstance(answered, PricedEstimate):
        return answers.problems_reply(written(answered, request, answers.vocabulary), named, asker.language)
    best = answered.estimate.headline
    if best is None:
        said = notice_card(
            "recipe_nothing", texts=texts, command=as_typed(format_request(request), asker.surface)
        )
        return Reply(card=said, outcome="help", language=asker.language)
    tried = list(_until_one_is_the_same(_tries(answers, answered, best, tool, asker)))
    if not tried[-1].is_the_same:
        return _refused(answers, tried[0], request, asker)
    card = pastes.recipe_card(
        tried[-1].recipe,
        tried[-1].unsaid,
        format_request(request),
        plans=[each.best for each in (tried[0], tried[-1])] if len(tried) > 1 else [],
        texts=texts,
        surface=asker.surface,
    )
    return Reply(card=card, outcome="done", language=asker.language, for_everybody=True)


def _until_one_is_the_same(tries: Iterable[_Tried]) -> Iterator[_Tried]:
    for tried in tries:
        yield tried
        if tried.is_the_same:
            return


def recipe_of_text(answers: "Answerer", reading: Reading, asker: Asker) -> Reply:
    """`recipe TOOL SPEC`."""
    named, _, text = reading.arguments.partition(" ")
    spec = answers.read(text) if text.strip() else None
    if spec is None or recipe_tool(named) is None:
        name = "recipe_how" if recipe_tool(named) else "recipe_tools"
        texts = answers.texts(asker.language)
        card = notice_card(name, texts=texts, tools=", ".join(RECIPES), tool=named[:40])
        return Reply(card=card, outcome="help", language=asker.language)
    if spec.request is None:
        return answers.reply(spec, asker)
    return recipe_reply(answers, spec.request, named, asker)

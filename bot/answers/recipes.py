"""A run as the configuration of a tool: exactly the plan that was estimated."""

from typing import TYPE_CHECKING, Any, Final

from bot.answers.estimates import PricedEstimate
from bot.answers.reply import Asker, Reply
from bot.cards import pastes
from bot.cards.notes import notice_card
from bot.cards.requested import written
from bot.cards.sections import as_typed
from bot.language import Reading, Request, format_request
from bot.language.recipe import Recipe, recipe_of
from bot.language.tools.argument import Tool
from bot.language.tools.registry import RECIPES, recipe_tool
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
    recipe, unsaid = recipe_for(answered.estimate, best, tool, answers.vocabulary)
    card = pastes.recipe_card(recipe, unsaid, format_request(request), texts=texts, surface=asker.surface)
    return Reply(card=card, outcome="done", language=asker.language, for_everybody=True)


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

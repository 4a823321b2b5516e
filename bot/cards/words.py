"""Phrases of the field made from values: the plan, the method, the price; numbers by `format`."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from bot.cards import format as fmt
from bot.cards.block import clipped, escape
from bot.cards.texts import Texts
from estimator.cost import PINNED_PROVIDER
from estimator.framework import Sharing
from estimator.money import Money, Offer
from estimator.outcome import Estimate, MoneyRange, Option, Quote
from estimator.parallel import Plan
from estimator.spec import Method
from estimator.workload import Assumption, Workload

MAX_NAME_CHARS: Final = 60
"""Of a model, a seller, a value: longer ones are cut."""
EVERYWHERE: Final = frozenset({"all", "global"})
"""Regions of sellers who have one price in every place."""
_SECONDS = re.compile(r"(\d+(?:\.\d+)?) s")
_MONEY = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")


def joined(*phrases: str, texts: Texts, by: str = "dot") -> str:
    """The phrases that say something, with the language's comma or a middle dot between."""
    return texts(f"punctuation.{by}").join(phrase for phrase in phrases if phrase)


def lines(*each: str) -> str:
    """One line each, empty ones left out."""
    return "\n".join(line for line in each if line)


def model_name(estimate: Estimate) -> str:
    """The model as asked for, a bare size in capitals: `7B`, `llama-3.1-8b`."""
    name = estimate.spec.model or estimate.arch.key
    shown = name.upper() if name[:1].isdigit() and len(name) < 8 else name
    return escape(clipped(shown, MAX_NAME_CHARS))


def method(workload: Workload, texts: Texts) -> str:
    """`full fine-tune`, `LoRA r=16`."""
    name = texts(f"method.{workload.method}")
    return texts("method.rank", method=name, rank=workload.lora_rank) if workload.lora_rank else name


def recipe(workload: Workload, texts: Texts) -> str:
    """Method, number format and optimizer: `full fine-tune, fp16, AdamW (fused)`."""
    precision = str(workload.precision)
    return joined(
        method(workload, texts),
        texts("precision.mixed", precision=precision) if workload.mixed_precision else precision,
        texts("precision.quantized", quantization=workload.quantization) if workload.quantization else "",
        texts(f"optimizer.{workload.optimizer}"),
        texts=texts,
        by="comma",
    )


def sharding(option: Option, texts: Texts) -> str:
    """How the job is spread, with the frameworks that do it; says so when it is not."""
    spread = [_join(*each, texts=texts) for each in option.joins]
    if option.plan.offload:
        spread.append(texts("sharding.offload"))
    return joined(*spread, texts=texts, by="comma") or texts("sharding.none")


def _join(by: Sharing, size: int | str, framework: str, *, texts: Texts) -> str:
    """The one name of a sharding, with the GPUs that it joins: `FSDP ×8 (ZeRO-3)`."""
    return texts(f"sharding.{by}", size=size, framework=escape(framework))


def passes(plan: Plan, texts: Texts) -> str:
    """How a step is made: `batch 32 = micro 8 × 4`."""
    return texts(
        "field.batch" if plan.data_parallel_size == 1 else "field.batch_parallel",
        batch=fmt.count(plan.sequences_per_step, texts),
        micro=plan.micro_batch_size,
        accumulation=plan.gradient_accumulation_steps,
        ranks=plan.data_parallel_size,
    )


def plan_gpus(plan: Plan, texts: Texts) -> str:
    """`2× A100 80GB`."""
    return fmt.gpus(plan.gpu, plan.num_gpus, texts)


def run_cost(quote: Quote) -> MoneyRange:
    """One clean run, in the reader's currency where a rate is known."""
    return quote.in_currency.run_cost if quote.in_currency else quote.run_cost


def retried_cost(quote: Quote) -> MoneyRange:
    """The run with its retries, in the reader's currency where a rate is known."""
    return quote.in_currency.with_retries if quote.in_currency else quote.with_retries


def seller(quote: Quote, texts: Texts) -> str:
    """`Alibaba Cloud cn-hangzhou`."""
    return _seller(quote.provider, quote.region, texts)


def offer_seller(offer: Offer, texts: Texts) -> str:
    """The same of a price on sale."""
    return _seller(offer.provider, offer.region, texts)


def _seller(provider: str, region: str, texts: Texts) -> str:
    name = texts.given(f"provider.{provider}", provider.capitalize())
    where = "" if region in EVERYWHERE else region
    return escape(clipped(f"{name} {where}".strip(), MAX_NAME_CHARS))


def seen(quote: Quote, texts: Texts) -> str:
    """`price of Dec 30, 2024`."""
    return (
        texts("estimate.seen", date=fmt.day(quote.as_of, texts))
        if quote.as_of
        else texts("estimate.seen_never")
    )


def price(quote: Quote, texts: Texts) -> str:
    """The price with everything that says how far to trust it, on one line."""
    converted = quote.in_currency
    facts: dict[str, str] = {
        "price": fmt.exact_money(quote.price_per_hour, texts),
        "market": texts(f"market.{quote.market}"),
        "seller": seller(quote, texts),
        "seen": seen(quote, texts),
    }
    if converted:
        facts |= {
            "base": quote.price_per_hour.currency,
            "quote": converted.currency,
            "rate": fmt.number(float(converted.rate), texts),
            "rate_date": fmt.day(converted.rate_date, texts),
        }
    said = "estimate.price_given" if quote.provider == PINNED_PROVIDER else "estimate.price"
    return joined(
        texts(f"{said}_converted" if converted else said, **facts),
        texts("estimate.scaled") if quote.scaled else "",
        texts("estimate.stale") if quote.stale else "",
        texts=texts,
    )


def used(option: Option, texts: Texts) -> str:
    """`63.9 of 79.3 GiB`."""
    memory = option.memory
    return texts(
        "estimate.used",
        used=fmt.gib_number(memory.process_bytes.likely, texts),
        usable=fmt.gib_number(memory.usable_bytes, texts),
    )


def tries(retries: float, texts: Texts) -> str:
    """`3 tries`."""
    return texts.counted("estimate.tries", retries, count=fmt.factor(retries, texts))


def trains_everything(workload: Workload) -> bool:
    """Whether LoRA would be a change."""
    return workload.method in (Method.FULL, Method.FREEZE)


def as_typed(assumption: Assumption, texts: Texts) -> str:
    """`seq=1024`; what joins the GPUs has no key, and is named as on the line of the plan."""
    name = texts.given(f"key.{assumption.what}", assumption.what)
    if assumption.code == "joined_by":
        return f"{name}={_joined_by(assumption.parameters, texts)}"
    return escape(clipped(f"{name}={assumption.value}", MAX_NAME_CHARS))


def _joined_by(parameters: Mapping[str, object], texts: Texts) -> str:
    """Every way in which a plan joins its GPUs, in the order of its line."""
    framework = str(parameters["framework"])
    each = (_join(by, str(parameters[by]), framework, texts=texts) for by in Sharing if by in parameters)
    return " + ".join(each)


def explained(assumption: Assumption, texts: Texts) -> str:
    """Why a value was taken, as a sentence of the reader's language."""
    return texts.given(
        f"assumption.{assumption.code}", escape(assumption.why), **shown_values(assumption.parameters, texts)
    )


def warning(assumption: Assumption, texts: Texts) -> str:
    """What the option breaks: over budget, past the deadline."""
    values = shown_values(assumption.parameters, texts)
    said = texts.given(f"warning.{assumption.code}", escape(assumption.why), **values)
    return texts("warning.line", said=said)


def shown_values(parameters: Mapping[str, str], texts: Texts) -> dict[str, str]:
    """Values of a sentence as text: what ends in a unit is formatted, the rest made inert."""
    return {name: _shown(name, value, texts) for name, value in parameters.items()}


def _shown(name: str, value: str, texts: Texts) -> str:
    if name == "gpu":
        return fmt.gpu_name(value)
    if name.endswith("_tokens") and value.isascii() and value.isdecimal():
        return fmt.whole(int(value), texts)
    if found := _SECONDS.fullmatch(value):
        return fmt.duration(float(found[1]), texts)
    if found := _MONEY.fullmatch(value):
        return fmt.money(Money(amount=Decimal(found[1]), currency=found[2]), texts)
    return escape(value)

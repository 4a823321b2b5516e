"""Phrases of the field made from values: the plan, the method, the price; numbers by `format`."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from bot.cards import dates
from bot.cards import format as fmt
from bot.cards.block import clipped, escape
from bot.cards.price_terms import price_terms
from bot.i18n import Texts
from estimator.catalog import Defaults
from estimator.framework.engine import Sharing
from estimator.money import Money, Offer
from estimator.places import is_everywhere
from estimator.plan import Plan
from estimator.prices.book import PINNED_PROVIDER
from estimator.prices.policy import MARKETPLACE_TIER
from estimator.result import Estimate, MoneyRange, Option, Quote
from estimator.spec import Market, Method
from estimator.workload import Workload

TOLD_DEFAULTS: Final = ("num_examples", "sequence_length", "global_batch_size", "num_epochs", "lora_rank")
"""Fields whose default help and the form say."""
MAX_NAME_CHARS: Final = 60
"""Of a model, a seller, a value: longer ones are cut."""


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
    spread = [joined_by(*each, texts=texts) for each in option.joins]
    if option.plan.offload:
        spread.append(texts("sharding.offload"))
    return joined(*spread, texts=texts, by="comma") or texts("sharding.none")


def joined_by(by: Sharing, size: int | str, framework: str, *, texts: Texts) -> str:
    """The one name of a sharding, with the GPUs that it joins: `FSDP ×8 (ZeRO-3)`."""
    return texts(f"sharding.{by}", size=size, framework=escape(framework))


def batch(plan: Plan, texts: Texts) -> str:
    """How a step is made: `batch 32 = micro 8 × 4 passes`."""
    return texts.counted(
        "field.batch" if plan.data_parallel_size == 1 else "field.batch_parallel",
        plan.gradient_accumulation_steps,
        batch=fmt.count(plan.sequences_per_step, texts),
        micro=plan.micro_batch_size,
        accumulation=plan.gradient_accumulation_steps,
        ranks=plan.data_parallel_size,
    )


def plan_gpus(plan: Plan, texts: Texts) -> str:
    """`2× A100 80GB`."""
    return fmt.gpus(plan.gpu, plan.num_gpus, texts)


def run_cost_of(quote: Quote) -> MoneyRange:
    """One clean run, in the reader's currency where a rate is known."""
    return quote.in_currency.run_cost if quote.in_currency else quote.run_cost


def retried_cost_of(quote: Quote) -> MoneyRange:
    """The run with its retries, in the reader's currency where a rate is known."""
    return quote.in_currency.with_retries if quote.in_currency else quote.with_retries


def seller(quote: Quote, texts: Texts) -> str:
    """`Alibaba Cloud cn-hangzhou`."""
    return seller_name(quote.provider, quote.region, texts)


def seller_alone(quote: Quote, texts: Texts) -> str:
    """`Alibaba Cloud`, in a cell, where nothing is markup."""
    return texts.given(f"provider.{quote.provider}", quote.provider.capitalize())


def offer_seller(offer: Offer, texts: Texts) -> str:
    """The same of a price on sale."""
    return seller_name(offer.provider, offer.region, texts)


def seller_name(provider: str, region: str, texts: Texts) -> str:
    """A seller and the place, less one that is everywhere."""
    name = texts.given(f"provider.{provider}", provider.capitalize())
    where = "" if is_everywhere(region) else region
    return escape(clipped(f"{name} {where}".strip(), MAX_NAME_CHARS))


def seen(quote: Quote, texts: Texts) -> str:
    """`price of Dec 30, 2024`."""
    return seen_on(quote.as_of, texts)


def seen_on(day: date | None, texts: Texts) -> str:
    """The same of a day."""
    return texts("estimate.seen", date=dates.day(day, texts)) if day else texts("estimate.seen_never")


FEWEST_IN_THE_MIDDLE: Final = 3
"""With fewer sellers there is no middle to speak of."""


def price(quote: Quote, texts: Texts) -> str:
    """The price with everything that says how far to trust it, on one line."""
    converted = quote.in_currency
    count = paid_gpus(quote)
    facts: dict[str, str] = {
        "price": fmt.exact_money(fmt.per_gpu(quote.price_per_hour, count), texts),
        "times": texts("estimate.price_times", count=fmt.count(count, texts)) if count > 1 else "",
        "middle": _middle(quote, texts),
        "market": texts(f"market.{quote.market}"),
        "seller": seller(quote, texts),
        "seen": seen(quote, texts),
    }
    if converted:
        base, wanted, rate = quote.price_per_hour.currency, converted.currency, float(converted.rate)
        if rate < 1:  # 1 USD = 6.653 CNY is read, 1 CNY = 0.150 USD is not
            base, wanted, rate = wanted, base, 1 / rate
        facts |= {
            "base": base,
            "quote": wanted,
            "rate": fmt.rate(rate, texts),
            "rate_date": dates.day(converted.rate_date, texts),
        }
    said = "estimate.price_given" if quote.provider == PINNED_PROVIDER else "estimate.price"
    return joined(
        texts(f"{said}_converted" if converted else said, **facts),
        *price_terms(quote, texts),
        texts("estimate.stale") if quote.stale else "",
        price_warning(quote, texts),
        caveat(quote.caveat, texts),
        texts=texts,
    )


def cheapest_to_book(quotes: Sequence[Quote], texts: Texts) -> str:
    """The second line of a price: who asks less than the middle and can be booked today as well.

    With its terms where they are others than those of the price above it.
    """
    bookable = next((each for each in quotes if each.is_bookable), None)
    if bookable is None:
        return ""
    count = paid_gpus(bookable)
    said = texts(
        "estimate.bookable",
        price=fmt.exact_money(fmt.per_gpu(bookable.price_per_hour, count), texts),
        times=texts("estimate.price_times", count=fmt.count(count, texts)) if count > 1 else "",
        seller=seller(bookable, texts),
        date=dates.day(bookable.as_of, texts) if bookable.as_of else texts("lists.undated"),
    )
    above, terms = ((*price_terms(each, texts), caveat(each.caveat, texts)) for each in (quotes[0], bookable))
    return joined(said, *(each for each in terms if each not in above), texts=texts)


def caveat(code: str, texts: Texts) -> str:
    """`median of a marketplace's offers`; words of one's own list as they stand."""
    return escape(clipped(texts.given(f"caveat.{code}", code), MAX_NAME_CHARS)) if code else ""


def price_warning(quote: Quote, texts: Texts) -> str:
    """What a price of spot or of a marketplace does not buy."""
    if quote.market is Market.SPOT:
        return texts("estimate.warn_spot")
    return texts("estimate.warn_marketplace") if quote.tier == MARKETPLACE_TIER else ""


def paid_gpus(quote: Quote) -> int:
    """GPUs that the price is for: more than the plan's where only a larger machine is sold."""
    return quote.machine_gpus or quote.num_gpus


def hourly(quote: Quote, texts: Texts) -> str:
    """`$2.69 per GPU-hour × 8`."""
    count = paid_gpus(quote)
    one = fmt.exact_money(fmt.per_gpu(quote.price_per_hour, count), texts)
    said = texts("estimate.per_gpu_hour", price=one)
    return texts("estimate.times_gpus", price=said, count=fmt.count(count, texts)) if count > 1 else said


def run_money(quote: Quote, texts: Texts) -> str:
    """What one clean run costs."""
    return fmt.money(run_cost_of(quote).likely, texts)


def retried_money(quote: Quote, retries: float, texts: Texts) -> str:
    """What it costs with its tries: the product of the numbers that stand on the card."""
    return fmt.money(retried_amount(quote, retries), texts)


def retried_amount(quote: Quote, retries: float) -> Money:
    """Likewise, as an amount."""
    return fmt.times(run_cost_of(quote).likely, retries, retried_cost_of(quote).likely)


def _middle(quote: Quote, texts: Texts) -> str:
    """`, middle of 17 sellers ($1.99–12.29)`; one or two are said to be as few."""
    middle = quote.middle
    if middle is None:
        return ""
    ends = fmt.money_range(MoneyRange(low=middle.low, likely=middle.low, high=middle.high), texts)
    sellers = str(middle.num_sellers)
    if middle.num_sellers >= FEWEST_IN_THE_MIDDLE:
        return texts("estimate.middle", sellers=sellers, range=ends)
    spread = texts("estimate.middle_range", range=ends) if middle.num_sellers > 1 else ""
    return texts.counted("estimate.middle_few", middle.num_sellers, sellers=sellers, range=spread)


def used(option: Option, texts: Texts) -> str:
    """`63.9 of 79.3 GiB`."""
    memory = option.memory
    return texts(
        "estimate.used",
        used=fmt.gib_number(memory.process_bytes.likely, texts),
        usable=fmt.gib_number(memory.usable_bytes, texts),
    )


def whole_plan(option: Option, texts: Texts) -> str:
    """A plan in one line: its GPUs, how it lies on them, its batch, its memory."""
    plan = option.plan
    spread = (plan_gpus(plan, texts), sharding(option, texts), batch(plan, texts))
    return joined(*spread, used(option, texts), texts=texts)


def tries(retries: float, texts: Texts) -> str:
    """`3 tries`."""
    return texts.counted("estimate.tries", retries, count=fmt.factor(retries, texts))


def defaults(taken: Defaults, texts: Texts) -> dict[str, str]:
    """What is taken where nobody says anything, by its field, as a sentence has it."""
    return {name: default(getattr(taken, name), texts) for name in TOLD_DEFAULTS}


def default(value: float | str, texts: Texts) -> str:
    """`10,000`, `0.5`, `hf`."""
    if isinstance(value, str):
        return value
    return fmt.whole(value, texts) if value == int(value) else fmt.factor(value, texts)


def trains_everything(workload: Workload) -> bool:
    """Whether LoRA would be a change."""
    return workload.method in (Method.FULL, Method.FREEZE)

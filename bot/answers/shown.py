"""A card of before at the price that it showed, and that prices have moved since."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from bot.answers.estimates import PricedEstimate
from bot.answers.reply import Asker
from bot.cards import format as fmt
from bot.cards import phrases
from bot.conversation.shown import Shown
from bot.i18n import Texts
from bot.language import Request
from estimator.result import Converted, Estimate, MoneyRange, NoteCode, Option, Quote

if TYPE_CHECKING:
    from bot.answers.answers import Answerer

DIGEST_CHARS: Final = 8
WRITTEN_OFF: Final = Decimal("0.0001")
"""A card's cost is kept with so small an error."""


def shown_of(estimate: Estimate) -> Shown | None:
    """The price in the headline of its card; None where there is none."""
    best = estimate.headline
    if best is None or not best.fits or not best.quotes:
        return None
    quote = best.quotes[0]
    converted = quote.in_currency
    return Shown(
        gpu=best.plan.gpu,
        num_gpus=best.plan.num_gpus,
        provider=quote.provider,
        region=quote.region,
        price_per_hour=quote.price_per_hour,
        as_of=quote.as_of,
        run_cost=phrases.run_cost_of(quote).likely,
        rate=converted.rate if converted else "",
        rate_date=converted.rate_date if converted else None,
        settings=_settings(estimate),
    )


def _settings(estimate: Estimate) -> str:
    """A digest of the settings that held; empty where none did."""
    said = [str(note.parameters["said"]) for note in estimate.notes if note.code is NoteCode.SETTINGS_HELD]
    return sha256(" ".join(said).encode()).hexdigest()[:DIGEST_CHARS] if said else ""


def as_shown(estimate: Estimate, shown: Shown | None) -> Estimate:
    """`estimate` with the plan and the price in its headline that its card showed, as far as can be."""
    option = _same_plan(estimate, shown) if shown else None
    if shown is None or option is None or not option.quotes:
        return estimate
    quote = option.quotes[0]
    factor = _factor(quote, shown)
    if factor is None or abs(factor - 1) < WRITTEN_OFF:
        then = option
    else:
        then = replace(option, quotes=(_priced_then(quote, shown, factor), *option.quotes[1:]))
    return replace(estimate, options=(then, *(each for each in estimate.options if each is not option)))


def same_run(answers: "Answerer", request: Request, shown: Shown | None, asker: Asker) -> Estimate | None:
    """What a card of before comes to at the prices of now: on the GPUs that it showed, in its own money."""
    asker = replace(asker, language=request.language or asker.language)
    found = answers.answered(request.spec, asker)
    if not isinstance(found, PricedEstimate):
        return None
    if shown and next(_on_its_gpus(found.estimate, shown), None) is None:
        on_its_gpus = request.spec.model_copy(update={"gpu": shown.gpu, "num_gpus": shown.num_gpus})
        again = answers.answered(on_its_gpus, asker)
        found = again if isinstance(again, PricedEstimate) else found
    return found.estimate


def moved_line(today: Estimate, shown: Shown | None, texts: Texts) -> str:
    """`Prices have changed since that card: $13.90 is $26.70 today`; nothing where it would show the same.

    Or the settings have, by which they are chosen.
    """
    if shown is None:
        return ""
    then = as_shown(today, shown).headline
    now = _same_plan(today, shown)
    retries = today.schedule.retries
    if then is None or now is None or not now.fits:
        return ""
    if not now.quotes:
        return texts("delta.price_gone", before=fmt.money(shown.run_cost, texts))
    was, now_is = (phrases.retried_money(each.quotes[0], retries, texts) for each in (then, now))
    if was == now_is:
        return ""
    by_settings = shown.settings is not None and shown.settings != _settings(today)
    return texts(f"delta.{'settings' if by_settings else 'prices'}_moved", before=was, after=now_is)


def _on_its_gpus(estimate: Estimate, shown: Shown) -> Iterator[Option]:
    wanted = (shown.gpu, shown.num_gpus)
    return (each for each in estimate.options if (each.plan.gpu, each.plan.num_gpus) == wanted)


def _same_plan(estimate: Estimate, shown: Shown) -> Option | None:
    """The option on the GPUs that were shown, else the headline of today."""
    return next(_on_its_gpus(estimate, shown), estimate.headline)


def _factor(quote: Quote, shown: Shown) -> Decimal | None:
    """What was shown, as a multiple of what it is today; None where nothing can be compared."""
    for then, now in (
        (shown.run_cost, phrases.run_cost_of(quote).likely),
        (shown.price_per_hour, quote.price_per_hour),
    ):
        if then.currency == now.currency and now.amount:
            return then.amount / now.amount
    return None


def _priced_then(quote: Quote, shown: Shown, factor: Decimal) -> Quote:
    """`quote` as it stood on the card: its seller, its day, its money."""
    same_money = shown.price_per_hour.currency == quote.price_per_hour.currency
    price = shown.price_per_hour if same_money else quote.price_per_hour.times(factor)
    once = price.amount / quote.price_per_hour.amount if quote.price_per_hour.amount else factor
    return replace(
        quote,
        provider=shown.provider,
        region=shown.region,
        price_per_hour=price,
        as_of=shown.as_of,
        middle=None,
        run_cost=_all(quote.run_cost, once),
        with_retries=_all(quote.with_retries, once),
        in_currency=quote.in_currency and _converted_then(quote.in_currency, shown, factor),
    )


def _converted_then(converted: Converted, shown: Shown, factor: Decimal) -> Converted:
    return converted._replace(
        rate=shown.rate or converted.rate,
        rate_date=shown.rate_date or converted.rate_date,
        run_cost=_all(converted.run_cost, factor),
        with_retries=_all(converted.with_retries, factor),
    )


def _all(costs: MoneyRange, factor: Decimal) -> MoneyRange:
    low, likely, high = (each.times(factor) for each in (costs.low, costs.likely, costs.high))
    return MoneyRange(low=low, likely=likely, high=high)

"""What prices have to say of one answer: nobody sells it there, who does, the last price, no such region."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final

from bot.files import sellers_without_a_list
from bot.prices import GatheredPrices
from estimator.money import Money, Offer
from estimator.places import is_everywhere
from estimator.plan import Plan
from estimator.prices.book import PriceBook, PricedOffer
from estimator.result import Estimate, Note, NoteCode, Quote
from estimator.spec import Market, TrainingSpec

_VARIANT: Final = re.compile(r"(?:-\d+gb)?(?:-(?:pcie|sxm|nvl))?$")
"""What of a GPU's name tells it from others of its kind."""


def notes_on(answer: Estimate, gathered: GatheredPrices) -> Iterator[Note]:
    """Those that bear on this answer: the user's own price needs no source, one currency needs no rate."""
    quotes = answer.headline.quotes if answer.headline else ()
    for note in gathered.notes:
        if note.code is NoteCode.OLD_RATES:
            bears = any(quote.in_currency for quote in quotes[:1])
        else:
            bears = answer.spec.price_per_gpu_hour is None and _is_of(note, answer)
        if bears:
            yield note


def _is_of(note: Note, answer: Estimate) -> bool:
    """Whether the note is of the headline's GPU and of who is asked for it or leads; most are of all.

    Where nobody's price leads, that seller's may be what is missing.
    """
    best = answer.headline
    gpus, sellers = (str(note.parameters.get(name, "")).split() for name in ("gpus", "sellers"))
    if best is None:
        return not gpus and not sellers
    asked = {*(answer.spec.providers or ()), *(quote.provider for quote in best.quotes[:1])}
    return (not gpus or best.plan.gpu in gpus) and (
        not sellers or not best.quotes or not asked.isdisjoint(sellers)
    )


def needs_everybody(answer: Estimate) -> bool:
    """Whether the prices of everybody are wanted to say where the headline is sold."""
    best, spec = answer.headline, answer.spec
    if best is None or not best.fits:
        return False
    is_asked = spec.region is not None and spec.price_per_gpu_hour is None
    return not best.quotes or is_asked or "market" in best.quotes[0].instead


def where_sold(answer: Estimate, everybody: PriceBook, currency: str) -> Iterator[Note]:
    """Where nobody sells the headline as asked for: who does, in the order of `currency`; no such region."""
    best, spec = answer.headline, answer.spec
    if best is None:
        return
    if best.quotes:
        if spec.region and not everybody.names_region(spec.region):
            yield _no_such_region(spec.region, best.quotes[0], near_region(spec.region, everybody))
        if "market" in best.quotes[0].instead and (old := everybody.last_seen(spec, best.plan.gpu)):
            yield Note(code=NoteCode.LAST_SEEN, parameters=_last_seen(old))
        return
    plan, found = best.plan, everybody.nearest(spec, best.plan, currency=currency)
    if (old := everybody.last_seen(spec, plan.gpu)) is not None and (spec.providers or found is None):
        yield Note(code=NoteCode.LAST_SEEN, parameters=_last_seen(old))
    if found is None:
        yield Note(code=NoteCode.NO_PRICE, parameters={"gpu": plan.gpu, "num_gpus": plan.num_gpus})
    else:
        said = _elsewhere(spec, plan, found) | _asked_sellers(spec, plan, everybody)
        yield Note(code=NoteCode.SOLD_ELSEWHERE, parameters=said)


def _asked_sellers(spec: TrainingSpec, plan: Plan, everybody: PriceBook) -> dict[str, str]:
    """Of the sellers that were named: who has no list of prices, or which GPU of the kind they list."""
    asked = spec.providers or ()
    if asked and sellers_without_a_list().issuperset(asked):
        return {"unlisted": " ".join(asked)}
    found = {
        gpu: first
        for gpu in everybody.gpus
        if gpu != plan.gpu and _kind(gpu) == _kind(plan.gpu)
        for first in everybody.priced(spec, plan._replace(gpu=gpu))[:1]
        if asked
    }
    alike = min(found, key=lambda gpu: (not gpu.startswith(plan.gpu), found[gpu].comparable), default=None)
    return {"alike": alike, "alike_of": found[alike].offer.provider} if alike else {}


def _kind(gpu: str) -> str:
    """`a100` of `a100-80gb-pcie`."""
    return _VARIANT.sub("", gpu)


def near_region(region: str, book: PriceBook) -> str:
    """The region of a price that `region` is a slip of; empty where there is none."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415  -- most regions are known

    asked = region.lower()
    alike = (each for each in sorted(book.regions) if _digits(each) == _digits(asked))
    return next((each for each in alike if OSA.distance(each, asked, score_cutoff=1) == 1), "")


def _digits(region: str) -> str:
    """`us-east-2` is no slip of `us-east-1`."""
    return "".join(filter(str.isdigit, region))


def _no_such_region(region: str, leading: Quote, near: str) -> Note:
    slip = {"near": near} if near else {}
    if is_everywhere(leading.region):
        return Note(code=NoteCode.NO_SUCH_REGION, parameters={"region": region, **slip})
    named = {"region": region, "provider": leading.provider, "place": leading.region, **slip}
    return Note(code=NoteCode.NO_SUCH_REGION_BUT, parameters=named)


def _last_seen(offer: Offer) -> dict[str, str | int | date | Money]:
    """A price that is too old to count, of one GPU."""
    one = Money(amount=offer.price_per_hour.amount / offer.num_gpus, currency=offer.price_per_hour.currency)
    dated = {"as_of": offer.as_of} if offer.as_of else {}
    return {
        "gpu": offer.gpu,
        "provider": offer.provider,
        "region": offer.region,
        "market": offer.market,
        "price_per_gpu_hour": one,
        **dated,
    }


def _elsewhere(spec: TrainingSpec, plan: Plan, found: PricedOffer) -> dict[str, str | int | date | Money]:
    """What was asked for that nobody sells, and the nearest that somebody does."""
    offer = found.offer
    asked = {"asked_region": spec.region} if spec.region else {}
    dated = {"as_of": offer.as_of} if offer.as_of else {}
    return {
        "gpu": plan.gpu,
        "num_gpus": plan.num_gpus,
        "asked_market": spec.market or Market.ON_DEMAND,
        "asked_providers": " ".join(spec.providers or ()),
        **asked,
        "provider": offer.provider,
        "region": offer.region,
        "market": offer.market,
        "sold_gpus": max(plan.num_gpus, offer.num_gpus),
        "price_per_hour": found.price_per_hour,
        **dated,
    }

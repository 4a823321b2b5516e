"""What the catalogs hold: models, GPUs, prices; four columns, cut to what a message can hold."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from bot.cards import dates, phrases
from bot.cards import format as fmt
from bot.cards.block import Block, Card, cell, clipped, context, escape, header, section, table
from bot.cards.price_terms import instead_of_it
from bot.i18n import Texts
from estimator.hardware import GPU
from estimator.model.arch import ModelArch
from estimator.money import Money, Offer
from estimator.prices.book import PricedOffer
from estimator.prices.policy import is_chinese, why_no_vote
from estimator.result import MoneyRange
from estimator.spec import Market, TrainingSpec
from estimator.units import GB

ALIGNED: Final = ("left", "right", "right", "right")
SHOWN: Final = 25
"""Rows of a list in a message; a terminal shows all."""
MAX_CELL_CHARS: Final = 60


def models_card(models: Sequence[ModelArch], *, texts: Texts, limit: int | None = SHOWN) -> Card:
    """Name, parameters, layers x width, longest context; a copy beside the model whose shape it has."""
    listed = {each.key for each in models}
    beside: dict[str, list[str]] = {}
    for each in models:
        if each.copy_of in listed:
            beside.setdefault(each.copy_of, []).append(each.key)
    models = [each for each in models if each.copy_of not in listed]
    rows = (
        (
            _with_copies(each.key, beside.get(each.key, ())),
            fmt.magnitude(each.num_params, texts),
            f"{each.num_layers} × {each.hidden_size}",
            fmt.count(each.max_position_embeddings, texts),
        )
        for each in models[:limit]
    )
    return _list_card("models", rows, len(models), limit, texts)


def _with_copies(key: str, copies: Iterable[str]) -> str:
    """`llama-2-7b, -chat`: of a copy what its name has after that of its model."""
    return ", ".join((key, *(each.removeprefix(key) for each in copies)))


def gpus_card(gpus: Sequence[GPU], *, texts: Texts, limit: int | None = SHOWN) -> Card:
    """Name, usable of total memory, dense 16-bit TFLOP/s, bandwidth."""
    rows = (
        (
            fmt.gpu_name(each.key),
            texts(
                "lists.memory",
                usable=fmt.gib_number(each.usable_memory_bytes, texts),
                total=fmt.whole_gb(each.memory_bytes / GB, texts),
            ),
            fmt.number(each.bf16_tflops_per_second or each.fp16_tflops_per_second or 0.0, texts),
            fmt.number(each.memory_bandwidth_gb_per_second, texts),
        )
        for each in gpus[:limit]
    )
    return _list_card("gpus", rows, len(gpus), limit, texts)


def prices_card(
    asked: TrainingSpec,
    offers: Sequence[Offer],
    middles: Sequence[PricedOffer] = (),
    *,
    texts: Texts,
    limit: int | None = SHOWN,
) -> Card:
    """What leads, then seller, price of one GPU-hour × GPUs, and its day or why it does not vote.

    `asked` says which GPU, and whose prices if not everybody's. Those that vote come first, each half
    cheapest first.
    """
    whys = _whys(offers, middles)
    offers = sorted(offers, key=lambda each: bool(whys[id(each)]))  # stable: by price within
    rows = (
        (
            clipped(
                phrases.joined(
                    phrases.offer_seller(each, texts),
                    texts("lists.tier", tier=each.tier) if each.tier else "",
                    texts(f"market.{each.market}") if each.market is not Market.ON_DEMAND else "",
                    texts=texts,
                    by="comma",
                ),
                MAX_CELL_CHARS,
            ),
            _per_gpu(each, texts),
            _seen(each, whys[id(each)], texts),
        )
        for each in offers[:limit]
    )
    gpu = asked.gpu or ""
    kind = "prices" if offers or not (asked.providers or asked.excluded_providers) else "prices_asked"
    listed = _list_card(kind, rows, len(offers), limit, texts, gpu=fmt.gpu_name(gpu), key=gpu)
    said = phrases.lines(*(_leading_line(each, asked.num_gpus or 1, texts) for each in middles))
    if not said:
        return listed
    return Card(listed.text, (listed.blocks[0], section(said, block_id="middles"), *listed.blocks[1:]))


def _per_gpu(offer: Offer, texts: Texts) -> str:
    """`$2.99 × 8`: what a GPU of a machine of eight costs in an hour."""
    price = fmt.exact_money(fmt.per_gpu(offer.price_per_hour, offer.num_gpus), texts)
    count = fmt.count(offer.num_gpus, texts)
    return texts("lists.prices.times", price=price, count=count) if offer.num_gpus > 1 else price


def _leading_line(priced: PricedOffer, used: int, texts: Texts) -> str:
    """The middle of its sellers, else whose it is; what it is instead of what was asked."""
    terms = instead_of_it(
        priced.instead, priced.offer.region, (priced.copies * priced.offer.num_gpus, used), texts
    )
    return phrases.joined(_middle_line(priced, texts) or _seller_line(priced, texts), *terms, texts=texts)


def _seller_line(priced: PricedOffer, texts: Texts) -> str:
    """`*8 GPUs*: $3.99 per GPU-hour: Lambda, Oct 10, 2026`."""
    count = priced.copies * priced.offer.num_gpus
    return texts.counted(
        "lists.prices.named",
        count,
        count=fmt.count(count, texts),
        price=fmt.exact_money(fmt.per_gpu(priced.price_per_hour, count), texts),
        seller=phrases.offer_seller(priced.offer, texts),
        date=dates.day(priced.offer.as_of, texts) if priced.offer.as_of else texts("lists.undated"),
    )


def _middle_line(priced: PricedOffer, texts: Texts) -> str:
    """`*8 GPUs*: $3.99 per GPU-hour, middle of 17 sellers ($1.99–12.29): RunPod, Nov 9, 2026`."""
    votes, count = priced.votes, priced.copies * priced.offer.num_gpus
    if votes is None:
        return ""
    unit = priced.price_per_hour.amount / Decimal(repr(priced.comparable)) / count
    currency = priced.price_per_hour.currency
    low, high = (
        Money(amount=Decimal(repr(end)) * unit, currency=currency) for end in (votes.low, votes.high)
    )
    few = "" if votes.num_sellers >= phrases.FEWEST_IN_THE_MIDDLE else "_few"
    return texts.counted(
        f"lists.prices.middle{few}",
        count,
        count=fmt.count(count, texts),
        price=fmt.exact_money(fmt.per_gpu(priced.price_per_hour, count), texts),
        sellers=fmt.count(votes.num_sellers, texts),
        range=fmt.money_range(MoneyRange(low=low, likely=low, high=high), texts),
        seller=phrases.offer_seller(priced.offer, texts),
        date=dates.day(priced.offer.as_of, texts) if priced.offer.as_of else texts("lists.undated"),
    )


def _whys(offers: Sequence[Offer], middles: Sequence[PricedOffer]) -> dict[int, str]:
    """By identity: why an offer does not vote. For a Chinese reader those vote who sell in CNY."""
    outliers = _outliers(offers, middles)
    in_china = any(is_chinese(each.offer) for each in middles)
    found = {}
    for each in offers:
        why = why_no_vote(each) or ("outlier" if each.provider in outliers else "")
        found[id(each)] = {"china": "", "": "foreign"}.get(why, why) if in_china else why
    return found


def _outliers(offers: Iterable[Offer], middles: Sequence[PricedOffer]) -> frozenset[str]:
    """Sellers who could vote and whose cheapest lies out of sight of every middle."""
    cheapest: dict[str, float] = {}
    ends = []
    for each in middles:
        if each.votes is not None:
            unit = each.comparable / float(each.price_per_hour.amount)
            count = each.copies * each.offer.num_gpus
            ends.append((each.price_per_hour.currency, unit, each.votes.low / count, each.votes.high / count))
    for offer in offers:
        price = float(offer.price_per_hour.amount) / offer.num_gpus
        same = [
            (price * unit, low, high)
            for currency, unit, low, high in ends
            if currency == offer.price_per_hour.currency
        ]
        if same and all(not low * 0.999 <= at <= high * 1.001 for at, low, high in same):
            cheapest.setdefault(offer.provider, price)
        elif same:
            cheapest[offer.provider] = 0.0
    return frozenset(seller for seller, price in cheapest.items() if price)


def _seen(offer: Offer, why: str, texts: Texts) -> str:
    """The day, and why the price does not vote or what it is worth less for."""
    day = dates.day(offer.as_of, texts) if offer.as_of else texts("lists.undated")
    day = texts("lists.stale", date=day) if offer.stale and why not in {"too_old", "spot"} else day
    why = texts(f"lists.prices.no_vote.{why}") if why and why != "undated" else ""
    return phrases.joined(day, why, phrases.caveat(offer.caveat, texts), texts=texts)


def _list_card(
    kind: str,
    rows: Iterable[Sequence[str]],
    total: int,
    limit: int | None,
    texts: Texts,
    **values: str,
) -> Card:
    if not total:
        return Card(texts(f"lists.{kind}.none", **values), (header(texts(f"lists.{kind}.none", **values)),))
    title = texts.counted(f"lists.{kind}.title", total, count=fmt.count(total, texts), **values)
    keys = [f"lists.{kind}.{name}" for name in ("first", "second", "third", "fourth")]
    heads = [cell(texts(key), bold=True) for key in keys if key in texts]
    body: list[list[Block]] = [[cell(clipped(text, MAX_CELL_CHARS)) for text in row] for row in rows]
    blocks = [
        header(title),
        table([heads, *body], block_id=kind, align=ALIGNED[: len(heads)], wrapped=(0, len(heads) - 1)),
    ]
    hidden = total - len(body)
    note = texts("lists.hidden", count=fmt.count(hidden, texts)) if hidden > 0 and limit else ""
    hint = texts(f"lists.{kind}.hint")
    return Card(title, (*blocks, context(phrases.joined(note, escape(hint), texts=texts))))

"""What the catalogs hold: models, GPUs, prices; four columns, cut to what a message can hold."""

from collections.abc import Iterable, Sequence
from typing import Final

from bot.cards import format as fmt
from bot.cards import phrases
from bot.cards.block import Block, Card, cell, clipped, context, escape, header, table
from bot.i18n import Texts
from estimator.hardware import GPU
from estimator.model.arch import ModelArch
from estimator.money import Offer
from estimator.units import GB

SHOWN: Final = 25
"""Rows of a list in a message; a terminal shows all."""
MAX_CELL_CHARS: Final = 60


def models_card(models: Sequence[ModelArch], *, texts: Texts, limit: int | None = SHOWN) -> Card:
    """Name, parameters, layers x width, longest context."""
    rows = (
        (
            each.key,
            fmt.magnitude(each.num_params, texts),
            f"{each.num_layers} × {each.hidden_size}",
            fmt.count(each.max_position_embeddings, texts),
        )
        for each in models[:limit]
    )
    return _list_card("models", rows, len(models), limit, texts)


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
            texts("lists.bandwidth", number=fmt.number(each.memory_bandwidth_gb_per_second, texts)),
        )
        for each in gpus[:limit]
    )
    return _list_card("gpus", rows, len(gpus), limit, texts)


def prices_card(gpu: str, offers: Sequence[Offer], *, texts: Texts, limit: int | None = SHOWN) -> Card:
    """Seller, cards, price of one card for an hour, and how old it is; cheapest first."""
    rows = (
        (
            clipped(
                phrases.joined(
                    phrases.offer_seller(each, texts), texts(f"market.{each.market}"), texts=texts, by="comma"
                ),
                MAX_CELL_CHARS,
            ),
            fmt.count(each.num_gpus, texts),
            fmt.exact_money(fmt.per_card(each.price_per_hour, each.num_gpus), texts),
            _seen(each, texts),
        )
        for each in offers[:limit]
    )
    return _list_card("prices", rows, len(offers), limit, texts, gpu=fmt.gpu_name(gpu))


def _seen(offer: Offer, texts: Texts) -> str:
    day = fmt.day(offer.as_of, texts) if offer.as_of else texts("lists.undated")
    return texts("lists.stale", date=day) if offer.stale else day


def _list_card(
    kind: str,
    rows: Iterable[Sequence[str]],
    total: int,
    limit: int | None,
    texts: Texts,
    **values: str,
) -> Card:
    title = texts.counted(f"lists.{kind}.title", total, count=fmt.count(total, texts), **values)
    if not total:
        return Card(texts(f"lists.{kind}.none", **values), (header(texts(f"lists.{kind}.none", **values)),))
    heads = [
        cell(texts(f"lists.{kind}.{name}"), bold=True) for name in ("first", "second", "third", "fourth")
    ]
    body: list[list[Block]] = [[cell(clipped(text, MAX_CELL_CHARS)) for text in row] for row in rows]
    blocks = [header(title), table([heads, *body], block_id=kind, align=("left", "right", "right", "right"))]
    hidden = total - len(body)
    note = texts("lists.hidden", count=fmt.count(hidden, texts)) if hidden > 0 and limit else ""
    hint = texts(f"lists.{kind}.hint")
    return Card(title, (*blocks, context(phrases.joined(note, escape(hint), texts=texts))))

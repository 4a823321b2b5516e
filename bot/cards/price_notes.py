"""What prices have to say beside the figures: sources that are down, old rates, who sells it elsewhere."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from bot.cards import dates, phrases
from bot.cards import format as fmt
from bot.cards.block import clipped, escape
from bot.i18n import Texts
from estimator.money import Money
from estimator.places import is_everywhere
from estimator.result import Estimate, Note, NoteCode

_ABOUT_THE_PLAN: Final = (NoteCode.NO_PRICE, NoteCode.SOLD_ELSEWHERE, NoteCode.LAST_SEEN)
"""Notes that stand in the place of a price; the others are small print."""
_OF_SOURCES: Final = (NoteCode.SOURCE_DOWN, NoteCode.REFRESHING)
"""Notes of one source each: with the network gone there is one of every source."""
MAX_VALUE_CHARS: Final = 80
MOST_NAMED: Final = 3
"""Of sources in one state: more are counted."""


def small_print(estimate: Estimate, texts: Texts) -> str:
    """A line for each source that is down or being asked, and for old exchange rates."""
    return phrases.lines(*source_lines(estimate, texts))


def source_lines(estimate: Estimate, texts: Texts) -> Iterator[str]:
    """The same, one by one; several sources in one state are one line."""
    small = [note for note in estimate.notes if note.code not in _ABOUT_THE_PLAN]
    if estimate.headline and estimate.headline.quotes and (old := last_price(estimate, texts)):
        yield old
    alike = Counter(note.code for note in small)
    for code in _OF_SOURCES:
        if alike[code] > 1:
            yield _several([note for note in small if note.code is code], texts)
    for note in small:
        if note.code not in _OF_SOURCES or alike[note.code] == 1:
            read = _less_known(note)
            said = _said(note.parameters, texts)
            slip = texts("price_note.near_region", near=said["near"]) if "near" in said else ""
            yield f"{texts(f'price_note.{note.code}{read}', **said)}{slip}"


def _less_known(note: Note) -> str:
    """Of the sentence for a note that has less to say: a source never read, a price without a place."""
    if note.code is NoteCode.SOURCE_DOWN and "as_of" not in note.parameters:
        return "_unread"
    nowhere = note.code is NoteCode.NO_SUCH_REGION_BUT and not note.parameters.get("place")
    return "_unnamed" if nowhere else ""


def _several(notes: Sequence[Note], texts: Texts) -> str:
    """All that are down, or all that are being asked."""
    if len(notes) > MOST_NAMED:
        return texts(f"price_note.{notes[0].code}_many", count=len(notes))
    names = [_said(note.parameters, texts)["source"] for note in notes]
    return texts(
        f"price_note.{notes[0].code}_several", sources=phrases.joined(*names, texts=texts, by="comma")
    )


def nearest_seller(estimate: Estimate, texts: Texts) -> str:
    """`None of your sellers lists 8× H200; the nearest: …`, or their last price; nothing where neither is."""
    old = last_price(estimate, texts)
    notes = (each for each in estimate.notes if each.code is NoteCode.SOLD_ELSEWHERE)
    return next((_nearest(note, old, texts) for note in notes), old)


def last_price(estimate: Estimate, texts: Texts) -> str:
    """`No current price of Modal for H100 80GB: last seen at $3.95 …`; nothing where none is too old."""
    return next((_last(note, texts) for note in estimate.notes if note.code is NoteCode.LAST_SEEN), "")


def _last(note: Note, texts: Texts) -> str:
    said = note.parameters
    day = said.get("as_of")
    return texts(
        "price_note.last_seen",
        seller=phrases.seller_name(str(said["provider"]), str(said["region"]), texts),
        gpu=fmt.gpu_name(str(said["gpu"])),
        price=_value("price", said["price_per_gpu_hour"], texts),
        market=texts(f"market.{said['market']}"),
        seen=phrases.seen_on(day if isinstance(day, date) else None, texts),
    )


def _nearest(note: Note, old: str, texts: Texts) -> str:
    """Who sells it; `old` is said in the place of that nobody does as asked for."""
    said = note.parameters
    scope = "named" if said["asked_providers"] else "anybody"
    if "asked_region" in said:
        scope += "_there"
    facts = _said(said, texts) | {
        "gpus": fmt.gpus(str(said["gpu"]), _count(said["num_gpus"]), texts),
        "asked_market": texts(f"market.{said['asked_market']}"),
    }
    day = said.get("as_of")
    sold = {
        "nobody": old or _without_a_list(said, texts) or texts(f"price_note.nobody.{scope}", **facts),
        "seller": _seller(note, texts),
        "sold": fmt.gpus(str(said["gpu"]), _count(said["sold_gpus"]), texts),
        "market": texts(f"market.{said['market']}"),
        "price": facts["price_per_hour"],
        "seen": phrases.seen_on(day if isinstance(day, date) else None, texts),
    }
    nearest = texts("price_note.nearest", **sold)
    alike = str(said.get("alike", ""))
    if not alike:
        return nearest
    whose = phrases.seller_name(str(said["alike_of"]), "", texts)
    listed = texts("price_note.alike", seller=whose, gpu=fmt.gpu_name(alike), key=alike)
    return f"{nearest}{listed}"


def _without_a_list(said: Mapping[str, Any], texts: Texts) -> str:
    """`Tencent Cloud publishes no list of GPU prices`; nothing where those who were asked do."""
    names = [phrases.seller_name(each, "", texts) for each in str(said.get("unlisted", "")).split()]
    return (
        texts("price_note.unlisted", sellers=phrases.joined(*names, texts=texts, by="comma")) if names else ""
    )


def _seller(note: Note, texts: Texts) -> str:
    """With the place: it may be what differs."""
    region = str(note.parameters["region"])
    name = phrases.seller_name(str(note.parameters["provider"]), region, texts)
    if is_everywhere(region):
        return texts("price_note.all_regions", seller=name)
    if region or "asked_region" not in note.parameters:
        return name
    return texts("price_note.no_region", seller=name)


def _said(parameters: Mapping[str, Any], texts: Texts) -> dict[str, str]:
    return {name: _value(name, value, texts) for name, value in parameters.items()}


def _value(name: str, value: str | int | date | Money, texts: Texts) -> str:
    if isinstance(value, Money):
        return fmt.exact_money(value, texts)
    if isinstance(value, date):
        return dates.day(value, texts)
    if name == "scope":
        return texts(f"price_note.scope.{value}")
    if name == "parts":
        names = (texts.given(f"provider.{each}", each) for each in str(value).split())
        value = phrases.joined(*names, texts=texts, by="comma")
    if name in ("source", "provider"):
        value = texts.given(f"provider.{value}", str(value))
    return escape(clipped(str(value), MAX_VALUE_CHARS))


def _count(value: Any) -> int:
    return int(value)

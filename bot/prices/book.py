"""The book of prices: what everybody sells at one moment. Built where a reading is made, then only looked up.

A request finds its offers in it and never walks through all of them; what is kept for a seller's GPUs is
bounded, however many offers a source lists.
"""

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

from estimator.money import FxRate, Offer
from estimator.places import is_everywhere, is_within
from estimator.prices.book import PriceBook
from estimator.spec import Market

MOST_ALIKE: Final = 40
"""Offers kept of one seller, GPU, count and market: its cheapest. The bundled list has 35 at most."""
MAX_LOOKUPS: Final = 256
_UNDATED: Final = date.min
_EVERYWHERE: Final = "all"
_NO_PLACE: Final = ""

_Kind = tuple[str, str, Market, int]
"""Whose price of what: seller, GPU, market, GPUs in the machine."""


class Wanted(NamedTuple):
    """Which prices; None: any."""

    gpus: tuple[str, ...]
    providers: tuple[str, ...] | None = None
    market: Market | None = None
    region: str | None = None

    @property
    def is_plain(self) -> bool:
        """Whether it is what nearly every command asks: any seller's, anywhere."""
        return (self.providers, self.market, self.region) == (None, None, None)

    def is_whose(self, offer: Offer) -> bool:
        """Whether its seller is wanted: what stands in where nothing is sold just as asked for."""
        return self.providers is None or offer.provider in self.providers

    def admits(self, offer: Offer) -> bool:
        """Whether `offer`, of a GPU that is wanted, is from there."""
        return (
            (self.market is None or offer.market is self.market)
            and self.is_whose(offer)
            and (self.region is None or offer.is_in(self.region))
        )


class Book:
    """Offers and rates of one moment; safe to share between threads."""

    def __init__(self, offers: Iterable[Offer], rates: tuple[FxRate, ...]) -> None:
        self.rates = rates
        self._by_place: dict[str, dict[str, list[Offer]]] = defaultdict(lambda: defaultdict(list))
        offers = tuple(offers)
        for offer in offers:
            place = _EVERYWHERE if is_everywhere(offer.region) else offer.region.casefold()
            self._by_place[place][offer.gpu].append(offer)
        self._anywhere = _by_gpu(_bounded(offers))
        self._found: dict[Wanted, tuple[tuple[Offer, ...], PriceBook]] = {}
        self._finding = threading.Lock()

    def find(self, wanted: Wanted) -> tuple[tuple[Offer, ...], PriceBook]:
        """The offers that are wanted, what these sellers have elsewhere, and both found by GPU and count."""
        found = self._found.get(wanted)
        if found is None:
            with self._finding:  # many may ask the same at once: the first of them finds it
                found = self._found.get(wanted) or self._find(wanted)
        return found

    def _find(self, wanted: Wanted) -> tuple[tuple[Offer, ...], PriceBook]:
        offers = tuple(self._offers(wanted))
        found = (offers, PriceBook(offers, self.rates))
        if len(self._found) >= MAX_LOOKUPS:
            self._found.clear()
        self._found[wanted] = found
        return found

    @property
    def plain(self) -> tuple[Wanted, ...]:
        """What plain commands have asked of it."""
        return tuple(wanted for wanted in tuple(self._found) if wanted.is_plain)

    def _offers(self, wanted: Wanted) -> Iterable[Offer]:
        shelf = self._anywhere
        if wanted.region is not None:
            places = [at for at in self._by_place if at == _EVERYWHERE or is_within(at, wanted.region)]
            shelf = _by_gpu(_bounded(_in_places(self._by_place, places, wanted.gpus)))
        for gpu in dict.fromkeys(wanted.gpus):
            there = [offer for offer in shelf.get(gpu, ()) if wanted.admits(offer)]
            elsewhere = (offer for offer in self._anywhere.get(gpu, ()) if wanted.is_whose(offer))
            known = {id(offer) for offer in there}
            yield from (*there, *(offer for offer in elsewhere if id(offer) not in known))


def _in_places(
    by_place: Mapping[str, Mapping[str, list[Offer]]], places: Sequence[str], gpus: Iterable[str]
) -> Iterable[Offer]:
    for shelf in (by_place.get(place, {}) for place in places):
        for gpu in gpus:
            yield from shelf.get(gpu, ())


def _by_gpu(offers: Iterable[Offer]) -> dict[str, tuple[Offer, ...]]:
    found: dict[str, list[Offer]] = defaultdict(list)
    for offer in offers:
        found[offer.gpu].append(offer)
    return {gpu: tuple(listed) for gpu, listed in found.items()}


def _bounded(offers: Iterable[Offer]) -> Iterable[Offer]:
    """At most `MOST_ALIKE` of each kind: the cheapest, in the order in which they came."""
    for alike in _by_kind(offers).values():
        if len(alike) <= MOST_ALIKE:
            yield from alike
            continue
        cheapest = sorted(alike, key=lambda offer: offer.price_per_hour.amount)[:MOST_ALIKE]
        kept = {id(offer) for offer in cheapest}
        yield from (offer for offer in alike if id(offer) in kept)


def _by_kind(offers: Iterable[Offer]) -> dict[_Kind, list[Offer]]:
    found: dict[_Kind, list[Offer]] = defaultdict(list)
    for offer in offers:
        found[offer.provider, offer.gpu, offer.market, offer.num_gpus].append(offer)
    return found


def newest_of_each(sources: Iterable[Iterable[Offer]]) -> Iterable[Offer]:
    """Of each kind and place the offers that were read last; of two on the same day, the first source's.

    A price that a source gives for no place in particular is over when any newer one of its kind is read, and
    a newer one for no place in particular ends all before it. An older price in a place that the newer ones
    leave out stands: a source may list a seller's cheapest places alone.
    """
    best: dict[_Kind, dict[str, tuple[date, list[Offer]]]] = defaultdict(dict)
    for offers in sources:
        for kind, alike in _by_kind(offers).items():
            for place, there in _by_place(alike).items():
                read = max(offer.as_of or _UNDATED for offer in there)
                known = best[kind].get(place)
                if known is None or read > known[0]:
                    best[kind][place] = (read, _newest_of_a_machine(there))
    for places in best.values():
        yield from _standing(places)


def _newest_of_a_machine(offers: Sequence[Offer]) -> list[Offer]:
    """Of an instance type that one source lists twice in a place, the later price: the former is history."""
    newest: dict[str, date] = {}
    for offer in offers:
        day = offer.as_of or _UNDATED
        newest[offer.instance_type] = max(day, newest.get(offer.instance_type, day))
    return [offer for offer in offers if (offer.as_of or _UNDATED) == newest[offer.instance_type]]


def _standing(places: Mapping[str, tuple[date, list[Offer]]]) -> Iterable[Offer]:
    newest = max(read for read, _ in places.values())
    anywhere = places.get(_NO_PLACE, (None, []))[0] == newest
    for place, (read, there) in places.items():
        if read == newest or not (anywhere or place == _NO_PLACE):
            yield from there


def _by_place(offers: Iterable[Offer]) -> dict[str, list[Offer]]:
    found: dict[str, list[Offer]] = defaultdict(list)
    for offer in offers:
        found[_NO_PLACE if is_everywhere(offer.region) else offer.region.casefold()].append(offer)
    return found

"""Which price leads: one that a person who signs can book, and not the cheapest row that anybody ever wrote.

The middle of the sellers who own machines, one vote a seller, without outliers; the seller in the middle
stands behind it with name, day and region. Marketplaces, undated and old rows neither lead nor vote.
Source: docs/plans.md#prices.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from estimator.money import CHINESE_CURRENCY, Offer
from estimator.spec import Market

VOTING_TIERS: Final = frozenset({"A", "B", ""})
"""Hyperscalers and specialised clouds with machines of their own; a price without a tier is one's own."""
CHINESE_TIER: Final = "B-cn"
MARKETPLACE_TIER: Final = "C"
"""Other people's machines, and whoever nobody has looked at."""
FEWEST_FOR_OUTLIERS: Final = 4
OUTLIER_LOW: Final = 0.4
OUTLIER_HIGH: Final = 4.0
"""Shares of the median beyond which a seller's price is a teaser or a mistake: seen from 0.2 to 12 x."""
LEADING_SELLERS: Final = 5
"""A GPU that nobody asked for leads only where so many sellers with machines of their own offer it."""


class Priced(Protocol):
    """An offer with its price an hour in one currency."""

    @property
    def offer(self) -> Offer:
        """Whose price."""
        ...

    @property
    def comparable(self) -> float:
        """For all GPUs, in a currency of the book's choice."""
        ...


P = TypeVar("P", bound=Priced)


class Votes(NamedTuple):
    """How many sellers a price is the middle of, and from where to where they ask for all GPUs."""

    num_sellers: int
    low: float
    high: float


def can_vote(offer: Offer) -> bool:
    """Whether the offer is one of those that make the middle: current enough, not of China's market."""
    return offer.usable and offer.tier in VOTING_TIERS and not is_chinese(offer)


def why_no_vote(offer: Offer) -> str:
    """Why a price is none of those that make the middle, as a code; empty where it may vote."""
    if offer.market is Market.SPOT:
        return "spot"
    if offer.tier not in VOTING_TIERS | {CHINESE_TIER}:
        return "marketplace" if offer.tier == MARKETPLACE_TIER else "no_instance"
    if not offer.usable:
        return "undated" if offer.as_of is None else "too_old"
    return "china" if is_chinese(offer) or offer.tier == CHINESE_TIER else ""


def may_lead(offer: Offer) -> bool:
    """Whether the offer may stand for what a GPU costs: current, of somebody with machines of his own."""
    return offer.usable and (offer.tier in VOTING_TIERS or offer.tier == CHINESE_TIER)


def is_chinese(offer: Offer) -> bool:
    """Whether it is a price of China's own market."""
    return bool(offer.tier) and offer.price_per_hour.currency == CHINESE_CURRENCY


class Order(NamedTuple, Generic[P]):
    """Offers, the one that leads first."""

    offers: tuple[P, ...] = ()
    votes: Votes | None = None
    """Those behind the one that leads; None where the reader or a contract chose it."""
    bookable: P | None = None
    """What costs less than it and can be booked today as well: the second of the offers."""


def in_order(found: Sequence[P], *, chosen: bool, chinese: bool) -> Order[P]:
    """One offer a seller -> the one that leads, then the cheapest to book, then the others by price.

    `chosen`: the reader named the sellers, so the cheapest of them leads. `chinese`: prices in CNY of people
    who sell there come before any that would be converted.
    """
    usable = sorted((each for each in found if each.offer.usable), key=lambda each: each.comparable)
    if not usable:
        return Order()
    contracts = [each for each in usable if each.offer.basis == "contract"]
    if chosen or contracts:
        return Order(_with_first((contracts or usable)[0], usable))
    kept = without_outliers(_pool(usable, chinese=chinese))
    head = kept[(len(kept) - 1) // 2]
    bookable = _bookable(kept, head)
    others = usable if bookable is None else _with_first(bookable, usable)
    votes = Votes(len(kept), kept[0].comparable, kept[-1].comparable)
    return Order(_with_first(head, others), votes, bookable)


def _pool(usable: Sequence[P], *, chinese: bool) -> Sequence[P]:
    """Who votes: for a Chinese reader whoever sells in CNY, hyperscalers first; else tiers A and B.

    Where none of them sells it, platforms in China, then anybody whose price is current.
    """
    local = [each for each in usable if is_chinese(each.offer)]
    at_home = [each for each in local if each.offer.tier in VOTING_TIERS] or local
    voters = [each for each in usable if can_vote(each.offer)]
    platforms = [each for each in usable if each.offer.tier == CHINESE_TIER]
    return (at_home if chinese else ()) or voters or at_home or platforms or usable


def without_outliers(by_price: Sequence[P]) -> Sequence[P]:
    """Those of four and more that stand within sight of their median; the rest are teasers or mistakes."""
    if len(by_price) < FEWEST_FOR_OUTLIERS:
        return by_price
    middle = by_price[(len(by_price) - 1) // 2].comparable
    return [each for each in by_price if OUTLIER_LOW * middle <= each.comparable <= OUTLIER_HIGH * middle]


def _bookable(voters: Iterable[P], head: P) -> P | None:
    """The cheapest of those who vote that is no teaser, is not marked as old and costs less than `head`."""
    sound = (
        each
        for each in voters
        if may_lead(each.offer)
        and not each.offer.stale
        and OUTLIER_LOW * head.comparable <= each.comparable < head.comparable
    )
    return next(sound, None)


def _with_first(first: P, others: Iterable[P]) -> tuple[P, ...]:
    return (first, *(each for each in others if each is not first))

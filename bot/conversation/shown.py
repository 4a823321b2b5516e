"""The price that a card showed: it travels with the card, so that the past stays as it was said."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import ValidationError

from estimator.money import Money

_APART: Final = "|"
_NOTHING: Final = "-"
NUM_PARTS: Final = 12
"""Of what `written` writes; cards of before have one less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The headline of a card: its GPUs, whose price they were at, and what one run cost."""

    gpu: str
    num_gpus: int
    provider: str
    region: str
    price_per_hour: Money
    """In the money of the offer."""
    as_of: date | None
    run_cost: Money
    """The likely cost of one run in the money of the reader."""
    rate: str = ""
    """From the one to the other, as decimal text; empty where they are the same."""
    rate_date: date | None = None
    settings: str | None = None
    """A digest of the settings by which it was chosen, empty for none; None: not known."""

    def written(self) -> str:
        """As a button, metadata and the store keep it: `h100-80gb|8|runpod|-|31.92|USD|…`."""
        price, cost = self.price_per_hour, self.run_cost
        parts = (
            *(self.gpu, self.num_gpus, self.provider, self.region),
            *(f"{price.amount:f}", price.currency, self.as_of),
            *(f"{cost.amount:.6f}", cost.currency, self.rate, self.rate_date),
        )
        known = () if self.settings is None else (self.settings,)
        return _APART.join(str(part or _NOTHING) for part in (*parts, *known))


def shown_in(written: object) -> Shown | None:
    """What was written; None for anything else."""
    parts = str(written).split(_APART) if isinstance(written, str) else []
    if len(parts) not in (NUM_PARTS - 1, NUM_PARTS):
        return None
    settings = None if len(parts) < NUM_PARTS else parts.pop()
    gpu, count, provider, region, price, currency, day, cost, shown_in_currency, rate, rate_day = (
        "" if part == _NOTHING else part for part in parts
    )
    try:
        return Shown(
            gpu=gpu,
            num_gpus=int(count),
            provider=provider,
            region=region,
            price_per_hour=Money(amount=Decimal(price), currency=currency),
            as_of=_day(day),
            run_cost=Money(amount=Decimal(cost), currency=shown_in_currency),
            rate=str(Decimal(rate)) if rate else "",
            rate_date=_day(rate_day),
            settings=settings and settings.removeprefix(_NOTHING),
        )
    except (ValueError, InvalidOperation, ValidationError):
        return None


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None

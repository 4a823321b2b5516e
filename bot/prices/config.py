"""prices.yaml, price_sources.yaml and fx.yaml -> closed models, with errors that name the place to change."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from bot.files import BadConfig
from estimator.base import Model
from estimator.money import LEAST_NUMBER, MOST_NUMBER, Currency, FxRate, Money, Offer
from estimator.spec import Market

if TYPE_CHECKING:
    from bot.prices.source_config import SourcesConfig

Amount = Annotated[Decimal, Field(ge=LEAST_NUMBER, le=MOST_NUMBER, allow_inf_nan=False)]
NonEmpty = Annotated[str, Field(min_length=1)]
M = TypeVar("M", bound=Model)


class BadPrices(BadConfig):
    """A price file says something we can't take; the message names the place and what belongs there."""


class ListedPrice(Model):
    """A price that somebody wrote down, for a whole instance of `num_gpus` GPUs."""

    provider: NonEmpty
    gpu: NonEmpty
    num_gpus: Annotated[int, Field(ge=1)] = 1
    amount: Amount
    currency: Currency
    market: Market = Market.ON_DEMAND
    region: str = ""
    instance_type: str = ""
    as_of: date | None = None
    source: NonEmpty
    note: str = ""

    def as_offer(self, name: str, *, fetched_at: datetime | None = None) -> Offer:
        """The offer of the source `name` that this price makes."""
        return Offer(
            provider=self.provider,
            region=self.region,
            instance_type=self.instance_type,
            gpu=self.gpu,
            num_gpus=self.num_gpus,
            price_per_hour=Money(amount=self.amount, currency=self.currency),
            market=self.market,
            as_of=self.as_of,
            fetched_at=fetched_at,
            source=f"{name}: {self.source}",
            basis="contract",
        )

    def replaces(self, offer: Offer) -> bool:
        """Whether this price stands in for `offer`: same seller, GPU and market, and all it says besides."""
        return (
            (self.provider, self.gpu, self.market) == (offer.provider, offer.gpu, offer.market)
            and self.region in {"", offer.region}
            and self.instance_type in {"", offer.instance_type}
            and ("num_gpus" not in self.model_fields_set or self.num_gpus == offer.num_gpus)
        )


class Age(Model):
    """Days after which a price is marked as old, and after which it neither leads nor counts."""

    marked_after: Annotated[int, Field(ge=1)]
    useless_after: Annotated[int, Field(ge=1)]


class Policy(Model):
    """When a price is stale, and when it is too odd to be true."""

    ages: Mapping[str, Age]
    """By the seller's tier, and `spot`."""
    plausible_low: Annotated[Decimal, Field(gt=0, lt=1)]
    plausible_high: Annotated[Decimal, Field(gt=1)]
    plausible_other_factor: Annotated[Decimal, Field(gt=1)]
    plausible_seller_factor: Annotated[Decimal, Field(gt=1)]
    plausible_seller_cut: Annotated[Decimal, Field(gt=0, lt=1)]
    plausible_usd_low: Amount
    plausible_usd_high: Amount
    yardsticks: Mapping[str, str]
    """A GPU that nobody may have priced -> one of the same chip."""


class PriceConfig(Model):
    """prices.yaml: what the user decides."""

    reference: tuple[ListedPrice, ...] = ()
    overrides: tuple[ListedPrice, ...] = ()
    policy: Policy


class BundledRates(Model):
    """fx.yaml: the last rates anybody gave us."""

    base: Currency
    as_of: date
    source: NonEmpty
    rates: Mapping[Currency, Amount]

    def as_rates(self) -> tuple[FxRate, ...]:
        """One rate a currency, all from `base`."""
        return tuple(
            FxRate(base=self.base, quote=quote, rate=rate, as_of=self.as_of, source=self.source)
            for quote, rate in self.rates.items()
        )


def price_config(raw: Mapping[str, Any]) -> PriceConfig:
    """prices.yaml as parsed."""
    return _checked(PriceConfig, raw, "prices.yaml")


def sources_config(raw: Mapping[str, Any]) -> "SourcesConfig":
    """price_sources.yaml as parsed."""
    from bot.prices.source_config import SourcesConfig  # noqa: PLC0415  -- the terminal asks no network

    return _checked(SourcesConfig, raw, "price_sources.yaml")


def bundled_rates(raw: Mapping[str, Any]) -> tuple[FxRate, ...]:
    """fx.yaml as parsed."""
    return _checked(BundledRates, raw, "fx.yaml").as_rates()


def _checked(kind: type[M], raw: Mapping[str, Any], file: str) -> M:
    try:
        return kind.model_validate(raw)
    except ValidationError as error:
        problems = [f"{_place(p['loc'])}: {p['msg']} (got {p['input']!r:.60})" for p in error.errors()]
        raise BadPrices(f"{file}: " + "; ".join(problems)) from error


def _place(location: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in location)

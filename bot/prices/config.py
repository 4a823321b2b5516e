"""prices.yaml, price_sources.yaml and fx.yaml -> closed models, with errors that name the place to change."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Self, TypeVar

from pydantic import Field, ValidationError, model_validator

from estimator.base import Model
from estimator.money import Currency, FxRate, Money, Offer
from estimator.spec import Market

Amount = Annotated[Decimal, Field(gt=0, allow_inf_nan=False)]
Word = Annotated[str, Field(min_length=1)]
M = TypeVar("M", bound=Model)


class BadPrices(ValueError):  # noqa: N818  -- reads as the sentence it raises
    """A price file says something we can't take; the message names the place and what belongs there."""


class ListedPrice(Model):
    """A price that somebody wrote down, for a whole instance of `num_gpus` cards."""

    provider: Word
    gpu: Word
    num_gpus: Annotated[int, Field(ge=1)] = 1
    amount: Amount
    currency: Currency
    market: Market = Market.ON_DEMAND
    region: str = ""
    instance_type: str = ""
    as_of: date | None = None
    source: Word
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
            stale=self.as_of is None,
        )

    def replaces(self, offer: Offer) -> bool:
        """Whether this price stands in for `offer`: same seller, GPU and market, and all it says besides."""
        return (
            (self.provider, self.gpu, self.market) == (offer.provider, offer.gpu, offer.market)
            and self.region in {"", offer.region}
            and self.instance_type in {"", offer.instance_type}
            and ("num_gpus" not in self.model_fields_set or self.num_gpus == offer.num_gpus)
        )


class Policy(Model):
    """When a price is stale, and when it is too odd to be true."""

    stale_after_days: Annotated[int, Field(ge=1)] = 30
    plausible_factor: Annotated[Decimal, Field(gt=1)] = Decimal(20)
    plausible_usd_low: Amount = Decimal("0.01")
    plausible_usd_high: Amount = Decimal(250)


class PriceConfig(Model):
    """prices.yaml: what the user decides."""

    reference: tuple[ListedPrice, ...] = ()
    overrides: tuple[ListedPrice, ...] = ()
    policy: Policy = Policy()


class Terms(Model):
    """How long a source's answer is good, how long it is kept, and how the source is spared."""

    soft_seconds: Annotated[float, Field(gt=0)]
    hard_seconds: Annotated[float, Field(gt=0)]
    lock_seconds: Annotated[float, Field(gt=0)]
    failure_seconds: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _kept_longer_than_good(self) -> Self:
        if self.hard_seconds < self.soft_seconds:
            raise ValueError(
                f"hard_seconds {self.hard_seconds:g} is less than soft_seconds {self.soft_seconds:g}"
            )
        return self


class EcbConfig(Model):
    """The euro reference rates."""

    url: str
    max_bytes: int


class AlibabaConfig(Model):
    """The public price file, and what its instance types hold."""

    page_url: str
    file_url_pattern: str
    file_path: str
    max_page_bytes: int
    max_file_bytes: int
    families: Mapping[str, str]
    num_gpus: Mapping[str, int]


class GpuName(Model):
    """What another catalogue calls a GPU of ours."""

    name: str
    memory_gb: float
    gpu: str


class GpuhuntConfig(Model):
    """The collected catalogues of gpuhunt."""

    catalog_url: str
    max_zip_bytes: int
    max_csv_bytes: int
    regions_per_type: int
    providers: Mapping[str, str]
    names: tuple[GpuName, ...]


class VastConfig(Model):
    """The market place of Vast."""

    url: str
    max_bytes: int
    limit: int
    min_offers: int
    counts: tuple[int, ...]
    names: tuple[GpuName, ...]


class SourcesConfig(Model):
    """price_sources.yaml: how the live sources are asked."""

    terms: Mapping[str, Terms]
    ecb: EcbConfig
    alibaba: AlibabaConfig
    gpuhunt: GpuhuntConfig
    vast: VastConfig


class BundledRates(Model):
    """fx.yaml: the last rates anybody gave us."""

    base: Currency
    as_of: date
    source: Word
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


def sources_config(raw: Mapping[str, Any]) -> SourcesConfig:
    """price_sources.yaml as parsed."""
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

"""price_sources.yaml -> closed models: how the live sources are asked, and what their words mean."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Self

from pydantic import Field, model_validator

from estimator.base import Model
from estimator.spec import Market


class Terms(Model):
    """How long a source's answer is good, how long it is kept, and how the source is spared."""

    soft_seconds: Annotated[float, Field(gt=0)]
    hard_seconds: Annotated[float, Field(gt=0)]
    lock_seconds: Annotated[float, Field(gt=0)]
    deadline_seconds: Annotated[float, Field(gt=0)]
    """How long one reading may take, all its requests together."""
    failure_seconds: Annotated[float, Field(gt=0)]

    @model_validator(mode="after")
    def _kept_longer_than_good(self) -> Self:
        if self.hard_seconds < self.soft_seconds:
            raise ValueError(
                f"hard_seconds {self.hard_seconds:g} is less than soft_seconds {self.soft_seconds:g}"
            )
        return self

    @model_validator(mode="after")
    def _asked_by_one_at_a_time(self) -> Self:
        if self.lock_seconds <= self.deadline_seconds:
            raise ValueError(
                f"lock_seconds {self.lock_seconds:g} is not above deadline_seconds {self.deadline_seconds:g}:"
                " another process would ask while one still does"
            )
        return self


class RatesConfig(Model):
    """Where exchange rates are asked for: in this order, until one answers."""

    ecb_url: str
    frankfurter_url: str
    max_bytes: int
    most_change: Annotated[Decimal, Field(gt=0, lt=1)]
    """A rate that moved more than this share against the last one known is refused."""


class AlibabaConfig(Model):
    """The public price file, and what its instance types hold."""

    page_url: str
    file_url_pattern: str
    file_path: str
    max_page_bytes: int
    max_file_bytes: int
    fewest_offers: int
    """A list with fewer GPU instances was cut."""
    families: Mapping[str, str]
    num_gpus: Mapping[str, int]


class GpuName(Model):
    """What another catalogue calls a GPU of ours."""

    name: str
    memory_gb: float
    gpu: str
    instance: str = ""
    """A pattern in the instance type, where two of ours share name and memory."""


class GpuhuntConfig(Model):
    """The collected catalogues of gpuhunt."""

    catalog_url: str
    max_zip_bytes: int
    max_csv_bytes: int
    regions_per_type: int
    providers: Mapping[str, str]
    fewest_share: Annotated[float, Field(gt=0, le=1)]
    """A cloud's catalogue with a smaller share of the rows of its last one was cut."""
    unlisted_flags: tuple[str, ...]
    """Rows with one of these are reservations, clusters or previews: nobody gets them on demand."""
    not_on_demand: Mapping[str, str]
    """A cloud -> a pattern of instance types that have a price on demand and are not rented that way."""
    zoned: tuple[str, ...]
    """Clouds whose location is a zone: its region is all but the last letter."""
    community: Mapping[str, str]
    """Clouds that rent out other people's machines under a country for a location -> the seller of those."""
    names: tuple[GpuName, ...]


class VastConfig(Model):
    """The market place of Vast."""

    url: str
    max_bytes: int
    limit: int
    min_offers: int
    min_hosts: int
    counts: tuple[int, ...]
    names: tuple[GpuName, ...]


class RunpodConfig(Model):
    """RunPod's own question and answer, no key."""

    url: str
    max_bytes: int
    counts: tuple[int, ...]
    fewest_gpus: int
    """A list with fewer of our GPUs is not the list we know."""
    names: tuple[GpuName, ...]


class GpuRentalPricesConfig(Model):
    """The daily reading of specialised clouds by gpurentalprices.com."""

    url: str
    max_bytes: int
    fewest_offers: int
    kinds: Mapping[str, Market]
    """Its kinds of offer that are an instance -> our market; the others are left out."""
    providers: Mapping[str, str]
    num_gpus: Mapping[str, int]
    """GPUs of the only machine that a seller (of ours) rents, where it rents no smaller one."""
    names: tuple[GpuName, ...]


class AzureType(Model):
    """What an Azure instance type holds."""

    gpu: str
    num_gpus: Annotated[int, Field(ge=1)]


class AzureConfig(Model):
    """Azure Retail Prices."""

    url: str
    max_bytes: int
    most_pages: int
    regions: tuple[str, ...]
    types: Mapping[str, AzureType]


class SourcesConfig(Model):
    """price_sources.yaml: how the live sources are asked."""

    terms: Mapping[str, Terms]
    rates: RatesConfig
    alibaba: AlibabaConfig
    azure: AzureConfig
    gpuhunt: GpuhuntConfig
    gpurentalprices: GpuRentalPricesConfig
    runpod: RunpodConfig
    vast: VastConfig

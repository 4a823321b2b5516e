"""The measured constants of the time model, and how far runs of one kind scatter around it."""

import re
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from estimator.base import Model
from estimator.ranges import Basis

MAX_FITTED = 40
"""More constants than this would be a table of answers, not a model."""

_VARIANT: Final = re.compile(r"-(?:\d+gb|pcie|nvl)")
"""What tells boards with one chip apart in the keys of the catalog."""
ScatterKeys = tuple[str | None, str | None, str | None]
"""Framework, method and GPU family of a group; None: any."""
BORROWED_WIDENING = 1.25
"""How many times as wide, in the logarithm, a range is for a kind of run that borrows its group."""
UNSEEN_WIDENING = 1.4
"""The same again for a framework, and for a GPU family, without data."""


class Origin(StrEnum):
    """Whether published runs decide a constant."""

    FITTED = "fitted"
    ASSUMED = "assumed"


class Constant(Model):
    """One number of the time model: what it is, where it comes from, how well it is known."""

    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    prior: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    """What the fit starts from and is held near."""
    origin: Origin
    unit: str
    meaning: str
    source: str = ""
    """Of the prior."""
    num_rows: Annotated[int, Field(ge=0)] = 0
    """Published runs whose time moves by at least a fiftieth of the constant's change."""
    num_sources: Annotated[int, Field(ge=0)] = 0
    residual: Annotated[float, Field(ge=0)] | None = None
    """Median |error| of those runs."""


class Scatter(Model):
    """How far runs of one group are from their estimate, each judged by a fit that left its source out."""

    framework: str | None = None
    method: str | None = None
    family: str | None = None
    """None of the three: every run."""
    num_rows: Annotated[int, Field(ge=1)]
    num_sources: Annotated[int, Field(ge=1)]
    low: Annotated[float, Field(gt=0, le=1)]
    """10th percentile of measured over estimated step time."""
    high: Annotated[float, Field(ge=1)]
    """90th percentile; as far above 1 as `low` is below, in the logarithm."""


class FitReport(Model):
    """How well the constants reproduce exact and partial rows, weighted by source, then by configuration."""

    num_rows: Annotated[int, Field(ge=0)]
    num_sources: Annotated[int, Field(ge=0)]
    left_out_median_error: Annotated[float, Field(ge=0)]
    """With the row's own source left out of the fit: what a new user sees."""
    left_out_p90_error: Annotated[float, Field(ge=0)]
    left_out_coverage: Annotated[float, Field(ge=0, le=1)]
    """Share of rows inside their range, the range without the row's source too."""
    median_error: Annotated[float, Field(ge=0)]
    p90_error: Annotated[float, Field(ge=0)]
    coverage: Annotated[float, Field(ge=0, le=1)]
    """Share of rows inside their range."""


class TimeCalibration(Model):
    """`config/calibration/time.yaml`: the constants by name, and the residuals by group."""

    families: dict[str, tuple[str, ...]]
    """GPU family -> compute capabilities or vendors."""
    constants: dict[str, Constant]
    report: FitReport
    seen_frameworks: tuple[str, ...]
    """Frameworks and GPU families that published runs used, and what they did there (`hf lora ampere`)."""
    seen_families: tuple[str, ...]
    seen_kinds: tuple[str, ...]
    seen_gpus: tuple[str, ...]
    """GPUs on which anybody measured anything: another of a family borrows from them."""
    scatter: tuple[Scatter, ...]

    @model_validator(mode="after")
    def _has_few_fitted_constants(self) -> Self:
        fitted = sum(constant.origin is Origin.FITTED for constant in self.constants.values())
        if fitted > MAX_FITTED:
            msg = f"at most {MAX_FITTED} constants are fitted; got {fitted}"
            raise ValueError(msg)
        return self

    @cached_property
    def values(self) -> dict[str, float]:
        """Name -> value."""
        return {name: constant.value for name, constant in self.constants.items()}

    def value(self, *names: str) -> float:
        """The first of `names` that has a constant: the special case before the general one.

        Raises:
            KeyError: the file has none of them.
        """
        for name in names:
            if name in self.values:
                return self.values[name]
        raise KeyError(names)

    @cached_property
    def _family_of(self) -> dict[str, str]:
        return {word: family for family, words in self.families.items() for word in words}

    def family(self, compute_capability: str, vendor: str) -> str:
        """The GPU family of a GPU, by its compute capability or else by its vendor."""
        known = self._family_of
        return known.get(compute_capability) or known.get(vendor.lower()) or "other"

    def scatter_of(self, *, framework: str, method: str, family: str) -> tuple[float, float, Basis]:
        """Ratios of the 10th and 90th percentile to the median, from the nearest group that has some.

        A kind of run (framework x method x family) that nobody measured borrows the range, widened the more
        for each of framework and family that no published run used.
        """
        keys = next(
            keys for keys in scatter_keys(framework, method, family) if keys in self._scatter_by_group
        )
        found = self._scatter_by_group[keys]
        power = 1.0 if f"{framework} {method} {family}" in self.seen_kinds else BORROWED_WIDENING
        power *= UNSEEN_WIDENING ** (
            (framework not in self.seen_frameworks) + (family not in self.seen_families)
        )
        return found.low**power, found.high**power, Basis(group=_group_name(keys), n=found.num_rows)

    def has_seen(self, *, framework: str, method: str, family: str, gpu: str) -> bool:
        """Whether anybody published a run of this kind, and one on this GPU."""
        return f"{framework} {method} {family}" in self.seen_kinds and _chip(gpu) in self._seen_chips

    @cached_property
    def _seen_chips(self) -> frozenset[str]:
        return frozenset(map(_chip, self.seen_gpus))

    @cached_property
    def _scatter_by_group(self) -> dict[ScatterKeys, Scatter]:
        return {(group.framework, group.method, group.family): group for group in self.scatter}


def scatter_keys(framework: str, method: str, family: str) -> tuple[ScatterKeys, ...]:
    """Groups of runs from the nearest to all of them."""
    return (
        (framework, method, family),
        (framework, method, None),
        (None, method, family),
        (framework, None, None),
        (None, method, None),
        (None, None, family),
        (None, None, None),
    )


def _chip(gpu: str) -> str:
    """The GPU whatever its memory and its slot: `a100-80gb-pcie` is an `a100`."""
    return _VARIANT.sub("", gpu)


def _group_name(keys: tuple[str | None, ...]) -> str:
    return ", ".join(key for key in keys if key) or "all published runs"

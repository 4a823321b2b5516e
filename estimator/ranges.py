"""A quantity with its uncertainty: 10th percentile, median, 90th percentile."""

import math
from collections.abc import Callable
from typing import NamedTuple


class Range(NamedTuple):
    """p10, median and p90 of one quantity, in the unit of the field that holds it."""

    low: float
    likely: float
    high: float

    @classmethod
    def around(cls, likely: float, low_ratio: float, high_ratio: float) -> "Range":
        """`likely` with its ends as ratios of it (the residuals of a calibration group)."""
        return cls(likely * low_ratio, likely, likely * high_ratio)

    @classmethod
    def within(cls, likely: float, half_width: float) -> "Range":
        """`likely` with ends as far to both sides, as factors: `half_width` is their logarithm."""
        factor = math.exp(half_width)
        return cls(likely / factor, likely, likely * factor)

    def map(self, function: Callable[[float], float]) -> "Range":
        """Each end through a growing `function`."""
        return Range(function(self.low), function(self.likely), function(self.high))


class Basis(NamedTuple):
    """The group of published runs that a range comes from, and how many rows it has."""

    group: str
    n: int

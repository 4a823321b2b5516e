"""Releases of a framework that kept something else in memory than its newest."""

import re
from typing import Annotated

from pydantic import Field

from estimator.base import Model


class StackRelease(Model):
    """Releases of a stack whose loss keeps another amount; a range from one to another, both included."""

    first: str = ""
    """Version or month (`4.46`, `2025-04`); empty: from the beginning."""
    last: str = ""
    """Empty: to the newest."""
    logits_bytes_per_entry: Annotated[float, Field(ge=0)]
    compiled_logits_bytes_per_entry: Annotated[float, Field(ge=0)] | None = None
    """Where `compile` is said; else as without."""

    def covers(self, version: str) -> bool:
        """Whether release `version` (`4.48.1`, `2025-04`) is one of these."""
        asked = _numbers(version)
        first, last = _numbers(self.first), _numbers(self.last)
        return asked[: len(first)] >= first and (not last or asked[: len(last)] <= last)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))

"""Releases of a framework that did something else than its newest, and which there may be."""

import re
from typing import Any, Final

from pydantic import Field

from estimator.base import Model

_MONTH: Final = re.compile(r"\d{4}[.-]\d{1,2}(?:[.-]\d{1,3})?")
_MONTHS: Final = 12


class FrameworkRelease(Model):
    """A range of releases, both ends included, and what they did otherwise."""

    first: str = ""
    """Version or month (`4.46`, `2025-04`); empty: from the beginning."""
    last: str = ""
    """Empty: to the newest."""
    changes: dict[str, Any] = Field(default_factory=dict)
    """Fields of `Framework`."""

    def covers(self, version: str) -> bool:
        """Whether release `version` (`4.48.1`, `2025-04`) is one of these."""
        asked = _numbers(version)
        first, last = _numbers(self.first), _numbers(self.last)
        return asked[: len(first)] >= first and (not last or asked[: len(last)] <= last)


def may_exist(version: str, *, oldest: str, newest: str, lasts: tuple[str, ...]) -> bool:
    """Whether a framework between `oldest` and `newest` may have a release `version`.

    Counted in months as they are, or in versions. What is newer than the newest whose source was read may be
    out by now, one major version or a year on. `lasts` are the last releases of earlier major versions.
    """
    asked, first, last = _numbers(version), _numbers(oldest), _numbers(newest)
    if not newest or _is_month(version) != _is_month(newest):
        return False
    if _is_month(version) and not 1 <= asked[1] <= _MONTHS:
        return False
    if asked < first[: len(asked)] or asked[0] > last[0] + 1:
        return False
    ends = [_numbers(each) for each in lasts]
    return not any(asked[0] == end[0] and asked[: len(end)] > end for end in ends)


def is_newer(version: str, newest: str) -> bool:
    """Whether `version` came after what was read."""
    last = _numbers(newest)
    return _numbers(version)[: len(last)] > last


def _is_month(version: str) -> bool:
    return _MONTH.fullmatch(version) is not None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(digits) for digits in re.findall(r"\d+", version))

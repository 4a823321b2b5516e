"""A mistake in a text, as data: `messages` makes its sentence in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that cannot be read, or makes no sense with the rest."""

    code: str
    """Names its sentence in the locales: `mistake.{code}`."""
    token: str
    """As typed, its marks undone; empty where the problem is what is missing."""
    params: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()
    """What could stand in the token's place, nearest first."""
    span: tuple[int, int] | None = None
    """Where the token stands in `Reading.text`."""

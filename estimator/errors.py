"""What a caller of the core can get wrong.

EstimatorError
├── UnknownModel      the catalog has no such model
├── UnknownGPU        the catalog has no such GPU
├── UnknownFramework  the catalog has no such framework
└── Impossible        a combination that no framework runs, or arithmetic forbids

That nothing fits is an outcome (`Estimate.nearest`), not an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with what was asked, as data: whoever shows it makes the sentence.

    The text may be at fault (it cannot be read, or contradicts itself), or the catalog and the hardware are
    (no such model, no such pair).
    """

    code: str
    """Names its sentence in the locales: `problem.{code}`."""
    token: str
    """As typed, its marks undone; empty where the problem is what is missing."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """What the sentence speaks of."""
    suggestions: tuple[str, ...] = ()
    """What could stand in the token's place, nearest first."""
    span: tuple[int, int] | None = None
    """Where the token stands in the text that was read, half open; None where no text was."""
    changes: tuple[Mapping[str, Any], ...] = ()
    """Fields of the spec that could be otherwise, nearest first: what only the core could find."""
    lines: tuple[str, ...] = ()
    """The whole line with each suggestion, where that is not the text with the token replaced."""


class EstimatorError(Exception):
    """A mistake of the caller, as data: the sentence is made by whoever shows it."""


class _UnknownName(EstimatorError):  # noqa: N818  -- its children read as the mistakes that they are
    """A name that is not in the catalog, with those that are: whoever shows it finds the nearest."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, tuple(known)

    def __str__(self) -> str:
        return f"{type(self).__name__}: {self.name}"


class UnknownModel(_UnknownName):
    """The catalog has no model of this name."""


class UnknownGPU(_UnknownName):
    """The catalog has no GPU of this name."""


class UnknownFramework(_UnknownName):
    """The catalog has no framework of this name."""


class Impossible(EstimatorError):  # noqa: N818  -- reads as the mistake that it is
    """A combination that no framework runs: `field` is what to change, as typed.

    `code` names its sentence in the locales, `parameters` are what it speaks of; `change` are the fields of
    the spec that make it the nearest that runs, where one thing alone is to be changed.
    """

    def __init__(
        self,
        code: str,
        parameters: Mapping[str, str] | None = None,
        *,
        field: str = "",
        change: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.field = code, field
        self.parameters, self.change = dict(parameters or {}), dict(change or {})

    def __str__(self) -> str:
        return " ".join((self.code, *(f"{name}={value}" for name, value in self.parameters.items())))

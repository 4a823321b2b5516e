"""What a caller of the core can get wrong.

EstimatorError
├── UnknownModel      the catalog has no such model
├── UnknownGPU        the catalog has no such GPU
├── UnknownStack      the catalog has no such training stack
└── Impossible        a combination that no framework runs, or arithmetic forbids

That nothing fits is an outcome (`Estimate.nearest`), not an error.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
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
    """A mistake of the caller: a sentence, and a hint that says what to do next."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class _UnknownName(EstimatorError):  # noqa: N818  -- its children read as the sentences they raise
    """A name that is not in the catalog, with the nearest ones that are."""

    kind = "name"

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.suggestions = tuple(get_close_matches(name, list(known), n=3, cutoff=0.4))
        near = ", ".join(f"`{suggestion}`" for suggestion in self.suggestions)
        super().__init__(f"I don't know the {self.kind} `{name}`.", f"Did you mean {near}?" if near else "")


class UnknownModel(_UnknownName):
    """The catalog has no model of this name."""

    kind = "model"


class UnknownGPU(_UnknownName):
    """The catalog has no GPU of this name."""

    kind = "GPU"


class UnknownStack(_UnknownName):
    """The catalog has no training stack of this name."""

    kind = "training stack"


class Impossible(EstimatorError):  # noqa: N818  -- reads as the sentence it raises
    """A combination that no framework runs: `field` is what to change, `hint` the nearest that runs.

    `change` are the fields of the spec that make it the nearest, where one thing alone is to be changed.
    """

    def __init__(
        self,
        message: str,
        hint: str = "",
        *,
        field: str = "",
        code: str = "",
        parameters: Mapping[str, str] | None = None,
        change: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.field = field
        self.change = dict(change or {})
        self.code = code
        self.parameters = dict(parameters or {})

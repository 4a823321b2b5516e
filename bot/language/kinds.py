"""What a value may be: the kinds that the grammar's table names and `values` reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from bot.language.units import COUNT_SUFFIXES


class Auto(Enum):
    """The value that gives a field back to the planner, the market or the default."""

    AUTO = "auto"


AUTO = Auto.AUTO
AUTO_WORDS = ("auto", "any")

Pair = tuple[str, object]
"""A field of `Request` and what a word sets it to."""
Pairs = tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, perhaps with a suffix such as `k`."""

    low: int
    high: int
    suffixes: Mapping[str, int] = field(default_factory=lambda: COUNT_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Real:
    """A number with a fraction; the bounds belong to the range unless they are said to be open."""

    low: Decimal
    high: Decimal
    open_low: bool = False
    open_high: bool = False
    percent: bool = False
    """`45%` and a number above 1 are percentages."""


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; a bare number is in `bare_seconds`."""

    bare_seconds: int
    high_seconds: int


@dataclass(frozen=True, slots=True)
class Amount:
    """Money, perhaps without its currency."""

    low: Decimal
    high: Decimal
    per_hour: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a few words, each with what it sets."""

    words: Mapping[str, Pairs]
    """Squashed word -> what it sets."""
    shown: tuple[str, ...]
    """The words as they are written in help and messages."""


class Name(Enum):
    """A name that only the catalogues, or the user's own world, can know."""

    MODEL = "model"
    GPU = "gpu"
    PROVIDER = "provider"
    REGION = "region"
    TARGETS = "targets"
    CURRENCY = "currency"


Kind = Whole | Real | Duration | Amount | Choice | Name


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a value cannot be read; the token and the sentence are added by the reader."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    suggestions: tuple[str, ...] = ()

"""The base of everything that people or files give us: frozen, closed, documented by its fields."""

from datetime import date
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

T = TypeVar("T")


class Model(BaseModel):
    """A frozen, closed value; an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class Sourced(Model, Generic[T]):
    """A number from outside, with whoever said it and the day we read it."""

    value: T
    source: str
    checked: date
    note: str = ""

"""The base of everything that people or files give us: frozen, closed, documented by its fields."""

from collections.abc import Hashable
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

Frozen = TypeVar("Frozen")


class Model(BaseModel):
    """A frozen, closed value; an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ByIdentity(Hashable, Generic[Frozen]):
    """A value equal to itself only: identity is what a cache of frozen values needs, and it is fast."""

    __slots__ = ("value",)

    def __init__(self, value: Frozen) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.value is other.value

"""The base of everything that people or files give us: frozen, closed, documented by its fields."""

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """A frozen, closed value; an unknown field is an error, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid")

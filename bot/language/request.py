"""What somebody asks for: a run, and how its answer is to be shown."""

from collections.abc import Mapping
from typing import Any, Final

from bot.i18n import Language
from estimator.base import Model
from estimator.spec import TrainingSpec


class Request(Model):
    """A run and how it is shown, in what somebody set or implied; all else is None.

    People type both alike: by name, the fields of the run and of its looks stand side by side.
    """

    spec: TrainingSpec = TrainingSpec()
    rule_of_thumb: bool | None = None
    """The rule of thumb is the headline."""
    language: Language | None = None
    private: bool | None = None
    """Only who asked sees the answer."""

    @classmethod
    def of_fields(cls, fields: Mapping[str, object]) -> "Request":
        """The request of the fields of both."""
        run = {name: value for name, value in fields.items() if name not in LOOKS}
        looks = {name: value for name, value in fields.items() if name in LOOKS}
        return cls.model_validate({"spec": TrainingSpec.model_validate(run), **looks})

    def fields(self) -> dict[str, object]:
        """What was set of both, the run first."""
        both = {**self.spec.fields(), **{name: getattr(self, name) for name in LOOKS}}
        return {name: value for name, value in both.items() if value is not None}

    def said(self) -> dict[str, Any]:
        """Likewise, JSON-ready."""
        return {**self.spec.said(), **self.model_dump(mode="json", exclude_none=True, exclude={"spec"})}

    def with_spec(self, spec: TrainingSpec) -> "Request":
        """Another run, shown the same way."""
        return self.model_copy(update={"spec": spec})


LOOKS: Final = tuple(name for name in Request.model_fields if name != "spec")
"""Fields that change how an answer looks, not what it says."""

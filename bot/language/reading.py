"""What a text turned out to be."""

from dataclasses import dataclass
from typing import Literal

from bot.i18n import Language
from bot.language.overlay import Dropped
from bot.language.problems import Problem
from bot.language.request import Request
from estimator.spec import TrainingSpec

Outcome = Literal["spec", "problems", "help", "command", "conversation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A request, the problems, a call for help, a command, or conversation that is left alone."""

    outcome: Outcome
    text: str = ""
    """The text with its marks undone; the spans of problems refer to it."""
    request: Request | None = None
    """With `spec`; nothing else has one."""
    problems: tuple[Problem, ...] = ()
    command: str = ""
    arguments: str = ""
    """What follows the command; with `help`, its topic."""
    changes: tuple[str, ...] = ()
    """Fields that the text set or gave back, in its order."""
    dropped: tuple[Dropped, ...] = ()
    """Fields of the base that lost their meaning."""
    language: Language | None = None
    """The language that the text or its base asked for."""

    @property
    def spec(self) -> TrainingSpec | None:
        """The run of the request."""
        return self.request.spec if self.request else None

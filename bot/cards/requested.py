"""An estimate beside the request that it answers, with what people type for it: what a card is drawn of."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.conversation.preferences import OF_PRICES
from bot.language import Request, Vocabulary, change_text, format_request
from estimator.errors import Problem
from estimator.money import DEFAULT_CURRENCY
from estimator.result import Estimate, Option
from estimator.spec import SizeField, TrainingSpec


class WrittenFix(NamedTuple):
    """A smallest change that makes it fit, as it is typed."""

    change: str
    """What to reply in the thread, e.g. `lora r=16`."""
    command: str
    """The whole command with the change."""
    option: Option
    largest: tuple[SizeField, ...] = ()
    """Sizes that are as large as fits once it is made."""


def _as_said(said: TrainingSpec, settled: TrainingSpec) -> TrainingSpec:
    """`settled` without what only the settings of its place say: it is typed again in the same place."""
    return settled.model_copy(update={name: getattr(said, name) for name in OF_PRICES})


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedEstimate:
    """An estimate and its request, as both are typed."""

    request: Request
    estimate: Estimate
    command: str
    """Canonical; reading it gives `request`."""
    fixes: tuple[WrittenFix, ...] = ()

    @property
    def has_thread(self) -> bool:
        """Whether the card stands where a reply finds it: what one person alone sees has no thread."""
        return not self.request.private

    @property
    def copied(self) -> str:
        """`command`, saying in which currency it was answered where that is not what most read in.

        Sellers differ by it, and prices with them; whoever copies the line may read in another.
        """
        if self.request.spec.currency or self.estimate.currency == DEFAULT_CURRENCY:
            return self.command
        read_in = format_request(Request(spec=TrainingSpec(currency=self.estimate.currency)))
        return f"{self.command} {read_in}"

    @classmethod
    def of(cls, request: Request, estimate: Estimate) -> "RequestedEstimate":
        """`estimate` as the answer to `request`."""
        fixes = (
            WrittenFix(
                change=change_text(fix.changes),
                command=format_request(request.with_spec(_as_said(request.spec, fix.spec))),
                option=fix.option,
                largest=fix.spec.largest or (),
            )
            for fix in estimate.fixes
        )
        return cls(request=request, estimate=estimate, command=format_request(request), fixes=tuple(fixes))


def written(
    problems: Sequence[Problem], request: Request, vocabulary: Vocabulary | None = None
) -> tuple[Problem, ...]:
    """Problems of a run; changes that the core found are in words, each with its whole line."""
    return tuple(
        _written(problem, request, vocabulary) if problem.changes else problem for problem in problems
    )


def _written(problem: Problem, request: Request, vocabulary: Vocabulary | None) -> Problem:
    runs = [request.spec.model_copy(update=dict(change)) for change in problem.changes]
    return replace(
        problem,
        suggestions=tuple(map(change_text, problem.changes)),
        lines=tuple(format_request(request.with_spec(run), vocabulary) for run in runs),
    )

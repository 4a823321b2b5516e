"""`SPEC | SPEC | …`: several runs in one table."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from bot.answers.reply import Asker, Reply
from bot.cards.compare import compare_card, spec_setups
from bot.cards.notes import notice_card
from bot.cards.requested import RequestedEstimate
from bot.cards.sections import PROGRAM
from bot.i18n import Language
from bot.language import Reading
from estimator.errors import Problem

if TYPE_CHECKING:
    from bot.answers.answers import Answerer

FEWEST_COMPARED: Final = 2
MOST_COMPARED: Final = 8


def comparison(answers: "Answerer", reading: Reading, asker: Asker) -> Reply:
    """`SPEC | SPEC | …`, side by side; a mistake in any of them is the answer."""
    estimates: list[RequestedEstimate] = []
    texts_typed = [each for each in reading.arguments.split("|") if each.strip()]
    if len(texts_typed) < FEWEST_COMPARED:
        said = notice_card("compare_how", texts=answers.texts(asker.language), program=PROGRAM[asker.surface])
        return Reply(card=said, outcome="not_here", language=asker.language)
    if len(texts_typed) > MOST_COMPARED:
        return answers.problems_reply((_too_many(texts_typed),), reading.text, asker.language)
    readings = [replace(answers.read(text), text=reading.text) for text in texts_typed]
    told = [each.request for each in readings if each.request]
    language = next((each.language for each in told if each.language), None)
    currency = next((each.spec.currency for each in told if each.spec.currency), None)
    asker = replace(asker, language=language or asker.language)
    for at, each in enumerate(readings):
        one = answers.reply(_told_alike(each, language, currency), asker)
        if one.requested is None:
            beside = [_beside(problem, texts_typed, at) for problem in one.problems]
            return answers.problems_reply(beside, reading.text, one.language) if beside else one
        estimates.append(one.requested)
    estimates = _equally_private(estimates)
    texts = answers.texts(asker.language)
    card = compare_card(
        spec_setups(estimates, texts),
        texts=texts,
        command=f"compare {reading.arguments}{_currency_assumed(estimates)}",
        asker=asker.user_id or None,
        surface=asker.surface,
        has_thread=False,
    )
    for_everybody = not any(each.request.private for each in estimates)
    return Reply(card=card, outcome="done", language=asker.language, for_everybody=for_everybody)


def _told_alike(reading: Reading, language: Language | None, currency: str | None) -> Reading:
    """One of a comparison in the language and the currency that any of them says: they share a table."""
    request = reading.request
    if request is None:
        return reading
    spec = request.spec.model_copy(update={"currency": currency})
    return replace(reading, request=request.model_copy(update={"language": language, "spec": spec}))


def _currency_assumed(estimates: Sequence[RequestedEstimate]) -> str:
    """What the last of them says more, as it is copied: the currency, which all have from their reader."""
    return estimates[-1].copied.removeprefix(estimates[-1].command)


def _beside(problem: Problem, texts: Sequence[str], at: int) -> Problem:
    """A problem of one of the texts that are compared: its lines have the others, too."""
    others = [text.strip() for text in texts]
    lines = (" | ".join((*others[:at], line, *others[at + 1 :])) for line in problem.lines)
    return replace(problem, lines=tuple(f"compare {line}" for line in lines))


def _equally_private(estimates: list[RequestedEstimate]) -> list[RequestedEstimate]:
    """All of them private where one is: what a menu takes from a private comparison is not published."""
    if not any(each.request.private for each in estimates):
        return estimates
    private = {"private": True}
    return [RequestedEstimate.of(e.request.model_copy(update=private), e.estimate) for e in estimates]


def _too_many(texts: Sequence[str]) -> Problem:
    return Problem(
        code="too_many_compared",
        token=texts[MOST_COMPARED].strip(),
        parameters={"most": str(MOST_COMPARED), "count": str(len(texts))},
    )

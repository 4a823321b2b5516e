"""The run that a text asks for, or everything wrong with it, each mistake with what would mend it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from bot.i18n import Language
from bot.language.batch_of_a_pass import as_a_pass
from bot.language.choices import left_out, listed, of_one_name
from bot.language.conflicts import clashes
from bot.language.diagnose import MOST_SUGGESTED, problems_of
from bot.language.first_questions import as_one_gpu
from bot.language.index import COMMANDS
from bot.language.kinds import AUTO
from bot.language.listed_names import listed_names, with_its_size
from bot.language.merge import Overlaid, Reading, overlaid
from bot.language.of_the_card import of_the_card
from bot.language.request import Request
from bot.language.rules.match import TokenStream
from bot.language.rules.matching import matches_of
from bot.language.second_loops import second_loops
from bot.language.stored_copies import as_stored
from bot.language.tokens import atoms_of
from bot.language.understood import Understood, understood, with_experts_asked
from bot.language.unwanted import denied, refused
from bot.language.vocabulary import Vocabulary
from bot.language.yardsticks import yardsticks
from estimator.errors import Problem


def stream_of(text: str, vocabulary: Vocabulary) -> TokenStream:
    """The atoms of a text whose marks are undone, with the names that it may hold."""
    return TokenStream(text, tuple(atoms_of(text)), vocabulary)


def understood_of(text: TokenStream) -> Understood:
    """What every word of a text means, taken together."""
    matches = refused(
        text, of_one_name(text, listed(text, listed_names(text, with_its_size(text, matches_of(text)))))
    )
    return understood(
        text, second_loops(yardsticks(text, denied(text, left_out(text, matches))), text.names.second_loops)
    )


def run_asked(found: Understood, base: Request | None) -> Reading:
    """The run that is asked for, changed from `base`; or everything wrong with it at once."""
    before = base.fields() if base else {}
    found = as_a_pass(of_the_card(found, before) if base else as_one_gpu(found), before)
    found = as_stored(found, before)
    laid = overlaid(found.said, before)
    found = with_experts_asked(found, laid.fields)
    problems = tuple(_problems(found, laid))
    language = _language(found.said, base)
    if problems:
        return Reading(
            outcome="problems",
            text=found.text.clean,
            problems=problems,
            not_done=found.not_done,
            language=language,
        )
    return Reading(
        outcome="spec",
        text=found.text.clean,
        request=Request.of_fields(laid.fields),
        changes=tuple(found.said),
        dropped=tuple(laid.dropped),
        language=language,
        unused=found.unused,
        not_done=found.not_done,
        wish=str(found.said["rank_by"]) if _is_wish(found) else "",
    )


def _is_wish(found: Understood) -> bool:
    """`faster`, `便宜点`: the only thing that is said."""
    return set(found.said) == {"rank_by"} and any(match.alone for _, match in found.matches)


def _language(said: dict[str, object], base: Request | None) -> Language | None:
    language = said.get("language", base.language if base else None)
    return None if language is AUTO else cast("Language | None", language)


def _problems(found: Understood, laid: Overlaid) -> Iterator[Problem]:
    return problems_of(
        found.text,
        found.matches,
        twice=found.twice,
        said_at=found.said_at,
        clashes=tuple(clashes(found.said, laid.fields)),
        fields=laid.fields,
    )


MOST_PROBLEMS = 5
"""Of a line with more nobody presses a suggestion, and the work stays bounded."""

MOST_CHARACTERS_TRIED = 600
"""Likewise: a suggestion is tried by reading the whole line with it, so a long line has fewer of them."""


def with_good_suggestions(reading: Reading, vocabulary: Vocabulary, base: Request | None) -> Reading:
    """`reading` with those suggestions alone with which the line has one problem less."""
    if reading.outcome != "problems":
        return reading
    most = MOST_SUGGESTED if len(reading.problems) <= MOST_PROBLEMS else 0
    checked, tried = [], 0
    for at, problem in enumerate(reading.problems):
        tried += len(problem.suggestions) * len(reading.text)
        is_tried = at < most and tried <= MOST_CHARACTERS_TRIED
        checked.append(_with_good(problem, reading, vocabulary, base) if is_tried else _without(problem))
    return replace(reading, problems=tuple(checked))


def _without(problem: Problem) -> Problem:
    return replace(problem, suggestions=()) if problem.suggestions else problem


def _with_good(problem: Problem, reading: Reading, vocabulary: Vocabulary, base: Request | None) -> Problem:
    if not problem.suggestions or problem.span is None:
        return problem
    start, end = problem.span
    left, others = reading.text, {each.code for each in reading.problems if each is not problem}

    def is_good(suggestion: str) -> bool:
        text = f"{left[:start]}{suggestion}{left[end:]}"
        if suggestion in COMMANDS:
            return not left[:start].strip()
        again = run_asked(understood_of(stream_of(text, vocabulary)), base)
        return (
            len(again.problems) < len(reading.problems) and {each.code for each in again.problems} <= others
        )

    return replace(problem, suggestions=tuple(filter(is_good, problem.suggestions)))

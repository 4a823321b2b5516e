"""Readings as JSON: what `ftcost parse` prints, one text or a batch of lines."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.i18n import Language, Texts
from bot.language.merge import Reading
from bot.language.messages import message
from bot.language.reader import read, read_plain
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary
from estimator.errors import Problem

FINE, USER_ERROR = 0, 1
TextsOf = Callable[[Language], Texts]


def parse_document(
    text: str,
    *,
    vocabulary: Vocabulary,
    texts: TextsOf,
    base: str | Request | None = None,
    plain: bool = False,
) -> tuple[dict[str, Any], int]:
    """The document of one text and its exit status; `base` is a request, or the text of one.

    A base that is wrong returns its own problems.
    """
    if isinstance(base, str):
        based = read(base, vocabulary)
        if based.request is None:
            return _wrong_base(based, texts)
        base = based.request
    reading = (read_plain if plain else read)(text, vocabulary, base)
    return reading_document(reading, texts), USER_ERROR if reading.outcome == "problems" else FINE


def reading_document(reading: Reading, texts: TextsOf) -> dict[str, Any]:
    """The JSON of a reading."""
    if reading.request is not None:
        return {**reading.request.said(), **_told(reading)}
    if reading.outcome == "help":
        return {"help": True}
    if reading.outcome == "conversation":
        return {"followup": False}
    if reading.outcome == "command":
        command = {"command": reading.command, "arguments": reading.arguments}
        return {**_shared(reading), **command, **_told(reading)}
    return problems_document(reading.problems, texts(reading.language or "en"))


def _shared(reading: Reading) -> dict[str, Any]:
    """What the choices of a question have in common."""
    first, *others = [request.said() for request in reading.compared] or [{}]
    return {name: value for name, value in first.items() if all(each.get(name) == value for each in others)}


def _told(reading: Reading) -> dict[str, Any]:
    """Words that were set aside, and what is not estimated, where there are any."""
    told = {"unused": list(reading.unused), "not_estimated": list(reading.not_done)}
    return {name: value for name, value in told.items() if value}


def problems_document(problems: Iterable[Problem], texts: Texts) -> dict[str, Any]:
    """`{"problems": [...]}` with the sentences in one language."""
    return {
        "problems": [
            {
                "token": problem.token,
                "message": message(problem, texts),
                "suggestions": list(problem.suggestions),
            }
            for problem in problems
        ]
    }


def parse_batch(lines: Iterable[str], vocabulary: Vocabulary, texts: TextsOf) -> Iterator[str]:
    """One JSON document for each line of requests, in order; a malformed line is answered and passed."""
    for line in lines:
        yield json.dumps(_answer(line, vocabulary, texts), ensure_ascii=True)


def _answer(line: str, vocabulary: Vocabulary, texts: TextsOf) -> dict[str, Any]:
    request = request_of(line)
    if isinstance(request, Problem):
        return problems_document((request,), texts("en"))
    text, base, plain = request
    return parse_document(text, vocabulary=vocabulary, texts=texts, base=base, plain=plain)[0]


def request_of(line: str) -> tuple[str, str | None, bool] | Problem:
    """Text, base and plain of one line of a batch."""
    malformed = Problem(code="malformed_request", token=line.strip())
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        return malformed
    if not isinstance(request, dict) or not request.keys() <= {"text", "base", "plain"}:
        return malformed
    text, base, plain = request.get("text"), request.get("base"), request.get("plain", False)
    if not isinstance(text, str) or not isinstance(base, str | None) or not isinstance(plain, bool | None):
        return malformed
    return text, base, bool(plain)


def _wrong_base(reading: Reading, texts: TextsOf) -> tuple[dict[str, Any], int]:
    if reading.outcome == "problems":
        return reading_document(reading, texts), USER_ERROR
    no_model = Problem(code="no_model", token="")
    return problems_document((no_model,), texts(reading.language or "en")), USER_ERROR

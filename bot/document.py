"""A reply as the JSON document of the terminal (docs/estimate-json.md)."""

from collections.abc import Sequence
from typing import Any

from bot.answer import Reply
from estimator.document import estimate_document
from estimator.outcome import Problem


def document_of(reply: Reply) -> dict[str, Any]:
    """The estimate, the problems, or that help was asked for."""
    if reply.estimate is not None:
        return estimate_document(reply.estimate)
    if reply.outcome == "problems":
        return problems_document(reply.problems)
    return {"help": True} if reply.outcome == "help" else {"text": reply.card.text}


def problems_document(problems: Sequence[Problem]) -> dict[str, Any]:
    """Everything that is wrong, each with its token and what may have been meant."""
    return {
        "problems": [
            {"token": each.token, "message": each.message, "suggestions": list(each.suggestions)}
            for each in problems
        ]
    }

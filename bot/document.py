"""A reply as the JSON document of the terminal (docs/estimate-json.md)."""

from collections.abc import Sequence
from typing import Any

from bot.answer import Reply
from bot.cards.requested import RequestedEstimate
from estimator.document import estimate_document
from estimator.outcome import Problem


def document_of(reply: Reply) -> dict[str, Any]:
    """The estimate, the problems, or that help was asked for."""
    if reply.requested is not None:
        return requested_document(reply.requested)
    if reply.outcome == "problems":
        return problems_document(reply.problems)
    return {"help": True} if reply.outcome == "help" else {"text": reply.card.text}


def requested_document(requested: RequestedEstimate) -> dict[str, Any]:
    """The estimate, and what people type for it."""
    computed = estimate_document(requested.estimate)
    return {
        "schema_version": computed["schema_version"],
        "command": requested.command,
        **computed,
        "spec": requested.request.said(),
        "fixes": [
            {"change": written.change, "command": written.command, "option": fix["option"]}
            for written, fix in zip(requested.fixes, computed["fixes"], strict=True)
        ],
    }


def problems_document(problems: Sequence[Problem]) -> dict[str, Any]:
    """Everything that is wrong, each with its token and what may have been meant."""
    return {
        "problems": [
            {"token": each.token, "message": each.message, "suggestions": list(each.suggestions)}
            for each in problems
        ]
    }

"""Assumptions, notes and warnings in words: as they would be typed, or as a sentence."""

from collections.abc import Mapping

from bot.cards.block import clipped, code_span, escape
from bot.cards.phrases import MAX_NAME_CHARS, joined_by
from bot.cards.quantities import quantities
from bot.i18n import Texts
from estimator.framework.engine import Sharing
from estimator.workload import Assumption


def assumed_as_typed(assumption: Assumption, texts: Texts) -> str:
    """`seq=1024`; what joins the GPUs has no key, and is named as on the line of the plan."""
    name = texts.given(f"key.{assumption.what}", assumption.what)
    if assumption.code == "joined_by":
        return f"{name}={_joins(assumption.parameters, texts)}"
    return escape(clipped(f"{name}={assumption.value}", MAX_NAME_CHARS))


def _joins(parameters: Mapping[str, object], texts: Texts) -> str:
    """Every way in which a plan joins its GPUs, in the order of its line; empty where none is named."""
    framework = str(parameters.get("framework", ""))
    each = (joined_by(by, str(parameters[by]), framework, texts=texts) for by in Sharing if by in parameters)
    return " + ".join(each)


def explained(assumption: Assumption, texts: Texts) -> str:
    """Why a value was taken, as a sentence of the reader's language."""
    return texts.given(f"assumption.{assumption.code}", "", **_values(assumption, texts))


def warning(assumption: Assumption, texts: Texts) -> str:
    """What the option breaks: over budget, past the deadline."""
    said = texts.given(f"warning.{assumption.code}", "", **_values(assumption, texts))
    return texts("warning.line", said=said or code_span(assumed_as_typed(assumption, texts)))


def _values(assumption: Assumption, texts: Texts) -> dict[str, str]:
    values = quantities(assumption.parameters, texts)
    return {"value": escape(assumption.value), "otherwise": _otherwise(assumption, texts), **values}


def _otherwise(assumption: Assumption, texts: Texts) -> str:
    """` (FSDP ×2 (ZeRO-3), mbs=4, no checkpointing)`: what another plan has of its own, where it has."""
    size, kind = map(assumption.parameters.get, ("micro_batch_size", "activation_checkpointing"))
    said = [joined] if (joined := _joins(assumption.parameters, texts)) else []
    said += [f"mbs={size}"] if size else []
    said += [texts(f"checkpointing.{kind}")] if kind else []
    return f" ({', '.join(said)})" if said else ""

"""A paste as a reading: a run of its own, a change of the run it answers to, or facts."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from bot.language.canonical import format_request
from bot.language.conflicts import clashes
from bot.language.ledger_words import money_line
from bot.language.merge import Reading, overlaid
from bot.language.normalize import normalized
from bot.language.pastes.paste import Paste, recognised
from bot.language.reader import read
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary
from estimator.spec import TrainingSpec

_CLAUSE: Final = re.compile(r"[,;:!?.](?:\s|$)|[，。；：！？、]")
_MOST_CLAUSES: Final = 12


def read_paste(text: str, vocabulary: Vocabulary, base: Request | None = None) -> Reading | None:
    """What a pasted configuration or log comes to; None where `text` is none."""
    paste = recognised(text, vocabulary)
    if paste is None:
        return None
    if (booked := _as_actual(paste)) is not None:
        return booked
    if paste.is_log or paste.trains_nothing:
        return Reading(outcome="paste", paste=paste, base=base)
    reading = _laid_over(paste, base)
    if reading.request is None or not paste.around:
        return reading
    return _with_words(reading, paste.around, vocabulary)


def _as_actual(paste: Paste) -> Reading | None:
    """`actual ¥120` beside a log: what it measured, and what was said of it."""
    money = money_line(normalized(paste.around)) if paste.facts else None
    if paste.facts is None or money is None or money.command != "actual":
        return None
    measured = f"{paste.facts.as_actual()} {money.arguments}".strip()
    return Reading(outcome="command", text=f"actual {measured}", command="actual", arguments=measured)


def _laid_over(paste: Paste, base: Request | None) -> Reading:
    """A whole configuration, or a part of one over a run that is there already."""
    before = base.fields() if base else {}
    said = _values(_spec_of(_carried(paste)) if "model" in paste.fields else _spec_of(paste.fields))
    laid = overlaid(said, before)
    for conflict in tuple(clashes(said, laid.fields)):
        said = {name: value for name, value in said.items() if name != conflict.fields[0]}
        laid = overlaid(said, before)
    if laid.fields.get("model") is None or tuple(clashes(said, laid.fields)):
        return Reading(outcome="paste", paste=paste, base=base)
    request = Request.of_fields(laid.fields)
    return Reading(
        outcome="spec",
        text=format_request(request),
        request=request,
        changes=tuple(said),
        dropped=tuple(laid.dropped),
        language=request.language,
        not_done=paste.not_done,
        paste=paste,
        base=base,
    )


def _carried(paste: Paste) -> Mapping[str, Any]:
    """What it says over what its tool does by itself, so that a reply may change it.

    One pass a step is what a micro batch means by itself: said, it would hold against a batch that follows.
    """
    defaults = dict(paste.defaults)
    if defaults.get("gradient_accumulation_steps") == 1 and "micro_batch_size" in {
        **defaults,
        **paste.fields,
    }:
        del defaults["gradient_accumulation_steps"]
    return {**defaults, **paste.fields}


def _with_words(reading: Reading, around: str, vocabulary: Vocabulary) -> Reading:
    """What was said beside the paste (`will this fit on 4x4090?`) goes before what stands in it.

    Where it does not read as one, its clauses do, and those that do not are listed.
    """
    whole = _and_words(reading, around, vocabulary)
    if whole is not None:
        return whole
    for clause in filter(None, map(str.strip, _CLAUSE.split(around)[:_MOST_CLAUSES])):
        more = _and_words(reading, clause, vocabulary)
        reading = more or replace(reading, unused=(*reading.unused, clause))
    return reading


def _and_words(reading: Reading, said: str, vocabulary: Vocabulary) -> Reading | None:
    """None: it does not read."""
    more = read(said, vocabulary, reading.request)
    if more.request is None:
        return None
    return replace(
        reading,
        text=format_request(more.request),
        request=more.request,
        changes=(*reading.changes, *more.changes),
        dropped=(*reading.dropped, *more.dropped),
        language=more.language,
        not_done=tuple(dict.fromkeys((*reading.not_done, *more.not_done))),
        unused=(*reading.unused, *more.unused),
    )


def _spec_of(fields: Mapping[str, Any]) -> TrainingSpec:
    return TrainingSpec.model_validate(fields)


def _values(spec: TrainingSpec) -> dict[str, object]:
    return {name: value for name, value in dict(spec).items() if value is not None}

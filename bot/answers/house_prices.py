"""Whose prices a channel or the workspace buys at: laid under a spec that says nothing of it, and told."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.cards.settings import chosen_as_typed
from bot.conversation.preferences import OF_PRICES, Chosen, Scope
from estimator.result import Note, NoteCode
from estimator.spec import TrainingSpec


def under_settings(spec: TrainingSpec, chosen: Chosen) -> tuple[TrainingSpec, tuple[Note, ...]]:
    """`spec` with what was chosen where it says nothing, and a note for each scope that chose.

    Sellers named in the spec beat those of the settings, and their regions and exclusions with them; a price
    of one's own needs no seller.
    """
    held = _held(spec, chosen)
    if not held:
        return spec, ()
    return TrainingSpec.model_validate({**spec.fields(), **held}), tuple(_notes(held, chosen))


def _held(spec: TrainingSpec, chosen: Chosen) -> dict[str, Any]:
    if spec.price_per_gpu_hour is not None:
        return {}
    names = OF_PRICES if spec.providers is None else ("market",)
    said = {name: value for name, value in chosen.of_prices().items() if name in names}
    held = {name: value for name, value in said.items() if getattr(spec, name) is None}
    unwanted = spec.excluded_providers or ()
    if unwanted and "excluded_providers" in said:
        held["excluded_providers"] = tuple(dict.fromkeys((*unwanted, *said["excluded_providers"])))
    if "providers" in held:
        held["providers"] = tuple(name for name in held["providers"] if name not in unwanted)
    return {name: value for name, value in held.items() if value}


def _notes(held: Mapping[str, Any], chosen: Chosen) -> Iterator[Note]:
    by_scope: dict[Scope, dict[str, Any]] = {}
    for name in held:
        if name != "excluded_providers":
            by_scope.setdefault(chosen.said_by[name], {})[name] = getattr(chosen, name)
            continue
        for seller in chosen.excluded_providers:
            said = by_scope.setdefault(chosen.left_out_by[seller], {})
            said[name] = (*said.get(name, ()), seller)
    for scope, said in by_scope.items():
        yield Note(code=NoteCode.SETTINGS_HELD, parameters={"scope": scope, "said": chosen_as_typed(said)})

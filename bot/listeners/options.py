"""What the menus of the form offer while somebody types: models, GPUs, sellers by any of their names."""

import re
from collections.abc import Iterator
from typing import Any

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.cards.form import options_of
from bot.language.kinds import squash
from bot.model_hub.hub import is_hub_name
from bot.slack.responder import Responder


def register(app: App, responder: Responder) -> None:
    """Wire the menus."""

    @app.options(action_ids.MODEL_OPTIONS)
    def offer_models(ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=options_of(_models(responder, str(payload.get("value", "")).strip())))

    @app.options(action_ids.GPU_OPTIONS)
    def offer_gpus(ack: Ack, payload: dict[str, Any]) -> None:
        found = responder.answers.listings.gpus(str(payload.get("value", "")))
        ack(options=options_of((each.name, each.key) for each in found))

    @app.options(action_ids.SELLER_OPTIONS)
    def offer_sellers(ack: Ack, payload: dict[str, Any]) -> None:
        ack(options=options_of(_sellers(responder, str(payload.get("value", "")))))

    @app.options(re.compile(""))
    def offer_nothing(ack: Ack) -> None:
        ack(options=[])  # a menu of an older version


def _sellers(responder: Responder, typed: str) -> Iterator[tuple[str, str]]:
    """Those of which one name begins or goes on like what was typed; the best known first."""
    wanted = squash(typed)
    for key, names in responder.answers.vocabulary.sellers():
        if any(wanted in squash(name) for name in (key, *names)):
            yield names[0] if names else key, key


def _models(responder: Responder, typed: str) -> Iterator[tuple[str, str]]:
    """What was typed, where it names a size or a model of the hub; then what the catalog has."""
    spec = responder.answers.read(typed).spec if typed else None
    if spec is not None and spec.model and (spec.model == typed.lower() or is_hub_name(typed)):
        yield spec.model, spec.model
    for arch in responder.answers.listings.models(typed):
        if spec is None or arch.key != spec.model:
            yield arch.key, arch.key

"""The global shortcut: the form, from anywhere in Slack."""

from typing import Any

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.listeners.views import NO_CARD, open_form
from bot.slack.payloads import Destination, destination_of_interaction
from bot.slack.responder import Responder


def register(app: App, responder: Responder) -> None:
    """Wire `ftcost_new`."""

    @app.shortcut(action_ids.SHORTCUT)
    def handle_shortcut(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        destination = destination_of_interaction(body)
        responder.later(destination, lambda: _open(responder, destination, str(body.get("trigger_id", ""))))


def _open(responder: Responder, destination: Destination, trigger_id: str) -> None:
    if not open_form(responder, destination, trigger_id, NO_CARD):
        responder.askers.notify(destination, "form_late")

"""The global shortcut: the form, from anywhere in Slack."""

from typing import Any

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.listeners.views import NO_CARD, open_form
from bot.slack.payloads import Place, place_of_interaction
from bot.slack.responder import Desk


def register(app: App, desk: Desk) -> None:
    """Wire `ftcost_new`."""

    @app.shortcut(action_ids.SHORTCUT)
    def handle_shortcut(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        place = place_of_interaction(body)
        desk.later(place, lambda: _open(desk, place, str(body.get("trigger_id", ""))))


def _open(desk: Desk, place: Place, trigger_id: str) -> None:
    if not open_form(desk, place, trigger_id, NO_CARD):
        desk.notify(place, "form_late")

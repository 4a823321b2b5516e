"""The global shortcut: the form, from anywhere in Slack."""

from typing import Any

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.listeners.desk import Desk
from bot.listeners.form import open_form
from bot.listeners.places import place_of_interaction


def register(app: App, desk: Desk) -> None:
    """Wire `ftcost_new`."""

    @app.shortcut(action_ids.SHORTCUT)
    def handle_shortcut(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        place = place_of_interaction(body)
        desk.later(place, lambda: open_form(desk, place, str(body.get("trigger_id", "")), ""))

"""App Home: recent estimates, language, help; drawn when it is opened and when something on it changes."""

from typing import Any

from slack_bolt import App

from bot.cards.home import home_view
from bot.listeners.desk import Desk
from bot.listeners.places import place_of_event
from bot.listeners.press import Press


def register(app: App, desk: Desk) -> None:
    """Wire the opening of Home."""

    @app.event("app_home_opened")
    def handle_opening(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            place = place_of_event(body)
            desk.later(place, lambda: publish(desk, place.user_id))


def publish(desk: Desk, user_id: str) -> None:
    """Draw the Home of `user_id`."""
    texts = desk.answers.texts(desk.readers.language(user_id))
    view = home_view(desk.recent.of(user_id), texts=texts, chosen=desk.readers.chosen(user_id))
    desk.delivery.call(desk.delivery.client.views_publish, user_id=user_id, view=view)


def choose_language(desk: Desk, press: Press) -> None:
    """Keep the chosen language and draw Home in it."""
    desk.readers.choose(press.place.user_id, press.value)
    publish(desk, press.place.user_id)

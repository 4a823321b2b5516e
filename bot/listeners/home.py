"""App Home: recent estimates, defaults, language, help; drawn when it is opened and when it changes."""

from typing import Any, Final

from slack_bolt import App

from bot.answers.settings import in_force
from bot.cards.block import code_span
from bot.cards.home import home_view
from bot.cards.settings import choice_line
from bot.conversation.preferences import UserInChannel, choose_word
from bot.i18n import Texts
from bot.language.grammar import KEY_OF_FIELD
from bot.slack.payloads import ButtonPress, destination_of_event
from bot.slack.responder import Responder

SHOWN_DEFAULTS: Final = (
    "num_examples",
    "sequence_length",
    "global_batch_size",
    "num_epochs",
    "lora_rank",
    "retries",
    "stack",
)
"""Fields of the defaults that Home tells, by the keys that they are typed with."""


def register(app: App, responder: Responder) -> None:
    """Wire the opening of Home."""

    @app.event("app_home_opened")
    def handle_opening(body: dict[str, Any], event: dict[str, Any]) -> None:
        if event.get("tab", "home") == "home":
            destination = destination_of_event(body)
            responder.at_home(destination, lambda: publish(responder, destination.user_id))


def publish(responder: Responder, user_id: str) -> None:
    """Draw the Home of `user_id`."""
    whose = UserInChannel(user_id=user_id)
    language, chosen = responder.readers.reader(whose)
    texts = responder.answers.texts(language)
    view = home_view(
        responder.recent.of(user_id),
        texts=texts,
        chosen=responder.readers.preferences.of(whose, "user"),
        budgets=responder.money.budgets_of(user_id, language),
        defaults=(choice_line(in_force(language, chosen), texts), _defaults_line(responder, texts)),
    )
    responder.delivery.call(responder.delivery.client.views_publish, user_id=user_id, view=view)


def _defaults_line(responder: Responder, texts: Texts) -> str:
    defaults = responder.answers.service.catalog.defaults
    said = (f"{KEY_OF_FIELD[name].name}={_plain(getattr(defaults, name))}" for name in SHOWN_DEFAULTS)
    return texts("home.defaults_line", said=code_span(" ".join(said)))


def _plain(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.10g}"


def choose(responder: Responder, press: ButtonPress, field: str) -> None:
    """Keep the chosen language or currency and draw Home with it."""
    whose = UserInChannel(user_id=press.destination.user_id)
    choose_word(responder.readers.preferences, whose, field, press.value)
    publish(responder, press.destination.user_id)

"""`/ftcost`: acknowledged with the problems or the help where they are at hand, else with an echo."""

from typing import Any

from slack_bolt import Ack, App

from bot.cards.limits import violations
from bot.language import Reading
from bot.listeners.views import NO_CARD, open_form
from bot.slack.payloads import Place, place_of_command
from bot.slack.responder import Desk, whose_at

COMMAND = "/ftcost"


def register(app: App, desk: Desk) -> None:
    """Wire `/ftcost`."""

    @app.command(COMMAND)
    def handle_command(ack: Ack, command: dict[str, Any]) -> None:
        place, text = place_of_command(command), str(command.get("text", ""))
        if not text.strip():
            ack()
            desk.later(place, lambda: _offer_form(desk, place, str(command.get("trigger_id", ""))))
            return
        try:
            reading = desk.answers.read(text)
            answered = _acknowledged(ack, desk, reading, place)
        except Exception as bug:  # noqa: BLE001  -- nothing may escape before Slack is answered
            ack()
            desk.later(place, _raising(bug))
        else:
            if not answered:
                desk.later(place, lambda: desk.answer(reading, place))


def _offer_form(desk: Desk, place: Place, trigger_id: str) -> None:
    """Nothing typed: the form, or help where Slack does not open it."""
    if not open_form(desk, place, trigger_id, NO_CARD):
        desk.answer(desk.answers.read(""), place)


def _acknowledged(ack: Ack, desk: Desk, reading: Reading, place: Place) -> bool:
    """Acknowledge; whether that was the whole answer."""
    if reading.request is not None and not reading.request.private:
        ack({"response_type": "in_channel"})  # shows the room what was typed
        return False
    language = desk.readers.known(whose_at(place))
    reply = desk.answers.instant(reading, desk.asker_reading(language, place)) if language else None
    if reply is None or violations(reply.card, "message"):
        ack()
        return False
    ack({**reply.card.as_message(), "response_type": "ephemeral"})
    desk.note(reply, place)
    return True


def _raising(bug: Exception) -> Any:
    def again() -> None:
        raise bug

    return again

"""`/ftcost`: acknowledged with the problems or the help where they are at hand, else with an echo."""

from typing import Any

from slack_bolt import Ack, App

from bot.cards.slack_limits import violations
from bot.language import Reading
from bot.listeners.views import NO_CARD, open_form
from bot.slack.payloads import Destination, destination_of_command, whose_at
from bot.slack.responder import Responder

COMMAND = "/ftcost"


def register(app: App, responder: Responder) -> None:
    """Wire `/ftcost`."""

    @app.command(COMMAND)
    def handle_command(ack: Ack, command: dict[str, Any]) -> None:
        destination, text = destination_of_command(command), str(command.get("text", ""))
        trigger_id, act = str(command.get("trigger_id", "")), destination.act
        if not responder.has_room(destination):
            ack({"response_type": "ephemeral", "text": responder.turned_away(destination)})
            return
        if not text.strip():
            ack()
            do = responder.once(destination, lambda: _offer_form(responder, destination, trigger_id), act)
            responder.later(destination, do)
            return
        try:
            reading = responder.answers.read(text)
            answered = _acknowledged(ack, responder, reading, destination)
        except Exception as bug:  # noqa: BLE001  -- nothing may escape before Slack is answered
            ack()
            responder.later(destination, _raising(bug))
        else:
            if not answered:
                do = responder.once(destination, lambda: responder.answer(reading, destination), act)
                responder.later(destination, do)


def _offer_form(responder: Responder, destination: Destination, trigger_id: str) -> None:
    """Nothing typed: the form, or help where Slack does not open it."""
    if not open_form(responder, destination, trigger_id, NO_CARD):
        responder.answer(responder.answers.read("help"), destination)


def _acknowledged(ack: Ack, responder: Responder, reading: Reading, destination: Destination) -> bool:
    """Acknowledge; whether that was the whole answer."""
    if reading.request is not None and not reading.request.private:
        ack({"response_type": "in_channel"})  # shows the room what was typed
        return False
    language = responder.readers.known(whose_at(destination))
    reply = (
        responder.answers.instant(reading, responder.askers.of_language(language, destination))
        if language
        else None
    )
    if reply is None or violations(reply.card, "message"):
        ack()
        return False
    ack({**reply.card.as_message(), "response_type": "ephemeral"})
    responder.note(reply, destination)
    return True


def _raising(bug: Exception) -> Any:
    def again() -> None:
        raise bug

    return again

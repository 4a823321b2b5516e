"""The form, sent: its mistakes at their fields, else the card in the chosen place."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.cards.carried import carried_by_value
from bot.cards.modal import form_channel, form_errors, form_text
from bot.conversation.card_state import Carried
from bot.conversation.followups import changed_to
from bot.conversation.threads import Known
from bot.i18n import Language
from bot.language import Problem, Reading, Request, message
from bot.listeners.delivery import Place
from bot.listeners.desk import Desk
from bot.listeners.talk import Deliver, answer_move, as_known, in_turn
from estimator.spec import Method

NO_MODEL: Final = Problem(code="no_model", token="")


def register(app: App, desk: Desk) -> None:
    """Wire the form."""

    @app.view(action_ids.FORM)
    def handle_form(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        reading = desk.answers.read(form_text(values))
        if reading.request is None:
            ack(response_action="errors", errors=_errors(desk, reading, view))
            return
        ack()
        metadata = _metadata(view)
        place = _place(body, metadata, form_channel(values))
        base = carried_by_value(metadata.get("card", ""))
        desk.in_thread(place, lambda: _answer(desk, reading, place, base))

    @app.view(re.compile(""))
    def handle_form_of_the_past(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        place = _place(body, {}, form_channel(view.get("state", {}).get("values", {})))
        desk.later(place, lambda: desk.notify(place, "retired"))


def _metadata(view: Mapping[str, Any]) -> dict[str, str]:
    """What the form was opened with."""
    return dict(json.loads(view.get("private_metadata") or "{}"))


def _errors(desk: Desk, reading: Reading, view: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, at the field that it is wrong in, in the language of the form."""
    language: Language = "zh" if _metadata(view).get("language") == "zh" else "en"
    texts = desk.answers.texts(language)
    problems = {each.token: message(each, texts) for each in reading.problems}
    shown = frozenset(block["block_id"] for block in view["blocks"])
    return form_errors(problems or {"": message(NO_MODEL, texts)}, shown)


def _place(body: Mapping[str, Any], metadata: Mapping[str, str], channel: str | None) -> Place:
    """The thread of the card that was edited, else the chosen channel."""
    addresses = body.get("response_urls") or ()
    return Place(
        team_id=str((body.get("enterprise") or {}).get("id") or (body.get("team") or {}).get("id") or ""),
        channel_id=channel or metadata.get("channel") or str(body["user"]["id"]),
        user_id=str(body["user"]["id"]),
        thread_ts=metadata.get("thread", "") if not channel else "",
        response_url=next((str(each["response_url"]) for each in addresses), ""),
        is_unanswered=bool(metadata.get("unanswered")),
    )


def _answer(desk: Desk, reading: Reading, place: Place, base: Carried | None) -> None:
    """A new card; in a thread it says what changed."""
    sent = reading.request
    if base is None or sent is None or not place.thread_ts:
        desk.answer(reading, place)
        return
    request = _as_open_as(desk.answers.request(base.command), sent)

    def answer(known: Known) -> Deliver:
        move = changed_to(request, as_known(base, known), desk.answers.request)
        return answer_move(desk, place, move, known)

    in_turn(desk, place, answer)


def _as_open_as(before: Request | None, sent: Request) -> Request:
    """What was sent; the form cannot leave the method open, the card may have."""
    if before and before.spec.method is None and sent.spec.method is Method.FULL:
        return sent.with_spec(sent.spec.model_copy(update={"method": None}))
    return sent

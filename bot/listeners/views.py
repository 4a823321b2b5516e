"""The form, sent: its mistakes at their fields, else the card in the chosen place."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import Ack, App

from bot.cards import action_ids, button_values
from bot.cards.form import OWN_FIELDS, form_channel, form_errors, form_text, form_view
from bot.cards.state import carried_by_value
from bot.conversation.card_state import Carried
from bot.conversation.followups import changed_to
from bot.conversation.threads import Known
from bot.i18n import Language
from bot.language import Problem, Reading, Request, format_request, message
from bot.listeners.followups import Deliver, answer_move, as_known, in_turn
from bot.slack.delivery import RefusedError, UnsureError
from bot.slack.payloads import Place, Press
from bot.slack.responder import Desk
from estimator.spec import Method, TrainingSpec

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


NOTHING = Request()
NO_CARD = Carried(command="")


def open_form(desk: Desk, place: Place, trigger_id: str, card: Carried) -> bool:
    """Show the form, filled in from `card`, before anything is computed; whether Slack opened it."""
    request, texts = desk.answers.request(card.command), desk.texts(place)
    channel = place.channel_id if place.channel_id != place.user_id else ""
    base = button_values.state(card.command, i=card.card_id, b=card.before, r=card.root) if request else ""
    view = form_view(
        (request or NOTHING).spec,
        defaults=desk.answers.service.catalog.defaults,
        texts=texts,
        advanced=advanced_line(request) if request else card.command,
        channel=channel or None,
        ask_channel=not place.thread_ts,
        metadata={
            "card": base,
            "channel": channel,
            "thread": place.thread_ts,
            "unanswered": "1" if place.is_unanswered else "",
            "language": texts.language,
        },
    )
    try:
        desk.delivery.call(desk.delivery.client.views_open, trigger_id=trigger_id, view=view)
    except (RefusedError, UnsureError):
        return False
    return True


def redraw(desk: Desk, press: Press) -> None:
    """The form again, with the fields that the chosen method has."""
    view = press.body["view"]
    values: dict[str, Any] = view["state"]["values"]
    metadata = json.loads(view.get("private_metadata") or "{}")
    request = desk.answers.read(form_text(values)).request or _method_alone(values)
    redrawn = form_view(
        request.spec,
        defaults=desk.answers.service.catalog.defaults,
        texts=desk.answers.texts("zh" if metadata.get("language") == "zh" else "en"),
        advanced=advanced_line(request),
        channel=form_channel(values) or metadata.get("channel") or None,
        ask_channel=not metadata.get("thread"),
        metadata=metadata,
    )
    client = desk.delivery.client
    try:
        desk.delivery.call(client.views_update, view_id=view["id"], hash=view.get("hash"), view=redrawn)
    except (RefusedError, UnsureError):
        desk.notify(press.place, "form_late")


def advanced_line(request: Request) -> str:
    """Everything that the form has no field for, as it is typed."""
    return format_request(request.with_spec(request.spec.model_copy(update=dict.fromkeys(OWN_FIELDS))))


def _method_alone(values: dict[str, Any]) -> Request:
    """What the form says of the method, where the rest cannot be read yet."""
    chosen = values.get("method", {})
    method = next(
        (each["selected_option"]["value"] for each in chosen.values() if each.get("selected_option")), None
    )
    return Request(spec=TrainingSpec(method=method))

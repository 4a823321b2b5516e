"""The form, sent: its mistakes at their fields, else the card in the chosen place."""

import re
from collections.abc import Mapping
from typing import Any, Final

from slack_bolt import Ack, App

from bot.cards import action_ids
from bot.cards.form import form_channel, form_errors, form_text, form_view, own_fields
from bot.cards.state import carried_by_value, value_of
from bot.conversation.card_state import CardState
from bot.conversation.followups import changed_to
from bot.conversation.threads import ThreadState
from bot.i18n import language_named
from bot.language import Problem, Reading, Request, format_request, message
from bot.listeners.followups import Deliver, answer_move, as_known, thread_lock
from bot.slack.lookups import DEFAULT
from bot.slack.payloads import ButtonPress, Destination
from bot.slack.refusals import RefusedError, UnsureError
from bot.slack.responder import Responder
from bot.store import mapping_in
from estimator.spec import Method, TrainingSpec

NO_MODEL: Final = Problem(code="no_model", token="")


def register(app: App, responder: Responder) -> None:
    """Wire the form."""

    @app.view(action_ids.FORM)
    def handle_form(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        reading = responder.answers.read(form_text(values))
        if reading.request is None:
            ack(response_action="errors", errors=_errors(responder, reading, view))
            return
        ack()
        metadata = _metadata(view)
        destination = _place(body, metadata, form_channel(values))
        base = carried_by_value(metadata.get("card", ""))
        act = f"form:{view.get('id', '')}:{view.get('hash', '')}"
        do = responder.once(destination, lambda: _answer(responder, reading, destination, base), act)
        responder.in_thread(destination, do)

    @app.view(re.compile(""))
    def handle_form_of_the_past(ack: Ack, body: dict[str, Any], view: dict[str, Any]) -> None:
        ack()
        destination = _place(body, {}, form_channel(view.get("state", {}).get("values", {})))
        responder.later(destination, lambda: responder.askers.notify(destination, "retired"))


def _metadata(view: Mapping[str, Any]) -> dict[str, str]:
    """What the form was opened with."""
    return mapping_in(str(view.get("private_metadata") or "").encode())


def _errors(responder: Responder, reading: Reading, view: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong, at the field that it is wrong in, in the language of the form."""
    texts = responder.answers.texts(language_named(_metadata(view).get("language")) or DEFAULT)
    problems = {each.token: message(each, texts) for each in reading.problems}
    shown = frozenset(block["block_id"] for block in view["blocks"])
    return form_errors(problems or {"": message(NO_MODEL, texts)}, shown)


def _place(body: Mapping[str, Any], metadata: Mapping[str, str], channel: str | None) -> Destination:
    """The thread of the card that was edited, else the chosen channel."""
    addresses = body.get("response_urls") or ()
    return Destination(
        team_id=str(body["user"].get("team_id") or (body.get("team") or {}).get("id") or ""),
        channel_id=channel or metadata.get("channel") or str(body["user"]["id"]),
        user_id=str(body["user"]["id"]),
        thread_ts=metadata.get("thread", "") if not channel else "",
        is_flat=bool(metadata.get("flat")) and not channel,
        response_url=next((str(each["response_url"]) for each in addresses), ""),
        is_unanswered=bool(metadata.get("unanswered")),
    )


def _answer(responder: Responder, reading: Reading, destination: Destination, base: CardState | None) -> None:
    """A new card; in a thread it says what changed."""
    sent = reading.request
    if base is None or sent is None or not destination.is_continued:
        responder.answer(reading, destination)
        return
    request = _as_open_as(responder.answers.request(base.command), sent)

    def answer(known: ThreadState) -> Deliver:
        move = changed_to(request, as_known(base, known), responder.answers.request)
        return answer_move(responder, destination, move, known)

    thread_lock(responder, destination, answer)


def _as_open_as(before: Request | None, sent: Request) -> Request:
    """What was sent; the form cannot leave the method open, the card may have."""
    if before and before.spec.method is None and sent.spec.method is Method.FULL:
        return sent.with_spec(sent.spec.model_copy(update={"method": None}))
    return sent


NOTHING = Request()
NO_CARD = CardState(command="")


def open_form(responder: Responder, destination: Destination, trigger_id: str, card: CardState) -> bool:
    """Show the form, filled in from `card`, before anything is computed; whether Slack opened it."""
    request, texts = responder.answers.request(card.command), responder.askers.texts(destination)
    channel = destination.channel_id if destination.channel_id != destination.user_id else ""
    base = value_of(card) if request else ""
    view = form_view(
        (request or NOTHING).spec,
        defaults=responder.answers.service.catalog.defaults,
        texts=texts,
        advanced=advanced_line(request) if request else card.command,
        channel=None if destination.is_continued else channel,
        metadata={
            "card": base,
            "channel": channel,
            "thread": destination.thread_ts,
            "flat": "1" if destination.is_flat else "",
            "unanswered": "1" if destination.is_unanswered else "",
            "language": texts.language,
            "budget": responder.money.budget_at(destination, texts.language),
        },
    )
    try:
        responder.delivery.call(responder.delivery.client.views_open, trigger_id=trigger_id, view=view)
    except (RefusedError, UnsureError):
        return False
    return True


def redraw(responder: Responder, press: ButtonPress) -> None:
    """The form again, with the fields that the chosen method has."""
    view = press.body["view"]
    values: dict[str, Any] = view["state"]["values"]
    metadata = _metadata(view)
    request = responder.answers.read(form_text(values)).request or _method_alone(values)
    is_in_place = bool(metadata.get("thread") or metadata.get("flat"))
    redrawn = form_view(
        request.spec,
        defaults=responder.answers.service.catalog.defaults,
        texts=responder.answers.texts(language_named(metadata.get("language")) or DEFAULT),
        advanced=advanced_line(request),
        channel=None if is_in_place else form_channel(values) or metadata.get("channel", ""),
        metadata=metadata,
    )
    client = responder.delivery.client
    try:
        responder.delivery.call(client.views_update, view_id=view["id"], hash=view.get("hash"), view=redrawn)
    except (RefusedError, UnsureError):
        responder.askers.notify(press.destination, "form_late")


def advanced_line(request: Request) -> str:
    """Everything that the form has no field for, as it is typed."""
    others = request.spec.model_copy(update=dict.fromkeys(own_fields(request.spec)))
    return format_request(request.with_spec(others))


def _method_alone(values: dict[str, Any]) -> Request:
    """What the form says of the method, where the rest cannot be read yet."""
    chosen = values.get("method", {})
    method = next(
        (each["selected_option"]["value"] for each in chosen.values() if each.get("selected_option")), None
    )
    return Request(spec=TrainingSpec(method=method))

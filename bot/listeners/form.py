"""The form: opened from a button, a shortcut or Home, and redrawn when the method changes."""

import json
from typing import Any

from bot.cards import action_ids
from bot.cards.modal import OWN_FIELDS, form_channel, form_text, form_view
from bot.conversation.card_state import Carried
from bot.language import Request, format_request
from bot.listeners.delivery import Place, RefusedError, UnsureError
from bot.listeners.desk import Desk
from bot.listeners.press import Press
from estimator.spec import TrainingSpec

NOTHING = Request()
NO_CARD = Carried(command="")


def open_form(desk: Desk, place: Place, trigger_id: str, card: Carried) -> bool:
    """Show the form, filled in from `card`, before anything is computed; whether Slack opened it."""
    request, texts = desk.answers.request(card.command), desk.texts(place)
    channel = place.channel_id if place.channel_id != place.user_id else ""
    base = action_ids.state(card.command, i=card.card_id, b=card.before, r=card.root) if request else ""
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

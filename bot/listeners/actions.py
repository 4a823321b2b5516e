"""Buttons and menus: one listener, a table of what each leads to, and a notice for those of older cards."""

import re
from collections.abc import Callable
from typing import Any, Final

from slack_bolt import Ack, App

from bot.answer import Reply
from bot.cards import action_ids
from bot.cards.help import help_card
from bot.cards.maths import assumptions_card, copy_card, maths_card
from bot.listeners import form, home
from bot.listeners.desk import Desk
from bot.listeners.places import place_of_interaction
from bot.listeners.press import Press
from bot.variants import alternatives, changed
from estimator.spec import TrainingSpec

Handler = Callable[[Desk, Press], None]


def register(app: App, desk: Desk) -> None:
    """Wire every button and menu."""

    @app.action(re.compile(""))
    def handle_action(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        press = Press(body=body, action=action, place=place_of_interaction(body))
        desk.later(press.place, lambda: handler_of(str(action.get("action_id", "")))(desk, press))


def handler_of(action_id: str) -> Handler:
    """What a press of `action_id` leads to; an id of the past leads to a notice."""
    if action_id in HANDLERS:
        return HANDLERS[action_id]
    return next((each for prefix, each in FAMILIES.items() if action_id.startswith(prefix)), _retired)


def _run(desk: Desk, press: Press) -> None:
    """The command that the button carries, as if it were typed."""
    desk.answer(desk.answers.read(press.state.get("c", "") or press.command), press.place)


def _take(desk: Desk, press: Press) -> None:
    """The setup or fix that was chosen, told as a change of the card."""
    _change_to(desk, press, press.value or press.state.get("c", ""))


def _try_lora(desk: Desk, press: Press) -> None:
    if (before := _spec(desk, press)) is not None:
        after = desk.answers.read("lora", before).spec
        _deliver_change(desk, press, before, after or before)


def _undo(desk: Desk, press: Press) -> None:
    _change_to(desk, press, press.state.get("b", ""))


def _change_to(desk: Desk, press: Press, command: str) -> None:
    after = desk.answers.read(command).spec
    before = _spec(desk, press)
    if after is None:
        desk.notify(press.place, "lost")
    elif before is not None:
        _deliver_change(desk, press, before, after)


def _deliver_change(desk: Desk, press: Press, before: TrainingSpec, after: TrainingSpec) -> None:
    asker = desk.asker(press.place)
    desk.deliver(changed(desk.answers, before, after, press.command, asker), press.place)


def _compare(desk: Desk, press: Press) -> None:
    if (spec := _spec(desk, press)) is not None:
        desk.deliver(alternatives(desk.answers, spec, desk.asker(press.place)), press.place)


def _more(desk: Desk, press: Press) -> None:
    """The maths, the assumptions, the command: for whoever wants to know."""
    spec = _spec(desk, press)
    if spec is None:
        return
    reply = desk.answers.estimate(spec, press.command, desk.asker(press.place))
    texts = desk.answers.texts(reply.language)
    if press.value == action_ids.COPY:
        desk.delivery.whisper(copy_card(press.command, texts=texts), press.place)
    elif reply.estimate is None:
        desk.deliver(reply, press.place)
    elif press.value == action_ids.ASSUMPTIONS:
        desk.delivery.whisper(assumptions_card(reply.estimate, texts=texts), press.place)
    else:
        desk.delivery.whisper(maths_card(reply.estimate, texts=texts), press.place)


def _help(desk: Desk, press: Press) -> None:
    texts = desk.texts(press.place)
    desk.deliver(Reply(card=help_card(texts), outcome="help", language=texts.language), press.place)


def _edit(desk: Desk, press: Press) -> None:
    form.open_form(desk, press.place, press.trigger_id, press.command)


def _retired(desk: Desk, press: Press) -> None:
    desk.notify(press.place, "retired")


def _nothing(desk: Desk, press: Press) -> None:
    """A field of the form was touched: it is read when the form is sent."""


def _spec(desk: Desk, press: Press) -> TrainingSpec | None:
    """The spec of the card; without one its user is told."""
    spec = desk.answers.read(press.command).spec if press.command else None
    if spec is None:
        desk.notify(press.place, "lost")
    return spec


HANDLERS: Final[dict[str, Handler]] = {
    action_ids.COMPARE: _compare,
    action_ids.LORA: _try_lora,
    action_ids.EDIT: _edit,
    action_ids.MORE: _more,
    action_ids.USE: _take,
    action_ids.UNDO: _undo,
    action_ids.HELP: _help,
    action_ids.HOME_NEW: _edit,
    action_ids.HOME_LANGUAGE: home.choose_language,
    action_ids.METHOD_CHOICE: form.redraw,
    action_ids.MODEL_OPTIONS: _nothing,
    action_ids.GPU_OPTIONS: _nothing,
}
FAMILIES: Final[dict[str, Handler]] = {
    action_ids.FIX_PREFIX: _take,
    action_ids.RUN_PREFIX: _run,
    action_ids.EXAMPLE_PREFIX: _run,
    action_ids.HOME_RUN_PREFIX: _run,
}

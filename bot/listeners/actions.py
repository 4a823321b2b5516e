"""Buttons and menus: one listener, a table of what each leads to, and a notice for those of older cards."""

import re
from collections.abc import Callable
from typing import Any, Final

from slack_bolt import Ack, App

from bot.answers.answers import Reply
from bot.answers.followups import alternatives, taken_setup
from bot.cards import action_ids
from bot.cards.help import help_card
from bot.cards.maths import copy_card
from bot.conversation.card_state import Carried
from bot.conversation.followups import Move, changed_to, moved, undone
from bot.conversation.threads import Known
from bot.language import Request
from bot.listeners import home, views
from bot.listeners.followups import Deliver, Said, answer_move, as_known, converse, in_turn
from bot.slack.payloads import Press, place_of_interaction
from bot.slack.responder import Desk, thread_of

Handler = Callable[[Desk, Press], None]


def register(app: App, desk: Desk) -> None:
    """Wire every button and menu."""

    @app.action(re.compile(""))
    def handle_action(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        press = Press(body=body, action=action, place=place_of_interaction(body))
        handler = handler_of(press)
        way = desk.at_home if handler in AT_HOME else desk.in_thread if handler in IN_TURN else desk.later
        way(press.place, lambda: handler(desk, press))


def handler_of(press: Press) -> Handler:
    """What a press leads to; an id of the past, or a value of the future, leads to a notice."""
    action_id = str(press.action.get("action_id", ""))
    if press.is_of_another_version:
        return _from_elsewhere
    if action_id in HANDLERS:
        return HANDLERS[action_id]
    return next((each for prefix, each in FAMILIES.items() if action_id.startswith(prefix)), _retired)


def _run(desk: Desk, press: Press) -> None:
    """The line that the button carries, as if it were typed there."""
    line = press.state.get("c", "")
    if press.place.thread_ts:
        converse(desk, press.place, Said(text=line))
    else:
        desk.answer(desk.answers.read(line), press.place)


def _take(desk: Desk, press: Press) -> None:
    """The setup or fix that was chosen, told as a change of the card."""
    taken = press.value or press.state.get("c", "")

    def move(base: Carried, request: Request) -> Move | None:
        after = taken_setup(desk.answers, request, taken)
        return changed_to(after, base, desk.answers.request) if after else None

    _follow(desk, press, move, alone=taken)


def _try_lora(desk: Desk, press: Press) -> None:
    def move(base: Carried, request: Request) -> Move | None:
        return moved(desk.answers.read("lora", request), base, desk.answers.request)

    _follow(desk, press, move)


def _undo(desk: Desk, press: Press) -> None:
    _follow(desk, press, lambda base, _request: undone(base))


def _follow(
    desk: Desk, press: Press, move: Callable[[Carried, Request], Move | None], *, alone: str = ""
) -> None:
    """The card after the one that was pressed, whichever that is in its thread.

    Where nothing tells which card that was, `alone`, a whole command, is a card of its own.
    """

    def answer(known: Known) -> Deliver | None:
        base = _base(press, known)
        request = desk.answers.request(base.command) if base else None
        following = move(base, request) if base and request else None
        if following is None:
            return _standing_alone(desk, press, alone)
        return answer_move(desk, press.place, following, known)

    in_turn(desk, press.place, answer)


def _base(press: Press, known: Known) -> Carried | None:
    """The card that was pressed: what its buttons say, and what the thread knows of it."""
    if (carried := press.carried) is not None:
        return as_known(carried, known)
    posted = known.at(press.message_ts)
    return posted.carried if posted else None


def _standing_alone(desk: Desk, press: Press, command: str) -> Deliver:
    reading = desk.answers.read(command)
    if reading.request is not None:
        return lambda: desk.answer(reading, press.place)
    return lambda: desk.notify(press.place, "lost")


def _compare(desk: Desk, press: Press) -> None:
    if (card := _card(desk, press)) is not None:
        desk.deliver(alternatives(desk.answers, card[1], desk.asker(press.place)), press.place)


def _more(desk: Desk, press: Press) -> None:
    """The maths, the assumptions, the command: for whoever wants to know."""
    if (card := _card(desk, press)) is None:
        return
    command, request = card
    if press.value == action_ids.COPY:
        desk.delivery.whisper(copy_card(command, texts=desk.texts(press.place)), press.place)
        return
    reply = desk.answers.estimate(request, command, desk.asker(press.place))
    if reply.requested is None:
        desk.deliver(reply, press.place)
        return
    told = desk.answers.sources if press.value == action_ids.ASSUMPTIONS else desk.answers.maths
    desk.delivery.whisper(told(reply.requested, reply.language), press.place)


def _help(desk: Desk, press: Press) -> None:
    texts = desk.texts(press.place)
    card = help_card(texts, desk.answers.service.catalog.defaults)
    desk.deliver(Reply(card=card, outcome="help", language=texts.language), press.place)


def _edit(desk: Desk, press: Press) -> None:
    opened = views.open_form(desk, press.place, press.trigger_id, press.carried or views.NO_CARD)
    if not opened:
        desk.notify(press.place, "form_late")


def _retired(desk: Desk, press: Press) -> None:
    desk.notify(press.place, "retired")


def _choose_language(desk: Desk, press: Press) -> None:
    home.choose(desk, press, "language")


def _choose_currency(desk: Desk, press: Press) -> None:
    home.choose(desk, press, "currency")


def _from_elsewhere(desk: Desk, press: Press) -> None:
    desk.notify(press.place, "other_version")


def _nothing(desk: Desk, press: Press) -> None:
    """A field of the form was touched: it is read when the form is sent."""


def _card(desk: Desk, press: Press) -> tuple[str, Request] | None:
    """Command and request of the card; without them its user is told."""
    carried = press.carried
    if carried is None and press.place.thread_ts:
        carried = _base(press, desk.threads.known(thread_of(press.place)))
    request = desk.answers.request(carried.command) if carried else None
    if carried is None or request is None:
        desk.notify(press.place, "lost")
        return None
    return carried.command, request


HANDLERS: Final[dict[str, Handler]] = {
    action_ids.COMPARE: _compare,
    action_ids.LORA: _try_lora,
    action_ids.EDIT: _edit,
    action_ids.MORE: _more,
    action_ids.USE: _take,
    action_ids.UNDO: _undo,
    action_ids.HELP: _help,
    action_ids.HOME_NEW: _edit,
    action_ids.HOME_LANGUAGE: _choose_language,
    action_ids.HOME_CURRENCY: _choose_currency,
    action_ids.METHOD_CHOICE: views.redraw,
    action_ids.MODEL_OPTIONS: _nothing,
    action_ids.GPU_OPTIONS: _nothing,
}
FAMILIES: Final[dict[str, Handler]] = {
    action_ids.FIX_PREFIX: _take,
    action_ids.RUN_PREFIX: _run,
    action_ids.EXAMPLE_PREFIX: _run,
    action_ids.HOME_RUN_PREFIX: _run,
}
IN_TURN: Final = frozenset({_take, _try_lora, _undo, _run})
"""What makes a card of its thread's conversation."""
AT_HOME: Final = frozenset({_choose_language, _choose_currency})
"""What draws the Home anew."""

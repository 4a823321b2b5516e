"""Buttons and menus: one listener, a table of what each leads to, and a notice for those of older cards."""

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from slack_bolt import Ack, App

from bot.answers.followups import alternatives, taken_setup
from bot.answers.occasion import PRESSED
from bot.answers.recipes import recipe_reply
from bot.answers.reply import Asker, Reply
from bot.cards import action_ids
from bot.cards.block import Card
from bot.cards.help import help_card
from bot.cards.history import ACTUAL
from bot.cards.ledger import ADD
from bot.cards.maths import copy_card
from bot.cards.notes import notice_card
from bot.cards.told import told_view
from bot.conversation.card_state import CardState
from bot.conversation.followups import Move, changed_to, gone_back, moved, undone
from bot.conversation.threads import ThreadState
from bot.i18n import Texts
from bot.language import Request
from bot.language.tools.registry import DEFAULT_RECIPE, RECIPES
from bot.listeners import home, views
from bot.listeners.followups import Deliver, ThreadMessage, answer_move, as_known, converse, thread_lock
from bot.slack.payloads import ButtonPress, destination_of_interaction, thread_of
from bot.slack.refusals import RefusedError, UnsureError
from bot.slack.responder import Responder
from bot.slack.seen import remembered

DOUBLE_CLICK_SECONDS: Final = 1.0
Handler = Callable[[Responder, ButtonPress], None]


def register(app: App, responder: Responder) -> None:
    """Wire every button and menu."""

    @app.action(re.compile(""))
    def handle_action(ack: Ack, body: dict[str, Any], action: dict[str, Any]) -> None:
        ack()
        press = ButtonPress(body=body, action=action, destination=destination_of_interaction(body))
        handler = handler_of(press)
        way = (
            responder.at_home
            if handler in AT_HOME
            else responder.in_thread
            if handler in CHANGES_THREAD
            else responder.later
        )
        way(press.destination, lambda: _handle_once(responder, press, handler))


def _handle_once(responder: Responder, press: ButtonPress, handler: Handler) -> None:
    """Unless this press was told of before, or is the second of a double click."""
    acts = remembered(*press.acts)
    if press.message_ts:  # fields of a form and of Home are set back and forth
        acts[press.place] = DOUBLE_CLICK_SECONDS
    with responder.new_act(press.destination, acts) as is_new:
        if is_new:
            handler(responder, press)


def handler_of(press: ButtonPress) -> Handler:
    """What a press leads to; an id of the past, or a value of the future, leads to a notice."""
    action_id = str(press.action.get("action_id", ""))
    if press.is_of_another_version:
        return _from_elsewhere
    if action_id in HANDLERS:
        return HANDLERS[action_id]
    return next((each for prefix, each in FAMILIES.items() if action_id.startswith(prefix)), _retired)


def _run(responder: Responder, press: ButtonPress) -> None:
    """The line that the button carries, as if it were typed there."""
    line = press.state.get("c", "")
    if press.is_at_home:
        _say_where(responder, press)
    if press.destination.is_continued and (line == ADD or line.startswith(ACTUAL)):
        _book(responder, press, line)
    elif press.destination.is_continued:
        converse(responder, press.destination, ThreadMessage(text=line))
    else:
        responder.answer(responder.answers.read(line), press.destination)


def _book(responder: Responder, press: ButtonPress, line: str) -> None:
    """The run of the card that was pressed, or that a log was held against, whichever came after it."""
    reading = responder.answers.read(line)
    destination = press.destination
    if line.startswith(ACTUAL):  # what it stands for took place once, however often and by whom it is pressed
        destination = replace(destination, act=f"{PRESSED}{destination.channel_id}:{press.message_ts}")

    def answer(known: ThreadState) -> Deliver:
        at_the_time = known.standing_at(press.message_ts)
        base = _base(press, known) or (at_the_time.carried if at_the_time else None)
        return lambda: responder.answer(reading, destination, base=base)

    thread_lock(responder, press.destination, answer)


def _say_where(responder: Responder, press: ButtonPress) -> None:
    """A window that says where the card will stand: on Home itself nothing changes."""
    texts = responder.askers.texts(press.destination)
    said = notice_card("home_sent", texts=texts)
    delivery = responder.delivery
    with suppress(RefusedError, UnsureError):  # the card comes all the same
        view = told_view(said, "sent", texts=texts)
        delivery.call(delivery.client.views_open, trigger_id=press.trigger_id, view=view)


def _take(responder: Responder, press: ButtonPress) -> None:
    """The setup or fix that was chosen, told as a change of the card."""
    taken = press.value or press.state.get("c", "")

    def move(base: CardState, request: Request) -> Move | None:
        after = taken_setup(responder.answers, request, taken)
        return changed_to(after, base, responder.answers.request) if after else None

    _follow(responder, press, move, alone=taken)


def _try_lora(responder: Responder, press: ButtonPress) -> None:
    def move(base: CardState, request: Request) -> Move | None:
        return moved(responder.answers.read("lora", request), base, responder.answers.request)

    _follow(responder, press, move)


def _undo(responder: Responder, press: ButtonPress) -> None:
    read = responder.answers.request
    _follow(responder, press, lambda base, _request: gone_back(undone(base), base, read))


def _follow(
    responder: Responder,
    press: ButtonPress,
    move: Callable[[CardState, Request], Move | None],
    *,
    alone: str = "",
) -> None:
    """The card after the one that was pressed, whichever that is in its thread.

    Where nothing tells which card that was, `alone`, a whole command, is a card of its own.
    """

    def answer(known: ThreadState) -> Deliver | None:
        base = _base(press, known)
        request = responder.answers.request(base.command) if base else None
        following = move(base, request) if base and request else None
        if following is None:
            return _standing_alone(responder, press, alone)
        return answer_move(responder, press.destination, following, known)

    thread_lock(responder, press.destination, answer)


def _base(press: ButtonPress, known: ThreadState) -> CardState | None:
    """The card that was pressed: what its buttons say, and what the thread knows of it."""
    if (carried := press.carried) is not None:
        return as_known(carried, known)
    posted = known.at(press.message_ts)
    return posted.carried if posted else None


def _standing_alone(responder: Responder, press: ButtonPress, command: str) -> Deliver:
    reading = responder.answers.read(command)
    if reading.request is not None:
        return lambda: responder.answer(reading, press.destination)
    return lambda: responder.askers.notify(press.destination, "lost")


def _compare(responder: Responder, press: ButtonPress) -> None:
    if (card := _card(responder, press)) is not None:
        asker = responder.askers.in_thread_of(press.destination, card[0])
        reply = alternatives(responder.answers, card[1], asker, card[0].noted)
        responder.deliver(reply, press.destination)


def _more(responder: Responder, press: ButtonPress) -> None:
    """The maths, the assumptions, the command: for whoever wants to know."""
    if (card := _card(responder, press)) is None:
        return
    carried, request = card
    asker = responder.askers.of_card(press.destination, carried)
    if press.value == action_ids.COPY:
        texts = responder.answers.texts(asker.language)
        _show(responder, press, copy_card(carried.command, texts=texts), texts)
        return
    if press.value == action_ids.RECIPE:
        responder.deliver(_own_recipe(responder, asker, request), press.destination)
        return
    reply = responder.answers.estimate(request, carried.command, asker)
    if reply.requested is None:
        responder.deliver(reply, press.destination)
        return
    told = responder.answers.sources if press.value == action_ids.ASSUMPTIONS else responder.answers.maths
    texts = responder.answers.texts(reply.language)
    _show(responder, press, told(reply.requested, reply.language), texts)


def _show(responder: Responder, press: ButtonPress, card: Card, texts: Texts, name: str = "") -> None:
    """A window for whoever pressed; where Slack opens none any more, a message for them alone.

    What is whispered into a closed thread is seen by nobody.
    """
    name = name or (press.value if press.value in action_ids.MORE_CHOICES else action_ids.MATHS)
    view = told_view(card, name, texts=texts)
    delivery = responder.delivery
    try:
        delivery.call(delivery.client.views_open, trigger_id=press.trigger_id, view=view)
    except (RefusedError, UnsureError):
        delivery.post_ephemeral(card, press.destination)


def _own_recipe(responder: Responder, asker: Asker, request: Request) -> Reply:
    """The run as a configuration of its own framework, or of TRL."""
    framework = request.spec.stack or ""
    named = framework if framework in RECIPES else DEFAULT_RECIPE
    reply = recipe_reply(responder.answers, request, named, asker)
    return replace(reply, for_everybody=False)


def _help(responder: Responder, press: ButtonPress) -> None:
    texts = responder.askers.texts(press.destination)
    card = help_card(texts, responder.answers.service.catalog.defaults)
    if press.is_at_home:
        _show(responder, press, card, texts, "help")
        return
    responder.deliver(Reply(card=card, outcome="help", language=texts.language), press.destination)


def _edit(responder: Responder, press: ButtonPress) -> None:
    opened = views.open_form(responder, press.destination, press.trigger_id, press.carried or views.NO_CARD)
    if not opened:
        responder.askers.notify(press.destination, "form_late")


def _retired(responder: Responder, press: ButtonPress) -> None:
    responder.askers.notify(press.destination, "retired")


def _choose_language(responder: Responder, press: ButtonPress) -> None:
    home.choose(responder, press, "language")


def _choose_currency(responder: Responder, press: ButtonPress) -> None:
    home.choose(responder, press, "currency")


def _from_elsewhere(responder: Responder, press: ButtonPress) -> None:
    responder.askers.notify(press.destination, "other_version")


def _nothing(responder: Responder, press: ButtonPress) -> None:
    """A field of the form was touched: it is read when the form is sent."""


def _card(responder: Responder, press: ButtonPress) -> tuple[CardState, Request] | None:
    """The card and its request; without them its user is told."""
    carried = press.carried
    if (carried is None or not carried.language) and press.destination.is_continued:
        carried = _base(press, responder.threads.known(thread_of(press.destination)))
    request = responder.answers.request(carried.command) if carried else None
    if carried is None or request is None:
        responder.askers.notify(press.destination, "lost")
        return None
    return carried, request


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
CHANGES_THREAD: Final = frozenset({_take, _try_lora, _undo, _run})
"""What makes a card of its thread's conversation."""
AT_HOME: Final = frozenset({_choose_language, _choose_currency})
"""What draws the Home anew."""

"""A card's place in its conversation, written into button values and metadata and read back.

Buttons keep a card working where nothing can be read, metadata where nothing was pressed; caches only save
the looking. A value says by which version it was written; one of another version is answered with a notice.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.cards import action_ids, button_values
from bot.cards.block import Block, Card
from bot.cards.slack_limits import violations
from bot.conversation.card_state import CardState
from bot.conversation.shown import shown_in
from bot.conversation.threads import PostedCard
from bot.i18n import language_named

EVENT_TYPE: Final = "ftcost_estimate"
_OTHERS: Final = (action_ids.FIX_PREFIX, action_ids.RUN_PREFIX, action_ids.EXAMPLE_PREFIX)
"""Buttons that carry another command than their card's."""


def with_state(card: Card, carried: CardState) -> Card:
    """`card` with all of `carried` in the first of its own buttons; without undo where nothing was before.

    What would burst the card stays with its metadata: notes first, its price, then where it came from.
    """
    kept = Card(card.text, tuple(card.blocks if carried.trail else map(_without_undo, card.blocks)))
    unnoted = replace(carried, noted="")
    less = replace(unnoted, shown=None)
    for value in dict.fromkeys(map(value_of, (carried, unnoted, less, replace(less, trail=less.trail[-1:])))):
        full = Card(kept.text, tuple(_with_value(block, value) for block in kept.blocks))
        if value and not violations(full, "card"):
            return full
    return kept


def value_of(carried: CardState) -> str:
    """`carried` as a button or a form keeps it; empty where Slack would refuse its length."""
    return button_values.state(
        carried.command,
        i=carried.card_id,
        b=carried.before,
        r=carried.root if carried.trail else "",
        l=carried.language or "",
        m=carried.currency,
        p=carried.shown.written() if carried.shown else "",
        n=carried.noted,
    )


def _with_value(block: Block, value: str) -> Block:
    """A row of buttons with `value` in the first of the card's own; any other block as it is."""
    elements = list(block.get("elements", ())) if block["type"] == "actions" else []
    at = next((at for at, each in enumerate(elements) if _is_own(each)), None)
    if at is None:
        return block
    elements[at] = {**elements[at], "value": value}
    return {**block, "elements": elements}


def _without_undo(block: Block) -> Block:
    if block["type"] != "actions":
        return block
    kept = [each for each in block["elements"] if each.get("action_id") != action_ids.UNDO]
    return {**block, "elements": kept}


def _is_own(element: Mapping[str, Any]) -> bool:
    return element.get("type") == "button" and not str(element.get("action_id", "")).startswith(_OTHERS)


def metadata(carried: CardState, *, answers: str = "") -> dict[str, Any]:
    """The metadata of a card's message; `answers` is the timestamp of the message that it answers."""
    payload = {
        "v": button_values.STATE_VERSION,
        "id": carried.card_id,
        "command": carried.command,
        "before": carried.before,
        "root": carried.root,
        "trail": "\n".join(carried.trail),
        "answers": answers,
        "language": carried.language or "",
        "currency": carried.currency,
        "shown": carried.shown.written() if carried.shown else "",
        "noted": carried.noted,
    }
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def posted_by_message(message: Mapping[str, Any]) -> PostedCard | None:
    """The card that a message of ours is; None for no card."""
    ts = str(message.get("ts", ""))
    described = message.get("metadata") or {}
    payload = described.get("event_payload") or {}
    if described.get("event_type") == EVENT_TYPE and payload.get("command"):
        return PostedCard(carried=_described(payload), ts=ts, answers=str(payload.get("answers", "")))
    found = carried_by_blocks(message.get("blocks") or ())
    return PostedCard(carried=found, ts=ts) if found and found.card_id else None


def _described(payload: Mapping[str, Any]) -> CardState:
    """What metadata says of a card."""
    trail = tuple(filter(None, str(payload.get("trail", "")).split("\n")))
    return CardState(
        command=str(payload["command"]),
        card_id=str(payload.get("id", "")),
        trail=trail,
        language=language_named(payload.get("language")),
        currency=str(payload.get("currency", "")),
        shown=shown_in(payload.get("shown")),
        noted=str(payload.get("noted", "")),
    )


def carried_by_value(value: str) -> CardState | None:
    """The card of a value by itself, as a form keeps it."""
    state = button_values.state_of(value)
    return _carried(state) if state else None


def carried_by_blocks(blocks: Sequence[Block]) -> CardState | None:
    """The card that these blocks are; the fullest of its buttons says most."""
    rows = [block for block in blocks if block.get("type") == "actions"]
    states = [state for row in rows for state in _states(row.get("elements", ()))]
    if states:
        return _carried(max(states, key=len))
    ids = (button_values.command_in_id(str(row.get("block_id", ""))) for row in rows)
    return next((CardState(command=command) for command in ids if command), None)


def _states(elements: Sequence[Block]) -> Iterator[dict[str, str]]:
    for each in elements:
        if _is_own(each) and (state := button_values.state_of(str(each.get("value", "")))):
            yield state


def _carried(state: Mapping[str, str]) -> CardState:
    before, root = state.get("b", ""), state.get("r", "")
    trail = dict.fromkeys(each for each in (root, before) if each)
    return CardState(
        command=state["c"],
        card_id=state.get("i", ""),
        trail=tuple(trail),
        language=language_named(state.get("l")),
        currency=state.get("m", ""),
        shown=shown_in(state.get("p")),
        noted=state.get("n", ""),
    )


def carried_by_press(payload: Mapping[str, Any]) -> CardState | None:
    """The card that a `block_actions` payload came from; None for what is no card.

    Slack sends the message along, except for one that a single person sees: there the pressed element
    and the id of its row must do.
    """
    if found := carried_by_blocks((payload.get("message") or {}).get("blocks") or ()):
        return found
    pressed: Sequence[Mapping[str, Any]] = payload.get("actions") or ()
    for state in _states([{"type": "button", **each} for each in pressed]):
        return _carried(state)
    ids = (button_values.command_in_id(str(each.get("block_id", ""))) for each in pressed)
    return next((CardState(command=command) for command in ids if command), None)

"""Interactive elements inside blocks: finding one, what it says when used, what a form holds."""

from collections.abc import Iterator
from typing import Any

from bot.playground.wire import Json

CHOSEN = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "overflow": "selected_option",
    "radio_buttons": "selected_option",
    "checkboxes": "selected_options",
    "conversations_select": "selected_conversation",
    "plain_text_input": "value",
    "number_input": "value",
    "button": "value",
}
"""Element type: the field that carries what was chosen or typed."""

_INITIAL = {
    "selected_option": "initial_option",
    "selected_options": "initial_options",
    "selected_conversation": "initial_conversation",
    "value": "initial_value",
}


def elements_of(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Every (block, interactive element), those in containers included."""
    for block in blocks:
        inside = block.get("elements", []) if block.get("type") == "actions" else []
        single = [block[name] for name in ("accessory", "element") if name in block]
        yield from ((block, element) for element in (*inside, *single) if "action_id" in element)
        yield from elements_of(block.get("child_blocks", []))


def find_element(blocks: list[Json], action_id: str, block_id: str | None = None) -> tuple[Json, Json]:
    """The (block, element) of an action id.

    Raises:
        LookupError: there is none; the message names those that are there.
    """
    found = list(elements_of(blocks))
    for block, element in found:
        if element["action_id"] == action_id and block_id in (None, block.get("block_id")):
            return block, element
    raise LookupError(f"no element {action_id!r} among {[element['action_id'] for _, element in found]}")


def whole_option(element: Json, value: str) -> Json:
    """The whole option of `value`; an external menu's own words where it lists none."""
    groups = [group["options"] for group in element.get("option_groups", ())]
    for option in (*element.get("options", ()), *(option for group in groups for option in group)):
        if option["value"] == value:
            return dict(option)
    if element["type"] != "external_select":
        raise LookupError(f"{element.get('action_id')!r} offers no {value!r}")
    return {"text": {"type": "plain_text", "text": value, "emoji": True}, "value": value}


def chosen_value(element: Json, chosen: Any) -> Any:
    """`chosen` as Slack writes it: menus carry whole options, so a bare value is looked up."""
    field = CHOSEN[element["type"]]
    if field == "selected_option" and isinstance(chosen, str):
        return whole_option(element, chosen)
    if field == "selected_options":
        return [whole_option(element, one) if isinstance(one, str) else one for one in chosen or ()]
    return chosen


def action_of(block: Json, element: Json, chosen: Any, action_ts: str) -> Json:
    """One entry of `actions` in a block_actions payload."""
    kept = {
        name: element[name]
        for name in ("text", "style", "placeholder", *_INITIAL.values())
        if name in element
    }
    named = {"type": element["type"], "action_id": element["action_id"], "block_id": block["block_id"]}
    if element["type"] == "button":
        value = {"value": element["value"]} if "value" in element else {}
    else:
        value = {CHOSEN[element["type"]]: chosen_value(element, chosen)}
    return named | kept | value | {"action_ts": action_ts}


def state_entry(element: Json, chosen: Any) -> Json:
    """One entry of `state.values`."""
    return {"type": element["type"], CHOSEN[element["type"]]: chosen_value(element, chosen)}


def initial_entry(element: Json) -> Json:
    """`state.values` of an element nobody has touched."""
    field = CHOSEN[element["type"]]
    untouched: Any = [] if field == "selected_options" else None
    return {"type": element["type"], field: element.get(_INITIAL[field], untouched)}


def current_conversations(blocks: list[Json], channel: str) -> Json:
    """`state.values` of the menus that begin with the conversation the person looks at."""
    values: Json = {}
    for block, element in elements_of(blocks):
        if channel and element.get("default_to_current_conversation"):
            entry = initial_entry(element) | {"selected_conversation": channel}
            values.setdefault(block["block_id"], {})[element["action_id"]] = entry
    return values


def initial_state(blocks: list[Json], before: Json) -> Json:
    """`state.values` of a view: what `before` holds for an element, else what the element begins with."""
    values: Json = {}
    for block, element in elements_of(blocks):
        if element["type"] in ("button", "overflow"):
            continue
        fresh = initial_entry(element)
        held = before.get(block["block_id"], {}).get(element["action_id"], fresh)
        values.setdefault(block["block_id"], {})[element["action_id"]] = (
            held if held["type"] == element["type"] else fresh
        )
    return values

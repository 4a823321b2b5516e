"""The state that buttons, menus and forms carry.

A card's spec travels with the card: every button has the canonical command in its value; a menu, whose
values are too short, has it in the id of its block. A card keeps working after a restart, a flush and a year.
"""

import json
from typing import Any, Final

STATE_VERSION: Final = 2
"""A value has the card's command (`c`) and name (`i`), the command before (`b`) and the first one's (`r`),
the language (`l`) and the money (`m`) of its thread, the price that the card showed (`p`), and marks
of what its thread was told of sources of prices (`n`)."""
MAX_VALUE_CHARS: Final = 2000
MAX_ID_CHARS: Final = 255
MAX_OPTION_CHARS: Final = 150
"""The value of a line in a menu."""

_STATE_BLOCK: Final = "do:"


def state(command: str, **more: str) -> str:
    """The value of a button: `{"v":2,"c":"7b full …"}`; empty where Slack would refuse its length."""
    said = {"v": STATE_VERSION, "c": command, **{name: each for name, each in more.items() if each}}
    value = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return value if len(value) <= MAX_VALUE_CHARS else ""


def state_block_id(command: str) -> str:
    """The id of a card's row of buttons: it carries the command too, if that is short enough."""
    block_id = f"{_STATE_BLOCK}{command}"
    return block_id if len(block_id) <= MAX_ID_CHARS else _STATE_BLOCK


def state_of(value: str) -> dict[str, str]:
    """The mapping in a button's value; empty for what is not ours, or of a version that we cannot read."""
    read = _mapping(value)
    ours = isinstance(read.get("c"), str) and read.get("v") == STATE_VERSION
    return {str(key): str(each) for key, each in read.items()} if ours else {}


def is_of_another_version(value: str) -> bool:
    """Whether another version of us wrote this value."""
    version = _mapping(value).get("v")
    return version is not None and version != STATE_VERSION


def _mapping(value: str) -> dict[str, Any]:
    try:
        read = json.loads(value)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def command_in_id(block_id: str) -> str | None:
    """The command in the id of a row of buttons."""
    return block_id.removeprefix(_STATE_BLOCK) or None if block_id.startswith(_STATE_BLOCK) else None

"""One press of a button or choice in a menu, as the handlers of `actions` see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.cards import action_ids
from bot.cards.carried import carried_by_press
from bot.conversation.card_state import Carried
from bot.listeners.delivery import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """What was pressed, where, and the command of the card that it stands on."""

    body: Mapping[str, Any]
    action: Mapping[str, Any]
    place: Place

    @property
    def carried(self) -> Carried | None:
        """The card that it stands on, as far as the payload tells."""
        return carried_by_press(self.body)

    @property
    def message_ts(self) -> str:
        """The message that it stands on."""
        return str((self.body.get("container") or {}).get("message_ts", ""))

    @property
    def is_of_another_version(self) -> bool:
        """Whether another version of us made the button."""
        return action_ids.is_of_another_version(str(self.action.get("value", "")))

    @property
    def value(self) -> str:
        """The line that was chosen in a menu."""
        return str((self.action.get("selected_option") or {}).get("value", ""))

    @property
    def state(self) -> Mapping[str, str]:
        """What the button carries."""
        return action_ids.state_of(str(self.action.get("value", "")))

    @property
    def trigger_id(self) -> str:
        """Leave to open a form, for three seconds."""
        return str(self.body.get("trigger_id", ""))

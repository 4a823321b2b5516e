"""In which language somebody reads: their own setting, the channel's, their Slack locale, else English."""

import time
from collections.abc import Callable
from typing import Any, Final, get_args

from bot.i18n import Language
from bot.listeners.delivery import Delivery, RefusedError, UnsureError
from bot.observe import get_log
from bot.preferences import Preferences, Whose
from bot.settings import LOCALE_SECONDS
from bot.store import Store

KNOWN_SECONDS: Final = 60.0
"""How long an acknowledgement believes what was last looked up."""
MOST_KNOWN: Final = 10_000
TROUBLE_SECONDS: Final = 300.0
DEFAULT: Final[Language] = "en"

_LOG = get_log(__name__)


class Readers:
    """The language of each user, from this process's memory, what was chosen, then Slack."""

    def __init__(
        self,
        delivery: Delivery,
        store: Store,
        preferences: Preferences,
        *,
        locale_seconds: float = LOCALE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._delivery, self._store, self._clock = delivery, store, clock
        self._locale_seconds = locale_seconds
        self.preferences = preferences
        self._known: dict[Whose, tuple[float, Language]] = {}

    def known(self, whose: Whose) -> Language | None:
        """What this process knows without asking anybody: quick enough for an acknowledgement."""
        until, language = self._known.get(whose, (0.0, None))
        return language if self._clock() < until else None

    def language(self, whose: Whose) -> Language:
        """The language of a user in a channel; asks the store and Slack where need be."""
        return self.reader(whose)[0]

    def reader(self, whose: Whose) -> tuple[Language, str]:
        """Likewise, with the currency that was chosen; empty where none was."""
        chosen = self.preferences.in_force(whose)
        language = chosen.language or self.spoken(whose.user_id)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[whose] = (self._clock() + min(KNOWN_SECONDS, self._locale_seconds), language)
        return language, chosen.currency

    def spoken(self, user_id: str) -> Language:
        """The language of a user by Slack, whatever was chosen here."""
        return _language_in(self._store.get(_key(user_id))) or self._asked(user_id)

    def _asked(self, user_id: str) -> Language:
        """By Slack's locale; a refusal is remembered for a while: one call, not one a card."""
        language, seconds = DEFAULT, TROUBLE_SECONDS
        try:
            answer = self._delivery.call(self._delivery.client.users_info, user=user_id, include_locale=True)
            language, seconds = _language_of(answer.get("user", {})), self._locale_seconds
        except (RefusedError, UnsureError) as trouble:
            _LOG.warning("no locale", user=user_id, error=str(trouble))
        if seconds:
            self._store.set(_key(user_id), language.encode(), ttl_seconds=seconds)
        return language


def _language_of(user: dict[str, Any]) -> Language:
    """`zh-CN`, `zh-TW` -> zh; all others read English here."""
    spoken = str(user.get("locale", "")).partition("-")[0]
    return next((each for each in get_args(Language) if each == spoken), DEFAULT)


def _language_in(stored: bytes | None) -> Language | None:
    return next((each for each in get_args(Language) if each.encode() == stored), None)


def _key(user_id: str) -> str:
    return f"locale:{user_id}"

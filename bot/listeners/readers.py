"""In which language somebody reads: their own setting, the channel's, their Slack locale, else English."""

import time
from collections.abc import Callable
from typing import Any, Final, get_args

from bot.cards.texts import Language
from bot.listeners.delivery import Delivery, RefusedError, UnsureError
from bot.observe import get_log
from bot.store import Store

LOCALE_SECONDS: Final = 86_400.0
CHOSEN_SECONDS: Final = 400 * 86_400.0
STORED_SECONDS: Final = 60.0
"""How long this process believes the store: another replica may have been told otherwise."""
TROUBLE_SECONDS: Final = 300.0
DEFAULT: Final[Language] = "en"

_LOG = get_log(__name__)


class Readers:
    """The language of each user, from this process's memory, the store, then Slack."""

    def __init__(
        self, delivery: Delivery, store: Store, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._delivery, self._store, self._clock = delivery, store, clock
        self._known: dict[str, tuple[float, Language]] = {}

    def known(self, user_id: str) -> Language | None:
        """What this process knows without asking anybody: quick enough for an acknowledgement."""
        until, language = self._known.get(user_id, (0.0, None))
        return language if self._clock() < until else None

    def language(self, user_id: str) -> Language:
        """The language of `user_id`; asks the store and Slack where need be."""
        if (known := self.known(user_id)) is not None:
            return known
        language, seconds = self._stored(user_id) or self._asked(user_id)
        self._known[user_id] = (self._clock() + seconds, language)
        return language

    def chosen(self, user_id: str) -> Language | None:
        """The language that `user_id` chose themselves."""
        return _language_in(self._store.get(_chosen_key(user_id)))

    def choose(self, user_id: str, language: str) -> None:
        """Keep the language that `user_id` chose; anything but a language leaves it to Slack again."""
        known = _language_in(language.encode())
        if known is None:
            self._store.delete(_chosen_key(user_id))
        else:
            self._store.set(_chosen_key(user_id), known.encode(), ttl_seconds=CHOSEN_SECONDS)
        self._known.pop(user_id, None)

    def _stored(self, user_id: str) -> tuple[Language, float] | None:
        language = self.chosen(user_id) or _language_in(self._store.get(_key(user_id)))
        return (language, STORED_SECONDS) if language else None

    def _asked(self, user_id: str) -> tuple[Language, float]:
        """By Slack's locale; a refusal is remembered for a while: one call, not one a card."""
        try:
            answer = self._delivery.call(self._delivery.client.users_info, user=user_id, include_locale=True)
        except (RefusedError, UnsureError) as trouble:
            _LOG.warning("no locale", user=user_id, error=str(trouble))
            return DEFAULT, TROUBLE_SECONDS
        language = _language_of(answer.get("user", {}))
        self._store.set(_key(user_id), language.encode(), ttl_seconds=LOCALE_SECONDS)
        return language, LOCALE_SECONDS


def _language_of(user: dict[str, Any]) -> Language:
    """`zh-CN`, `zh-TW` -> zh; all others read English here."""
    spoken = str(user.get("locale", "")).partition("-")[0]
    return next((each for each in get_args(Language) if each == spoken), DEFAULT)


def _language_in(stored: bytes | None) -> Language | None:
    return next((each for each in get_args(Language) if each.encode() == stored), None)


def _chosen_key(user_id: str) -> str:
    return f"language:{user_id}"


def _key(user_id: str) -> str:
    return f"locale:{user_id}"

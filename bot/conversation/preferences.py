"""What users and channels want by default: their language and their currency; kept in the store for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from bot.i18n import Language
from bot.store import Store

Scope = Literal["user", "channel"]
CACHED_SECONDS: Final = 400 * 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A language and a currency; None and empty where they are left to others."""

    language: Language | None = None
    currency: str = ""

    def as_mapping(self) -> dict[str, str]:
        """What was chosen, by name."""
        return {
            **({"language": self.language} if self.language else {}),
            **({"currency": self.currency} if self.currency else {}),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """A user, in a channel."""

    user_id: str
    channel_id: str = ""

    def id_of(self, scope: Scope) -> str:
        """The id that a scope's settings are kept under."""
        return self.user_id if scope == "user" else self.channel_id


class Preferences:
    """Settings by user and by channel; what the user said is stronger."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, whose: Whose, scope: Scope) -> Chosen:
        """What was chosen, from the cache, else from the list that is never evicted."""
        if not whose.id_of(scope):
            return Chosen()
        key = _key(whose, scope)
        if (kept := self._store.get(f"cached:{key}")) is None:
            if (entries := self._store.entries(key)) is None:
                return Chosen()  # the store is gone for now: what it keeps is not forgotten
            kept = entries[-1] if entries else b"{}"
            self._store.set(f"cached:{key}", kept, ttl_seconds=CACHED_SECONDS)
        return _chosen(json.loads(kept))

    def choose(self, whose: Whose, scope: Scope, chosen: Chosen) -> bool:
        """Keep a choice; whether it will outlive this store's restart."""
        key, value = _key(whose, scope), json.dumps(chosen.as_mapping()).encode()
        self._store.set(f"cached:{key}", value, ttl_seconds=CACHED_SECONDS)
        return self._store.append(key, value).kept

    def in_force(self, whose: Whose) -> Chosen:
        """What the user chose, else what was chosen for the channel."""
        mine, channels = self.of(whose, "user"), self.of(whose, "channel")
        return Chosen(
            language=mine.language or channels.language, currency=mine.currency or channels.currency
        )


def choose_word(preferences: Preferences, whose: Whose, field: str, word: str) -> None:
    """Keep one of the user's settings as a menu says it; `auto` takes it back."""
    before, value = preferences.of(whose, "user"), "" if word == "auto" else word
    preferences.choose(whose, "user", _chosen({**before.as_mapping(), field: value}))


def _chosen(said: Mapping[str, str]) -> Chosen:
    language = next((each for each in get_args(Language) if each == said.get("language")), None)
    return Chosen(language=language, currency=str(said.get("currency", "")))


def _key(whose: Whose, scope: Scope) -> str:
    return f"settings:{scope}:{whose.id_of(scope)}"

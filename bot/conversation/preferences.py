"""What people want by default: language, currency, and whose prices; kept in the store for good."""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from bot.i18n import Language, language_named
from bot.store import Store, mapping_in
from estimator.spec import Market

Scope = Literal["user", "channel", "workspace"]
SCOPES: Final[tuple[Scope, ...]] = ("user", "channel", "workspace")
"""From strong to weak."""
CACHED_SECONDS: Final = 400 * 86_400.0
OF_PRICES: Final = ("providers", "excluded_providers", "market", "region")
"""What a channel or the workspace chooses about prices, by field of the spec; a person does not."""
ATTEMPTS: Final = 20
"""How often a choice is laid over what somebody else chose meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A language, a currency and whose prices; None and empty where they are left to others."""

    language: Language | None = None
    currency: str = ""
    providers: tuple[str, ...] = ()
    excluded_providers: tuple[str, ...] = ()
    market: str = ""
    region: str = ""
    said_by: Mapping[str, Scope] = field(default_factory=dict, compare=False)
    """Of what is in force about prices: which scope says it, by field."""
    left_out_by: Mapping[str, Scope] = field(default_factory=dict, compare=False)
    """Likewise of each seller that is left out."""

    def as_mapping(self) -> dict[str, Any]:
        """What was chosen, by name."""
        said = {"language": self.language, "currency": self.currency, **self.of_prices()}
        return {name: value for name, value in said.items() if value}

    def of_prices(self) -> dict[str, Any]:
        """What was chosen about prices, by field of the spec."""
        return {name: value for name in OF_PRICES if (value := getattr(self, name))}


NOTHING_CHOSEN: Final = Chosen()
Change = Callable[[Chosen], Chosen]
"""What was chosen -> what is chosen now."""


class UserInChannel(NamedTuple):
    """A user, in a channel."""

    user_id: str
    channel_id: str = ""

    def id_of(self, scope: Scope) -> str:
        """The id that a scope's settings are kept under."""
        return {"user": self.user_id, "channel": self.channel_id, "workspace": "all"}[scope]


class Preferences:
    """Settings by user, channel and workspace; what the user said is strongest."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, whose: UserInChannel, scope: Scope) -> Chosen:
        """What was chosen, from the cache, else from the list that is never evicted."""
        if not whose.id_of(scope):
            return Chosen()
        return self._chosen(whose, scope, self._store.get(f"cached:{_key(whose, scope)}"))

    def change(self, whose: UserInChannel, scope: Scope, change: Change) -> bool:
        """Lay a change over what is chosen; whether it will outlive this store's restart.

        Two who change one thing each at once lose neither: what was decided on must still be the last entry.
        """
        for _ in range(ATTEMPTS):
            if (entries := self._store.entries(_key(whose, scope))) is None:
                break  # the store is gone: kept for as long as the cache lives
            chosen = change(read_chosen(mapping_in(entries[-1] if entries else None)))
            if kept := self._kept(whose, scope, chosen, len(entries)):
                return kept
            if len(self._store.entries(_key(whose, scope)) or entries) == len(entries):
                break  # refused for another reason than somebody else's change
        self._cache(whose, scope, change(self.of(whose, scope)), 0)
        return False

    def forget(self, whose: UserInChannel, scope: Scope) -> bool:
        """Delete what was chosen; whether nothing stands there any more."""
        key = _key(whose, scope)
        for each in (key, f"cached:{key}"):
            self._store.delete(each)
        return self._store.entries(key) == ()

    def in_force(self, whose: UserInChannel) -> Chosen:
        """What the user chose, else what was chosen for the channel, else for the workspace."""
        scopes = [scope for scope in SCOPES if whose.id_of(scope)]
        cached = self._store.get_many(self.keys(whose))
        found = [self._chosen(whose, scope, each) for scope, each in zip(scopes, cached, strict=True)]
        return Chosen(
            language=next((each.language for each in found if each.language), None),
            currency=next((each.currency for each in found if each.currency), ""),
            **_of_prices(dict(zip(scopes, found, strict=True))),
        )

    def keys(self, whose: UserInChannel) -> tuple[str, ...]:
        """What of the store `in_force` reads."""
        return tuple(f"cached:{_key(whose, scope)}" for scope in SCOPES if whose.id_of(scope))

    def _kept(self, whose: UserInChannel, scope: Scope, chosen: Chosen, length: int) -> bool:
        entry = {**chosen.as_mapping(), "entry": secrets.token_hex(4)}
        appended = self._store.append(_key(whose, scope), json.dumps(entry).encode(), expected_length=length)
        if appended.kept:
            self._cache(whose, scope, chosen, length + 1)
        return appended.kept

    def _cache(self, whose: UserInChannel, scope: Scope, chosen: Chosen, version: int) -> None:
        """For the next reader, unless somebody's later choice stands there already."""
        key = f"cached:{_key(whose, scope)}"
        if version and _version(mapping_in(self._store.get(key))) > version:
            return
        kept = json.dumps({**chosen.as_mapping(), "version": version}).encode()
        self._store.set(key, kept, ttl_seconds=CACHED_SECONDS)

    def _chosen(self, whose: UserInChannel, scope: Scope, cached: bytes | None) -> Chosen:
        if (said := mapping_in(cached)) or cached == b"{}":
            return read_chosen(said)
        if (entries := self._store.entries(_key(whose, scope))) is None:
            return Chosen()  # the store is gone for now: what it keeps is not forgotten
        chosen = read_chosen(mapping_in(entries[-1] if entries else None))
        self._cache(whose, scope, chosen, len(entries))
        return chosen


def choose_word(preferences: Preferences, whose: UserInChannel, field: str, word: str) -> None:
    """Keep one of the user's settings as a menu says it; `auto` takes it back."""
    value = "" if word == "auto" else word
    preferences.change(whose, "user", lambda before: read_chosen({**before.as_mapping(), field: value}))


def _of_prices(chosen: Mapping[Scope, Chosen]) -> dict[str, Any]:
    """What holds about prices, and who says it: a channel's sellers come with their regions, or none.

    Sellers that are left out add up, unless the channel names those whose prices it wants.
    """
    held: dict[str, Any] = {}
    said_by: dict[str, Scope] = {}
    left_out_by: dict[str, Scope] = {}
    for scope in (each for each in SCOPES if each in chosen and each != "user"):
        said = chosen[scope].of_prices()
        if "providers" in held:
            said = {name: value for name, value in said.items() if name == "market"}
        for seller in said.get("excluded_providers", ()):
            left_out_by.setdefault(seller, scope)
        for name in said.keys() - held.keys():
            held[name], said_by[name] = said[name], scope
    if left_out_by:
        held["excluded_providers"] = tuple(left_out_by)
    return {**held, "said_by": said_by, "left_out_by": left_out_by}


def read_chosen(said: Mapping[str, Any]) -> Chosen:
    """What is kept, or laid over it, as far as it is of the right shape."""
    return Chosen(
        language=language_named(said.get("language")),
        currency=_word(said.get("currency")),
        providers=_words(said.get("providers")),
        excluded_providers=_words(said.get("excluded_providers")),
        market=market if (market := _word(said.get("market"))) in set(Market) else "",
        region=_word(said.get("region")),
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def _words(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        return ()
    return tuple(each for each in value if isinstance(each, str))


def _version(said: Mapping[str, Any]) -> int:
    version = said.get("version", 0)
    return version if isinstance(version, int) else 0


def _key(whose: UserInChannel, scope: Scope) -> str:
    return f"settings:{scope}:{whose.id_of(scope)}"

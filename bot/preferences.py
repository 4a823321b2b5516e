"""What users and channels want by default: their language and their currency; kept in the store for good."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from bot.answer import CURRENCY_OF, Answers, Asker, Reply
from bot.cards.settings import Chosen, settings_card
from bot.i18n import Language
from bot.language import Reading
from bot.store import Store
from estimator.spec import TrainingSpec

Scope = Literal["user", "channel"]
CHANNEL_WORDS: Final = ("channel", "here", "频道", "本频道")
USER_WORDS: Final = ("me", "my", "user", "我", "我的")
CACHED_SECONDS: Final = 400 * 86_400.0
FIELDS: Final = frozenset({"language", "currency"})
_ANY_SPEC: Final = TrainingSpec(model="7b", language="en", currency="USD")
"""Laid under what is typed, so that `lang=auto` gives something back."""


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


def in_force(language: Language, currency: str) -> Chosen:
    """The settings that hold, defaults filled in."""
    return Chosen(language=language, currency=currency or CURRENCY_OF[language])


def answer_settings(
    preferences: Preferences,
    answers: Answers,
    reading: Reading,
    whose: Whose,
    asker: Asker,
    *,
    spoken: Language,
) -> Reply:
    """`settings`, `settings lang=zh`, `settings channel cur=cny lang=auto`.

    `spoken` is the language of Slack, which holds where none is chosen.
    """
    scope, said = _scope_and_rest(reading.arguments)
    kept = True
    if said:
        changes = answers.read(said, _ANY_SPEC)
        if changes.outcome == "problems":
            return answers.reply(replace(changes, text=reading.text), asker)
        if changes.spec is None or not set(changes.changes) <= FIELDS:
            return _shown(preferences, answers, whose, asker, wrong=said)
        chosen = _laid_over(preferences.of(whose, scope), changes)
        kept = preferences.choose(whose, scope, chosen)
        now = preferences.in_force(whose)
        asker = replace(asker, language=now.language or spoken, currency=now.currency)
    return _shown(preferences, answers, whose, asker, kept=kept)


def _scope_and_rest(arguments: str) -> tuple[Scope, str]:
    first, _, rest = arguments.strip().partition(" ")
    if first.lower() in CHANNEL_WORDS:
        return "channel", rest.strip()
    return "user", rest.strip() if first.lower() in USER_WORDS else arguments.strip()


def _laid_over(before: Chosen, changes: Reading) -> Chosen:
    said = changes.spec
    return Chosen(
        language=said.language if said and "language" in changes.changes else before.language,
        currency=(said.currency or "") if said and "currency" in changes.changes else before.currency,
    )


def _shown(
    preferences: Preferences,
    answers: Answers,
    whose: Whose,
    asker: Asker,
    *,
    kept: bool = True,
    wrong: str = "",
) -> Reply:
    mine, channels = preferences.of(whose, "user"), preferences.of(whose, "channel")
    texts, chosen = answers.texts(asker.language), in_force(asker.language, asker.currency)
    card = settings_card(mine, channels, chosen, texts=texts, kept=kept, wrong=wrong)
    return Reply(card=card, outcome="listing", language=asker.language)


def _chosen(said: Mapping[str, str]) -> Chosen:
    language = next((each for each in get_args(Language) if each == said.get("language")), None)
    return Chosen(language=language, currency=str(said.get("currency", "")))


def _key(whose: Whose, scope: Scope) -> str:
    return f"settings:{scope}:{whose.id_of(scope)}"

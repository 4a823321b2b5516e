"""`settings`: what a user, a channel and the workspace chose, shown and changed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from bot.answers.answers import Answerer
from bot.answers.reply import CURRENCY_OF, Asker, Reply
from bot.cards.settings import Told, settings_card
from bot.conversation.preferences import (
    OF_PRICES,
    SCOPES,
    Chosen,
    Preferences,
    Scope,
    UserInChannel,
    read_chosen,
)
from bot.i18n import Language
from bot.language import Reading, Request
from estimator.spec import TrainingSpec

CHANNEL_WORDS: Final = ("channel", "here", "频道", "本频道")
WORKSPACE_WORDS: Final = ("workspace", "everybody", "工作区", "全员")
USER_WORDS: Final = ("me", "my", "user", "我", "我的")
_SCOPES: Final[tuple[tuple[tuple[str, ...], Scope], ...]] = (
    (CHANNEL_WORDS, "channel"),
    (WORKSPACE_WORDS, "workspace"),
    (USER_WORDS, "user"),
)
OF_PERSONS: Final = frozenset({"language", "currency"})
FIELDS: Final = OF_PERSONS | frozenset(OF_PRICES)
_ANYTHING: Final = Request(spec=TrainingSpec(model="7b", currency="USD"), language="en")
"""Laid under what is typed, so that `lang=auto` gives something back."""


def in_force(language: Language, chosen: Chosen) -> Chosen:
    """The settings that hold, defaults filled in."""
    return replace(chosen, language=language, currency=chosen.currency or CURRENCY_OF[language])


def answer_settings(
    preferences: Preferences,
    answers: Answerer,
    reading: Reading,
    whose: UserInChannel,
    asker: Asker,
    *,
    spoken: Language,
) -> Reply:
    """`settings`, `settings lang=zh`, `settings channel cur=cny lang=auto`.

    What is chosen about prices is a channel's or the workspace's: without a scope, this channel's. `spoken`
    is the language of Slack, which holds where none is chosen.
    """
    scope, said = _scope_and_rest(reading.arguments)
    told = Told()
    if said:
        changes = answers.read(said, _ANYTHING)
        if changes.outcome == "problems":
            return answers.reply(replace(changes, text=reading.text), asker)
        if changes.request is None or not set(changes.changes) <= FIELDS:
            return _shown(preferences, answers, whose, asker, Told(wrong=said))
        if scope == "user" and not OF_PERSONS.issuperset(changes.changes):
            return _shown(preferences, answers, whose, asker, Told(wrong=said, is_of_places=True))
        for each, fields in _by_scope(scope, changes.changes).items():
            kept = preferences.change(whose, each, partial(_laid_over, changes=changes, fields=fields))
            told = told._replace(kept=told.kept and kept)
        if "region" in changes.changes and (region := changes.request.spec.region):
            told = told._replace(region=region, near=answers.service_of(asker).slip_of_region(region))
        now = preferences.in_force(whose)
        asker = replace(asker, language=now.language or spoken, currency=now.currency, chosen=now)
    return _shown(preferences, answers, whose, asker, told)


def _scope_and_rest(arguments: str) -> tuple[Scope | None, str]:
    """The scope that is named, if one is, and what is chosen."""
    first, _, rest = arguments.strip().partition(" ")
    for words, scope in _SCOPES:
        if first.lower() in words:
            return scope, rest.strip()
    return None, arguments.strip()


def _by_scope(scope: Scope | None, changes: Sequence[str]) -> dict[Scope, set[str]]:
    """Which fields are chosen for whom: with no scope named, looks are the asker's, prices the channel's."""
    if scope is not None:
        return {scope: set(changes)}
    both: dict[Scope, set[str]] = {
        "user": set(OF_PERSONS.intersection(changes)),
        "channel": set(changes) - OF_PERSONS,
    }
    return {scope: fields for scope, fields in both.items() if fields}


def _laid_over(before: Chosen, changes: Reading, fields: set[str]) -> Chosen:
    """`before` with those `fields` that are said; `auto` gives one back, and sellers with those left out."""
    said = changes.request or _ANYTHING
    now: dict[str, Any] = {
        name: getattr(said.spec, name) for name in (*OF_PRICES, "currency") if name in fields
    }
    if "language" in fields:
        now["language"] = said.language
    if "providers" in fields and "excluded_providers" not in fields:
        now["excluded_providers"] = ()
    return read_chosen({**before.as_mapping(), **now})


def _shown(
    preferences: Preferences,
    answers: Answerer,
    whose: UserInChannel,
    asker: Asker,
    told: Told,
) -> Reply:
    said = {scope: preferences.of(whose, scope) for scope in SCOPES}
    texts, chosen = answers.texts(asker.language), in_force(asker.language, asker.chosen)
    card = settings_card(said, chosen, texts=texts, told=told)
    return Reply(card=card, outcome="done", language=asker.language)

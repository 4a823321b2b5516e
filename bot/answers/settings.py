"""`settings`: what a user, a channel and the workspace chose, shown and changed."""

from dataclasses import replace
from typing import Final

from bot.answers.answers import CURRENCY_OF, Answerer, Asker, Reply
from bot.cards.settings import settings_card
from bot.conversation.preferences import SCOPES, Chosen, Preferences, Scope, Whose
from bot.i18n import Language
from bot.language import Reading, Request
from estimator.spec import TrainingSpec

CHANNEL_WORDS: Final = ("channel", "here", "频道", "本频道")
WORKSPACE_WORDS: Final = ("workspace", "everybody", "工作区", "全员")
USER_WORDS: Final = ("me", "my", "user", "我", "我的")
FIELDS: Final = frozenset({"language", "currency"})
_ANYTHING: Final = Request(spec=TrainingSpec(model="7b", currency="USD"), language="en")
"""Laid under what is typed, so that `lang=auto` gives something back."""


def in_force(language: Language, currency: str) -> Chosen:
    """The settings that hold, defaults filled in."""
    return Chosen(language=language, currency=currency or CURRENCY_OF[language])


def answer_settings(
    preferences: Preferences,
    answers: Answerer,
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
        changes = answers.read(said, _ANYTHING)
        if changes.outcome == "problems":
            return answers.reply(replace(changes, text=reading.text), asker)
        if changes.request is None or not set(changes.changes) <= FIELDS:
            return _shown(preferences, answers, whose, asker, wrong=said)
        kept = preferences.change(whose, scope, lambda before: _laid_over(before, changes))
        now = preferences.in_force(whose)
        asker = replace(asker, language=now.language or spoken, currency=now.currency)
    return _shown(preferences, answers, whose, asker, kept=kept)


def _scope_and_rest(arguments: str) -> tuple[Scope, str]:
    first, _, rest = arguments.strip().partition(" ")
    if first.lower() in CHANNEL_WORDS:
        return "channel", rest.strip()
    if first.lower() in WORKSPACE_WORDS:
        return "workspace", rest.strip()
    return "user", rest.strip() if first.lower() in USER_WORDS else arguments.strip()


def _laid_over(before: Chosen, changes: Reading) -> Chosen:
    said = changes.request
    return Chosen(
        language=said.language if said and "language" in changes.changes else before.language,
        currency=(said.spec.currency or "") if said and "currency" in changes.changes else before.currency,
    )


def _shown(
    preferences: Preferences,
    answers: Answerer,
    whose: Whose,
    asker: Asker,
    *,
    kept: bool = True,
    wrong: str = "",
) -> Reply:
    said = {scope: preferences.of(whose, scope) for scope in SCOPES}
    texts, chosen = answers.texts(asker.language), in_force(asker.language, asker.currency)
    card = settings_card(said, chosen, texts=texts, kept=kept, wrong=wrong)
    return Reply(card=card, outcome="listing", language=asker.language)

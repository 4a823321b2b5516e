"""What a user and a channel have chosen, what is in force, and how to change it."""

from collections.abc import Mapping

from bot.cards import phrases
from bot.cards.block import Card, clipped, code_span, context, escape, fields, section
from bot.conversation.preferences import Chosen, Scope
from bot.i18n import Texts


def settings_card(
    chosen: Mapping[Scope, Chosen],
    in_force: Chosen,
    *,
    texts: Texts,
    kept: bool = True,
    wrong: str = "",
) -> Card:
    """Yours, the channel's, the workspace's, what follows; `wrong` is what could not be read as a setting."""
    pairs = [(texts(f"settings.{scope}"), choice_line(each, texts)) for scope, each in chosen.items()]
    said = phrases.lines(
        texts("settings.wrong", said=code_span(clipped(wrong, 200))) if wrong else "",
        texts("settings.in_force", chosen=choice_line(in_force, texts)),
        "" if kept else texts("settings.not_kept"),
    )
    return Card(
        texts("settings.in_force", chosen=choice_line(in_force, texts)),
        (
            section(said, block_id="settings"),
            fields(pairs, block_id="chosen"),
            context(texts("settings.how")),
        ),
    )


def choice_line(chosen: Chosen, texts: Texts) -> str:
    """`English, USD`."""
    language = texts(f"home.language.{chosen.language}") if chosen.language else ""
    return phrases.joined(language, escape(chosen.currency), texts=texts, by="comma") or texts(
        "settings.nothing"
    )

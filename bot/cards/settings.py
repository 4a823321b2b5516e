"""What a user and a channel have chosen, what is in force, and how to change it."""

from dataclasses import dataclass

from bot.cards import words
from bot.cards.block import Card, clipped, code_span, context, escape, fields, section
from bot.i18n import Language, Texts


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


def settings_card(
    mine: Chosen, channels: Chosen, in_force: Chosen, *, texts: Texts, kept: bool = True, wrong: str = ""
) -> Card:
    """Yours, the channel's, what follows from them; `wrong` is what could not be read as a setting."""
    pairs = [
        (texts("settings.mine"), choice_line(mine, texts)),
        (texts("settings.channel"), choice_line(channels, texts)),
    ]
    said = words.lines(
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
    return words.joined(language, escape(chosen.currency), texts=texts, by="comma") or texts(
        "settings.nothing"
    )

"""What a user and a channel have chosen, what is in force, and how to change it."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from bot.cards import phrases
from bot.cards.block import Card, clipped, code_span, context, escape, fields, section
from bot.conversation.preferences import Chosen, Scope
from bot.i18n import Texts
from bot.language import Request, format_request
from estimator.spec import TrainingSpec


class Told(NamedTuple):
    """How a change of settings went."""

    kept: bool = True
    """For good."""
    wrong: str = ""
    """What could not be read as a setting."""
    region: str = ""
    near: str | None = None
    """Of a region that no price names: the one that it nearly is, or empty; None: some price does."""
    is_of_places: bool = False
    """Because it is a channel's or the workspace's, and was said for a person."""


NOTHING_TOLD: Final = Told()


def settings_card(
    chosen: Mapping[Scope, Chosen],
    in_force: Chosen,
    *,
    texts: Texts,
    told: Told = NOTHING_TOLD,
) -> Card:
    """Yours, the channel's, the workspace's, what follows, and how the change went."""
    pairs = [(texts(f"settings.{scope}"), choice_line(each, texts)) for scope, each in chosen.items()]
    said = phrases.lines(
        _wrong(told, texts),
        texts("settings.in_force", chosen=choice_line(in_force, texts)),
        "" if told.kept else texts("settings.not_kept"),
        _no_such_region(told, texts),
    )
    return Card(
        texts("settings.in_force", chosen=choice_line(in_force, texts)),
        (
            section(said, block_id="settings"),
            fields(pairs, block_id="chosen"),
            context(texts("settings.how")),
        ),
    )


def _wrong(told: Told, texts: Texts) -> str:
    sentence = "settings.of_places" if told.is_of_places else "settings.wrong"
    return texts(sentence, said=code_span(clipped(told.wrong, 200))) if told.wrong else ""


def _no_such_region(told: Told, texts: Texts) -> str:
    if told.near is None:
        return ""
    slip = texts("price_note.near_region", near=escape(told.near)) if told.near else ""
    said = texts("settings.no_such_region", region=code_span(clipped(told.region, 60)))
    return f"{said}{slip}"


def choice_line(chosen: Chosen, texts: Texts) -> str:
    """`English, USD, aws gcp no-cudo spot`."""
    language = texts(f"home.language.{chosen.language}") if chosen.language else ""
    prices = chosen_as_typed(chosen.of_prices())
    said = language, escape(chosen.currency), code_span(prices) if prices else ""
    return phrases.joined(*said, texts=texts, by="comma") or texts("settings.nothing")


def chosen_as_typed(said: Mapping[str, Any]) -> str:
    """What is chosen about prices, as it is typed: `aws gcp no-cudo spot region=us-east-1`."""
    return format_request(Request(spec=TrainingSpec.model_validate(said)))

"""Short answers and asides of a conversation: nothing changed, what was dropped, which card is meant."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from bot.cards import phrases
from bot.cards.block import Card, clipped, code_span, escape, section
from bot.i18n import Texts

MAX_SHOWN_CHARS: Final = 100
MAX_FIELDS: Final = 6


def base_line(command: str, link: str | None, texts: Texts) -> str:
    """Which card this one is a change of: its command, and the way to it."""
    named = _shown(command)
    name = texts("delta.base_name")
    return texts("delta.base", link=f"<{link}|{name}>" if link else name, command=named)


def unchanged_card(command: str, asked: Mapping[str, Any], *, texts: Texts) -> Card:
    """One line: the card says already what was asked for; `asked` are the fields that were named."""
    named = [
        texts("delta.is", what=texts.given(f"key.{field}", _shown(field)), value=_shown(typed(value)))
        for field, value in list(asked.items())[:MAX_FIELDS]
        if value is not None
    ]
    said = phrases.joined(*named, texts=texts, by="comma") or _shown(command)
    return Card(
        texts("delta.unchanged_text"),
        (section(texts("delta.unchanged", said=said), block_id="delta"),),
    )


def dropped_line(dropped: Iterable[tuple[str, Any]], texts: Texts) -> str:
    """What of the card before lost its meaning."""
    named = [
        _shown(f"{texts.given(f'key.{field}', field)}={typed(value)}")
        for field, value in list(dropped)[:MAX_FIELDS]
    ]
    return texts("delta.dropped", names=phrases.joined(*named, texts=texts, by="comma")) if named else ""


def _shown(text: str) -> str:
    return code_span(clipped(text, MAX_SHOWN_CHARS))


def typed(value: Any) -> str:
    """A value of a spec's JSON as people type it."""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return "" if value is None else str(value).lower()


def notice_card(name: str, *, texts: Texts, **values: str | int) -> Card:
    """The sentence `notice.{name}` of the locales with its values made inert."""
    inert = {key: escape(value) if isinstance(value, str) else value for key, value in values.items()}
    said = texts(f"notice.{name}", **inert)
    return Card(said, (section(said, block_id="notice"),))

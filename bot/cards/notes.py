"""Short answers and asides of a conversation: nothing changed, what was dropped, which card is meant."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from bot.cards import phrases
from bot.cards.block import Card, clipped, code_span, context, escape, section
from bot.cards.format import gpu_name
from bot.cards.own_limits import said_duration
from bot.i18n import Texts
from bot.language.canonical import duration_text

MAX_SHOWN_CHARS: Final = 100
MAX_FIELDS: Final = 6
MAX_WORDS: Final = 12
"""Set-aside words that a card lists."""
MAX_WORD_CHARS: Final = 30


def base_line(command: str, link: str | None, texts: Texts, *, has_room: bool = True) -> str:
    """Which card this one is a change of: the way to it, and its command, which a link may stand for."""
    named = "" if link and not has_room else _shown(command)
    name = texts("delta.base_name")
    return texts("delta.base", link=f"<{link}|{name}>" if link else name, command=named).rstrip()


def unchanged_card(command: str, asked: Mapping[str, Any], *, texts: Texts) -> Card:
    """One line: the card says already what was asked for; `asked` are the fields that were named."""
    named = [
        texts(
            "delta.is",
            what=setting_name(field, texts, unknown=_shown(field)),
            value=_shown(shown_value(field, value, texts)),
        )
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
        _shown(f"{texts.given(f'key.{field}', field)}={typed(field, value)}")
        for field, value in list(dropped)[:MAX_FIELDS]
    ]
    return texts("delta.dropped", names=phrases.joined(*named, texts=texts, by="comma")) if named else ""


def with_told(card: Card, unused: Sequence[str], not_done: Sequence[str], *, texts: Texts) -> Card:
    """`card` with the words that were set aside in its small print, and what is not estimated above it."""
    if not (unused or not_done):
        return card
    small = next((block for block in reversed(card.blocks) if block["type"] == "context"), None)
    elements = small["elements"] if small else []
    added = context(_unused_line(unused, texts), block_id="small")["elements"]
    blocks = [block for block in card.blocks if block is not small]
    if not_done:
        blocks.insert(1, _not_done(not_done, texts))
    if elements or added:
        block_id = small["block_id"] if small else "small"
        blocks.append({"type": "context", "block_id": block_id, "elements": [*elements, *added][:10]})
    return card._replace(blocks=tuple(blocks))


def with_not_done(card: Card, not_done: Sequence[str], texts: Texts) -> Card:
    """`card`, an answer without numbers, under what is known and not estimated."""
    if not not_done:
        return card
    told = _not_done(not_done, texts)
    return card._replace(text=f"{told['text']['text']} {card.text}", blocks=(told, *card.blocks))


def _not_done(codes: Sequence[str], texts: Texts) -> dict[str, Any]:
    return section(phrases.lines(*(texts(f"not_done.{code}") for code in codes)), block_id="not_done")


def _unused_line(unused: Sequence[str], texts: Texts) -> str:
    if not unused:
        return ""
    shown = [escape(clipped(word, MAX_WORD_CHARS)) for word in unused[:MAX_WORDS]]
    if hidden := len(unused) - len(shown):
        shown.append(texts("context.more_unused", count=hidden))
    return texts("context.unused", words=phrases.joined(*shown, texts=texts, by="comma"))


def _shown(text: str) -> str:
    return code_span(clipped(text, MAX_SHOWN_CHARS))


def typed(field: str, value: Any) -> str:
    """A value of a field of a spec's JSON as people type it: `1h`, `5000 cny`, `q+v`; "" for none."""
    if field.endswith("_seconds") and value is not None:
        return duration_text(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "+".join(map(str, value))
    if isinstance(value, dict):
        return " ".join(str(each) for each in value.values())
    return "" if value is None else str(value).lower()


def setting_name(field: str, texts: Texts, *, unknown: str = "") -> str:
    """What a card calls a setting: the language's own word, else its key."""
    return texts.given(f"named.{field}", texts.given(f"key.{field}", unknown or field))


def shown_value(field: str, value: Any, texts: Texts) -> str:
    """A value as a card says it, in words where the language has them; "" for none."""
    if value is None:
        return ""
    if field == "deadline_seconds":
        return said_duration(value, texts)
    if field == "gpu":
        return gpu_name(str(value))
    said = typed(field, value)
    return texts.given(f"value.{field}.{said}", texts.given(f"value.{said}", said))


def notice_card(name: str, *, texts: Texts, **values: str | int) -> Card:
    """The sentence `notice.{name}` of the locales with its values made inert."""
    inert = {key: escape(value) if isinstance(value, str) else value for key, value in values.items()}
    said = texts(f"notice.{name}", **inert)
    return Card(said, (section(said, block_id="notice"),))

"""What help shows of the grammar: its keys, with names, kinds, defaults, examples."""

from collections.abc import Iterator
from typing import NamedTuple

from bot.i18n import Texts
from bot.language import small_words
from bot.language.grammar import KEYS
from bot.language.keys import Key
from bot.language.kinds import Amount, Choice, Duration, Real, Whole, squash
from estimator.catalog import Defaults

_KINDS = {Whole: "whole", Real: "real", Duration: "duration", Amount: "amount", Choice: "choice"}
"""What a value is, by its key in the locales; else a name."""


class Topic(NamedTuple):
    """One key of the grammar as help presents it, in one language."""

    name: str
    field: str
    aliases: tuple[str, ...]
    others: tuple[str, ...]
    """Every other spelling, of the key and of its words, in either language."""
    values: tuple[str, ...]
    """The words it may be; empty where it is a number or a name."""
    kind: str
    default: str | float
    """A number of the catalog's, or words; empty where nothing is taken."""
    example: str
    description: str


def help_topics(texts: Texts, defaults: Defaults) -> tuple[Topic, ...]:
    """Every key, in the order of the table."""
    return tuple(_topic(key, texts, defaults) for key in KEYS)


def help_topic(name: str, texts: Texts, defaults: Defaults) -> Topic | None:
    """The key that `name` names: by key, alias, field or one of its words."""
    wanted = squash(name)
    return next((_topic(key, texts, defaults) for key in KEYS if wanted in _names(key)), None)


def fillers() -> tuple[str, ...]:
    """The words that carry nothing."""
    return (*small_words.FILLERS_EN, *small_words.FILLERS_ZH)


def _names(key: Key) -> frozenset[str]:
    spellings = (spelling for word in key.words for spelling in (*word.spellings, *word.more) if word.alone)
    return frozenset(
        squash(name) for name in (key.name, key.field, *key.aliases, *key.more, *key.nouns, *spellings)
    )


def _others(key: Key) -> Iterator[str]:
    yield from (*key.more, *key.nouns, *key.more_nouns)
    for word in key.words:
        yield from (*word.spellings[1:], *word.more)


def _topic(key: Key, texts: Texts, defaults: Defaults) -> Topic:
    return Topic(
        name=key.name,
        field=key.field,
        aliases=key.aliases,
        others=tuple(dict.fromkeys(name for name in _others(key) if name not in (key.name, *key.aliases))),
        values=tuple(_values(key)),
        kind=texts(f"kind.{_KINDS.get(type(key.kind), 'name')}"),
        default=_default(key, texts, defaults),
        example=key.example,
        description=texts(f"setting.{key.field}"),
    )


def _default(key: Key, texts: Texts, defaults: Defaults) -> str | float:
    """What the locales say of it, with the catalog's values in it, else the catalog's value."""
    taken = getattr(defaults, key.field, "")
    said = {name: str(value) for name, value in defaults}
    shown = "+".join(taken) if isinstance(taken, tuple) else taken
    return texts.given(f"default.{key.field}", "", **said) or shown


def _values(key: Key) -> Iterator[str]:
    if isinstance(key.kind, Choice):
        yield from dict.fromkeys(key.kind.shown)

"""What help and the form show of the grammar: its keys, with names, kinds, defaults, examples."""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.language import words
from bot.language.grammar import KEYS
from bot.language.keys import Key
from bot.language.kinds import Amount, Choice, Duration, Real, Whole
from bot.language.names import squash
from bot.language.problems import Language

_KINDS = {
    Whole: ("a whole number", "整数"),
    Real: ("a number", "数字"),
    Duration: ("a length of time", "时长"),
    Amount: ("money", "金额"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One key of the grammar as help and the form present it, in one language."""

    name: str
    field: str
    section: str
    aliases: tuple[str, ...]
    values: tuple[str, ...]
    """The words it may be; empty where it is a number or a name."""
    kind: str
    default: str
    example: str
    description: str


def help_topics(language: Language = "en") -> tuple[Topic, ...]:
    """Every key, in the order of the table."""
    return tuple(_topic(key, language) for key in KEYS)


def help_topic(name: str, language: Language = "en") -> Topic | None:
    """The key that `name` names: by key, alias, field or one of its words."""
    wanted = squash(name)
    return next((_topic(key, language) for key in KEYS if wanted in _names(key)), None)


def fillers() -> tuple[str, ...]:
    """The words that carry nothing."""
    return (*words.FILLERS_EN, *words.FILLERS_ZH)


def _names(key: Key) -> frozenset[str]:
    spellings = (spelling for word in key.words for spelling in word.spellings if word.alone)
    return frozenset(
        squash(name) for name in (key.name, key.field, *key.aliases, *key.more, *key.nouns, *spellings)
    )


def _topic(key: Key, language: Language) -> Topic:
    return Topic(
        name=key.name,
        field=key.field,
        section=key.section,
        aliases=key.aliases,
        values=tuple(_values(key)),
        kind=_kind(key, language),
        default=key.default,
        example=key.example,
        description=key.zh if language == "zh" else key.en,
    )


def _values(key: Key) -> Iterator[str]:
    if isinstance(key.kind, Choice):
        yield from dict.fromkeys(key.kind.shown)


def _kind(key: Key, language: Language) -> str:
    names = _KINDS.get(type(key.kind))
    if names is None:
        return (
            ("one of these words", "以下词语之一")[language == "zh"]
            if isinstance(key.kind, Choice)
            else ("a name", "名称")[language == "zh"]
        )
    return names[language == "zh"]

"""A key of the grammar: a field of `Request` with its names, kind of value and an example."""

from dataclasses import dataclass

from bot.language import words
from bot.language.kinds import Choice, Kind, Pairs, squash
from bot.language.words import Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting that can be written `key=value`."""

    name: str
    """As the canonical command writes it."""
    field: str
    """Of `Request` or of its run."""
    kind: Kind
    aliases: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    """Aliases that count only where the bot is spoken to."""
    nouns: tuple[str, ...] = ()
    """Words that take their number first: `3 epochs`."""
    more_nouns: tuple[str, ...] = ()
    """Likewise where the bot is spoken to: `5k conversations`."""
    swallows: tuple[str, ...] = ()
    """Nouns that may follow the value and add nothing: `seq 4096 tokens`."""
    words: tuple[Word, ...] = ()
    """The values that are words, with what each sets."""
    alone: Pairs = ()
    """What the key sets without a value: `packing`."""
    example: str


def _choice(entries: tuple[Word, ...]) -> Choice:
    by_word = {squash(s): w.sets for w in entries for s in (*w.spellings, *w.more)}
    return Choice(by_word, tuple(w.spellings[0] for w in entries))


def choosing(name: str, field: str, entries: tuple[Word, ...], **rest: object) -> Key:
    """A key whose values are words."""
    return Key(name=name, field=field, kind=_choice(entries), words=entries, **rest)  # type: ignore[arg-type]  # the fields of Key


def switch(name: str, field: str, **rest: object) -> Key:
    """A key that is on alone, off with `no-`, either with `=yes` or `=no`."""
    on, off = ((field, True),), ((field, False),)
    said: tuple[Word, ...] = rest.get("words", ())  # type: ignore[assignment]  # the words of Key
    others = [word for word in said if not word.alone]
    named = {squash(spelling): word.sets for word in others for spelling in word.spellings}
    shown = ("yes", "no", *(word.spellings[0] for word in others))
    values = Choice({**dict.fromkeys(words.YES, on), **dict.fromkeys(words.NO, off), **named}, shown)
    return Key(name=name, field=field, kind=values, alone=on, **rest)  # type: ignore[arg-type]  # the fields of Key

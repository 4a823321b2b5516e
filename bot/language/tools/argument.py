"""What a tool's table is made of: arguments, what they say of a spec, and how a spec says them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.language.documents import Unread
from bot.language.tools.kinds import ArgumentKind
from bot.language.vocabulary import Vocabulary
from estimator.spec import Engine

Fields = Mapping[str, Any]
"""Fields of a spec, as `TrainingSpec.said` has them."""
Written = dict[str, Any]
"""Arguments of a tool, by dotted name."""


class Arguments:
    """The arguments of one paste; what was made sense of is remembered."""

    def __init__(self, values: Mapping[str, Any], vocabulary: Vocabulary) -> None:
        self.values, self.vocabulary = values, vocabulary
        self.taken: dict[str, None] = {}
        self._short: dict[str, str] = {}
        for name in values:
            self._short.setdefault(name.rpartition(".")[2].lower().replace("-", "_"), name)

    def name_of(self, name: str) -> str | None:
        """As it stands in the paste: by its whole name, else by its last part."""
        return name if name in self.values else self._short.get(name) if "." not in name else None

    def peek(self, *names: str) -> Any:
        """The value of the first of these that is there and says something."""
        for name in names:
            if (found := self.name_of(name)) is not None and self._says(found):
                return self.values[found]
        return None

    def take(self, *names: str, kind: ArgumentKind | None = None) -> Any:
        """Likewise, as a value of `kind`, and taken; None where it makes no sense."""
        for name in names:
            found = self.name_of(name)
            if found is None or not self._says(found):
                continue
            value = kind.read(self.values[found]) if kind else self.values[found]
            if value is not None:
                self.mark(found)
                return value
        return None

    def _says(self, name: str) -> bool:
        value = self.values[name]
        return value is not None and not isinstance(value, Unread)

    def mark(self, *names: str) -> None:
        """These said something, too."""
        for name in names:
            if (found := self.name_of(name)) is not None:
                self.taken[found] = None

    @property
    def left_aside(self) -> tuple[str, ...]:
        """What said nothing that an estimate needs."""
        return tuple(
            name
            for name, value in self.values.items()
            if name not in self.taken and value not in (None, [], {}) and not isinstance(value, Unread)
        )

    @property
    def unread(self) -> tuple[str, ...]:
        """What may say something, and would have to be run for it."""
        return tuple(name for name, value in self.values.items() if isinstance(value, Unread))

    def guessed(self) -> "Arguments":
        """Likewise with some number in the place of what was not read, to see what it would say."""
        return Arguments({**self.values, **dict.fromkeys(self.unread, 1)}, self.vocabulary)


def name_set(words: str) -> frozenset[str]:
    """Names written with spaces between them."""
    return frozenset(words.split())


class Facet:
    """Arguments that say something together: read from them, and written back."""

    def __init__(
        self,
        read: Callable[[Arguments], Fields],
        write: Callable[[Fields, Vocabulary], Written],
    ) -> None:
        self.read, self.write = read, write


def reads(read: Callable[[Arguments], Fields]) -> Facet:
    """What is read and never written: names that a tool had before, or that only others write."""
    return Facet(read, lambda _fields, _vocabulary: {})


def argument(field_name: str, kind: ArgumentKind, *names: str) -> Facet:
    """One argument that is one field; the first name is written, the others were names of it, too."""

    def read(arguments: Arguments) -> Fields:
        value = arguments.take(*names, kind=kind)
        return {} if value is None else {field_name: value}

    def write(fields: Fields, _: Vocabulary) -> Written:
        said = fields.get(field_name)
        value = None if said is None else kind.write(said)
        return {} if value is None else {names[0]: value}

    return Facet(read, write)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: how its configurations are known, read and written."""

    key: str
    """As `recipe KEY` names it."""
    name: str
    """As its makers write it."""
    stack: str | None
    """The framework that it is; None: a launcher of others."""
    facets: tuple[Facet, ...]
    signs: frozenset[str]
    """Arguments by which it is known."""
    programs: frozenset[str] = frozenset()
    """Words of a command line by which it is known."""
    command: str = ""
    """The program with which a command line of it begins; empty: it has none of its own."""
    rents: bool = False
    """Whether it is told which GPUs to ask for."""
    launches: bool = False
    """Whether that program runs another one: what stands before that one's name is the launcher's."""
    module: str = ""
    """The same launcher by `python -m`."""
    files: tuple[str, ...] = ()
    """Ends of files that say what a run of its is, beside YAML and JSON."""
    said_by_words: Callable[[Sequence[str]], Written] = lambda _words: {}
    """What the words of a command line say before its first option, by names of ours."""
    calls: frozenset[str] = frozenset()
    """What a Python program of it calls."""
    banner: str = ""
    """The word by which its logs are known."""
    read_as: str = ""
    """As `ftcost read --json` names what it is; empty: by its key."""
    defaults: Fields = field(default_factory=dict)
    """What it does where its configuration says nothing."""
    on_several_gpus: Fields = field(default_factory=dict)
    """Likewise on several GPUs, where nothing says how the job is spread."""
    engine: Engine = Engine.DEEPSPEED
    """Whose sharding its recipes are, where nobody named one."""
    settles: Callable[[Fields], Fields] = lambda fields: fields
    """A spec with what every recipe of its says, also where the spec leaves it open."""
    file_name: str = ""
    """Of the recipe; empty: it only reads."""
    render: Callable[["Tool", Fields, Vocabulary], str] = lambda _tool, _fields, _vocabulary: ""
    """The recipe of a spec."""

    def read(self, arguments: Arguments) -> dict[str, Any]:
        """The fields that the arguments say."""
        fields: dict[str, Any] = {}
        for facet in self.facets:
            fields.update(facet.read(arguments))
        return fields

    def write(self, fields: Fields, vocabulary: Vocabulary) -> Written:
        """The arguments that say these fields."""
        written: Written = {}
        for facet in self.facets:
            written.update(facet.write(fields, vocabulary))
        return written

    def score(self, names: Iterable[str]) -> int:
        """How many of its signs stand among these names; one of several parts is nobody else's."""
        return sum(
            2 if "." in name and name in self.signs else bool({name, name.rpartition(".")[2]} & self.signs)
            for name in names
        )

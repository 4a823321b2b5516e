"""Modules that are not there and have whatever they are asked for: what imports them can be imported."""

import importlib.metadata
import sys
import types
import typing
from collections.abc import Iterable
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, Final

from typing_extensions import override

VERSION: Final = "2.12.0"
"""What they say they are."""


class Kind(type(typing.Protocol)):  # type: ignore[misc]  # the metaclass of everybody's bases
    """A class that has whatever it is asked for; as a decorator it gives back what it is put on."""

    def __getattr__(cls, name: str) -> "Kind":
        if name.startswith("__"):
            raise AttributeError(name)
        return Kind(name, (Nothing,), {})

    @override
    def __call__(cls, *said: Any, **_: Any) -> Any:
        is_put_on = bool(said) and callable(said[0]) and not isinstance(said[0], type)
        return said[0] if is_put_on else super().__call__()

    def __or__(cls, other: object) -> "Kind":
        return cls

    __ror__ = __or__

    def __getitem__(cls, item: object) -> "Kind":
        return cls


class Nothing(metaclass=Kind):
    """What comes of calling it."""

    def __getattr__(self, name: str) -> "Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing()

    def __call__(self, *said: Any, **_: Any) -> Any:
        """What it is put on, else itself."""
        return said[0] if said and callable(said[0]) else self

    def __ge__(self, other: object) -> bool:
        return False

    def __bool__(self) -> bool:
        return False


class StandIn(types.ModuleType):
    """A module that has whatever it is asked for."""

    __version__ = VERSION

    def __getattr__(self, name: str) -> Kind:
        if name.startswith("__"):
            raise AttributeError(name)
        return Kind(name, (Nothing,), {"__module__": self.__name__})


class Finder(MetaPathFinder, Loader):
    """Finds a stand-in for what is absent."""

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names

    @override
    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in self.names else None

    @override
    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return StandIn(spec.name)

    @override
    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing runs."""


def stand_in(absent: Iterable[str]) -> None:
    """From here on these are there."""
    names = frozenset(absent)
    if not names:
        return
    known = importlib.metadata.version

    def version(distribution_name: str) -> str:
        return VERSION if distribution_name in names else known(distribution_name)

    sys.meta_path.insert(0, Finder(names))
    importlib.metadata.version = version

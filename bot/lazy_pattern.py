"""Patterns that are compiled when they are first used: a command in a terminal needs few of them.

What stays up compiles the rest before anybody asks: `compile_waiting`.
"""

import re
from typing import Any, Final, cast

_METHODS: Final = ("finditer", "findall", "fullmatch", "match", "search", "split", "sub")


class _Lazy:
    """A pattern until it is used; then its methods are those of the compiled one."""

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern, self._flags = pattern, flags

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            raise AttributeError(name)
        self.compile()
        return self.__dict__[name]

    def compile(self) -> None:
        """Compile the pattern, unless it is."""
        if _METHODS[0] in self.__dict__:
            return
        compiled = re.compile(self.pattern, self._flags)
        for each in _METHODS:
            setattr(self, each, getattr(compiled, each))


_WAITING: Final[list[_Lazy]] = []
"""Those that somebody made and nobody used; they are few, and live as long as their modules."""


def lazily(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """`re.compile(pattern, flags)`, when it is needed."""
    _WAITING.append(lazy := _Lazy(pattern, flags))
    return cast("re.Pattern[str]", lazy)


def compile_waiting() -> None:
    """Compile every pattern that was made and not used yet."""
    while _WAITING:
        _WAITING.pop().compile()

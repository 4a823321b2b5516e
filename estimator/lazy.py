"""A sequence whose members are made when somebody looks at them: most are never looked at."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar, overload

from typing_extensions import override

Made_co = TypeVar("Made_co", covariant=True)


class MadeWhenSeen(Sequence[Made_co], Generic[Made_co]):
    """As many members as there are makers, each made once; equal to any sequence of equal members."""

    __slots__ = ("_made", "_makers")

    def __init__(self, makers: Sequence[Callable[[], Made_co]]) -> None:
        self._makers = makers
        self._made: dict[int, Made_co] = {}

    @overload
    def __getitem__(self, at: int) -> Made_co: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Made_co, ...]: ...

    @override
    def __getitem__(self, at: int | slice) -> Made_co | tuple[Made_co, ...]:
        numbers = range(len(self._makers))[at]
        return self._at(numbers) if isinstance(numbers, int) else tuple(map(self._at, numbers))

    @override
    def __len__(self) -> int:
        return len(self._makers)

    @override
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    @override
    def __hash__(self) -> int:
        return hash(tuple(self))

    def _at(self, number: int) -> Made_co:
        if number not in self._made:
            self._made[number] = self._makers[number]()
        return self._made[number]

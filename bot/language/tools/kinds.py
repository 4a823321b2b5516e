"""What the value of a tool's argument may be, and the value of the field that it says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class ArgumentKind:
    """Values of an argument, and of the field that it says."""

    read: Callable[[Any], Any]
    """None: makes no sense."""
    write: Callable[[Any], Any] = lambda value: value
    """None: the tool cannot say it."""


def _count(raw: Any) -> int | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 1 <= raw < 1e12:
        return None
    return int(raw) if float(raw).is_integer() else None


def _positive(raw: Any) -> float | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not 0 < raw < 1e9:
        return None
    return int(raw) if float(raw).is_integer() else raw


def _share(raw: Any) -> float | None:
    return float(raw) if isinstance(raw, int | float) and not isinstance(raw, bool) and 0 <= raw < 1 else None


def switched(raw: Any) -> bool | None:
    """A switch, or a word of one."""
    if isinstance(raw, bool):
        return raw
    return {"true": True, "false": False, "1": True, "0": False, "auto": None}.get(str(raw).lower())


COUNT: Final = ArgumentKind(_count)
NUMBER: Final = ArgumentKind(_positive)
SHARE: Final = ArgumentKind(_share)
SWITCH: Final = ArgumentKind(switched)


def choice(words: Mapping[str, Any]) -> ArgumentKind:
    """Words of the tool -> values of ours; of several words for one value the first is written."""
    back: dict[Any, str] = {}
    for word, value in words.items():
        back.setdefault(value, word)
    return ArgumentKind(lambda raw: words.get(str(raw).lower()), back.get)

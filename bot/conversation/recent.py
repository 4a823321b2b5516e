"""What somebody asked lately, for their Home: a short list in the store, lost without harm."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from bot.i18n import LANGUAGES, Language
from bot.store import Store, list_in
from bot.store.updates import Update

MAX_RECENT: Final = 10
REMEMBERED_SECONDS: Final = 30 * 86_400


class HomeLine(NamedTuple):
    """An estimate as a list says it in one language."""

    run: str
    """What is trained and how: `7B full fine-tune`."""
    answer: str
    """The header of its card."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asked for, and what came of it."""

    command: str
    change: str = ""
    """The words of the command that the card before did not have."""
    said: Mapping[Language, HomeLine] = field(default_factory=dict)
    """By the language of who reads it; empty where another version wrote it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """The same, with when and where."""

    asked: Asked
    asked_at: datetime
    link: str | None = None


def _now() -> datetime:
    return datetime.now(UTC)


class RecentEstimates:
    """The last estimates of each user, newest first."""

    def __init__(self, store: Store, *, now: Callable[[], datetime] = _now) -> None:
        self._store, self._now = store, now

    def kept(self, user_id: str) -> bytes | None:
        """The list as the store has it."""
        return self._store.get(_key(user_id))

    def with_asked(
        self, user_id: str, asked: Asked, link: str | None = None, *, before: bytes | None
    ) -> Update:
        """An estimate on top of the list, which was `before`; the same command again moves up."""
        entry = {**asdict(asked), "asked_at": self._now().isoformat(), "link": link}

        def made(stored: bytes | None) -> bytes:
            others = [each for each in list_in(stored) if each.get("command") != asked.command]
            return json.dumps([entry, *others][:MAX_RECENT], ensure_ascii=False).encode()

        return Update(_key(user_id), before, made, float(REMEMBERED_SECONDS))

    def key(self, user_id: str) -> str:
        """Where the store has them."""
        return _key(user_id)

    def of(self, user_id: str) -> tuple[Recent, ...]:
        """The estimates of `user_id`."""
        read = (_read(each) for each in list_in(self.kept(user_id)))
        return tuple(each for each in read if each is not None)

    def forget(self, user_id: str) -> None:
        """Delete the list."""
        self._store.delete(_key(user_id))


def _read(entry: dict[str, Any]) -> Recent | None:
    """None where another version, a hand or a fault wrote something else."""
    try:
        said = {language: _home_line(entry["said"][language]) for language in LANGUAGES if entry.get("said")}
        return Recent(
            asked=Asked(command=str(entry["command"]), change=str(entry.get("change", "")), said=said),
            asked_at=datetime.fromisoformat(entry["asked_at"]),
            link=str(entry["link"]) if entry.get("link") else None,
        )
    except (KeyError, ValueError, TypeError):
        return None


def _home_line(kept: Any) -> HomeLine:
    run, answer = kept
    return HomeLine(str(run), str(answer))


def _key(user_id: str) -> str:
    return f"recent:{user_id}"

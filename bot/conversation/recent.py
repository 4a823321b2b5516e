"""What somebody asked lately, for their Home: a short list in the store, lost without harm."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bot.store import Store, TimedValue, list_in

MAX_RECENT: Final = 10
REMEMBERED_SECONDS: Final = 30 * 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recent:
    """An estimate that the user asked for."""

    command: str
    answer: str
    """The lead of its card."""
    asked_at: datetime
    link: str | None = None


def _now() -> datetime:
    return datetime.now(UTC)


class RecentEstimates:
    """The last estimates of each user, newest first."""

    def __init__(self, store: Store, *, now: Callable[[], datetime] = _now) -> None:
        self._store, self._now = store, now

    def add(self, user_id: str, command: str, answer: str, link: str | None = None) -> None:
        """Put an estimate on top; the same command again moves up."""
        self._store.set_many([self.entry(user_id, command, answer, link)])

    def entry(self, user_id: str, command: str, answer: str, link: str | None = None) -> TimedValue:
        """What is to be written for that."""
        entry = {"command": command, "answer": answer, "asked_at": self._now().isoformat(), "link": link}
        others = [each for each in self._entries(user_id) if each.get("command") != command]
        kept = json.dumps([entry, *others][:MAX_RECENT], ensure_ascii=False)
        return _key(user_id), kept.encode(), float(REMEMBERED_SECONDS)

    def key(self, user_id: str) -> str:
        """Where the store has them."""
        return _key(user_id)

    def of(self, user_id: str) -> tuple[Recent, ...]:
        """The estimates of `user_id`."""
        read = (_read(each) for each in self._entries(user_id))
        return tuple(each for each in read if each is not None)

    def forget(self, user_id: str) -> None:
        """Delete the list."""
        self._store.delete(_key(user_id))

    def _entries(self, user_id: str) -> list[dict[str, Any]]:
        return list_in(self._store.get(_key(user_id)))


def _read(entry: dict[str, Any]) -> Recent | None:
    """None where another version, a hand or a fault wrote something else."""
    try:
        return Recent(
            command=str(entry["command"]),
            answer=str(entry["answer"]),
            asked_at=datetime.fromisoformat(entry["asked_at"]),
            link=str(entry["link"]) if entry.get("link") else None,
        )
    except (KeyError, ValueError, TypeError):
        return None


def _key(user_id: str) -> str:
    return f"recent:{user_id}"

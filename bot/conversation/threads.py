"""The cards of a thread: read once from its messages, kept in the store, changed by one at a time."""

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from bot.conversation.card_state import CardState
from bot.conversation.shown import Shown, shown_in
from bot.i18n import language_named
from bot.store import Store, mapping_in
from bot.store.updates import Update, write_updates

VERSION: Final = 2
KEPT_SECONDS: Final = 7 * 86_400.0
NO_CARDS_SECONDS: Final = 86_400.0
UNREADABLE_SECONDS: Final = 300.0
MAX_CARDS: Final = 30
MAX_ANSWERED: Final = 400
TURN_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 25.0
"""After that a reply is answered out of turn: it names its base, and nothing is lost."""
POLL_SECONDS: Final = 0.03
MOST_NOTED: Final = 10_000


FLAT: Final = ""
"""In the place of a thread's timestamp: a direct message as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadKey:
    """Which thread; channels have names of their own, whoever's payload tells of them."""

    channel_id: str
    thread_ts: str

    def __str__(self) -> str:
        return f"thread:{self.channel_id}:{self.thread_ts}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedCard:
    """A card as it stands in a thread."""

    carried: CardState
    ts: str
    answers: str = ""
    """The timestamp of the message that it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadState:
    """What is known of a thread."""

    cards: tuple[PostedCard, ...] = ()
    """Oldest first."""
    answered: tuple[str, ...] = ()
    """Timestamps of messages that have their answer."""
    readable: bool = True
    """False: its messages may not be read, and nobody kept them."""

    @property
    def head(self) -> PostedCard | None:
        """The newest card."""
        return self.cards[-1] if self.cards else None

    def card(self, carried: CardState) -> PostedCard | None:
        """The card itself, by its name or else the newest with its command."""
        named = (each for each in self.cards if carried.card_id and each.carried.card_id == carried.card_id)
        alike = (each for each in reversed(self.cards) if each.carried.command == carried.command)
        return next(named, None) or next(alike, None)

    def at(self, ts: str) -> PostedCard | None:
        """The card of the message `ts`."""
        return next((each for each in self.cards if each.ts == ts), None)

    def answering(self, ts: str) -> PostedCard | None:
        """The card that answers the message `ts`."""
        return next((each for each in self.cards if ts and each.answers == ts), None)

    def standing_at(self, ts: str) -> PostedCard | None:
        """The newest card of when the message `ts` was written; the newest of all where none is so old."""
        return next((each for each in reversed(self.cards) if each.ts <= ts), self.head)

    def ts_of(self, command: str) -> str:
        """The newest message with this command; empty where there is none."""
        return next((each.ts for each in reversed(self.cards) if each.carried.command == command), "")

    def shown(self, command: str) -> Shown | None:
        """The price that the newest card with this command showed."""
        alike = (each.carried for each in reversed(self.cards) if each.carried.command == command)
        return next((each.shown for each in alike if each.shown), None)

    def with_card(self, posted: PostedCard) -> "ThreadState":
        """The thread with one card more."""
        others = [each for each in self.cards if each.ts != posted.ts]
        cards = sorted([*others, posted], key=lambda each: each.ts)
        is_known = not posted.answers or posted.answers in self.answered
        answered = self.answered if is_known else (*self.answered, posted.answers)
        return ThreadState(cards=tuple(cards[-MAX_CARDS:]), answered=answered[-MAX_ANSWERED:])


History = Callable[[ThreadKey], Sequence[PostedCard] | None]
"""The cards among our own messages of a thread, oldest first; None where they may not be read."""


@dataclass(slots=True)
class ThreadLock:
    """The right to change a thread, while it lasts; renewed as long as the block that took it runs."""

    store: Store
    name: str
    token: str | None
    _timer: threading.Timer | None = field(init=False, default=None)

    def is_ours(self) -> bool:
        """Whether nobody else can have it; asked last thing before something is posted."""
        return self.token is None or self.store.extend(self.name, self.token, ttl_seconds=TURN_SECONDS)

    def keep(self) -> None:
        """Hold it for as long as Slack makes us wait."""
        if self.token is not None:
            self._timer = threading.Timer(TURN_SECONDS / 2, self._renew)
            self._timer.daemon = True
            self._timer.start()

    def _renew(self) -> None:
        if self.is_ours():
            self.keep()

    def end(self) -> None:
        """Give it back."""
        if self._timer is not None:
            self._timer.cancel()
        if self.token is not None:
            self.store.release(self.name, self.token)


class ThreadStore:
    """Every thread that holds cards of ours."""

    def __init__(
        self, store: Store, history: History, *, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._store, self._history, self._sleep = store, history, sleep
        self._known_at: dict[str, int] = {}

    @contextmanager
    def turn(self, key: ThreadKey) -> Iterator[ThreadLock]:
        """Wait for our turn in a thread: across threads, processes and machines one at a time."""
        turn = ThreadLock(self._store, str(key), self._token(key))
        turn.keep()
        try:
            yield turn
        finally:
            turn.end()

    def _token(self, key: ThreadKey) -> str | None:
        for _ in range(round(PATIENCE_SECONDS / POLL_SECONDS)):
            if token := self._store.acquire(str(key), ttl_seconds=TURN_SECONDS):
                return token
            self._sleep(POLL_SECONDS)
        return None

    def known(self, key: ThreadKey) -> ThreadState:
        """The cards of a thread: the store's or its messages', both once a process and after an outage."""
        stored = _read(self._store.get(str(key)))
        if stored is None:
            return self._read(key)
        return stored if self._verified(key) else self._reread(key, stored)

    def _verified(self, key: ThreadKey) -> bool:
        """Whether this process knew the thread, and the store has not been away since: it may lag behind.

        A process that ended during an outage took to its end what the store has missed.
        """
        return self._known_at.get(str(key)) == self._store.breaks

    def _reread(self, key: ThreadKey, stored: ThreadState) -> ThreadState:
        cards = self._history(key)
        if cards is None:  # asked again next time: Slack may only be busy
            return stored
        known = replace(_with_all(stored, cards), readable=True)
        self._keep(key, known, KEPT_SECONDS if known.cards else NO_CARDS_SECONDS)
        return known

    def noted(self, key: ThreadKey) -> None:
        """Take what is known of the thread for the newest, until the store is away again."""
        if len(self._known_at) >= MOST_NOTED:
            del self._known_at[next(iter(self._known_at))]
        self._known_at[str(key)] = self._store.breaks

    def add(self, key: ThreadKey, posted: PostedCard, known: ThreadState | None = None) -> None:
        """Remember a card; `known` is what was known before, should the store have been emptied meanwhile."""
        write_updates(self._store, [self.with_card(key, posted, known)])
        self.noted(key)

    def with_card(self, key: ThreadKey, posted: PostedCard, known: ThreadState | None = None) -> Update:
        """The thread with that card, whatever else is said there before it is remembered."""
        before = _written(known) if known else None

        def made(stored: bytes | None) -> bytes:
            now = known if stored == before else _read(stored) or known
            return _written((now or ThreadState()).with_card(posted))

        return Update(str(key), before, made, KEPT_SECONDS)

    def forget(self, key: ThreadKey) -> None:
        """Read the thread again next time: nobody knows whether a card was posted."""
        self._store.delete(str(key))

    def _read(self, key: ThreadKey) -> ThreadState:
        cards = self._history(key)
        if cards is None:
            known, seconds = ThreadState(readable=False), UNREADABLE_SECONDS
        else:
            known = _with_all(ThreadState(), cards)
            seconds = KEPT_SECONDS if known.cards else NO_CARDS_SECONDS
        self._keep(key, known, seconds)
        return known

    def _keep(self, key: ThreadKey, known: ThreadState, seconds: float) -> None:
        self._store.set(str(key), _written(known), ttl_seconds=seconds)
        self.noted(key)


def _with_all(known: ThreadState, cards: Iterable[PostedCard]) -> ThreadState:
    for each in cards:
        known = known.with_card(each)
    return known


def _written(known: ThreadState) -> bytes:
    """A thread as the store keeps it."""
    cards = [_kept(each) for each in known.cards]
    kept = {"v": VERSION, "cards": cards, "answered": known.answered, "readable": known.readable}
    return json.dumps(kept, ensure_ascii=False).encode()


def _read(stored: bytes | None) -> ThreadState | None:
    """The thread as it was written; None where there is none, or of another shape."""
    kept = mapping_in(stored)
    if kept.get("v") != VERSION:
        return None
    try:
        cards = tuple(map(_posted, kept["cards"]))
        answered = tuple(map(str, kept["answered"]))
        return ThreadState(cards=cards, answered=answered, readable=bool(kept["readable"]))
    except (KeyError, TypeError, AttributeError):
        return None


def _kept(posted: PostedCard) -> dict[str, Any]:
    """A card as the store keeps it."""
    carried = posted.carried
    return {
        "ts": posted.ts,
        "answers": posted.answers,
        "id": carried.card_id,
        "command": carried.command,
        "trail": carried.trail,
        "language": carried.language,
        "currency": carried.currency,
        "shown": carried.shown.written() if carried.shown else "",
        "noted": carried.noted,
    }


def _posted(kept: dict[str, Any]) -> PostedCard:
    trail = tuple(map(str, kept["trail"]))
    carried = CardState(
        command=str(kept["command"]),
        card_id=str(kept["id"]),
        trail=trail,
        language=language_named(kept.get("language")),
        currency=str(kept.get("currency", "")),
        shown=shown_in(kept.get("shown")),
        noted=str(kept.get("noted", "")),
    )
    return PostedCard(carried=carried, ts=str(kept["ts"]), answers=str(kept["answers"]))

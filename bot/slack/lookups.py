"""Who we are, what language a user speaks, and what stands in a thread: what we ask of Slack and remember."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from typing_extensions import override

from bot.cards.state import posted_by_message
from bot.conversation.preferences import Chosen, Preferences, UserInChannel
from bot.conversation.threads import FLAT, PostedCard, ThreadKey
from bot.i18n import Language, language_named
from bot.observe import get_log
from bot.settings import LOCALE_SECONDS
from bot.slack.delivery import Delivery
from bot.slack.refusals import INVALID, RefusedError, UnsureError
from bot.store import Store

_LOG = get_log(__name__)

KNOWN_SECONDS: Final = 60.0
"""How long an acknowledgement believes what was last looked up."""
MOST_KNOWN: Final = 10_000
TROUBLE_SECONDS: Final = 300.0
DEFAULT: Final[Language] = "en"


PAUSE_SECONDS: Final = 30.0
"""After which Slack is asked again, if it did not say."""


class Identity(Authorize):
    """The bot user of one token; Bolt asks before each request and is answered from what is known already."""

    def __init__(self, delivery: Delivery) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # Bolt's constructor has no annotations
        self._delivery = delivery
        self._lock = threading.Lock()
        self._answer: dict[str, Any] = {}
        self._not_before = 0.0

    @property
    def user_id(self) -> str:
        """Our user, asked of Slack when first needed; empty while Slack does not say."""
        return self._said("user_id")

    @property
    def known_user_id(self) -> str:
        """Our user as far as it is known: nobody is asked."""
        return str(self._answer.get("user_id", ""))

    @property
    def bot_id(self) -> str:
        """What our own messages carry; empty while Slack does not say."""
        return self._said("bot_id")

    @property
    def workspace_id(self) -> str:
        """The workspace that we are installed in, whoever speaks in a channel that it shares."""
        return self._said("team_id")

    @property
    def workspace_url(self) -> str:
        """Where the workspace is in a browser, ending in a slash; empty while Slack does not say."""
        return self._said("url")

    def link(self, channel_id: str, ts: str, thread_ts: str = "") -> str | None:
        """The address of a message; None while Slack has not said where the workspace is.

        Nor is there one of what was sent to a person: Slack knows in which channel that stands, we don't.
        """
        if not (ts and self.workspace_url) or channel_id.startswith(("U", "W")):
            return None
        address = f"{self.workspace_url}archives/{channel_id}/p{ts.replace('.', '')}"
        return f"{address}?thread_ts={thread_ts}&cid={channel_id}" if thread_ts not in ("", ts) else address

    def _said(self, name: str) -> str:
        if not self._answer and time.monotonic() >= self._not_before:
            self.ask()
        return str(self._answer.get(name, ""))

    def refusal(self) -> str:
        """Why our token is worth nothing, as far as is known; empty while it is worth something.

        Nobody sends us anything then, so that we ask again ourselves: an account may come back.
        """
        if (code := self._delivery.token_refused) and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + PAUSE_SECONDS
            threading.Thread(target=self.ask, name="auth-test", daemon=True).start()
        return code

    def ask(self) -> str:
        """Ask Slack who we are; the refusal that means a bad token, or nothing."""
        with self._lock:
            self._not_before = time.monotonic() + PAUSE_SECONDS
            known = self._delivery.token_refused
            try:
                self._answer = dict(self._delivery.call(self._delivery.client.auth_test))
            except RefusedError as refusal:
                if refusal.code != known:
                    _LOG.warning("auth.test refused", error=refusal.code)
                return refusal.code if refusal.code in INVALID else ""
            except UnsureError as error:
                _LOG.warning("auth.test unanswered", error=str(error))
        return ""

    @override
    def __call__(self, **_context: Any) -> AuthorizeResult:
        return AuthorizeResult(
            enterprise_id=self._answer.get("enterprise_id"),
            team_id=self._answer.get("team_id"),
            bot_user_id=self._answer.get("user_id"),
            bot_id=self._answer.get("bot_id"),
            bot_token=self._delivery.client.token,
        )


class UserLocales:
    """The language of each user, from this process's memory, what was chosen, then Slack."""

    def __init__(
        self,
        delivery: Delivery,
        store: Store,
        preferences: Preferences,
        *,
        locale_seconds: float = LOCALE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._delivery, self._store, self._clock = delivery, store, clock
        self._locale_seconds = locale_seconds
        self.preferences = preferences
        self._known: dict[UserInChannel, tuple[float, Language]] = {}

    def known(self, whose: UserInChannel) -> Language | None:
        """What this process knows without asking anybody: quick enough for an acknowledgement."""
        until, language = self._known.get(whose, (0.0, None))
        return language if self._clock() < until else None

    def language(self, whose: UserInChannel) -> Language:
        """The language of a user in a channel; asks the store and Slack where need be."""
        return self.reader(whose)[0]

    def reader(self, whose: UserInChannel) -> tuple[Language, Chosen]:
        """Likewise, with the settings that are in force."""
        chosen = self.preferences.in_force(whose)
        language = chosen.language or self.spoken(whose.user_id)
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        self._known[whose] = (self._clock() + min(KNOWN_SECONDS, self._locale_seconds), language)
        return language, chosen

    def keys(self, whose: UserInChannel) -> tuple[str, ...]:
        """What of the store `reader` reads."""
        return (*self.preferences.keys(whose), _key(whose.user_id))

    def spoken(self, user_id: str) -> Language:
        """The language of a user by Slack, whatever was chosen here."""
        return _language_in(self._store.get(_key(user_id))) or self._asked(user_id)

    def _asked(self, user_id: str) -> Language:
        """By Slack's locale; a refusal is remembered for a while: one call, not one a card."""
        language, seconds = DEFAULT, TROUBLE_SECONDS
        try:
            answer = self._delivery.call(self._delivery.client.users_info, user=user_id, include_locale=True)
            language, seconds = _language_of(answer.get("user", {})), self._locale_seconds
        except (RefusedError, UnsureError) as trouble:
            _LOG.warning("no locale", user=user_id, error=str(trouble))
        if seconds:
            self._store.set(_key(user_id), language.encode(), ttl_seconds=seconds)
        return language


def _language_of(user: dict[str, Any]) -> Language:
    """`zh-CN`, `zh-TW` -> zh; all others read English here."""
    spoken = str(user.get("locale", "")).partition("-")[0]
    return language_named(spoken) or DEFAULT


def _language_in(stored: bytes | None) -> Language | None:
    return language_named(stored.decode(errors="replace")) if stored else None


def _key(user_id: str) -> str:
    return f"locale:{user_id}"


PAGE_MESSAGES: Final = 200
"""What Slack recommends of one call, which begins with the oldest."""
MOST_PAGES: Final = 100


class ThreadHistory:
    """The cards among our own messages of a thread, oldest first."""

    def __init__(self, delivery: Delivery, identity: Identity) -> None:
        self._delivery, self._identity = delivery, identity

    def __call__(self, key: ThreadKey) -> Sequence[PostedCard] | None:
        """None where they may not be read: the app hears its name only, or Slack does not answer."""
        if not (ours := self._identity.bot_id):
            return None  # without knowing ourselves we would take anybody's message for ours, or none
        try:
            messages = tuple(self._messages(key))
        except RefusedError as refusal:
            _LOG.info("thread not read", error=refusal.code, channel=key.channel_id)
            return () if refusal.code == "thread_not_found" else None
        except UnsureError as error:
            _LOG.warning("thread not read", error=str(error), channel=key.channel_id)
            return None
        own = (message for message in messages if message.get("bot_id") == ours)  # nobody else is believed
        return tuple(posted for message in own if (posted := posted_by_message(message)))

    def _messages(self, key: ThreadKey) -> Iterator[Mapping[str, Any]]:
        if key.thread_ts == FLAT:
            return iter(self._newest(key.channel_id)[::-1])
        return self._of_thread(key)

    def _newest(self, channel_id: str) -> Sequence[Mapping[str, Any]]:
        """The last messages of a conversation, the newest first: the last card is all that is looked for."""
        client = self._delivery.client
        answer = self._delivery.call(
            client.conversations_history, channel=channel_id, limit=PAGE_MESSAGES, include_all_metadata=True
        )
        return list(answer.get("messages", ()))

    def _of_thread(self, key: ThreadKey) -> Iterator[Mapping[str, Any]]:
        """Every message of the thread, page by page to the newest."""
        cursor: dict[str, str] = {}
        for _ in range(MOST_PAGES):
            answer = self._delivery.call(
                self._delivery.client.conversations_replies,
                channel=key.channel_id,
                ts=key.thread_ts,
                limit=PAGE_MESSAGES,
                include_all_metadata=True,
                **cursor,
            )
            yield from answer.get("messages", ())
            following = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not following:
                return
            cursor = {"cursor": following}

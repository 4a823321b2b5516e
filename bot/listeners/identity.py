"""Who we are in the workspace: `auth.test` asked once, never on the way to an acknowledgement."""

import threading
import time
from typing import Any, Final

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.authorization.authorize import Authorize
from typing_extensions import override

from bot.listeners.delivery import Delivery, RefusedError, UnsureError
from bot.observe import get_log

PAUSE_SECONDS: Final = 30.0
"""After which Slack is asked again, if it did not say."""

_LOG = get_log(__name__)
INVALID = frozenset({"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"})


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
    def workspace_url(self) -> str:
        """Where the workspace is in a browser, ending in a slash; empty while Slack does not say."""
        return self._said("url")

    def _said(self, name: str) -> str:
        if not self._answer and time.monotonic() >= self._not_before:
            self.ask()
        return str(self._answer.get(name, ""))

    def ask(self) -> str:
        """Ask Slack who we are; the refusal that means a bad token, or nothing."""
        with self._lock:
            self._not_before = time.monotonic() + PAUSE_SECONDS
            try:
                self._answer = dict(self._delivery.call(self._delivery.client.auth_test))
            except RefusedError as refusal:
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

"""Slack's no, in whichever form it comes: a code, a 429, a connection that broke; and what each means."""

import errno
import json
import re
import socket
from collections.abc import Mapping
from typing import Any, Final
from urllib.error import URLError

from slack_sdk.errors import SlackApiError

NO_ACCESS: Final = frozenset(
    {
        "not_in_channel",
        "channel_not_found",
        "is_archived",
        "restricted_action",
        "access_denied",
        "cant_post_message",
    }
)
"""The bot may not post there; a response address may."""
TOO_RICH: Final = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch", "msg_too_long"}
)
"""The text alone may pass."""
INVALID: Final = frozenset(
    {"invalid_auth", "account_inactive", "token_revoked", "token_expired", "not_authed"}
)
"""The token is worth nothing any more, whatever we ask."""
_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")
MOST_WAIT_SECONDS: Final = 3600.0
"""Slack asks for minutes at most; whatever stands between may say anything."""
BAD_METADATA: Final = frozenset({"invalid_metadata_format", "invalid_metadata_schema", "metadata_too_large"})


class RefusedError(Exception):
    """Slack's own no: `{"ok": false, "error": code}`, or a 429 beyond our patience."""

    def __init__(self, code: str, *, wait_seconds: float = 0.0, needed: str = "") -> None:
        super().__init__(code)
        self.code, self.needed = code, needed
        self.wait_seconds = wait_seconds


class UnsureError(Exception):
    """The connection broke or Slack stumbled after it was asked: it may have done it."""


def has_no_access(code: str) -> bool:
    """Whether the bot may not post there, by whichever of a workspace's rules; a response address may."""
    return code in NO_ACCESS or code.startswith("restricted_action")


def answer_of(response: Any) -> Mapping[str, Any]:
    """What Slack said.

    Raises:
        UnsureError: it was none of Slack's answers.
    """
    data = response.data
    if not isinstance(data, Mapping) or "ok" not in data:
        raise UnsureError("no answer of Slack's")  # a page of some proxy's, or nothing: it may have been done
    return data


def as_refusal(error: SlackApiError) -> RefusedError | UnsureError:
    """Slack's no; where its answer does not tell whether it was done, that."""
    response = error.response
    status = getattr(response, "status_code", 200)
    if status == 429:
        return RefusedError("ratelimited", wait_seconds=_retry_after(response.headers))
    code = response.get("error") if isinstance(response.data, Mapping) else None
    if status >= 500 or not code:
        return UnsureError(f"http_{status}")
    return RefusedError(str(code), needed=str(response.get("needed") or ""))


def _retry_after(headers: Mapping[str, Any]) -> float:
    value = next((value for name, value in headers.items() if name.lower() == "retry-after"), "1")
    value = value[0] if isinstance(value, list) else value
    return min(float(value), MOST_WAIT_SECONDS) if _SECONDS.fullmatch(str(value)) else 1.0


def never_stood(error: BaseException) -> bool:
    """Whether the connection was never made, so that nothing can have been posted."""
    reason = error.reason if isinstance(error, URLError) else error
    nowhere = isinstance(reason, OSError) and reason.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH)
    return nowhere or isinstance(reason, (ConnectionRefusedError, socket.gaierror))


def refusal_in(body: str, status: int) -> str:
    """The code of a refusal by a response address; empty for `ok`, in whichever of Slack's forms."""
    try:
        code = str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        code = ""
    return code if status == 200 else code or f"http_{status}"

"""The cards of a thread, read from Slack's messages: only where nobody kept what they say."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.cards.carried import posted_by_message
from bot.conversation.threads import Posted, ThreadKey
from bot.listeners.delivery import Delivery, RefusedError, UnsureError
from bot.listeners.identity import Identity
from bot.observe import get_log

MOST_MESSAGES: Final = 1000
"""What one call may answer; threads are not paged through."""

_LOG = get_log(__name__)


class History:
    """The cards among our own messages of a thread, oldest first."""

    def __init__(self, delivery: Delivery, identity: Identity) -> None:
        self._delivery, self._identity = delivery, identity

    def __call__(self, key: ThreadKey) -> Sequence[Posted] | None:
        """None where they may not be read: the app hears its name only, or Slack does not answer."""
        try:
            answer = self._delivery.call(
                self._delivery.client.conversations_replies,
                channel=key.channel_id,
                ts=key.thread_ts,
                limit=MOST_MESSAGES,
                include_all_metadata=True,
            )
        except RefusedError as refusal:
            _LOG.info("thread not read", error=refusal.code, channel=key.channel_id)
            return () if refusal.code == "thread_not_found" else None
        except UnsureError as error:
            _LOG.warning("thread not read", error=str(error), channel=key.channel_id)
            return None
        ours = self._identity.user_id
        own = (message for message in answer.get("messages", ()) if _is_ours(message, ours))
        return tuple(posted for message in own if (posted := posted_by_message(message)))


def _is_ours(message: Mapping[str, Any], our_user_id: str) -> bool:
    """Whoever else posts metadata with our name in it is not believed."""
    return bool(message.get("bot_id")) and message.get("user") in (our_user_id, None)

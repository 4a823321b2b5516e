"""What kind of channel it is: whether another company reads along, and who made it."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from bot.observe import get_log
from bot.slack.delivery import Delivery
from bot.slack.refusals import RefusedError, UnsureError
from bot.store import Store

_LOG: Final = get_log(__name__)
KNOWN_SECONDS: Final = 300.0
PAGE_CHANNELS: Final = 200
MOST_PAGES: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """A channel by Slack's word."""

    is_shared: bool
    """With another company; also where Slack does not say: money is shown where it is known to be safe."""
    creator: str = ""
    is_unknown: bool = False
    """Whether Slack does not say: it knows no channel, of a private one that we are not in."""

    @property
    def closed(self) -> str:
        """Why no money is shown there, as a sentence of the ledger; empty where it is."""
        return "channel_unknown" if self.is_unknown else "shared" if self.is_shared else ""


def _facts_of(kept: bytes | None) -> ChannelFacts | None:
    """What was kept; None where nothing was, or something of another shape: then Slack is asked."""
    try:
        said = json.loads(kept or b"{}")
        return ChannelFacts(is_shared=bool(said["is_shared"]), creator=str(said.get("creator", "")))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


class Channels:
    """Asked of Slack once in a while, remembered in the store."""

    def __init__(self, delivery: Delivery, store: Store) -> None:
        self._delivery, self._store = delivery, store

    def of_user(self, user_id: str) -> frozenset[str]:
        """The channels that somebody and the bot are both in; none where Slack does not say."""
        client, found, cursor = self._delivery.client, set[str](), ""
        asked = {"user": user_id, "types": "public_channel,private_channel", "limit": PAGE_CHANNELS}
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            try:
                answer = self._delivery.call(client.users_conversations, **asked, **more)
            except (RefusedError, UnsureError) as trouble:
                _LOG.warning("channels of a user unknown", error=str(trouble))
                return frozenset()
            found.update(str(each.get("id", "")) for each in answer.get("channels", ()))
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                break
        return frozenset(found)

    def facts(self, channel_id: str) -> ChannelFacts:
        """Of a channel; a direct message, and what is sent to a person, is shared with nobody."""
        if channel_id.startswith(("D", "U", "W")):
            return ChannelFacts(is_shared=False)
        key = f"channel:{channel_id}"
        if (known := _facts_of(self._store.get(key))) is not None:
            return known
        try:
            answer = self._delivery.call(self._delivery.client.conversations_info, channel=channel_id)
        except (RefusedError, UnsureError) as trouble:
            _LOG.warning("channel unknown", channel=channel_id, error=str(trouble))
            return ChannelFacts(is_shared=True, is_unknown=True)
        said = answer.get("channel", {})
        shared = any(said.get(name) for name in ("is_ext_shared", "is_pending_ext_shared"))
        facts = ChannelFacts(is_shared=shared, creator=str(said.get("creator", "")))
        self._store.set(key, json.dumps(asdict(facts)).encode(), ttl_seconds=KNOWN_SECONDS)
        return facts

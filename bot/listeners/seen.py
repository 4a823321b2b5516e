"""One answer to an event, however often and under whatever name it is delivered."""

from collections.abc import Mapping
from typing import Any, Final

from bot.observe import Metrics
from bot.store import Store

REMEMBERED_SECONDS: Final = 86_400
"""Slack's delayed events come again for up to a day."""


class Seen:
    """Marks in the store: by `event_id` for a retry, by message for its twin, mention and message."""

    def __init__(self, store: Store, metrics: Metrics) -> None:
        self._store, self._metrics = store, metrics

    def is_new(self, body: Mapping[str, Any]) -> bool:
        """Whether this event callback is the first to tell of its event."""
        event = body.get("event", {})
        team = body.get("enterprise_id") or body.get("team_id", "")
        keys = [f"seen:event:{body.get('event_id', '')}"]
        if event.get("ts") and event.get("channel"):
            keys.append(f"seen:message:{team}:{event['channel']}:{event['ts']}")
        new = all(self._store.set_if_absent(key, ttl_seconds=REMEMBERED_SECONDS) for key in keys)
        if not new:
            self._metrics.duplicates.inc()
        return new

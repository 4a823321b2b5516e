"""The one store: Redis or Valkey where there is one, an embedded Valkey otherwise; always answering."""

import json
from functools import partial
from pathlib import Path
from typing import Any

from bot.store.port import Appended, Examined, Status, Store, StoreHealth, StoreUnavailable, TimedValue

__all__ = [
    "Appended",
    "Examined",
    "Status",
    "Store",
    "StoreHealth",
    "StoreUnavailable",
    "TimedValue",
    "list_in",
    "mapping_in",
    "open_store",
]


def open_store(redis_url: str | None, state_dir: Path) -> Store:
    """The store of an installation; returns at once, whether or not a server can be reached."""
    from bot.store.resilient import ResilientStore  # noqa: PLC0415  -- the terminal opens no store

    return ResilientStore(_redis(redis_url) if redis_url else _embedded(state_dir))


def _redis(url: str) -> Store:
    from bot.store.clients import client_for_url, server_in_words  # noqa: PLC0415  -- redis-py takes 100 ms to import
    from bot.store.redis import RedisStore  # noqa: PLC0415  -- likewise

    return RedisStore(partial(client_for_url, url), server_in_words(url))


def _embedded(state_dir: Path) -> Store:
    from bot.store.embedded import EmbeddedStore  # noqa: PLC0415  -- likewise

    return EmbeddedStore(state_dir)


def mapping_in(stored: bytes | None) -> dict[str, Any]:
    """The JSON object that was stored; a value of another shape is as good as none."""
    found = _parsed(stored)
    return found if isinstance(found, dict) else {}


def list_in(stored: bytes | None) -> list[dict[str, Any]]:
    """Likewise a list of objects; what in it is none is left out."""
    found = _parsed(stored)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _parsed(stored: bytes | None) -> Any:
    try:
        return json.loads(stored or b"null")
    except (ValueError, RecursionError):
        return None

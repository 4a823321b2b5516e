"""A store that stands over another one."""

from bot.store.port import Examined, Store, StoreHealth


class OverStore:
    """What has no key is that of the store beneath."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @property
    def breaks(self) -> int:
        """As of the store."""
        return self._store.breaks

    def health(self) -> StoreHealth:
        """As of the store."""
        return self._store.health()

    def examined(self) -> Examined:
        """As of the store."""
        return self._store.examined()

    def close(self) -> None:
        """Close the store."""
        self._store.close()

"""Models that the catalog does not have, looked up on the model hub by their `org/name`.

Only `config.json` is asked for, it is kept in the state directory for good, and nobody waits more than two
seconds: a slow answer is for the next one who asks.
"""

import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol

from pydantic import SecretStr

from bot.model_hub.config_json import UnreadableConfigError, arch_from_config
from bot.settings import HUB_URL
from estimator.catalog import Catalog
from estimator.model.arch import ModelArch

BUDGET_SECONDS: Final = 2.0
TROUBLE_REMEMBERED_SECONDS: Final = 60.0
DEADLINE_SECONDS: Final = 30.0
"""For the whole answer; whoever asked has long been told to ask again."""
MAX_CONFIG_BYTES: Final = 1_000_000
CHUNK_BYTES: Final = 1 << 14
NOT_FOR_US: Final = (401, 403, 404)
"""A private, a gated and an unknown model look the same to a stranger."""
USER_AGENT: Final = "ftcost (model shape look-up)"
_HUB_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")

Fetch = Callable[[str], Mapping[str, Any]]
"""`org/name` -> its parsed config.json; raises what it likes."""


class Why(StrEnum):
    """Why a model could not be had."""

    OFFLINE = "offline"
    NOT_FOUND = "not_found"
    SLOW = "slow"
    UNKNOWN_KIND = "unknown_kind"


@dataclass(frozen=True, slots=True)
class NoModel:
    """The hub has no such model for us, and why."""

    why: Why
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """Where the hub is and who asks."""

    offline: bool = False
    endpoint: str = HUB_URL
    """Ends in a slash."""
    token: SecretStr | None = None


class ModelHub(Protocol):
    """Anything that turns an `org/name` into a shape."""

    def model(self, name: str) -> ModelArch | NoModel:
        """The shape of `name`, or why there is none."""
        ...


def is_hub_name(name: str) -> bool:
    """Whether `name` reads as `org/name`."""
    return _HUB_NAME.fullmatch(name) is not None


class Hub:
    """The model hub behind a memory, a budget and a polite silence after trouble."""

    def __init__(
        self,
        catalog: Catalog,
        fetch: Fetch,
        *,
        budget_seconds: float = BUDGET_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog, self._fetch, self._budget_seconds, self._clock = catalog, fetch, budget_seconds, clock
        self._found: dict[str, ModelArch] = {}
        self._troubles: dict[str, tuple[float, NoModel]] = {}
        self._lock = threading.Lock()
        self._asking: dict[str, tuple[threading.Thread, float]] = {}

    def model(self, name: str) -> ModelArch | NoModel:
        """The shape of `name`; from memory, else from the hub within the budget."""
        if (known := self._remembered(name)) is not None:
            return known
        asking, since = self._asked(name)
        asking.join(max(0.0, self._budget_seconds - (self._clock() - since)))
        return self._remembered(name) or NoModel(Why.SLOW)

    def _remembered(self, name: str) -> ModelArch | NoModel | None:
        with self._lock:
            until, trouble = self._troubles.get(name, (0.0, None))
            return self._found.get(name) or (trouble if self._clock() < until else None)

    def _asked(self, name: str) -> tuple[threading.Thread, float]:
        """The one thread that is asking for `name`, and since when.

        A daemon, so that a deaf hub never holds up the exit.
        """
        with self._lock:
            if name not in self._asking:
                thread = threading.Thread(target=self._ask, args=(name,), name="hub", daemon=True)
                self._asking[name] = (thread, self._clock())
                thread.start()
            return self._asking[name]

    def _ask(self, name: str) -> None:
        answer = self._answer(name)
        with self._lock:
            del self._asking[name]
            if isinstance(answer, ModelArch):
                self._found[name] = answer
            else:
                self._troubles[name] = (self._clock() + TROUBLE_REMEMBERED_SECONDS, answer)

    def _answer(self, name: str) -> ModelArch | NoModel:
        try:
            config = self._fetch(name)
            return arch_from_config(name, config, self._catalog, checked=datetime.now(UTC).date())
        except UnreadableConfigError as error:
            return NoModel(Why.UNKNOWN_KIND, str(error))
        except LookupError as error:
            return NoModel(Why.NOT_FOUND, str(error))
        except Exception as error:  # noqa: BLE001  -- whatever a network can do means the same to the asker
            return NoModel(Why.OFFLINE, type(error).__name__)


def open_hub(catalog: Catalog, state_dir: Path, settings: HubSettings) -> Hub:
    """The hub of an installation; offline, only what the state directory has is found."""
    return Hub(catalog, lambda name: _kept_or_fetched(name, state_dir / "hub", settings))


def _kept_or_fetched(name: str, kept_dir: Path, settings: HubSettings) -> Mapping[str, Any]:
    path = kept_dir / f"{name}.json"
    if path.is_file():
        return _parsed(path.read_bytes())
    if settings.offline:
        raise ConnectionError("the model hub is not to be asked")
    config = _parsed(body := fetched_config(name, settings))
    with suppress(OSError):  # a full disk costs the next process a question
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{threading.get_ident()}.partial")
        partial.write_bytes(body)
        partial.replace(path)
    return config


def fetched_config(name: str, settings: HubSettings) -> bytes:
    """The config.json of `name` on its main branch, whole.

    Raises:
        LookupError: no such model, or none for our token.
        UnreadableConfigError: longer than a configuration is.
        OSError: the hub can't be reached, answers badly, or too slowly.
    """
    import requests  # noqa: PLC0415  -- rarely needed, and slow to import

    url = f"{settings.endpoint}{name}/resolve/main/config.json"
    token = settings.token.get_secret_value() if settings.token else ""
    headers = {"User-Agent": USER_AGENT} | ({"Authorization": f"Bearer {token}"} if token else {})
    deadline = time.monotonic() + DEADLINE_SECONDS
    with requests.get(url, headers=headers, timeout=BUDGET_SECONDS, stream=True) as response:
        if response.status_code in NOT_FOR_US:
            raise LookupError(f"HTTP {response.status_code}")
        response.raise_for_status()
        body = bytearray()
        for chunk in response.iter_content(CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_CONFIG_BYTES:
                raise UnreadableConfigError("its configuration is too long")
            if time.monotonic() > deadline:
                raise TimeoutError("the model hub is too slow")
        return bytes(body)


def _parsed(body: bytes) -> Mapping[str, Any]:
    config = json.loads(body)
    if not isinstance(config, dict):
        raise UnreadableConfigError("its configuration is not an object")
    return config

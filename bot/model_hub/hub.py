"""Models that the catalog does not have, looked up on the model hub by their `org/name`.

Only `config.json` is asked for, it is kept in the state directory for good, and nobody waits more than two
seconds: a slow answer is for the next one who asks. A hub that hangs holds a few threads and nobody's answer.
"""

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar

from bot.model_hub.config_json import UnreadableConfigError, arch_from_config
from bot.model_hub.fetch import HubSettings, KeptConfigs, fetched_config, parsed
from estimator.catalog import Catalog
from estimator.model.arch import ModelArch

BUDGET_SECONDS: Final = 2.0
TROUBLE_REMEMBERED_SECONDS: Final = 60.0
MOST_AT_ONCE: Final = 4
"""Questions to the hub; where all of them hang, the next one is told so at once."""
MOST_REMEMBERED: Final = 512
"""Models, and as many troubles; the oldest go first."""
_HUB_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}")

Fetch = Callable[[str], Mapping[str, Any]]
"""`org/name` -> its parsed config.json; raises what it likes."""
Kept = Callable[[str], Mapping[str, Any] | None]
"""Likewise, from an earlier time; None where there is none."""
T = TypeVar("T")


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


class ModelHub(Protocol):
    """Anything that turns an `org/name` into a shape."""

    def model(self, name: str) -> ModelArch | NoModel:
        """The shape of `name`, or why there is none."""
        ...


def is_hub_name(name: str) -> bool:
    """Whether `name` reads as `org/name`."""
    return _HUB_NAME.fullmatch(name) is not None


class Hub:
    """The model hub behind a memory, a budget, a few lines to it and a polite silence after trouble."""

    def __init__(
        self,
        catalog: Catalog,
        fetch: Fetch,
        *,
        kept: Kept = lambda _name: None,
        budget_seconds: float = BUDGET_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._catalog, self._fetch, self._kept = catalog, fetch, kept
        self._budget_seconds, self._clock = budget_seconds, clock
        self._found: OrderedDict[str, ModelArch] = OrderedDict()
        self._troubles: OrderedDict[str, tuple[float, NoModel]] = OrderedDict()
        self._lock = threading.Lock()
        self._lines = threading.BoundedSemaphore(MOST_AT_ONCE)
        self._asking: dict[str, tuple[threading.Thread, float]] = {}

    def model(self, name: str) -> ModelArch | NoModel:
        """The shape of `name`; from memory or the disk, else from the hub within the budget."""
        if (known := self._remembered(name)) is not None:
            return known
        if (kept := self._kept(name)) is not None:
            return self._remember(name, self._read(name, kept))
        until = self._clock() + self._budget_seconds
        if (asked := self._asked(name)) is None:
            return NoModel(Why.SLOW)
        asking, since = asked
        asking.join(max(0.0, min(until, since + self._budget_seconds) - self._clock()))
        return self._remembered(name) or NoModel(Why.SLOW)

    def _remembered(self, name: str) -> ModelArch | NoModel | None:
        with self._lock:
            until, trouble = self._troubles.get(name, (0.0, None))
            return self._found.get(name) or (trouble if self._clock() < until else None)

    def _asked(self, name: str) -> tuple[threading.Thread, float] | None:
        """The one thread that is asking for `name`, and since when; None where no line is free in time.

        A daemon, so that a deaf hub never holds up the exit.
        """
        if (asked := self._already_asked(name)) is not None or self._is_deaf():
            return asked
        if not self._lines.acquire(timeout=self._budget_seconds):
            return None
        with self._lock:
            if (asked := self._asking.get(name)) is not None:
                self._lines.release()
                return asked
            thread = threading.Thread(target=self._ask, args=(name,), name="hub", daemon=True)
            self._asking[name] = (thread, self._clock())
            thread.start()
            return self._asking[name]

    def _already_asked(self, name: str) -> tuple[threading.Thread, float] | None:
        with self._lock:
            return self._asking.get(name)

    def _is_deaf(self) -> bool:
        """Whether every line has hung for longer than anybody waits."""
        with self._lock:
            hanging = [
                since for _, since in self._asking.values() if self._clock() - since > self._budget_seconds
            ]
        return len(hanging) >= MOST_AT_ONCE

    def _ask(self, name: str) -> None:
        try:
            self._remember(name, self._answer(name))
        finally:
            with self._lock:
                del self._asking[name]
            self._lines.release()

    def _remember(self, name: str, answer: ModelArch | NoModel) -> ModelArch | NoModel:
        with self._lock:
            if isinstance(answer, ModelArch):
                _put(self._found, name, answer)
            else:
                _put(self._troubles, name, (self._clock() + TROUBLE_REMEMBERED_SECONDS, answer))
        return answer

    def _answer(self, name: str) -> ModelArch | NoModel:
        try:
            return self._read(name, self._fetch(name))
        except UnreadableConfigError as error:
            return NoModel(Why.UNKNOWN_KIND, str(error))
        except LookupError as error:
            return NoModel(Why.NOT_FOUND, str(error))
        except Exception as error:  # noqa: BLE001  -- whatever a network can do means the same to the asker
            return NoModel(Why.OFFLINE, type(error).__name__)

    def _read(self, name: str, config: Mapping[str, Any]) -> ModelArch | NoModel:
        try:
            return arch_from_config(name, config, self._catalog, checked=datetime.now(UTC).date())
        except UnreadableConfigError as error:
            return NoModel(Why.UNKNOWN_KIND, str(error))


def _put(memory: OrderedDict[str, T], name: str, value: T) -> None:
    memory[name] = value
    memory.move_to_end(name)
    while len(memory) > MOST_REMEMBERED:
        memory.popitem(last=False)


def open_hub(catalog: Catalog, state_dir: Path, settings: HubSettings) -> Hub:
    """The hub of an installation; offline, only what the state directory has is found."""
    kept = KeptConfigs(state_dir / "hub")

    def fetch(name: str) -> Mapping[str, Any]:
        if settings.offline:
            raise ConnectionError("the model hub is not to be asked")
        config = parsed(body := fetched_config(name, settings))
        kept.keep(name, body)
        return config

    return Hub(catalog, fetch, kept=kept.read)

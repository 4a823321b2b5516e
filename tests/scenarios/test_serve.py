"""`ftcost serve` as a process: ready at once, finished with what it acknowledged, gone within its time."""

import json
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from patience import PATIENCE_SECONDS, until
from said import SEED, card, words
from serving import Serve, get, stores_below

from bot.http.server import READ_SECONDS
from bot.playground import SlackDouble
from bot.playground.faults import failing, slow
from bot.playground.state import APP_TOKEN, BOT_TOKEN


@contextmanager
def hangups(treated: signal.Handlers) -> Iterator[None]:
    """What starts meanwhile treats SIGHUP so, whether or not the tests themselves run under `nohup`."""
    before = signal.signal(signal.SIGHUP, treated)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


def test_it_answers_health_metrics_and_commands_and_ends_with_zero(serve: Serve, slack: SlackDouble) -> None:
    process = serve()
    address = process.address()
    slack.connect(f"{address}/slack/events")
    slack.slash_command(SEED)
    card(slack)
    assert get(address, "/healthz") == (200, "ok\n")
    assert get(address, "/readyz")[0] == 200
    until(lambda: "ftcost_working 0.0" in get(address, "/metrics")[1])
    metrics = get(address, "/metrics")[1]
    assert 'ftcost_ack_seconds_count{kind="http"} 1.0' in metrics
    assert 'ftcost_answers_total{outcome="fits"} 1.0' in metrics
    assert get(address, "/slack/events")[0] == 404
    status, log, seconds = process.stop()
    assert status == 0
    assert seconds < 20
    assert BOT_TOKEN not in log
    assert slack.signing_secret not in log
    answered = [entry for entry in map(json.loads, log.splitlines()) if entry["event"] == "answered"]
    assert [entry["command"] for entry in answered] == [SEED]


def test_health_and_metrics_have_an_address_of_their_own_where_one_is_given(
    serve: Serve, slack: SlackDouble
) -> None:
    process = serve(FTCOST_METRICS_ADDRESS="127.0.0.1:0")
    address = process.address()
    operators = re.search(r'"metrics": "(.*?)"', process.log[-1])
    assert operators
    slack.connect(f"{address}/slack/events")
    slack.slash_command(SEED)
    card(slack)
    assert get(operators[1], "/readyz")[0] == 200
    assert 'ftcost_ack_seconds_count{kind="http"} 1.0' in get(operators[1], "/metrics")[1]
    assert get(operators[1], "/slack/events")[0] == 404
    assert [get(address, path)[0] for path in ("/healthz", "/readyz", "/metrics")] == [404, 404, 404]


def test_an_address_that_is_none_ends_the_start_with_one_line(serve: Serve) -> None:
    process = serve(FTCOST_METRICS_ADDRESS="here")
    _, log = process.process.communicate(timeout=PATIENCE_SECONDS)
    assert process.process.returncode == 1
    assert log.splitlines() == [
        "FTCOST_METRICS_ADDRESS: 'here' is no host:port, the port a number up to 65535; "
        "write FTCOST_METRICS_ADDRESS=127.0.0.1:9464"
    ]


def resident_mb(process: subprocess.Popen[str]) -> float:
    """The most memory that the process has had so far."""
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


@pytest.mark.parametrize("sent", [b"", b"POST /slack/events HTTP/1.1\r\nX: ", b"large"])
def test_strangers_on_the_port_delay_no_command_and_fill_no_memory(
    serve: Serve, slack: SlackDouble, sent: bytes
) -> None:
    process = serve()
    address = process.address()
    slack.connect(f"{address}/slack/events")
    slack.slash_command(SEED)
    card(slack)
    before, port = resident_mb(process.process), int(address.rpartition(":")[2])
    strangers = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
    for each in strangers:
        with suppress(ConnectionError):
            each.sendall(
                b"POST / HTTP/1.1\r\nContent-Length: 900000\r\n\r\n" + b"x" * 800_000
                if sent == b"large"
                else sent
            )
    answer = slack.slash_command(SEED)
    assert answer.ok
    assert answer.seconds < READ_SECONDS, "it waited for them"
    for each in strangers:
        each.close()
    assert resident_mb(process.process) - before < 20


def test_without_redis_it_is_ready_and_says_that_it_is_degraded(serve: Serve, slack: SlackDouble) -> None:
    process = serve(REDIS_URL="redis://127.0.0.1:9/0")
    address = process.address()
    slack.connect(f"{address}/slack/events")
    assert get(address, "/readyz") == (200, "degraded\n")
    slack.slash_command(SEED)
    assert "939 steps" in words(card(slack))


def test_what_was_acknowledged_is_finished_before_the_end(serve: Serve, slack: SlackDouble) -> None:
    process = serve()
    slack.connect(f"{process.address()}/slack/events")
    slack.inject(slow("chat.postMessage", 0.5))
    assert slack.slash_command(SEED).ok
    status, _, _ = process.stop()
    assert status == 0
    assert len(slack.messages()) == 2  # the echo and the card


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_whatever_ends_it_its_store_ends_too(serve: Serve, tmp_path: Path, how: signal.Signals) -> None:
    with hangups(signal.SIG_DFL):
        process = serve()
    process.address()
    until(lambda: bool(stores_below(tmp_path)))
    assert process.stop(how)[0] == 0
    assert stores_below(tmp_path) == []


def test_a_hangup_that_nohup_ignores_ends_nothing(serve: Serve) -> None:
    with hangups(signal.SIG_IGN):
        process = serve()
    address = process.address()
    process.process.send_signal(signal.SIGHUP)
    assert get(address, "/healthz") == (200, "ok\n")
    assert process.stop()[0] == 0


def test_a_token_that_slack_refuses_ends_the_start_with_one_line(serve: Serve) -> None:
    process = serve(SLACK_BOT_TOKEN="xoxb-wrong", FTCOST_LOG="json:error")
    _, said = process.process.communicate(timeout=PATIENCE_SECONDS)
    assert process.process.returncode == 1
    assert said.splitlines() == ["SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)"]


def test_one_line_says_what_the_store_is_and_that_it_works(serve: Serve, tmp_path: Path) -> None:
    process = serve(FTCOST_REQUIRE_STORE="1")
    process.address()
    _, log, _ = process.stop()
    said = [entry for entry in map(json.loads, log.splitlines()) if entry["event"].startswith("store")]
    assert [entry["event"] for entry in said] == ["store works"]
    assert said[0]["store"].startswith(f"embedded Valkey in {tmp_path}/valkey (Valkey ")
    assert said[0]["budgets"] == "kept"


def test_one_line_says_that_the_store_does_not_work_and_the_bot_answers(serve: Serve) -> None:
    process = serve(REDIS_URL="redis://:hunter2@127.0.0.1:9/0")
    address = process.address()
    assert get(address, "/readyz") == (200, "degraded\n")
    process.until_it_says("does not work")
    _, log, _ = process.stop()
    said = [entry for entry in map(json.loads, log.splitlines()) if "does not work" in entry["event"]]
    assert [(entry["store"], entry["why"]) for entry in said] == [
        ("Redis at 127.0.0.1:9, database 0", "nothing listens there")
    ]
    assert "hunter2" not in log


def test_where_the_store_is_required_a_start_without_it_is_none(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for environ, line in (
        (
            {"REDIS_URL": "redis://:hunter2@127.0.0.1:9/0"},
            "REDIS_URL: Redis at 127.0.0.1:9, database 0: nothing listens there",
        ),
        ({"FTCOST_STATE_DIR": str(tmp_path / "file")}, "FTCOST_STATE_DIR: embedded Valkey in"),
    ):
        process = serve(FTCOST_REQUIRE_STORE="1", FTCOST_LOG="json:error", **environ)
        _, said = process.process.communicate(timeout=PATIENCE_SECONDS)
        assert process.process.returncode == 1
        assert said.startswith(line)
        assert said.count("\n") == 1
        assert "hunter2" not in said


def test_an_address_that_cannot_be_listened_on_ends_the_start_with_a_line_for_each(serve: Serve) -> None:
    port = serve().address().rpartition(":")[2]
    for environ, variables in (
        ({"PORT": port}, ["PORT"]),
        ({"HOST": "no-such-host.invalid"}, ["HOST"]),
        ({"HOST": "192.0.2.1"}, ["HOST"]),  # somebody else's
        ({"PORT": port, "FTCOST_METRICS_ADDRESS": f"127.0.0.1:{port}"}, ["PORT", "FTCOST_METRICS_ADDRESS"]),
    ):
        second = serve(FTCOST_LOG="json:error", **environ)
        _, said = second.process.communicate(timeout=PATIENCE_SECONDS)
        assert second.process.returncode == 1
        assert [line.partition(": cannot listen on ")[0] for line in said.splitlines()] == variables, said
        assert "attempting" not in said  # the address stands there once


def test_socket_mode_answers_commands_and_is_ready_while_it_is_connected(
    serve: Serve, slack: SlackDouble
) -> None:
    process = serve(SLACK_APP_TOKEN=APP_TOKEN)
    address = process.address()
    until(lambda: slack.hub.connections > 0)
    until(lambda: get(address, "/readyz")[0] == 200)
    assert get(address, "/healthz") == (200, "ok\n")
    assert slack.slash_command(SEED).ok
    posted = card(slack)
    slack.click(posted["ts"], "estimate_more", value="copy")
    slack.wait_for(slack.view)
    assert process.stop()[0] == 0
    until(lambda: slack.hub.connections == 0)


def test_a_socket_that_slack_refuses_is_tried_again(serve: Serve, slack: SlackDouble) -> None:
    slack.inject(failing("apps.connections.open", "internal_error"))
    process = serve(SLACK_APP_TOKEN=APP_TOKEN)
    until(lambda: slack.hub.connections > 0)
    assert slack.slash_command(SEED).ok
    card(slack)
    assert process.stop()[0] == 0


def test_an_app_token_that_slack_refuses_ends_the_start_with_one_line(serve: Serve) -> None:
    process = serve(SLACK_APP_TOKEN="xapp-wrong", FTCOST_LOG="json:error")
    _, said = process.process.communicate(timeout=PATIENCE_SECONDS)
    assert process.process.returncode == 1
    assert said.splitlines()[-1] == "SLACK_APP_TOKEN: Slack refuses it (invalid_auth)"

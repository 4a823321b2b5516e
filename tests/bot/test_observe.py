"""What an operator reads holds no secret, and no word that somebody typed beyond the spec."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator

import pytest
import structlog

from bot.observe import Metrics, configure_logging, get_log, without_secrets
from bot.settings import LogFormat

Logged = Callable[[LogFormat], io.StringIO]


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> Iterator[Logged]:
    """Configures logging into a buffer, and puts back what was there."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level

    def configured(log_format: LogFormat) -> io.StringIO:
        buffer = io.StringIO()
        monkeypatch.setattr(sys, "stderr", buffer)
        configure_logging(log_format, "info")
        return buffer

    yield configured
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.configure(**before)


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1234-abcd",
        "xoxe.xoxb-1-abc",
        "xapp-1-A0-abc",
        "https://hooks.slack.com/commands/T0/1/abc",
        "redis://user:hunter2@cache:6379/0",
    ],
)
def test_secrets_are_blotted_out(secret: str) -> None:
    said = without_secrets(None, "info", {"event": f"calling {secret} now", "n": 1})
    assert "[secret]" in said["event"]
    assert not {"1234", "abc", "hunter2"} & set(said["event"].replace("/", "-").split("-"))
    assert said["n"] == 1


def test_the_word_that_stands_for_a_password_is_no_secret() -> None:
    said = "it wants a password: redis://:PASSWORD@HOST:6379/0"
    assert without_secrets(None, "info", {"event": said})["event"] == said


def test_json_logs_are_one_object_a_line_with_the_trace_inside(logged: Logged) -> None:
    buffer = logged("json")
    try:
        int("xoxb-1234")
    except ValueError:
        get_log("bot.test").exception("it broke", reference="abcd1234")
    [entry] = map(json.loads, buffer.getvalue().splitlines())
    assert (entry["event"], entry["reference"], entry["level"]) == ("it broke", "abcd1234", "error")
    assert "ValueError" in entry["exception"]
    assert "1234" not in entry["exception"]


def test_a_trace_for_a_person_shows_no_variables(logged: Logged) -> None:
    buffer = logged("console")
    typed = "what " + "somebody typed"
    try:
        len(typed) // 0
    except ZeroDivisionError:
        get_log("bot.test").exception("it broke")
    assert "ZeroDivisionError" in buffer.getvalue()
    assert typed not in buffer.getvalue()


def test_the_records_of_libraries_come_out_the_same_way(logged: Logged) -> None:
    buffer = logged("json")
    logging.getLogger("some.library").warning("redis://me:hunter2@cache is slow")
    logging.getLogger("slack_sdk.web").info("a body")
    [entry] = map(json.loads, buffer.getvalue().splitlines())
    assert entry["logger"] == "some.library"
    assert "hunter2" not in entry["event"]


def test_every_process_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    with one.timed(one.acknowledged, "http"):
        pass
    name, labels = "ftcost_ack_seconds_count", {"kind": "http"}
    assert one.registry.get_sample_value(name, labels) == 1
    assert other.registry.get_sample_value(name, labels) is None

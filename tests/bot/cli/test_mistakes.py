"""What goes wrong in a terminal ends with a line that says it and a status."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from patience import PATIENCE_SECONDS
from run_ftcost import QUIET, SEED, ftcost

from bot.cli.estimate import answers
from bot.cli.group import main


def test_a_malformed_setting_ends_the_command_with_one_line() -> None:
    answers.cache_clear()
    result = ftcost(*SEED, FTCOST_PRICE_SOURCES="ebay")
    assert result.exit_code == 1
    assert result.stderr.startswith("FTCOST_PRICE_SOURCES:")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("prices", "reference: [x"),
        ("prices", "reference: 5"),
        ("defaults", "num_examples: -1"),
        ("prices", "overrides: 5"),
        ("prices", "overrides: [5]"),
        ("prices", "overrides: [{gpu: h100}]"),
        ("sellers", "in-house: {name: Ours}"),
        ("sellers", "in-house: {tier: B}"),
        ("sellers", "aws: {source: [vast]}"),
        ("sellers", "aws: A"),
    ],
)
def test_a_file_of_ones_own_that_cannot_be_read_ends_the_command_with_one_line(
    tmp_path: Path, name: str, text: str
) -> None:
    (tmp_path / f"{name}.yaml").write_text(text)
    answers.cache_clear()
    result = ftcost(*SEED, FTCOST_CONFIG_DIR=str(tmp_path))
    answers.cache_clear()
    assert result.exit_code == 1
    assert result.stderr.startswith("FTCOST_CONFIG_DIR:")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", [("serve",), ("playground", "--no-open", "--port", "0")])
def test_so_it_does_for_what_runs_long(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "prices.yaml").write_text("reference: 5")
    own = {"FTCOST_CONFIG_DIR": str(tmp_path), "FTCOST_STATE_DIR": str(tmp_path), "FTCOST_LOG": "json:error"}
    slack = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s"}
    done = subprocess.run(
        [sys.executable, "-m", "bot", *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=os.environ | QUIET | own | slack,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("FTCOST_CONFIG_DIR: prices.yaml")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("missing", ["SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"])
def test_serve_without_a_setting_ends_with_one_line_that_names_it(missing: str) -> None:
    environ = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "s", "SLACK_APP_TOKEN": ""}
    result = ftcost("serve", **(environ | {missing: ""}))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"{missing} is missing")
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("settings", "lang=zh"), "Here a line says it itself"),
        (("history",), "works in a Slack channel"),
        (("compare", "7b", "|"), "compare takes two runs or more"),
        (("7b", "--jsno"), "There is no option --jsno. Did you mean --json?"),
        (("7b", "--explan"), "Did you mean --explain?"),
        (("budget", "add", "5"), "budget add works in a Slack channel"),
        (("recipe", "foo", "7b"), "I write recipes for"),
        (("recipe", "trl", "7b full 1x4090"), "there is no recipe: ftcost 7b full 1xrtx-4090 says why"),
    ],
)
def test_what_cannot_be_done_here_is_said_and_has_a_status(args: tuple[str, ...], said: str) -> None:
    result = ftcost(*args)
    told = " ".join((result.output + (result.stderr or "")).split())
    assert said in told
    assert result.exit_code == 1
    assert not re.search(r":[a-z_]+:", told)


WRONG = (("7b", "bs=0"), ("help", "nosuch"), ("models", "nosuch"), ("gpus", "nosuch"), ("thanks",))


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_is_wrong_goes_to_standard_error_with_its_status(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip()


def test_an_old_terminal_is_drawn_the_nearest_signs() -> None:
    old = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "bot", "7b", "lora"]
    answered = subprocess.run(command, capture_output=True, check=False, env=old)
    assert (answered.returncode, answered.stderr) == (0, b"")
    assert b" x H200" in answered.stdout or b"1x " in answered.stdout
    assert b"?" not in answered.stdout.splitlines()[0]


def test_a_terminal_without_chinese_says_so_in_english() -> None:
    old = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "bot", "7b", "lora", "lang=zh"]
    answered = subprocess.run(command, capture_output=True, check=False, env=old)
    assert answered.returncode == 0
    assert answered.stderr.startswith(b"This terminal has no Chinese characters (")


def test_a_taken_port_is_named_with_its_address() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = CliRunner().invoke(main, ["playground", "--no-open", "--port", port])
    assert result.exit_code == 1
    assert f"127.0.0.1:{port}" in result.stderr


def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "bot", "gpus"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (found.returncode, found.stderr) == (1, "ftcost: No space left on device\n")

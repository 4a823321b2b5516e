"""The commands of `ftcost`: which there are, what begins one, and what their help says."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from run_ftcost import ftcost

from bot.cli.estimate import answers
from bot.cli.group import COMMANDS, main, routed


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("models", "qwen2.5"), "qwen2.5-7b"),
        (("gpus", "h100"), "H100"),
        (("prices", "4090"), "RunPod"),
        (("compare", "7b lora", "|", "7b qlora"), "LoRA"),
        (("help",), "n=10000"),
    ],
)
def test_a_command_of_the_language_is_a_command_of_the_terminal(args: tuple[str, ...], expected: str) -> None:
    result = ftcost(*args)
    assert result.exit_code == 0
    assert expected in result.output


def test_a_text_that_reads_as_a_spec_is_a_spec_even_if_it_begins_with_a_command() -> None:
    document = json.loads(ftcost("gpus", "8", "7b", "lora", "--json").output)
    assert document["spec"]["num_gpus"] == 8


@pytest.mark.parametrize(
    ("args", "first"),
    [
        (["7b"], "estimate"),
        (["--json", "7b"], "estimate"),
        (["serve"], "serve"),
        (["--version"], "--version"),
        ([], "--help"),
    ],
)
def test_a_word_that_is_no_command_begins_an_estimate(args: list[str], first: str) -> None:
    assert routed(args)[0] == first


def test_every_command_can_be_loaded_and_says_what_it_is_for() -> None:
    result = ftcost("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"  {name} " in result.output


@pytest.mark.parametrize("language", ["en", "zh"])
def test_help_says_the_defaults_of_the_installation(tmp_path: Path, language: str) -> None:
    own = "num_examples: 50000\nmethod: lora\noptimizer: lion\n"
    (tmp_path / "defaults.yaml").write_text(own, encoding="utf-8")
    answers.cache_clear()
    told = [
        ftcost("help", *said, "--lang", language, FTCOST_CONFIG_DIR=str(tmp_path)) for said in ((), ("n",))
    ]
    answers.cache_clear()
    assert ["50,000" in each.output for each in told] == [True, True]


def test_manifest_prints_what_slack_takes() -> None:
    assert "socket_mode_enabled: true" in ftcost("manifest").output
    assert "socket_mode_enabled: false" in ftcost("manifest", "http-mention").output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script(shell: str) -> None:
    assert "_FTCOST_COMPLETE" in ftcost("completion", shell).output


def test_the_version_needs_neither_slack_nor_the_catalog() -> None:
    heavy = ("slack_bolt", "yaml", "rich", "pydantic", "redis")
    code = f"""
import sys
from bot.cli.group import main
try:
    main(["--version"])
except SystemExit:
    print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_quotes_the_bar_that_a_shell_would_take_for_a_pipe() -> None:
    shown = " ".join(ftcost("help").output.split())
    assert "ftcost compare 7b lora '|' 7b full" in shown


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (
            ("compare", "7b lora 1xa100 | 7b qlora 1xa100"),
            "ftcost compare 7b lora 1xa100 '|' 7b qlora 1xa100",
        ),
        (("compare", "7b lroa 1xa100 | 7b full 4xa100"), "ftcost compare 7b lora 1xa100 '|' 7b full 4xa100"),
        (("7b", "lroa", "(budget=$5)"), "ftcost 7b lora '(budget=$5)'"),
        (("7b", "lroa", "5万条"), "ftcost 7b lora 5万条"),
    ],
)
def test_a_command_that_a_card_shows_reaches_the_program_through_a_shell(
    typed: tuple[str, ...], shown: str
) -> None:
    lines = [" ".join(line.split()) for line in ftcost(*typed).output.splitlines()]
    assert shown in lines
    said = subprocess.run(
        ("sh", "-c", f"""ftcost() {{ printf '%s ' "$@"; }}; {shown}"""),
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.split() == shown.replace("'", "").split()[1:]


def test_the_bot_is_imported_when_it_is_run_and_not_for_its_help() -> None:
    """Slack's SDK and the app take a second."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "slack_sdk" not in told.stderr


@pytest.mark.parametrize(
    "words", [("help",), ("help", "seq"), ("help", "fillers"), ("models", "qwen")], ids=" ".join
)
def test_what_is_found_goes_to_standard_output(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stderr) == (0, "")


def test_help_of_the_command_has_the_options_of_an_estimate() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(name in shown for name in ("--json", "--batch", "--explain", "--lang"))

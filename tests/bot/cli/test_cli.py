"""The `ftcost` command: what it prints, and how it ends."""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from patience import PATIENCE_SECONDS

from bot.cli.estimate import answers
from bot.cli.group import COMMANDS, main, routed
from bot.files import read_config

SEED = ("7b", "fp16", "n=10000", "bs=32")
FOUR_NUMBERS = {"total_gb": 64.59, "num_steps": 939, "train_seconds": 1408.5, "billed_hours": 3}


QUIET = {
    "LC_ALL": "",
    "LC_MESSAGES": "",
    "LANG": "",
    "FTCOST_PRICE_SOURCES": "",
    "REDIS_URL": "",
    "HF_HUB_OFFLINE": "1",
}


def ftcost(*args: str, stdin: str = "", **environ: str) -> Result:
    return CliRunner().invoke(main, args, input=stdin, env=QUIET | environ)


def test_the_default_command_prints_the_card_with_the_four_numbers() -> None:
    result = ftcost(*SEED)
    assert result.exit_code == 0
    for number in ("65 GB", "939 steps", "23 min", "¥81.24", "ftcost 7b fp16 n=10000 bs=32"):
        assert number in result.output


def test_json_is_the_documented_document() -> None:
    result = ftcost(*SEED, "--json")
    document = json.loads(result.output)
    assert document["schema_version"] == 2
    assert document["command"] == "7b fp16 n=10000 bs=32"
    rule = document["rule_of_thumb"]
    assert {name: rule[name] for name in FOUR_NUMBERS} == FOUR_NUMBERS
    assert rule["cost"] == {"amount": "81.24", "currency": "CNY"}


def test_a_source_that_is_down_stands_in_the_document_and_nowhere_else_on_standard_output(
    tmp_path: Path,
) -> None:
    nobody = "http://127.0.0.1:9/"
    raw = dict(read_config("price_sources"))
    raw["vast"] = dict(raw["vast"]) | {"url": nobody}
    raw["rates"] = dict(raw["rates"]) | {"ecb_url": nobody, "frankfurter_url": nobody}
    (tmp_path / "price_sources.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    place = str(tmp_path)
    answers.cache_clear()
    ran = ftcost(
        *SEED, "--json", FTCOST_PRICE_SOURCES="vast", FTCOST_CONFIG_DIR=place, FTCOST_STATE_DIR=place
    )
    answers.cache_clear()
    down = [each for each in json.loads(ran.stdout)["notes"] if each["code"] == "source_down"]
    assert [each["parameters"]["source"] for each in down] == ["vast"]


def test_a_text_in_one_argument_is_the_same_text() -> None:
    assert ftcost(" ".join(SEED), "--json").output == ftcost(*SEED, "--json").output


def test_what_does_not_fit_ends_with_three() -> None:
    result = ftcost("70b", "full", "1x4090", "mbs=1")
    assert result.exit_code == 3
    assert "✗" in result.output


@pytest.mark.parametrize("command", [("7b", "bs=0"), ("parse", "7b", "bs=0"), ("prices", "toaster")])
def test_a_mistake_ends_with_one(command: tuple[str, ...]) -> None:
    assert ftcost(*command).exit_code == 1


def test_the_problems_in_json_are_all_of_them() -> None:
    result = ftcost("7b", "bs=0", "ecpochs=3", "--json")
    assert result.exit_code == 1
    assert [problem["token"] for problem in json.loads(result.output)["problems"]] == ["bs=0", "ecpochs=3"]


@pytest.mark.parametrize(
    "environ", [{"LANG": "zh_CN.UTF-8"}, {"LC_ALL": "zh_CN.UTF-8", "LANG": "en_US.UTF-8"}]
)
def test_the_language_is_that_of_the_terminal(environ: dict[str, str]) -> None:
    assert "经验" in ftcost(*SEED, **environ).output


def test_the_language_can_be_named() -> None:
    assert "经验" in ftcost(*SEED, "--lang", "zh").output
    assert "经验" in ftcost(*SEED, "lang=zh").output


def test_explain_adds_the_maths_and_the_sources() -> None:
    assert len(ftcost(*SEED, "--explain").output) > 1.5 * len(ftcost(*SEED).output)


class TestParse:
    def test_it_prints_the_spec_alone(self) -> None:
        result = ftcost("parse", *SEED, "--json")
        assert json.loads(result.output) == {
            "model": "7b",
            "precision": "fp16",
            "num_examples": 10000,
            "global_batch_size": 32,
        }

    def test_a_base_is_changed_by_what_is_said(self) -> None:
        document = json.loads(ftcost("parse", "bs=16", "--base", " ".join(SEED), "--json").output)
        assert document["global_batch_size"] == 16
        assert document["model"] == "7b"

    def test_conversation_is_no_follow_up_and_no_error(self) -> None:
        result = ftcost("parse", "--base", "7b lora", "--plain", "--json", "thanks, looks good")
        assert (result.exit_code, json.loads(result.output)) == (0, {"followup": False})

    @pytest.mark.parametrize("text", ["", "please"])
    def test_nothing_said_is_a_call_for_help(self, text: str) -> None:
        result = ftcost("parse", text, "--json")
        assert (result.exit_code, json.loads(result.output)) == (0, {"help": True})

    def test_without_json_it_prints_a_line_a_field(self) -> None:
        assert "global_batch_size: 32" in ftcost("parse", *SEED).output.splitlines()

    def test_a_batch_answers_line_by_line_in_order(self) -> None:
        lines = [
            {"text": "7b bs=8"},
            {"text": "bs=0", "base": "7b"},
            {"text": "thanks", "base": "7b", "plain": True},
        ]
        result = ftcost(
            "parse", "--json", "--batch", "-", stdin="".join(json.dumps(line) + "\n" for line in lines)
        )
        first, second, third = map(json.loads, result.output.splitlines())
        assert result.exit_code == 0
        assert first["global_batch_size"] == 8
        assert second["problems"][0]["token"] == "bs=0"
        assert third == {"followup": False}


def test_a_batch_of_estimates_answers_line_by_line_in_order() -> None:
    lines = [
        '{"text": "7b lora"}',
        "nonsense",
        '{"text": "bs=16", "base": "7b lora"}',
        '{"text": "help"}',
        '{"text": "models"}',
    ]
    result = ftcost("--json", "--batch", "-", stdin="\n".join(lines) + "\n")
    estimate, nonsense, changed, help_, models = map(json.loads, result.output.splitlines())
    assert result.exit_code == 0
    assert estimate["options"]
    assert nonsense["problems"]
    assert changed["spec"]["global_batch_size"] == 16
    assert help_ == {"help": True}
    assert models == {"command": "models", "arguments": ""}


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


def test_an_empty_place_between_bars_is_no_run() -> None:
    result = ftcost("compare", "7b", "lora", "|", "|", "7b", "full", "4xa100")
    assert result.exit_code == 0
    assert "4× A100 80GB" in result.output


def test_the_help_of_a_batch_shows_a_line_that_it_reads(tmp_path: Path) -> None:
    shown = re.search(r"{.+?}", " ".join(ftcost("--help").output.split()))
    assert shown is not None
    lines = tmp_path / "lines"
    lines.write_text(shown[0])
    assert "problems" not in json.loads(ftcost("--json", "--batch", str(lines)).output)


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


def test_explain_may_come_first_and_a_trainers_flags_are_no_slips() -> None:
    assert "How the numbers come about" in ftcost("explain", "7b", "lora", "1xa100").output
    assert ftcost("7b", "lora", "--per_device_train_batch_size", "4").exit_code != 2


@pytest.mark.parametrize(
    ("args", "chinese"),
    [
        (("微调", "7b", "lora", "要多少钱"), "放得下"),
        (("gpus", "4090", "lang=zh"), "种 GPU"),
        (("prices", "h100", "lang=zh"), "个报价"),
        (("help", "bs", "lang=zh"), "取值"),
    ],
)
def test_chinese_is_answered_in_chinese_and_so_are_lists_that_ask_for_it(
    args: tuple[str, ...], chinese: str
) -> None:
    assert chinese in ftcost(*args).output


def test_the_bot_is_imported_when_it_is_run_and_not_for_its_help() -> None:
    """Slack's SDK and the app take a second."""
    told = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "bot", "serve", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "slack_sdk" not in told.stderr


WRONG = (("7b", "bs=0"), ("help", "nosuch"), ("models", "nosuch"), ("gpus", "nosuch"), ("thanks",))


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_what_is_wrong_goes_to_standard_error_with_its_status(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.strip()


@pytest.mark.parametrize(
    "words", [("help",), ("help", "seq"), ("help", "fillers"), ("models", "qwen")], ids=" ".join
)
def test_what_is_found_goes_to_standard_output(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, words)
    assert (result.exit_code, result.stderr) == (0, "")


def test_help_of_the_command_has_the_options_of_an_estimate() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert all(name in shown for name in ("--json", "--batch", "--explain", "--lang"))


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


@pytest.mark.parametrize("command", [(), ("parse",)])
def test_a_batch_answers_every_line_whatever_its_bytes(command: tuple[str, ...], tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_bytes(b'{"text": "7b lora"}\n\xff\xfe\n{"text": "13b lora"}\n')
    result = ftcost(*command, "--json", "--batch", str(lines))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3


def test_a_full_disk_is_one_sentence() -> None:
    with Path("/dev/full").open("w") as full:
        found = subprocess.run(
            [sys.executable, "-m", "bot", "gpus"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert (found.returncode, found.stderr) == (1, "ftcost: No space left on device\n")

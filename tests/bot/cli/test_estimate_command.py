"""`ftcost TEXT`: the card and the document of an estimate, and a batch of them."""

import json
import re
from pathlib import Path

import pytest
import yaml
from run_ftcost import SEED, ftcost

from bot.cli.estimate import answers
from bot.files import read_config

FOUR_NUMBERS = {"total_gb": 64.59, "num_steps": 939, "train_seconds": 1408.5, "billed_hours": 3}


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


@pytest.mark.parametrize("command", [(), ("parse",)])
def test_a_batch_answers_every_line_whatever_its_bytes(command: tuple[str, ...], tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_bytes(b'{"text": "7b lora"}\n\xff\xfe\n{"text": "13b lora"}\n')
    result = ftcost(*command, "--json", "--batch", str(lines))
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 3

"""`ftcost read` and `ftcost recipe`, as somebody types them."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bot.cli.group import main

EXAMPLES = Path(__file__).parent.parent / "language" / "pastes" / "examples"


def ftcost(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, list(words), input=typed, env={"HF_HUB_OFFLINE": "1", "LC_ALL": "C"})


def test_a_configuration_as_json() -> None:
    result = ftcost("read", str(EXAMPLES / "llamafactory.yaml"), "--json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["kind"], document["spec"]["num_epochs"]) == (0, "llama-factory", 3)
    assert "cutoff_len" in document["taken"]
    assert "template" in document["left_aside"]


def test_a_log_from_standard_input_as_json() -> None:
    result = ftcost("read", "-", "--json", typed=(EXAMPLES / "hf_end.txt").read_text(encoding="utf-8"))
    document = json.loads(result.stdout)
    assert document["measured"]["run_seconds"] == 7284.9321
    assert document["measured"]["num_steps"] == 940


@pytest.mark.parametrize("name", [each.name for each in sorted(EXAMPLES.iterdir())])
def test_every_example_has_a_card_or_a_line(name: str) -> None:
    result = ftcost("read", str(EXAMPLES / name))
    assert result.exit_code == 0
    assert result.stdout.strip()
    assert not result.exception


def test_what_is_not_recognised_is_said_with_status_1(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"\x00\xff" * 50)
    result = ftcost("read", str(tmp_path / "x"), "--json")
    assert result.exit_code == 1
    assert "neither" in json.loads(result.stdout)["problems"][0]["message"]
    assert ftcost("read", str(tmp_path / "nowhere")).exit_code == 1


def test_a_recipe_is_the_file_alone_and_reads_back(tmp_path: Path) -> None:
    result = ftcost("recipe", "axolotl", "llama-3.1-8b", "qlora", "r=32", "seq=4k", "4x4090", "mbs=2", "ga=4")
    assert result.exit_code == 0
    assert "base_model: meta-llama/Llama-3.1-8B" in result.stdout
    (tmp_path / "a.yaml").write_text(result.stdout, encoding="utf-8")
    spec = json.loads(ftcost("read", str(tmp_path / "a.yaml"), "--json").stdout)["spec"]
    assert (spec["model"], spec["lora_rank"], spec["sequence_length"]) == ("llama-3.1-8b", 32, 4096)
    assert (spec["micro_batch_size"], spec["gradient_accumulation_steps"], spec["num_gpus"]) == (2, 4, 4)


def test_a_recipe_among_the_words_is_the_same_file() -> None:
    words = ("torchtune", "llama-3.1-8b", "lora", "8xh100", "stack=torchtune")
    alone, among = ftcost("recipe", *words).stdout, ftcost(f"recipe {' '.join(words)}").stdout
    assert "  _component_: torchtune.models.llama3_1.lora_llama3_1_8b\n" in alone
    assert among.startswith(alone.rstrip("\n"))


@pytest.mark.parametrize(
    "line",
    [
        "llama-factory llama-3.1-8b full opt=galore zero3 8xa100 n=10k",
        "axolotl llama-3.1-8b full zero3 cp=4 8xh100 seq=64k n=1k",
    ],
)
def test_no_file_is_written_of_another_run(line: str) -> None:
    result = ftcost("recipe", *line.split())
    assert (result.exit_code, isinstance(result.exception, SystemExit)) == (1, True)
    assert "base_model" not in result.stdout
    assert "model_name_or_path" not in result.stdout


def test_a_recipe_for_an_unknown_tool_or_of_no_run_is_refused() -> None:
    assert ftcost("recipe", "emacs", "7b", "lora").exit_code == 1
    assert ftcost("recipe", "trl", "7b", "bs=0").exit_code == 1

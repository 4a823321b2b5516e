"""Command words in Chinese, and where such a word only names what follows."""

import pytest

from bot.language import Vocabulary, read
from bot.language.first_questions import language_asked


@pytest.mark.parametrize(
    ("text", "command", "arguments"),
    [
        ("价格 h100", "prices", "h100"),
        ("设置", "settings", ""),
        ("模型 qwen", "models", "qwen"),
        ("显卡 4090", "gpus", "4090"),
        ("对比 7b lora | 13b lora", "compare", "7b lora | 13b lora"),
        ("配方 trl 7b lora", "recipe", "trl 7b lora"),
        ("撤销", "undo", ""),
        ("帮助", "help", ""),
    ],
)
def test_a_command_has_a_chinese_word(names: Vocabulary, text: str, command: str, arguments: str) -> None:
    reading = read(text, names)
    assert (reading.command, reading.arguments) == (command, arguments)


def test_a_label_before_a_run_is_no_command(names: Vocabulary) -> None:
    (problem,) = read("模型 qwen2.5-7b loar 4090", names).problems
    assert problem.suggestions[0] == "lora"
    assert read("显卡只有一张4060 8G，能微调qwen2.5-1.5b吗", names).request is not None


@pytest.mark.parametrize("asked", ["语言=中文", "lang:zh", "Language = Chinese"])
def test_a_list_is_asked_for_in_any_spelling_of_the_language(asked: str) -> None:
    assert language_asked(f"gpus 4090 {asked}") == ("gpus 4090", "zh")

"""What the first reader of a process would wait for: patterns, tables of names, the search for near ones."""

from typing import Final

from bot.language.reader import read, read_plain
from bot.language.request import Request
from bot.language.vocabulary import Vocabulary
from bot.lazy_pattern import compile_waiting

_BASE: Final = Request.of_fields({"model": "7b", "method": "lora"})
_LINES: Final = (
    "7b lroa on 4xh10, 10k samples of 2k tokens",
    "用两张4090微调qwen2.5-7b，1万条数据，bs=16，两天内 预算500元",
    "is it cheaper on spot?",
    "what batch size did you use?",
    "优化器用的什么",
    "<https://huggingface.co/foo/bar|model> :fire: 70亿参数 mistal 7b",
    "p4d.24xlarge 2x a3-highgpu-8g 7b lora",
)
"""One of each kind of line, in both languages, mistakes among them."""


def warm_up(names: Vocabulary) -> None:
    """Read a few lines and compile what they left; the terminal, which reads one, does not."""
    for line in _LINES:
        read(line, names, _BASE)
        read_plain(line, names, _BASE)
    compile_waiting()

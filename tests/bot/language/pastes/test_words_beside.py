"""Words of a command before a paste: `/ftcost 4xa100 n=20k`, and the configuration behind or below it."""

import pytest
from read_pastes import paste_of

from bot.language import Vocabulary

TORCHRUN = "torchrun --nproc_per_node 4 train.py --model_name_or_path meta-llama/Llama-2-7b-hf --bf16 true"
YAML = "base_model: meta-llama/Llama-2-7b-hf\nload_in_4bit: true\nadapter: qlora\nmicro_batch_size: 2\n"
JSON = '{"model_name_or_path": "meta-llama/Llama-2-7b-hf", "per_device_train_batch_size": 4, "bf16": true}'


@pytest.mark.parametrize("said", ["4xa100 n=20k", "n=20k bs=64 1xh100", "用4张4090跑", "2x h100 要多久"])
@pytest.mark.parametrize("between", ["\n", " ", "\n\n", "\n# Model arguments\n", "\n### model\n"])
@pytest.mark.parametrize("pasted", [TORCHRUN, YAML, JSON])
def test_they_are_said_of_it(said: str, between: str, pasted: str, names: Vocabulary) -> None:
    paste = paste_of(f"{said}{between}{pasted}", names)
    assert (paste.around, paste.fields["model"]) == (said, "llama-2-7b")


@pytest.mark.parametrize(
    "said", ["4xa100 n=20k", "8xa100, n=207865", "两台8卡H100，20万条", "on 4xh100, n=20k?"]
)
@pytest.mark.parametrize("between", ["", "\n"])
def test_so_are_those_below_it(said: str, between: str, names: Vocabulary) -> None:
    assert paste_of(f"{YAML}{between}{said}", names).around == said


@pytest.mark.parametrize(
    ("above", "pasted"),
    [("# 4 x A100, 20k samples", YAML), ("# 4 GPUs", TORCHRUN), ("---", YAML), ("export GPUS=4", TORCHRUN)],
)
def test_a_comment_a_marker_and_a_line_of_a_shell_are_none(
    above: str, pasted: str, names: Vocabulary
) -> None:
    assert paste_of(f"{above}\n{pasted}", names).around == ""

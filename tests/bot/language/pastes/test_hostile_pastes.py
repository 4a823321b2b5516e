"""Nothing raises, nothing runs, nothing takes long, whatever is pasted."""
# ruff: noqa: E501  -- lines of logs and configurations are as long as they are

import json
from random import Random

import pytest
from draws import draws
from patience import was_quick
from work import calls_of

from bot.language import Vocabulary
from bot.language.pastes.paste import recognised
from bot.language.pastes.text import MAX_BYTES

SECONDS = 0.5
"""Ten times what a paste takes alone: coverage and a busy machine cost most of it."""
PIECES = (
    "base_model: a/b\n", "per_device_train_batch_size: 1e309\n", "- ", "  ", "{", "[", "(", '"', "'", "```", "&a ", "*a ", "!!python/object/apply:os.system ['x']\n",
    "TrainingArguments(", "lr=1e-4, ", "num_train_epochs=__import__('os'), ", "--deepspeed zero9 ", "torchrun ", "\\\n", "\x00", "\x1b[31m", "<@U1>", "<!channel>",
    "{'train_runtime': nan, ", "Tried to allocate 9e99 GiB", "1/0 [00:00<?, 0.0it/s]", "99999999MiB / 1MiB", "micro_batch_size: -1\n", "num_processes: 10000000000000\n", "全参: 是\n", "\t", "%", ": ", "| ",
    "model = dict(", "type=LoraConfig, ", "optim_wrapper = dict(type=open('/etc/passwd'))\n", "accumulative_counts *= 10**9\n", "from xtuner.model import x\n",
    "max_length = 2 ** 10 ** 10\n", "pack_to_max_length = (lambda: 1)()\n", "batch_size = [", "]", ")\n", "\u202e", "９９９", "٣", "e" * 40 + "=",
    "srun ", "bash -c '", "${", "A=(", "$A ", "#SBATCH --nodes=9\n", "CMD [", " && ", " | ", "litgpt finetune_lora ",
    "--num-layers 99999 --hidden-size 9999999 ", "trainer.devices=-1 ", "root@a:~# ", "\n# ",
)  # fmt: skip
BOMB = "a: &a [x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
XTUNER = "from xtuner.model import x\nmodel = dict(type=SupervisedFinetune)\npack_to_max_length = True\n"
LARGE = {
    "deep python": XTUNER + "a = " + "dict(a=" * 2_500,
    "python laughs": XTUNER
    + "a = dict()\n"
    + "".join(
        f"{b} = dict({','.join(f'k{i}={a}' for i in range(40))})\n"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ),
    "python lists": XTUNER
    + "a = [1]\n"
    + "".join(f"{b} = [{','.join([a] * 200)}]\n" for a, b in zip("abcdefgh", "bcdefghi", strict=True)),
    "python sum": XTUNER + "a = " + "1+" * 9_000 + "1\n",
    "python unary": XTUNER + "a = " + "-" * 15_000 + "1\n",
    "python names": XTUNER + "".join(f"a{i} = b{i}\n" for i in range(390)),
    "python attributes": XTUNER + "a = b" + ".c" * 9_000 + "\n",
    "python product": XTUNER + "a = 999999999\n" + "a *= a\n" * 300,
    "deep yaml": "base_model: x\nadapter: lora\na: " + "[" * 9_000,
    "deep block": "".join(f"{' ' * i}k{i}:\n" for i in range(150)),
    "deep json": '{"zero_optimization":' * 900,
    "deep call": "TrainingArguments(x=" + "(" * 9_000,
    "many calls": "LoraConfig(r=1," * 1_300,
    "many calls in quotes": "LoraConfig('\"" * 1_500,
    "unary": "SFTConfig(a=" + "-" * 15_000 + "1)",
    "sum": "SFTConfig(a=" + "1+" * 9_000 + "1)",
    "billion laughs": BOMB + "base_model: x\nadapter: lora\n",
    "one long line": "--a " * 4_900,
    "continued": "torchrun \\\n" + "--x 1 \\\n" * 390,
    "quotes": "swift sft --model '" + '"' * 15_000,
    "wide table": ("| 0 NVIDIA " + " " * 40) * 300 + "1MiB / 2MiB",
    "slashes": "1/1 [" * 3_900,
    "spaces": "Iter(train) [" + " " * 18_000,
    "binary": "\x00\x01\x02" * 6_000 + "base_model: x",
    "keys": "".join(f"k{i}: {i}\n" for i in range(390)),
    "numbers": "lora_r: " + "9" * 19_000 + "\nbase_model: x\nadapter: lora",
    "digits of a log": "Tried to allocate " + "9" * 19_000,
    "equals": "a=" * 9_900,
    "names": "A" * 19_900 + ":",
    "shell laughs": "a=$b$b$b$b\n"
    + "".join(f'{b}="{" ".join([f"${a}"] * 40)}"\n' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + "torchrun $i --lora_r 8\n",
    "shell lists": "torchrun ${a[@]}\n" + "a=(--x 1 " * 1_900,
    "shell uses": "a='--lora_r 8 '\ntorchrun " + "$a" * 9_000,
    "shell defaults": "torchrun " + "${a:-" * 3_900,
    "bash in bash": "bash -c '" * 2_000 + "torchrun --x 1",
    "wrappers": "srun sudo nohup time env " * 800 + "torchrun --x 1",
    "prompts": "(base) root@host:~" * 1_000,
    "slurm": "#SBATCH --gres=gpu:a100:8\n" * 390 + "srun torchrun --x 1",
    "commands": "torchrun --lora_r 8 a.py && " * 700,
    "remarks": "a # " * 4_900,
    "objects": '{"a": ' * 3_000,
}


@pytest.mark.untraced
@pytest.mark.parametrize("name", LARGE)
def test_large_and_deep_pastes_are_quick(name: str, names: Vocabulary) -> None:
    recognised("base_model: x\nadapter: lora\n", names)  # what is loaded once
    assert was_quick(lambda: recognised(LARGE[name][:MAX_BYTES], names), SECONDS)


@pytest.mark.untraced
@pytest.mark.parametrize("name", LARGE)
def test_a_paste_twice_as_long_takes_twice_the_work(name: str, names: Vocabulary) -> None:
    whole = LARGE[name][:MAX_BYTES]
    half = whole[: len(whole) // 2]
    recognised(whole, names)  # what is loaded once
    took = [calls_of(lambda text=text: recognised(text, names)) for text in (half, whole)]  # type: ignore[misc]
    assert took[1] < 2.6 * took[0] + 60_000  # half of it may be no paste at all


@pytest.mark.untraced
def test_no_heap_of_pieces_raises(names: Vocabulary) -> None:
    random = Random(12)
    for _ in range(draws(250, 3_000)):
        text = "".join(random.choices(PIECES, k=random.randint(1, 30)))
        paste = recognised(text, names)
        if paste is not None:
            paste.document()
            _ = paste.spec


def test_too_long_is_not_looked_at(names: Vocabulary) -> None:
    text = "base_model: x\nadapter: lora\n"
    assert recognised(text, names) is not None
    assert recognised(text + "#" * MAX_BYTES, names) is None
    assert recognised(text + "\n" * 400, names) is None


def test_nothing_of_a_file_is_run(names: Vocabulary, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        XTUNER + "max_length = print('ran') or 4096\nbatch_size = 2\naccumulative_counts = [print('too')]\n"
    )
    paste = recognised(text, names)
    assert paste is not None
    assert paste.fields["micro_batch_size"] == 2
    assert "sequence_length" not in paste.fields
    assert capsys.readouterr().out == ""


def test_nothing_is_run(names: Vocabulary, capsys: pytest.CaptureFixture[str]) -> None:
    text = "TrainingArguments(num_train_epochs=print('ran') or 3, per_device_train_batch_size=2)"
    paste = recognised(text, names)
    assert paste is not None
    assert "num_epochs" not in paste.fields
    assert capsys.readouterr().out == ""


@pytest.mark.untraced
@pytest.mark.parametrize("number", ["9" * 400, "1e400", "9" * 5_000])
@pytest.mark.parametrize(
    "log",
    [
        "{'train_runtime': N, 'train_samples_per_second': 4.1, 'epoch': N}",
        "'loss' Num examples = N\nTotal optimization steps = N\nNum Epochs = N\n",
        "Tried to allocate N GiB",
        "12/939 [00:18<22:30, Ns/it]",
        "trainable params: N || all params: N",
        "Iter(train) [ N/ N] time: N memory: N loss: N",
        '{"_wandb": {"runtime": N}, "_runtime": N, "_step": 3, "epoch": N, "system.gpu.0.memoryAllocatedBytes": N}',
        "batch_size_per_device: 4\nnum_train_epochs: N\nper_device_train_batch_size: N\nmodel_name_or_path: 7b\n",
    ],
)
def test_no_number_is_infinite(names: Vocabulary, log: str, number: str) -> None:
    paste = recognised(log.replace("N", number), names)
    assert paste is None or json.dumps(paste.document(), allow_nan=False)

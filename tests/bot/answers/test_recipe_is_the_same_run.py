"""A recipe that is called the same run is the same run when it is read back; all others say what they are."""

from random import Random

import pytest
from draws import draws
from prices_on_a_day import prices_as_of

from bot.answers.answers import Answerer
from bot.answers.estimates import PricedEstimate
from bot.answers.reply import Asker, Reply
from bot.bootstrap import service_for
from bot.language.tools.registry import RECIPES
from bot.settings import settings_from
from estimator.result import Option

ALEX = Asker(language="en", surface="terminal", user_id="U1")
SPECS = draws(40, 800)
WORDS = {
    "model": ("llama-3.1-8b", "qwen2.5-7b", "7b", "llama-3.1-70b"),
    "method": ("lora", "qlora", "full", "dora", "lora int8", "freeze"),
    "gpus": ("a100", "4090", "2x4090", "2xa100", "8xa100", "8xh100", "16xh100 nodes=2"),
    "spread": (
        *("", "", "ddp", "fsdp", "zero1", "zero2", "zero3", "fsdp offload", "zero2 offload"),
        *("zero3 offload", "zero3 offload=params", "fsdp cp=2", "zero3 cp=2", "tp=2"),
    ),
    "optimizer": ("", "", "opt=adamw8bit", "opt=galore", "opt=muon", "opt=paged-adamw8bit", "opt=adafactor"),
    "rest": (
        *("", "", "gc=none", "gc=full", "gc=selective", "liger", "attn=eager", "pure", "fp16", "mbs=1 ga=4"),
        *("packing", "unpacked", "targets=q_proj,v_proj", "steps=200", "bs=64"),
    ),
    "sizes": ("n=10k seq=512", "n=1k seq=4k", "n=10k"),
}


@pytest.fixture(scope="module")
def answers() -> Answerer:
    settings = settings_from({"HOME": "/nowhere", "HF_HUB_OFFLINE": "1"})
    return Answerer(service_for(settings, prices_as_of()))


def written(answers: Answerer, tool: str, line: str) -> Reply:
    return answers.reply(answers.read(f"recipe {tool} {line}"), ALEX)


def run_of(answers: Answerer, line: str) -> Option | None:
    spec = answers.read(line).spec
    answered = answers.answered(spec, ALEX) if spec else None
    return answered.estimate.headline if isinstance(answered, PricedEstimate) else None


def read_back(answers: Answerer, reply: Reply, gpu: str) -> Option | None:
    """What `ftcost read` makes of it, on the GPU that most tools leave to the machine."""
    paste = answers.read(reply.card.blocks[0]["text"]["text"]).paste
    assert paste is not None
    spec = paste.spec
    spec = spec if spec.gpu else spec.model_copy(update={"gpu": gpu})
    answered = answers.answered(spec, ALEX)
    return answered.estimate.headline if isinstance(answered, PricedEstimate) else None


@pytest.mark.untraced
@pytest.mark.parametrize("tool", [key for key, each in RECIPES.items() if each.stack])
def test_the_same_run_reads_back_as_the_same_run(tool: str, answers: Answerer) -> None:
    random, same = Random(tool), 0
    for _ in range(SPECS):
        line = " ".join(random.choice(words) for words in WORDS.values())
        asked, reply = run_of(answers, line), written(answers, tool, line)
        if asked is None or not reply.card.text.startswith(":scroll: The same run"):
            continue
        same += 1
        found = read_back(answers, reply, asked.plan.gpu)
        assert found is not None, line
        assert found.memory.verdict is asked.memory.verdict, line
        assert found.plan.sequences_per_step == asked.plan.sequences_per_step, line
    assert same or tool == "torchtune"


@pytest.mark.parametrize(
    ("tool", "line", "said"),
    [
        ("axolotl", "llama-3.1-70b qlora 2x4090 fsdp offload n=10k seq=512", "offload_params: true"),
        ("axolotl", "llama-3.1-8b full 2xa100 zero3 offload n=10k", "offload_optimizer:"),
        ("axolotl", "llama-3.1-8b full fsdp cp=4 8xh100 seq=64k n=1k", "context_parallel_size: 4"),
        ("axolotl", "llama-3.1-8b full 8xa100 zero2 n=10k", "stage: 2"),
        ("trl", "llama-3.1-8b full 2xa100 zero3 offload n=10k", "offload_optimizer:"),
        ("swift", "llama-3.1-8b full 2xa100 zero3 offload n=10k", '"offload_optimizer"'),
        ("llama-factory", "llama-3.1-8b full 8xa100 zero1 n=10k", "stage: 1"),
    ],
)
def test_what_decides_memory_is_said(tool: str, line: str, said: str, answers: Answerer) -> None:
    assert said in written(answers, tool, line).card.blocks[0]["text"]["text"]


@pytest.mark.parametrize(
    ("tool", "line", "names"),
    [
        ("axolotl", "llama-3.1-8b full zero3 cp=4 8xh100 seq=64k n=1k", ("cp=4", "swift", "xtuner")),
        ("trl", "llama-3.1-8b full 8xh100 opt=muon n=10k", ("opt=muon", "llama-factory")),
        ("swift", "llama-3.1-8b lora a100 gc=selective", ("selective",)),
        ("torchtune", "llama-3.1-8b lora a100 fp16", ("fp16", "llama-factory")),
        (
            "trl",
            "llama-3.1-70b qlora 2x4090 fsdp offload n=10k seq=512",
            ("offload", "axolotl", "accelerate"),
        ),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_a_tool_cannot_say_is_refused(
    tool: str, line: str, names: tuple[str, ...], language: str, answers: Answerer
) -> None:
    asker = Asker(language=language, surface="terminal", user_id="U1")  # type: ignore[arg-type]
    reply = answers.reply(answers.read(f"recipe {tool} {line}"), asker)
    assert reply.outcome == "help"
    said = str(reply.card.blocks)
    assert [name for name in names if name not in said] == []


def test_a_tool_with_other_engines_writes_its_own_plan_and_says_so(answers: Answerer) -> None:
    reply = written(answers, "torchtune", "7b lora a100")
    assert reply.outcome == "done"
    assert "torchtune's own plan of this run" in reply.card.text
    assert "ZeRO-2" in reply.card.text


def test_a_launcher_says_that_it_is_a_part(answers: Answerer) -> None:
    said = written(answers, "accelerate", "llama-3.1-8b full 8xa100 fsdp n=10k").card.text
    assert said.startswith(":scroll: How this run is spread")

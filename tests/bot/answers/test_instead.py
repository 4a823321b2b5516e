"""What is offered instead of a line that is refused: each such line is read, and runs."""

import random
from itertools import product

import pytest
from draws import draws
from prices_on_a_day import prices_as_of

from bot.answers.answers import Answerer
from bot.answers.reply import Asker
from bot.bootstrap import service_for
from bot.cards.error import corrected
from bot.settings import settings_from
from estimator.defaults import resolve_model
from estimator.planner.feasibility import check
from estimator.spec import TrainingSpec

FRAMEWORKS = (
    "",
    "trl",
    "llama-factory",
    "unsloth",
    "torchtune",
    "torchtitan",
    "megatron",
    "litgpt",
    "xtuner",
)
ENGINES = ("", "fsdp", "deepspeed", "engine=megatron")
STAGES = ("", "zero1", "zero2", "zero3", "ddp")
OTHERS = ("", "pure", "tp=2", "cp=2", "pp=2", "offload", "tp=2 pure", "offload pure", "tp=2 cp=2")
COMBINATIONS = [" ".join(parts) for parts in product(FRAMEWORKS, ENGINES, STAGES, OTHERS)]
TRIED = random.Random(8).sample(COMBINATIONS, draws(200, len(COMBINATIONS)))
ALEX = Asker(language="en")
MISTAKES = (
    "7b lora mbs=4 ga=8 bs=16 1xa100",
    "7b lora mbs=3 ga=8 bs=32",
    "7b fp8 1xa100",
    "7b bf16 1xv100 flash",
    "7b tp=6 6xh100",
    "7b pp=64 64xh100",
    "7b lora targets=c_attn",
    "7b seq=max",
    "7b lora 25gb",
    "7b h10 h100",
    "qwn2.5-7b lora 1xh10",
    "compare 7b trl tp=2 4xh100 | 7b 8xa100",
)


@pytest.fixture(scope="module")
def answers() -> Answerer:
    settings = settings_from({"HOME": "/nowhere", "HF_HUB_OFFLINE": "1"})
    return Answerer(service_for(settings, prices_as_of()))


def offered(answers: Answerer, text: str) -> list[str]:
    """The lines that the buttons of a refusal would run; none where nothing is wrong."""
    reading = answers.read(text)
    if reading.request is not None and _runs(answers, reading.request.spec):
        return []
    reply = answers.reply(reading, ALEX)
    assert reply.problems, text
    return [line for _, line in corrected(text, reply.problems)]


def _runs(answers: Answerer, spec: TrainingSpec) -> bool:
    catalog = answers.service.catalog
    gpu = catalog.gpu(spec.gpu) if spec.gpu else None
    try:
        check(spec, resolve_model(spec.model or "", catalog)[0], gpu, catalog)
    except Exception:  # noqa: BLE001  -- any refusal at all
        return False
    return True


@pytest.mark.untraced
@pytest.mark.parametrize("at", range(8))
def test_every_line_that_is_offered_for_a_wrong_pair_runs(answers: Answerer, at: int) -> None:
    wrong = 0
    for combination in TRIED[at::8]:
        lines = offered(answers, f"7b full 8xh100 {combination}")
        wrong += bool(lines)
        for line in lines:
            request = answers.read(line).request
            assert request is not None, (combination, line)
            assert _runs(answers, request.spec), (combination, line)
    assert wrong > len(TRIED) / 8 / 4


@pytest.mark.parametrize("text", MISTAKES)
def test_every_line_that_is_offered_is_answered(answers: Answerer, text: str) -> None:
    lines = [line for _, line in corrected(text, answers.reply(answers.read(text), ALEX).problems)]
    assert lines
    for line in lines:
        assert answers.reply(answers.read(line), ALEX).outcome in {"fits", "does_not_fit", "done"}, line

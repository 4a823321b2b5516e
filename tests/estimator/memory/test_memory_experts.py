"""Routed experts under a packed base: packed where they are modules, in 16 bit where they are one tensor."""

import pytest
from memory_jobs import job

from estimator.memory.result import Phase
from estimator.units import GIB

MIXTRAL = "mixtral-8x7b qlora {} targets=qkvo mbs=1 1xh200 ckpt"
MIXTRAL_EXPERTS = 32 * 8 * 3 * 4096 * 14336


def weights_gib(text: str) -> float:
    return job(text).phases()[Phase.STEP].weights / GIB


@pytest.mark.parametrize(
    ("stack", "packs"),
    [
        ("hf", False),
        ("hf@5.0", False),
        ("hf@4.57", True),
        ("hf@4.48.1", True),
        ("trl", False),
        ("trl@0.25", True),
        ("llama-factory", False),
        ("llama-factory@0.9.3", True),
        ("swift", False),
        ("swift@3.8", True),
        ("axolotl", True),
        ("axolotl@0.14", False),
        ("axolotl@0.12", True),
        ("unsloth", True),
        ("unsloth@2026-04", False),
        ("unsloth@2025-12", True),
    ],
)
def test_releases_pack_the_experts_of_mixtral_or_leave_them(stack: str, *, packs: bool) -> None:
    experts = MIXTRAL_EXPERTS * (0.516 if packs else 2) / GIB
    rest = weights_gib(MIXTRAL.format(stack)) - experts
    assert 0 < rest < 2.5


@pytest.mark.parametrize(
    ("model", "packs"),
    [
        ("qwen3-30b-a3b", True),
        ("glm-4.5-air", True),
        ("deepseek-v3", True),
        ("gpt-oss-20b", False),
        ("llama-4-scout", False),
        ("dbrx-132b", False),
        ("granite-3.0-3b-a800m", False),
    ],
)
def test_some_families_had_one_tensor_before_transformers_5(model: str, *, packs: bool) -> None:
    before, now = (weights_gib(f"{model} qlora {stack} mbs=1 1xh200 ckpt") for stack in ("hf@4.57", "hf"))
    assert (before < 0.5 * now) is packs


def test_models_with_code_of_their_own_have_modules_still() -> None:
    before, now = (
        weights_gib(f"deepseek-moe-16b qlora {stack} mbs=1 1xh200 ckpt") for stack in ("hf@4.57", "hf")
    )
    assert before == pytest.approx(now)


def test_a_checkpoint_in_gptq_is_packed_whatever_loads_it() -> None:
    assert weights_gib(MIXTRAL.format("gptq hf")) == pytest.approx(
        weights_gib(MIXTRAL.format("gptq hf@4.57"))
    )


def test_int8_finds_modules_alone_as_well() -> None:
    before, now = (
        weights_gib(f"mixtral-8x7b lora int8 {stack} mbs=1 1xh200 ckpt targets=qkvo")
        for stack in ("hf@4.57", "hf")
    )
    assert now - before == pytest.approx(MIXTRAL_EXPERTS * (2 - 1.001) / GIB, rel=0.01)


def test_preparing_a_base_casts_its_loose_experts_to_fp32() -> None:
    """Whatever is no Params4bit: peft utils/other.py, prepare_model_for_kbit_training."""
    plain, prepared = (weights_gib(MIXTRAL.format(words)) for words in ("hf", "hf prepare-kbit"))
    assert prepared - plain > MIXTRAL_EXPERTS * 2 / GIB


def test_sharded_experts_are_gathered_in_16_bit() -> None:
    loose, packed = (
        job(f"mixtral-8x7b qlora {stack} targets=qkvo mbs=1 8xh100 fsdp ckpt").phases()[Phase.BLOCK].temporary
        for stack in ("hf", "hf@4.57")
    )
    assert loose - packed > MIXTRAL_EXPERTS / 32 * (2 - 0.516) / GIB


@pytest.mark.parametrize("stack", ["hf", "hf@4.57"])
def test_the_explanation_has_loose_experts_apart_and_divides_what_is_shared(stack: str) -> None:
    terms = {term.code: term for term in job(f"mixtral-8x7b qlora {stack} mbs=1 8xh100 zero3 ckpt").terms()}
    adapters = terms["adapters"]
    assert adapters.parameters["ranks"] == 8
    assert adapters.size_bytes == pytest.approx(
        float(str(adapters.parameters["adapter_params"])) * 2 / 8, rel=0.01
    )
    if stack == "hf":
        experts = terms["weights_unpacked"]
        assert experts.parameters["expert_params"] == MIXTRAL_EXPERTS
        assert experts.size_bytes == pytest.approx(MIXTRAL_EXPERTS * 2 / 8, rel=0.01)
    else:
        assert "weights_unpacked" not in terms

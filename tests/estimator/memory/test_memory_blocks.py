"""What a block keeps: the sums of docs/formulas.md, symbol by symbol."""

import pytest
from memory_jobs import CATALOG, job

from estimator.memory.families import local_share
from estimator.memory.number_formats import numerics
from estimator.memory.rank import ranks
from estimator.memory.result import Phase
from estimator.model.arch import ModelArch


def kept(text: str) -> tuple[float, float, float]:
    """Bytes a token, a score, and whatever the batch, of one block."""
    asked = job(f"{text} mbs=1 seq=1024 1xa100-80gb no-ckpt")
    (rank,) = ranks(asked.workload, asked.plan, asked.framework)
    (_, block) = rank.blocks[-1]
    return block.token_bytes, block.score_bytes, block.fixed_bytes


def symbols(arch: ModelArch) -> dict[str, float]:
    return {
        "h": arch.hidden_size,
        "q": arch.query_width,
        "k": arch.key_value_width,
        "n": arch.num_attention_heads,
        "f": arch.intermediate_size or 0,
        "r": 16,
    }


@pytest.mark.parametrize(
    ("text", "token", "score"),
    [
        ("llama-3.1-8b full bf16 pure sdpa", "16*h + 8 + 4*q + 4*k + 4*n + 8*f", "0"),
        ("llama-3.1-8b full bf16 pure flash", "16*h + 8 + 4*q + 4*k + 4*n + 8*f", "0"),
        ("llama-3.1-8b full bf16 pure eager", "16*h + 8 + 8*q + 8*f", "6*n"),
        ("llama-3.1-8b full bf16 pure flash liger", "8*h + 8 + 4*q + 4*k + 4*n + 6*f", "0"),
        ("llama-3.1-8b full bf16 pure flash liger loss-only", "16*h + 8 + 4*q + 4*k + 4*n + 8*f", "0"),
        ("llama-3.1-8b full bf16 pure flash liger axolotl", "16*h + 8 + 4*q + 4*k + 4*n + 8*f", "0"),
        ("llama-3.1-8b full bf16 pure sdpa padded", "16*h + 8 + 8*q + 4*n + 8*f", "2"),
        ("llama-3.1-8b full bf16 amp sdpa", "26*h + 8 + 4*q + 4*k + 4*n + 8*f", "0"),
        ("llama-7b full fp32 sdpa", "24*h + 8 + 8*q + 8*k + 4*n + 16*f", "0"),
        ("llama-3.1-8b full fp32 sdpa", "24*h + 8 + 16*q + 4*n + 16*f", "4*n"),
        ("qwen3-8b full bf16 pure sdpa", "16*h + 8 + 4*q + 4*k + 4*n + 8*f + 6*(q + k) + 4*(n + 8)", "0"),
        ("llama-3.1-8b lora bf16 sdpa targets=none", "8*h + 8 + 4*q + 4*k + 4*n + 6*f", "0"),
        ("llama-3.1-8b lora bf16 sdpa", "28*h + 8 + 8*q + 4*k + 4*n + 10*f + 28*r", "0"),
        ("llama-3.1-8b lora bf16 sdpa autocast", "18*h + 8 + 6*q + 4*k + 4*n + 8*f + 14*r", "0"),
        ("llama-3.1-8b lora bf16 sdpa adapter=bf16", "12*h + 8 + 4*q + 4*k + 4*n + 8*f + 14*r", "0"),
        ("llama-3.1-8b qlora bf16 sdpa autocast", "12*h + 8 + 4*q + 4*k + 4*n + 8*f + 14*r", "0"),
        (
            "llama-3.1-8b qlora bf16 sdpa autocast prepare-kbit",
            "18*h + 8 + 4*q + 4*k + 4*n + 14*f + 14*r",
            "0",
        ),
        ("llama-3.1-8b qlora bf16 flash unsloth", "8*h + 8 + 4*q + 4*k + 4*n + 4*f + 14*r", "0"),
        ("llama-3.1-8b qlora bf16 sdpa unsloth", "8*h + 8 + 8*q + 4*n + 4*f + 14*r", "0"),
        ("qwen2-7b lora bf16 flash unsloth", "12*h + 8 + 4*q + 4*k + 4*n + 4*f + 14*r", "0"),
        ("mixtral-8x7b full bf16 pure sdpa", "16*h + 8 + 4*q + 4*k + 4*n + 2*(4*h + 8*f)", "0"),
        ("gpt2 full bf16 pure sdpa", "18*h + 16 + 4*n + 10*f", "0"),
        ("pythia-6.9b full bf16 pure sdpa", "20*h + 16 + 4*n + 4*f", "0"),
        ("opt-6.7b full bf16 pure sdpa", "18*h + 16 + 4*n + 2*f", "0"),
        ("gemma-2-2b full bf16 pure eager", "4*(8*h + 4) + 4*h + 8*q + 8*f", "8*n"),
    ],
)
def test_a_block_keeps_what_simulation_says(text: str, token: str, score: str) -> None:
    values = symbols(job(f"{text} mbs=1 seq=1024 1xa100-80gb no-ckpt").workload.arch)
    if values["f"] == 0:
        values["f"] = 14336
    token_bytes, score_bytes, _ = kept(text)
    assert token_bytes == pytest.approx(eval(token, {}, values))  # noqa: S307  -- formulas of this file
    assert score_bytes == eval(score, {}, values)  # noqa: S307  -- formulas of this file


def test_dropout_of_adapters_adds_a_mask_for_every_target() -> None:
    dry = kept("llama-7b lora bf16 autocast")[0]
    dropped = kept("llama-7b lora bf16 autocast dropout=0.05")[0]
    assert dropped - dry == 5 * 4096 + 4096 + 11008


def test_autocast_keeps_a_copy_of_every_fp32_weight() -> None:
    assert kept("llama-7b full bf16 amp")[2] == 2 * (4 * 4096**2 + 3 * 4096 * 11008)


def test_fsdp_casts_no_weights() -> None:
    asked = job("llama-7b full bf16 amp mbs=1 seq=1024 8xa100-80gb fsdp")
    formats = numerics(asked.workload, asked.plan, asked.framework)
    assert (formats.casts_weights, formats.residual_bytes) == (False, 2)
    assert numerics(asked.workload, asked.plan._replace(zero_stage=2), asked.framework).residual_bytes == 4


@pytest.mark.parametrize(
    ("key", "share"),
    [("llama-3.1-8b", 0), ("gemma-2-2b", 1 / 2), ("gemma-3-4b", 5 / 6), ("phi-3-mini", 1)],
)
def test_windows_are_those_of_the_configuration(key: str, share: float) -> None:
    assert local_share(CATALOG.models[key]) == pytest.approx(share)


def test_fsdp1_keeps_the_gradient_of_every_blocks_input_under_adapters() -> None:
    """2h (L - 2) a token: Llama-3.1-8B has 32 blocks of 4096."""
    text = "llama-3.1-8b lora bf16 mbs=2 seq=2048 2xa100-80gb ckpt {}"
    sharded, whole = (job(text.format(how)).phases()[Phase.BLOCK].activations for how in ("fsdp", "ddp"))
    assert sharded - whole == 2 * 4096 * (32 - 2) * 2 * 2048


def test_dora_multiplies_an_identity_as_wide_as_the_widest_input() -> None:
    text = "llama-3.1-8b {} bf16 mbs=1 1xa100-80gb ckpt"
    dora, lora = (job(text.format(method)).phases()[Phase.BLOCK].temporary for method in ("dora", "lora"))
    assert dora - lora == 8 * 14336**2


@pytest.mark.parametrize(("release", "wide"), [("2025-02", 2), ("2025-03", 1)])
def test_one_function_for_matrices_and_adapters_writes_gradients_over_what_it_kept(
    release: str, wide: int
) -> None:
    """unsloth/kernels/fast_lora.py: the gradient of the product, and until 2025-03 the adapter's addend."""
    asked = job(f"llama-3.1-8b qlora bf16 mbs=1 seq=1024 1xa100-80gb ckpt unsloth@{release}")
    (rank,) = ranks(asked.workload, asked.plan, asked.framework)
    assert rank.blocks[-1][1].gradient_width_bytes == 2 * (wide * 14336 + 4096)


@pytest.mark.parametrize("apart", ["lora dropout=0.1", "dora"])
def test_adapters_that_no_function_takes_keep_an_input_each(apart: str) -> None:
    text = "llama-3.1-8b {} bf16 flash unsloth"
    assert kept(text.format(apart))[0] > kept(text.format("lora"))[0] + 2 * 14336

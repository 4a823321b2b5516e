"""The last round of a product's tiles: what it costs where a product has few outputs."""

import pytest
from time_jobs import CALIBRATION, CATALOG, job

from estimator.time.layers import layer_cost


def gemm(command: str) -> float:
    return next(part.seconds for part in job(command).step.parts if part.what == "gemm")


DENSE = "llama-2-7b {} bf16 pure mbs=1 ga=1 seq={} 1xa100-80gb no-ckpt flash hf packing"


@pytest.mark.parametrize("method", ["full", "lora"])
def test_few_tokens_take_longer_each(method: str) -> None:
    def a_token(tokens: int) -> float:
        return gemm(DENSE.format(method, tokens)) / tokens

    assert a_token(512) > 1.1 * a_token(2048) > 1.1 * a_token(32_768)


def test_a_frozen_base_walks_down_features_alone() -> None:
    """Its time is a line in the tokens that starts at two walks down the features of every product."""
    one, two = (gemm(DENSE.format("lora", tokens)) for tokens in (2048, 4096))
    features = 32 * (8 * 4096 + 3 * (4096 + 11_008)) / 2
    step = CALIBRATION.value("gemm_loop_cycles") / (CALIBRATION.value("clock_ghz.ampere") * 1e9)
    assert 2 * one - two == pytest.approx(2 * features * step)


def test_weight_gradients_of_narrow_layers_are_slow() -> None:
    """A walk down the tokens for each of few tiles: FLOP for FLOP a narrow model takes longer."""
    command = "{} full bf16 pure mbs=8 ga=1 seq=1024 1xa100-80gb no-ckpt flash hf packing"

    def a_weight(model: str) -> float:
        cost = layer_cost(CATALOG.model(model))
        return gemm(command.format(model)) / (cost.active_weights * cost.num_layers)

    assert a_weight("gpt2") > 1.2 * a_weight("llama-2-7b")


def test_experts_in_a_group_walk_side_by_side() -> None:
    """Those that are launched one by one walk one after another."""
    command = "qwen3-30b-a3b full bf16 pure mbs=1 ga=1 seq=4096 8xh100 fsdp no-ckpt flash {} packing"
    assert gemm(command.format("hf")) > 1.5 * gemm(command.format("torchtitan"))


def test_a_faster_clock_walks_faster() -> None:
    def few(gpu: str) -> float:
        return 2 * gemm(f"llama-2-7b lora bf16 mbs=1 ga=1 seq=1024 1x{gpu} no-ckpt flash hf packing") - gemm(
            f"llama-2-7b lora bf16 mbs=1 ga=1 seq=2048 1x{gpu} no-ckpt flash hf packing"
        )

    assert few("rtx-4090") < 0.6 * few("a100-80gb")

"""The last round of a product's tiles: what it costs where a product has few outputs."""

from dataclasses import replace

import pytest
from time_jobs import CALIBRATION, CATALOG, Job, job

from estimator.time.layers import layer_cost


def gemm(command: str) -> float:
    return gemm_of(job(command))


def gemm_of(one: Job) -> float:
    return next(part.seconds for part in one.step.parts if part.what == "gemm")


def walk_step(clock: str) -> float:
    return CALIBRATION.value("gemm_walk_cycles") / (CALIBRATION.value(f"clock_ghz.{clock}") * 1e9)


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
    step = walk_step("ampere")
    assert 2 * one - two == pytest.approx(2 * features * step)


def test_weight_gradients_of_narrow_layers_are_slow() -> None:
    """A walk down the tokens for each of few tiles: FLOP for FLOP a narrow model takes longer."""
    command = "{} full bf16 pure mbs=8 ga=1 seq=1024 1xa100-80gb no-ckpt flash hf packing"

    def a_weight(model: str) -> float:
        cost = layer_cost(CATALOG.model(model))
        return gemm(command.format(model)) / (cost.active_weights * cost.num_layers)

    assert a_weight("gpt2") > 1.2 * a_weight("llama-2-7b")


def test_experts_in_a_group_walk_side_by_side() -> None:
    """Those that are launched one by one walk one after another: down their features, and all tokens."""
    one = job("qwen3-30b-a3b full bf16 pure mbs=1 ga=1 seq=4096 8xh100 fsdp no-ckpt flash hf@4.57 packing")
    assert one.framework.loops_over_experts
    grouped = replace(one, framework=one.framework.model_copy(update={"loops_over_experts": False}))
    experts, visited = one.workload.arch.num_experts or 0, one.workload.arch.num_experts_per_tok or 0
    cost = layer_cost(one.workload.arch)
    features = (experts - 1) * cost.expert_features / 2
    tokens = cost.expert_products * 4096 * visited * (1 - 1 / experts)
    more = one.workload.arch.num_layers * (2 * features + tokens) * walk_step("hopper")
    assert gemm_of(one) - gemm_of(grouped) == pytest.approx(more)


@pytest.mark.parametrize(("model", "least", "most"), [("nemotron-h-56b", 2.0, 2.5), ("llama-2-7b", 7, 7)])
def test_products_are_those_of_the_mean_layer(model: str, least: float, most: float) -> None:
    """A hybrid's mixers have fewer than its attention."""
    assert least <= layer_cost(CATALOG.model(model)).dense_products <= most


@pytest.mark.parametrize(("gpu", "ghz"), [("l4", 2.04), ("a30", 1.44), ("rtx-4090", 2.52), ("l40s", 2.52)])
def test_a_gpu_walks_at_its_own_clock_where_it_differs_from_its_family(gpu: str, ghz: float) -> None:
    command = f"qwen2.5-0.5b lora bf16 mbs=1 ga=1 seq={{}} 1x{gpu} no-ckpt flash hf packing"
    start = 2 * gemm(command.format(4096)) - gemm(command.format(8192))
    same = command.replace(gpu, "a100-80gb")
    ampere = 2 * gemm(same.format(4096)) - gemm(same.format(8192))
    assert start / ampere == pytest.approx(1.41 / ghz, rel=0.01)

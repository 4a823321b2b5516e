"""FLOPs against hand counts and published ones."""

import pytest
from time_jobs import CATALOG, job

from estimator.spec import Checkpointing
from estimator.time.flops import Selective, attended_tokens, kernel_runs, model_flops_per_token, step_flops
from estimator.time.layers import layer_cost

HALF = Selective(layer=0.5, attention=0.0)


def test_a_dense_model_needs_about_six_flops_a_parameter_and_token() -> None:
    workload = job("llama-2-7b full mbs=1 seq=512 1xa100-80gb").workload
    assert model_flops_per_token(workload) / workload.arch.num_params == pytest.approx(6, rel=0.02)


def test_llama_3_405b_matches_its_paper() -> None:
    """3.8e25 FLOPs for 15.6e12 tokens at 8192 (arXiv:2407.21783, section 3.2.1): 6 N D, attention aside."""
    workload = job("llama-3.1-405b full mbs=1 seq=8192 8xh100 fsdp").workload
    assert model_flops_per_token(workload) * 15.6e12 == pytest.approx(3.8e25, rel=0.06)


def test_a_frozen_base_needs_no_weight_gradients() -> None:
    full = model_flops_per_token(job("llama-2-7b full mbs=1 seq=512 1xa100-80gb").workload)
    lora = model_flops_per_token(job("llama-2-7b lora mbs=1 seq=512 1xa100-80gb").workload)
    assert lora / full == pytest.approx(2 / 3, rel=0.02)


def test_freezing_all_but_the_last_layers_saves_most_of_the_backward() -> None:
    full = model_flops_per_token(job("llama-2-7b full mbs=1 seq=512 1xa100-80gb").workload)
    freeze = model_flops_per_token(job("llama-2-7b freeze mbs=1 seq=512 1xa100-80gb").workload)
    assert 1 / 3 < freeze / full < 0.45


def test_only_the_experts_a_token_visits_count() -> None:
    workload = job("mixtral-8x7b full mbs=1 seq=512 8xh100 fsdp").workload
    active = workload.arch.num_active_params
    assert model_flops_per_token(workload) == pytest.approx(6 * active, rel=0.03)


def test_full_checkpointing_adds_one_forward() -> None:
    one = job("llama-2-7b full mbs=1 seq=512 1xa100-80gb ckpt")
    model, hardware = step_flops(one.workload, one.plan, selective=HALF)
    assert hardware / model == pytest.approx(4 / 3, rel=0.02)


def test_selective_checkpointing_lies_between() -> None:
    workload = job("llama-2-7b full mbs=1 seq=512 1xa100-80gb").workload
    none, selective, full = (kernel_runs(workload, kind, HALF).gemm for kind in Checkpointing)
    assert (none, selective, full) == (3, 3.5, 4)


def test_selective_checkpointing_of_megatron_runs_attention_again_and_nothing_else() -> None:
    workload = job("llama-2-7b full mbs=1 seq=512 1xa100-80gb").workload
    again = kernel_runs(workload, Checkpointing.SELECTIVE, Selective(layer=0.0, attention=1.0))
    once = kernel_runs(workload, Checkpointing.NONE, HALF)
    assert again == once._replace(attention=once.attention + 1)


def test_a_causal_token_looks_back_on_half_the_sequence() -> None:
    assert attended_tokens(layer_cost(CATALOG.model("llama-2-7b")), 8192) == 4096


def test_a_window_bounds_what_a_token_looks_back_on() -> None:
    cost = layer_cost(CATALOG.model("gemma-2-9b"))
    assert (cost.local_share, cost.window) == (0.5, 4096)
    local, whole = 4096 - 4096**2 / (2 * 32768), 16384
    assert attended_tokens(cost, 32768) == pytest.approx((local + whole) / 2)


def test_the_active_weights_of_the_layers_are_the_models() -> None:
    for model, arch in CATALOG.models.items():
        if arch.hybrid:
            continue
        cost = layer_cost(arch)
        embeddings = arch.vocab_size * arch.hidden_size * (1 if arch.tie_word_embeddings else 2)
        of_layers = arch.num_active_params - embeddings - arch.extra_params  # looked up, not multiplied
        assert cost.active_weights * cost.num_layers == pytest.approx(of_layers, rel=0.1), model

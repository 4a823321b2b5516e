"""Exact counts: every model of the catalog, every adapter of the simulated runs."""

import csv
from pathlib import Path

import pytest

from bot.cli.validate import reader_of
from bot.files import load_catalog
from estimator.defaults import settle
from estimator.model.adapters import ALL_LINEAR, layer_adapters
from estimator.model.layers import model_shape
from estimator.model.params import num_active_params, num_params
from estimator.workload import num_trainable_params

CATALOG = load_catalog()
READ = reader_of(CATALOG)
WHOLE = [key for key in CATALOG.models if not CATALOG.models[key].hybrid]
HYBRID = [key for key in CATALOG.models if CATALOG.models[key].hybrid]
PUBLISHED = Path(__file__).parents[2] / "published" / "simulated_memory.csv"
with PUBLISHED.open(encoding="utf-8", newline="") as stream:
    RUNS = {row["id"]: row for row in csv.DictReader(stream)}
ADAPTED = {key: row for key, row in RUNS.items() if row["num_trainable_params"]}


def test_the_shape_explains_every_parameter() -> None:
    for key in WHOLE:
        arch = CATALOG.models[key]
        assert num_params(arch) == arch.num_params, key
        assert num_active_params(arch) == arch.num_active_params, key


@pytest.mark.parametrize("key", HYBRID)
def test_the_mixers_of_hybrids_are_nearly_all_of_the_rest(key: str) -> None:
    arch = CATALOG.models[key]
    assert num_params(arch) == arch.num_params
    assert abs(model_shape(arch).extra_params) <= 2e-4 * arch.num_params


@pytest.mark.parametrize("row", ADAPTED.values(), ids=ADAPTED)
def test_trainable_parameters_are_those_of_the_real_run(row: dict[str, str]) -> None:
    workload = settle(READ(row["spec"]), CATALOG).workload
    assert num_trainable_params(workload) == int(row["num_trainable_params"])


@pytest.mark.parametrize(
    ("key", "targets", "names"),
    [
        ("llama-3.1-8b", ("q_proj", "v_proj"), ["q_proj", "v_proj"]),
        ("phi-3-mini", ALL_LINEAR, ["qkv_proj", "o_proj", "gate_up_proj", "down_proj"]),
        ("qwen-7b", ("c_attn",), ["c_attn"]),
        ("qwen-7b", ALL_LINEAR, ["c_attn", "c_proj", "w1", "w2", "c_proj"]),
        ("baichuan-7b", ("W_pack",), ["W_pack"]),
        ("gpt2", ALL_LINEAR, ["c_attn", "c_proj", "c_fc", "c_proj"]),
        ("falcon-7b", ("q_proj", "v_proj"), ["query_key_value"]),
        ("pythia-6.9b", ALL_LINEAR, ["query_key_value", "dense", "dense_h_to_4h", "dense_4h_to_h"]),
        ("gpt3-6.7b", ALL_LINEAR, ["linear_qkv", "linear_proj", "linear_fc1", "linear_fc2"]),
        ("deepseek-v2-lite", ("kv_b_proj",), ["kv_b_proj"]),
    ],
)
def test_targets_are_found_under_the_names_of_the_family(
    key: str, targets: tuple[str, ...], names: list[str]
) -> None:
    arch = CATALOG.models[key]
    adapters = layer_adapters(arch, model_shape(arch).layers[0], targets)
    assert [adapter.linear.name for adapter in adapters] == names


def test_a_part_of_a_fused_matrix_is_adapted_alone() -> None:
    arch = CATALOG.models["falcon-7b"]
    (adapter,) = layer_adapters(arch, model_shape(arch).layers[0], ("q_proj", "v_proj"))
    assert adapter.out_features == arch.query_width + arch.key_value_width


@pytest.mark.parametrize(
    ("key", "num_adapted"),
    [("mixtral-8x7b", 10_813_568), ("qwen3-30b-a3b", 20_482_048), ("olmoe-1b-7b", 11_568_128)],
)
def test_experts_are_adapted_as_peft_adapts_them(key: str, num_adapted: int) -> None:
    """Per layer and r=16, beside attention: counted on PEFT 0.21's own models."""
    arch = CATALOG.models[key]
    layer = model_shape(arch).layers[-1]
    every = layer_adapters(arch, layer, ALL_LINEAR)
    attention = layer_adapters(arch, layer, ("q_proj", "k_proj", "v_proj", "o_proj"))
    counted = sum(adapter.num_params(16) for adapter in every)
    assert counted - sum(adapter.num_params(16) for adapter in attention) == num_adapted


def test_unsloth_adapts_the_fused_matrices_of_experts_where_targets_are_open() -> None:
    """642,514,944 is what a run of Unsloth prints (r=16); the router stays frozen."""
    by_default = settle(READ("qwen3-30b-a3b qlora r=16 unsloth"), CATALOG).workload
    assert num_trainable_params(by_default) == 642_514_944
    attention = settle(READ("qwen3-30b-a3b qlora r=16 unsloth targets=qkvo"), CATALOG).workload
    assert num_trainable_params(attention) == 642_514_944 - 629_145_600
    dense = settle(READ("llama-3.1-8b qlora r=16 unsloth"), CATALOG).workload
    assert dense.lora_targets == ALL_LINEAR


def test_freeze_trains_two_layers() -> None:
    workload = settle(READ("llama-7b freeze"), CATALOG).workload
    assert num_trainable_params(workload) == 2 * model_shape(workload.arch).layers[0].num_params


def test_dora_has_a_magnitude_an_output() -> None:
    lora = settle(READ("llama-7b lora r=8"), CATALOG).workload
    dora = settle(READ("llama-7b dora r=8"), CATALOG).workload
    outputs = 32 * (4 * 4096 + 2 * 11008 + 4096)
    assert num_trainable_params(dora) - num_trainable_params(lora) == outputs

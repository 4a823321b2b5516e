"""Communication: alpha-beta rings, overlap."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from time_jobs import CALIBRATION, job

from estimator.time.communication import (
    context_parallel_seconds,
    exposed_seconds,
    ring_seconds,
    sharding_seconds,
)
from estimator.time.layers import travelling_bytes
from estimator.time.micro_batch import MicroBatch, micro_batch
from estimator.time.rates import rates


@given(traffic=st.floats(0, 100), compute=st.floats(0, 100), exposed=st.floats(0, 1), hiding=st.floats(0, 1))
def test_no_more_is_exposed_than_there_is(
    traffic: float, compute: float, exposed: float, hiding: float
) -> None:
    seconds = exposed_seconds(traffic, compute, exposed=exposed, hiding=hiding)
    assert traffic * exposed - 1e-9 <= seconds <= traffic + 1e-9


def test_traffic_hides_behind_enough_compute() -> None:
    assert exposed_seconds(1.0, 100.0, exposed=0.0, hiding=0.5) < 0.01


@pytest.mark.parametrize("words", ["1xh100", "1xh100 ckpt"])
def test_one_card_talks_to_nobody(words: str) -> None:
    step = job(f"llama-3-8b lora mbs=1 seq=1024 {words}").step
    assert next(part.seconds for part in step.parts if part.what == "communication") == 0


def test_a_slow_network_costs_more_than_nvlink() -> None:
    command = "llama-3-8b full bf16 amp mbs=1 ga=1 seq=1024 {} fsdp ckpt flash hf"
    inside, across = (job(command.format(words)) for words in ("8xa100-80gb", "64xa100-80gb"))
    assert across.seconds > inside.seconds


def test_a_rack_is_one_nvlink_domain() -> None:
    command = "llama-3-70b full bf16 amp mbs=1 ga=1 seq=4096 32x{} zero1 tp=4 ckpt flash megatron"
    rack, island = (
        next(part.seconds for part in job(command.format(gpu)).step.parts if part.what == "communication")
        for gpu in ("gb200", "b200")
    )
    assert rack < island


@pytest.mark.parametrize(
    ("words", "entry_bytes"),
    [("full bf16", 2), ("full fp32", 4), ("qlora nf4", 0.516), ("qlora gptq", 0.521), ("lora int8", 1.001)],
)
def test_weights_travel_as_they_are_stored_or_computed(words: str, entry_bytes: float) -> None:
    run = job(f"llama-2-7b {words} mbs=1 ga=1 2xa100-80gb fsdp")
    assert travelling_bytes(run.workload, run.framework) == pytest.approx(entry_bytes, abs=0.001)


def test_experts_that_are_not_packed_travel_in_16_bit() -> None:
    packed, loose = (job(f"mixtral-8x7b qlora hf{release} 2xa100-80gb fsdp") for release in ("@4.57", ""))
    assert travelling_bytes(packed.workload, packed.framework) == pytest.approx(0.516, abs=0.001)
    assert 1.9 < travelling_bytes(loose.workload, loose.framework) < 2


def test_fp32_gradients_take_longer_to_travel() -> None:
    def traffic(words: str) -> float:
        step = job(f"llama-3.2-1b full {words} mbs=1 ga=1 16xa100-80gb ddp").step
        return next(part.seconds for part in step.parts if part.what == "communication")

    assert traffic("fp32") > 1.2 * traffic("bf16")


def one_pass(command: str) -> MicroBatch:
    """The micro batch of `command` on one of its cards."""
    asked = job(command)
    rate = rates(asked.gpu, asked.framework, asked.workload.precision, CALIBRATION, compiled=False)
    return micro_batch(asked.workload, asked.plan, asked.framework, rate, CALIBRATION)


def sharding(words: str) -> float:
    """Traffic of sharding that nothing hides, in seconds."""
    return sharding_seconds(
        one_pass(f"llama-2-7b full {words} mbs=1 ga=1 seq=4096 8xh100-80gb torchtitan"), 0.0
    )


def test_shards_of_weights_are_gathered_twice_and_gradients_scattered_once() -> None:
    assert sharding("bf16 amp fsdp") / sharding("bf16 amp zero2") == pytest.approx(3, rel=0.05)


def test_fp8_gathers_travel_in_fp8() -> None:
    assert sharding("fp8 amp fsdp") / sharding("bf16 amp fsdp") == pytest.approx(2 / 3, rel=0.05)


def test_keys_and_values_go_round_once_a_sweep_and_their_gradients_once() -> None:
    command = "llama-2-7b full bf16 amp mbs=1 ga=1 seq=32768 8xh100-80gb cp=8 megatron {}"
    again, once = (context_parallel_seconds(one_pass(command.format(how))) for how in ("ckpt", "no-ckpt"))
    assert again / once == pytest.approx(4 / 3)


def test_a_small_collective_takes_its_latency() -> None:
    one = one_pass("llama-2-7b full bf16 amp mbs=1 ga=1 2xh100-80gb fsdp")
    latency = 1e-6 * (CALIBRATION.value("collective_microseconds") + CALIBRATION.value("rank_microseconds"))
    assert ring_seconds(one, 0.0, 2, 8) == pytest.approx(latency)


def test_all_cards_of_a_rack_are_one_domain() -> None:
    assert one_pass("llama-2-7b full bf16 amp mbs=1 ga=1 8xgb200 fsdp").rates.links.domain_gpus == 72

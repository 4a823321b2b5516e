"""The run: steps, visible lines, pinned values, impossible claims."""

from dataclasses import replace

import pytest
from time_jobs import CALIBRATION, SEVEN_B, job

from estimator.time import impossible_step, num_steps, time_estimate
from estimator.time.result import TimeEstimate
from estimator.time.run import NOT_MEASURED


def estimate_of(command: str) -> TimeEstimate:
    one = job(command)
    return time_estimate(
        one.workload, one.schedule, one.plan, gpu=one.gpu, framework=one.framework, calibration=CALIBRATION
    )


@pytest.mark.parametrize(
    ("words", "steps"),
    [
        ("n=10000 bs=32 epochs=3", 939),
        ("n=10000 bs=32 epochs=0.5", 157),
        ("n=10 bs=32 epochs=1", 1),
        ("n=10000 bs=32 epochs=3 torchtune", 936),
        ("n=10 bs=32 epochs=1 torchtune", 1),
        ("tokens=10m bs=32 epochs=2", 612),
        ("n=10000 bs=32 epochs=3 steps=77", 77),
        ("tokens=10m bs=32 mean=256 epochs=1", 1221),
        ("tokens=10m bs=32 mean=256 packing epochs=1", 306),
        ("n=10000 bs=32 mean=256 packing epochs=1", 79),
        ("n=10000 bs=32 mean=256 epochs=1", 313),
        ("n=10000 bs=32 mean=5000 packing epochs=1", 313),
    ],
)
def test_steps_follow_the_data_and_the_loader(words: str, steps: int) -> None:
    one = job(f"llama-7b full seq=1024 mbs=32 1xa100-80gb {words}")
    assert num_steps(one.workload, one.schedule, one.framework) == steps


def test_a_mean_length_changes_the_tokens_and_not_the_steps() -> None:
    one = job("llama-3-8b lora bf16 n=1000 bs=8 mbs=1 seq=4096 1xa100-80gb")
    short = replace(one.workload, mean_length=1024)
    assert num_steps(short, one.schedule, one.framework) == num_steps(
        one.workload, one.schedule, one.framework
    )
    run = time_estimate(
        short, one.schedule, one.plan, gpu=one.gpu, framework=one.framework, calibration=CALIBRATION
    )
    tokens = one.plan.sequences_per_step * 1024
    assert run.tokens_per_second_per_gpu.likely == pytest.approx(tokens / run.step_seconds.likely)


@pytest.mark.parametrize("data", ["tokens=10m", "n=40000 epochs=1", "n=40000 epochs=1 packing"])
def test_every_token_of_the_data_takes_time(data: str) -> None:
    run = estimate_of(f"llama-3-8b lora bf16 bs=8 mbs=1 mean=250 seq=4096 1xa100-80gb {data}")
    paid = run.tokens_per_second_per_gpu.likely * run.lines[0].seconds
    assert paid == pytest.approx(10_000_000, rel=0.01)


def test_the_longest_sample_is_no_shorter_than_a_mean_said_alone() -> None:
    assert job("llama-7b lora mean=3000 mbs=1 1xa100-80gb").workload.sequence_length == 3000
    assert job("llama-7b lora mean=300 mbs=1 1xa100-80gb").workload.sequence_length == 1024


def test_the_lines_sum_to_a_clean_run() -> None:
    run = estimate_of(SEVEN_B)
    assert [line.what for line in run.lines] == [
        "training",
        "evaluation",
        "checkpoints",
        "start-up",
        "warm-up",
    ]
    assert sum(line.seconds for line in run.lines) == pytest.approx(run.run_seconds.likely)


def test_training_is_nearly_all_of_a_long_run() -> None:
    run = estimate_of(SEVEN_B)
    assert run.lines[0].seconds > 0.9 * run.run_seconds.likely


def test_ranges_are_ordered_and_name_their_group() -> None:
    run = estimate_of(SEVEN_B)
    for quantity in (run.step_seconds, run.run_seconds, run.tokens_per_second_per_gpu):
        assert 0 < quantity.low < quantity.likely < quantity.high
    assert "full" in run.basis.group
    assert run.basis.n >= 8


def test_a_pinned_step_is_taken_as_it_is() -> None:
    run = estimate_of(f"{SEVEN_B} step=12s")
    assert (run.step_seconds.low, run.step_seconds.likely, run.step_seconds.high) == (12, 12, 12)
    assert run.lines[0].seconds == 939 * 12
    assert run.basis.group == "pinned"


def test_a_pinned_utilisation_gives_the_step() -> None:
    run = estimate_of(f"{SEVEN_B} mfu=0.4")
    assert run.mfu == pytest.approx(0.4)
    assert run.step_seconds.likely == pytest.approx(run.step.model_flops / (0.4 * 312e12))


def test_a_step_of_one_and_a_half_seconds_needs_more_than_the_card_has() -> None:
    one = job(SEVEN_B)
    claim = impossible_step(one.workload, one.plan, one.gpu, 1.5)
    assert claim is not None
    needed, peak = claim
    assert needed / 1e12 == pytest.approx(883, abs=0.5)
    assert peak == 312e12


def test_a_possible_step_is_not_refused() -> None:
    one = job(SEVEN_B)
    assert impossible_step(one.workload, one.plan, one.gpu, 10) is None


def test_no_estimate_of_ours_is_impossible() -> None:
    one = job(SEVEN_B)
    assert impossible_step(one.workload, one.plan, one.gpu, one.seconds) is None


def test_an_unmeasured_stack_or_card_has_a_wider_range() -> None:
    known = estimate_of("llama-3-8b qlora nf4 mbs=1 seq=2048 1xa100-80gb hf").step_seconds
    unseen = estimate_of("llama-3-8b qlora nf4 mbs=1 seq=2048 1xp100 hf").step_seconds
    assert unseen.high / unseen.low > known.high / known.low


def test_many_experts_one_by_one_are_said_not_to_be_measured() -> None:
    command = "{} lora bf16 mbs=1 ga=1 seq=2048 8xh100 fsdp ckpt {}"
    looped = estimate_of(command.format("qwen3-30b-a3b", "hf@4.57"))
    assert (looped.basis.group, looped.basis.n) == (NOT_MEASURED, 0)
    few = estimate_of(command.format("mixtral-8x7b", "hf@4.57"))
    assert few.basis.n > 0
    assert looped.step_seconds.high / looped.step_seconds.low > few.step_seconds.high / few.step_seconds.low


def test_offload_has_a_wider_range() -> None:
    command = "llama-2-7b full amp bf16 mbs=1 seq=1024 4xa100-80gb zero3 {} deepspeed"
    plain, offloaded = (estimate_of(command.format(word)).step_seconds for word in ("", "offload"))
    assert offloaded.high / offloaded.low > plain.high / plain.low


PAGED = "torchtune full pure bf16 mbs=2 ga=1 seq=512"


def offload_seconds(words: str) -> float:
    parts = estimate_of(f"{PAGED} {words}").step.parts
    return next(part.seconds for part in parts if part.what == "offload")


def test_paged_states_that_find_no_room_cross_the_host_link_twice() -> None:
    """54 GB of a 7B's beside 24 GB: more than 30 of them, at 18 GB/s."""
    words = "llama-2-7b {} 1xrtx-4090"
    run, resident = (estimate_of(f"{PAGED} {words.format(opt)}") for opt in ("opt=paged_adamw", "opt=adamw"))
    assert 2 * 30 / 18 < offload_seconds(words.format("opt=paged_adamw")) < 2 * 54 / 18
    assert run.bound_by == "offload"
    assert not run.is_published
    assert (
        run.step_seconds.high / run.step_seconds.low > resident.step_seconds.high / resident.step_seconds.low
    )


@pytest.mark.parametrize(
    "words",
    [
        "llama-2-7b opt=paged_adamw 1xa100-80gb",  # meta-pytorch/torchtune#990: more than a step a second
        "llama-3-8b opt=paged_adamw8bit 1xa100-80gb",  # and no slower in 8 bit
        "llama-2-7b opt=adamw 1xrtx-4090",
        "llama-2-70b opt=paged_adamw 64xa100-80gb fsdp",
    ],
)
def test_paged_states_that_find_room_cost_nothing(words: str) -> None:
    assert offload_seconds(words) == 0


def test_shards_of_paged_states_are_each_ranks_own() -> None:
    """69 GB of 552 on each of eight, beside 51 GiB of tensors (meta-pytorch/torchtune#987)."""
    assert 0 < offload_seconds("llama-2-70b opt=paged_adamw 8xa100-80gb fsdp") < 2 * 69 / 18


def test_compilation_is_paid_at_the_start() -> None:
    plain, compiled = (estimate_of(f"{SEVEN_B} {word}").lines[3] for word in ("no-compile", "compile"))
    assert compiled.seconds - plain.seconds == CALIBRATION.value("run.compile_seconds")


def test_more_epochs_cost_more_checkpoints() -> None:
    one = job(SEVEN_B)
    longer = replace(one.schedule, num_epochs=6)
    run = time_estimate(
        one.workload, longer, one.plan, gpu=one.gpu, framework=one.framework, calibration=CALIBRATION
    )
    assert run.lines[2].seconds == pytest.approx(2 * estimate_of(SEVEN_B).lines[2].seconds)


def test_evaluation_is_a_forward_pass_over_a_share_of_the_data() -> None:
    lines = {line.what: line.seconds for line in estimate_of(SEVEN_B).lines}
    share = CALIBRATION.value("run.evaluation_share")
    assert lines["evaluation"] == pytest.approx(lines["training"] * share / 3)

"""Pipelines: the stage that sets the pace, and what the others idle."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from time_jobs import CALIBRATION, job

from estimator.time.pipeline import bubble_share, pace, virtual_stages

BUBBLES = [("pp=1", 8, 0.0), ("pp=2", 8, 1 / 8), ("pp=4", 12, 3 / 12)]
LAYER = 0.1


def _pace(layers: int, stages: int, head_seconds: float) -> tuple[float, float]:
    plan = job("llama-3-8b full mbs=1 ga=8 8xh100 pp=2 megatron").plan._replace(pipeline_parallel_size=stages)
    return pace(layers, plan, layer_seconds=LAYER, head_seconds=head_seconds)


@pytest.mark.parametrize(("stages", "accumulation", "share"), BUBBLES)
def test_the_bubble_is_what_1f1b_leaves_idle(stages: str, accumulation: int, share: float) -> None:
    plan = job(f"llama-3-70b full mbs=1 ga={accumulation} seq=4096 8xh100 {stages} megatron").plan
    assert bubble_share(plan, 1) == pytest.approx(share)


def test_interleaving_shortens_the_bubble_of_a_long_pipeline() -> None:
    plan = job("llama-3-70b full mbs=1 ga=16 seq=4096 32xh100 pp=4 tp=4 megatron").plan
    assert bubble_share(plan, 4) == pytest.approx(bubble_share(plan, 1) / 4)


@pytest.mark.parametrize(
    ("framework", "passes", "num_layers", "virtual"),
    [
        ("megatron", 16, 80, 4),
        ("megatron", 18, 80, 4),
        ("megatron@2024-10", 18, 80, 1),
        ("megatron@2024-10", 16, 80, 4),
        ("megatron", 3, 80, 1),
        ("megatron", 16, 8, 2),
        ("megatron", 16, 4, 1),
        ("internevo", 16, 80, 1),
    ],
)
def test_stages_take_turns_where_there_are_layers_and_passes_for_it(
    framework: str, passes: int, num_layers: int, virtual: int
) -> None:
    """MT-NLG 530B (2022): 105 layers over 35 stages, 240 micro batches, which 35 does not divide."""
    run = job(f"llama-3-70b full mbs=1 ga={passes} seq=4096 32xa100 pp=4 tp=4 {framework}")
    assert virtual_stages(run.plan, run.framework, CALIBRATION, num_layers) == virtual


def test_layers_that_divide_leave_the_head_on_top_of_them() -> None:
    assert _pace(80, 8, 0.05) == (10, 0.05)
    assert _pace(32, 1, 0.05) == (32, 0.05)


def test_a_head_takes_the_place_of_a_layer_where_the_layers_do_not_divide() -> None:
    """Llama-3.1-405B: 126 layers over 8 stages are 15, 16, 16, 16, 16, 16, 16, 15."""
    assert _pace(126, 8, 0.5 * LAYER) == (16, 0.0)
    assert _pace(126, 8, 2 * LAYER) == (15, 2 * LAYER)


@given(layers=st.integers(64, 200), stages=st.integers(1, 64), head=st.floats(0, 10))
def test_no_stage_is_shorter_than_its_share_and_no_longer_than_all_layers(
    layers: int, stages: int, head: float
) -> None:
    run, at_the_end = _pace(layers, stages, head)
    total = run * LAYER + at_the_end
    assert total >= layers / stages * LAYER - 1e-9
    assert total <= layers / stages * LAYER + LAYER + head + 1e-9

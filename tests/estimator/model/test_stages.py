"""Which layers the stages of a pipeline hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from estimator.model.stages import stage_layers

DEALT = [
    (80, 4, (20, 20, 20, 20)),
    (32, 1, (32,)),
    (126, 8, (15, 16, 16, 16, 16, 16, 16, 15)),
    (126, 16, (7, *[8] * 14, 7)),
    (30, 4, (7, 8, 8, 7)),
    (47, 4, (12, 12, 12, 11)),
    (33, 2, (17, 16)),
]


@pytest.mark.parametrize(("layers", "stages", "each"), DEALT)
def test_embedding_and_head_stand_for_a_layer_where_layers_do_not_divide(
    layers: int, stages: int, each: tuple[int, ...]
) -> None:
    """As Megatron-LM deals them out with its two options, and torchtitan unasked."""
    assert stage_layers(layers, stages) == each
    assert sum(each) == layers


def test_any_stage_may_be_a_longer_one_where_frameworks_differ() -> None:
    """32 layers over 5 stages: torchtitan has 6, 7, 7, 7, 5, InternEvo 6, 6, 6, 7, 7."""
    assert stage_layers(32, 5) == (7, 7, 7, 7, 7)


@given(layers=st.integers(1, 300), stages=st.integers(1, 64))
def test_every_layer_has_a_stage_and_every_stage_a_layer(layers: int, stages: int) -> None:
    if stages > layers:
        return
    each = stage_layers(layers, stages)
    assert len(each) == stages
    assert sum(each) >= layers
    assert 1 <= min(each) <= max(each) == -(-layers // stages)

"""A bare size has the shape of a well-known model, or one with layers to match."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files import load_catalog
from estimator.sizes import generic_arch, size_as_typed


@pytest.mark.parametrize(
    ("name", "num_params"),
    [
        ("7b", 7_000_000_000),
        ("1.5b", 1_500_000_000),
        ("125m", 125_000_000),
        ("8x7b", 56_000_000_000),
        ("1t", 10**12),
    ],
)
def test_a_size_is_read_as_typed(name: str, num_params: int) -> None:
    assert size_as_typed(name) == num_params


@pytest.mark.parametrize("name", ["llama-7b", "b", "7", "7bb", "", "x7b", "7b-chat"])
def test_a_name_is_no_size(name: str) -> None:
    assert size_as_typed(name) is None
    assert generic_arch(name, load_catalog()) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("7b", "llama-7b"),
        ("8b", "llama-3.1-8b"),
        ("13b", "llama-13b"),
        ("8x7b", "mixtral-8x7b"),
        ("8x22b", "mixtral-8x22b"),
    ],
)
def test_well_known_sizes_have_the_shape_they_are_named_after(name: str, key: str) -> None:
    arch = generic_arch(name, load_catalog())
    assert arch is not None
    assert arch.key == key


@given(st.integers(300, 2_000_000))
def test_any_size_gets_a_shape_within_a_quarter_of_it(millions: int) -> None:
    arch = generic_arch(f"{millions}m", load_catalog())
    assert arch is not None
    assert 0.75 < arch.num_params / (millions * 10**6) < 1.25


@pytest.mark.parametrize("name", ["4x7b", "8x13b", "16x12b"])
def test_any_mixture_gets_the_experts_of_a_known_one_and_about_its_size(name: str) -> None:
    arch, wanted = generic_arch(name, load_catalog()), size_as_typed(name)
    assert arch is not None
    assert wanted is not None
    assert arch.is_moe
    assert 0.75 < arch.num_params / wanted < 1.25
    assert arch.num_active_params < arch.num_params / 2

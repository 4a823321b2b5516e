"""config/calibration.yaml: few constants, physical and documented."""

import pytest
from pydantic import ValidationError
from time_jobs import CALIBRATION, CATALOG

from estimator.time.calibration import MAX_FITTED, Constant, Origin, Scatter, TimeCalibration

FITTED = {name: entry for name, entry in CALIBRATION.constants.items() if entry.origin is Origin.FITTED}


def test_few_constants_are_fitted() -> None:
    assert len(FITTED) <= MAX_FITTED


@pytest.mark.parametrize("name", sorted(CALIBRATION.constants))
def test_no_share_exceeds_the_whole(name: str) -> None:
    constant = CALIBRATION.constants[name]
    assert constant.value <= 1 or not constant.unit.startswith("share")


def test_fp8_never_doubles_a_product() -> None:
    assert 1 < CALIBRATION.value("fp8_gain") < 2


@pytest.mark.parametrize("name", sorted(FITTED))
def test_a_fitted_constant_says_on_what(name: str) -> None:
    constant = FITTED[name]
    assert constant.num_rows > 0
    assert constant.num_sources > 0
    assert constant.residual is not None
    assert constant.residual < 0.25


@pytest.mark.parametrize("name", sorted(CALIBRATION.constants))
def test_every_constant_says_what_it_is(name: str) -> None:
    constant = CALIBRATION.constants[name]
    assert constant.meaning
    assert constant.unit


def test_every_card_has_a_family_or_the_general_one() -> None:
    families = {CALIBRATION.family(gpu.compute_capability, gpu.vendor) for gpu in CATALOG.gpus.values()}
    assert {"volta", "ampere", "ada", "hopper", "blackwell", "cdna"} <= families
    assert families <= {*CALIBRATION.families, "other"}


def test_the_special_case_comes_before_the_general_one() -> None:
    assert CALIBRATION.value("gemm_share.l40s", "gemm_share.ada") == CALIBRATION.value("gemm_share.l40s")
    assert CALIBRATION.value("gemm_share.rtx-4090", "gemm_share.ada") == CALIBRATION.value("gemm_share.ada")


def test_a_constant_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError):
        CALIBRATION.value("gemm_share.nothing")


def test_too_many_fitted_constants_are_refused() -> None:
    constant = Constant(value=1, prior=1, origin=Origin.FITTED, unit="factor", meaning="one too many")
    fields = {name: getattr(CALIBRATION, name) for name in TimeCalibration.model_fields}
    many = {str(number): constant for number in range(MAX_FITTED + 1)}
    with pytest.raises(ValidationError, match="at most 40"):
        TimeCalibration(**{**fields, "constants": many})


def test_a_range_is_ordered() -> None:
    with pytest.raises(ValidationError, match="at most high"):
        Scatter(num_rows=1, num_sources=1, low=2, high=1, borrowed_low=0.5, borrowed_high=2)


def test_a_near_group_is_named() -> None:
    _, _, basis = CALIBRATION.scatter_of(stack="megatron", method="full", family="hopper")
    assert basis.group == "megatron, full, hopper"


def test_a_group_without_data_borrows_from_a_coarser_one() -> None:
    low, high, basis = CALIBRATION.scatter_of(stack="nobody", method="dora", family="tpu")
    assert basis.group == "all published runs"
    assert low < 0.85
    assert high > 1.18

"""config/calibration/time.yaml: few constants, physical and documented."""

import pytest
from pydantic import ValidationError
from time_jobs import CALIBRATION, CATALOG

from estimator.time.calibration import MAX_FITTED, Constant, Origin, Scatter, TimeCalibration

FITTED = {name: entry for name, entry in CALIBRATION.constants.items() if entry.origin is Origin.FITTED}


def test_few_constants_are_fitted() -> None:
    assert len(FITTED) <= MAX_FITTED


def test_no_share_exceeds_the_whole() -> None:
    for name, constant in CALIBRATION.constants.items():
        assert constant.value <= 1 or not constant.unit.startswith("share"), name


def test_fp8_never_doubles_a_product() -> None:
    assert 1 < CALIBRATION.value("fp8_gain") < 2


def test_a_fitted_constant_says_on_what() -> None:
    for name, constant in FITTED.items():
        assert constant.num_rows >= 3, name
        assert constant.num_sources >= 2, name
        assert constant.residual is not None, name
        assert constant.residual < 0.25, name


def test_every_constant_says_what_it_is() -> None:
    for name, constant in CALIBRATION.constants.items():
        assert constant.meaning, name
        assert constant.unit, name


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


def test_a_range_lies_around_the_estimate() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Scatter(num_rows=1, num_sources=1, low=2, high=1)


def test_a_near_group_is_named() -> None:
    _, _, basis = CALIBRATION.scatter_of(framework="megatron", method="full", family="hopper")
    assert basis.group == "megatron, full, hopper"


def test_a_kind_that_nobody_measured_borrows_a_range_and_widens_it() -> None:
    measured, _, _ = CALIBRATION.scatter_of(framework="hf", method="lora", family="ampere")
    borrowed, _, basis = CALIBRATION.scatter_of(framework="hf", method="dora", family="volta")
    assert basis.group != "hf, dora, volta"
    assert borrowed < measured


def test_a_range_is_as_far_below_as_above() -> None:
    for group in CALIBRATION.scatter:
        assert group.low * group.high == pytest.approx(1, abs=0.005)


def test_a_new_source_sees_what_was_promised() -> None:
    report = CALIBRATION.report
    assert report.left_out_median_error <= 0.12
    assert report.left_out_p90_error <= 0.33
    assert 0.75 <= report.left_out_coverage <= 0.88


def test_a_group_without_data_borrows_from_a_coarser_one() -> None:
    low, high, basis = CALIBRATION.scatter_of(framework="nobody", method="dora", family="tpu")
    assert basis.group == "all published runs"
    assert low < 0.85
    assert high > 1.18

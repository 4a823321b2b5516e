"""The cards: plausible, sourced, and read by the names that people type."""

from datetime import date

import pytest
from shipped import shipped_names

from bot.files import load_catalog
from bot.language import read
from estimator.hardware import GPU
from estimator.units import GB, GIB

CATALOG = load_catalog()
GPUS = {key: CATALOG.gpus[key] for key in CATALOG.gpus}
NAMES = shipped_names()
GEFORCE = {key: gpu for key, gpu in GPUS.items() if gpu.name.startswith("GeForce")}
FP8_SINCE = "8.9"
CAPPED = ("rtx-5090d",)
"""Sold with fewer tensor operations than its chip has."""


def test_a_card_has_its_evidence() -> None:
    for key, gpu in GPUS.items():
        assert len(gpu.source) > 20, key
        assert gpu.checked > date(2026, 1, 1), key


def test_usable_memory_is_a_little_less_than_the_box_says() -> None:
    """The box counts 2^30 bytes a GB on some cards and 10^9 on others; drivers keep some."""
    for key, gpu in GPUS.items():
        per_device_gb = gpu.memory_gb / (2 if key.startswith("mi250") else 1)  # an MI250 is two devices
        assert 0.85 * per_device_gb * GB < gpu.usable_memory_gib * GIB <= per_device_gb * GIB, key


@pytest.mark.parametrize("gpu", GEFORCE.values(), ids=GEFORCE)
def test_a_geforce_is_listed_at_the_rate_of_fp32_accumulation(gpu: GPU) -> None:
    """Twice the fp32 rate since Ampere, four times on Turing with half the fp32 lanes; before, the same."""
    assert gpu.fp32_tflops_per_second is not None
    assert gpu.fp16_tflops_per_second is not None
    factor = {"6.1": 1, "7.5": 4}.get(gpu.compute_capability, 2)
    if gpu.key not in CAPPED:
        assert gpu.fp16_tflops_per_second == pytest.approx(factor * gpu.fp32_tflops_per_second, rel=0.02)


@pytest.mark.parametrize("gpu", GEFORCE.values(), ids=GEFORCE)
def test_bf16_came_with_ampere_and_fp8_with_ada(gpu: GPU) -> None:
    capability = float(gpu.compute_capability)
    assert (gpu.bf16_tflops_per_second is not None) == (capability >= 8)
    assert gpu.fp8_tflops_per_second is None or capability >= float(FP8_SINCE)


def test_only_racks_share_nvlink_beyond_a_machine() -> None:
    assert {key for key, gpu in GPUS.items() if gpu.nvlink_domain_gpus} == {"gb200", "gb300"}


@pytest.mark.parametrize(
    ("typed", "key", "count"),
    [
        ("2080ti", "rtx-2080-ti", None),
        ("2080ti 22g", "rtx-2080-ti-22gb", None),
        ("3060", "rtx-3060", None),
        ("3060 12g", "rtx-3060", None),
        ("rtx 3070", "rtx-3070", None),
        ("3080", "rtx-3080", None),
        ("3080 10g", "rtx-3080", None),
        ("3080 12gb", "rtx-3080-12gb", None),
        ("3080 20g", "rtx-3080-20gb", None),
        ("4060ti", "rtx-4060-ti", None),
        ("4060ti 16g", "rtx-4060-ti-16gb", None),
        ("4x 4060 ti 16gb", "rtx-4060-ti-16gb", 4),
        ("4070", "rtx-4070", None),
        ("4070 ti super", "rtx-4070-ti-super", None),
        ("4070tis", "rtx-4070-ti-super", None),
        ("4070 super", "rtx-4070-super", None),
        ("4070ti", "rtx-4070-ti", None),
        ("RTX 4080 SUPER", "rtx-4080-super", None),
        ("5070", "rtx-5070", None),
        ("5070ti", "rtx-5070-ti", None),
        ("5060ti", "rtx-5060-ti", None),
        ("4x 5060 ti 16gb", "rtx-5060-ti-16gb", 4),
        ("5080", "rtx-5080", None),
        ("4090 48g", "rtx-4090-48gb", None),
        ("两张4090 48g", "rtx-4090-48gb", 2),
        ("4090", "rtx-4090", None),
        ("tesla p40", "p40", None),
        ("2xa2", "a2", 2),
        ("a800-40g", "a800-40gb", None),
        ("八张a800 40g", "a800-40gb", 8),
        ("a800", "a800-80gb", None),
        ("gb10", "gb10", None),
        ("dgx spark", "gb10", None),
        ("NVIDIA GeForce RTX 4060 Ti", "rtx-4060-ti", None),
        ("单卡英伟达3060", "rtx-3060", 1),
    ],
)
def test_a_card_is_read_as_people_type_it(typed: str, key: str, count: int | None) -> None:
    spec = read(f"7b lora {typed}", NAMES).spec
    assert spec is not None
    assert (spec.gpu, spec.num_gpus) == (key, count)


def test_no_geforce_is_called_sxm() -> None:
    assert read("7b lora rtx-3080-sxm", NAMES).spec is None

"""Every formula of the memory model is in docs/formulas.md, with the numbers that are shipped."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

from memory_jobs import CATALOG

from estimator.memory import (
    activations,
    allocator,
    block,
    explain,
    logits,
    lora,
    mlp,
    number_formats,
    peak,
    phases,
    rank,
    states,
)
from estimator.model import params

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formulas.md").read_text(encoding="utf-8")
MODULES = (
    activations,
    block,
    explain,
    logits,
    lora,
    mlp,
    peak,
    number_formats,
    allocator,
    phases,
    rank,
    states,
    params,
)


def public(module: ModuleType) -> Iterator[FunctionType]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            yield function


FORMULAS = [function for module in MODULES for function in public(module)]


def test_every_formula_is_documented() -> None:
    assert [each.__name__ for each in FORMULAS if f"`{each.__name__}`" not in DOCUMENT] == []


def test_every_fitted_constant_is_documented_with_its_value() -> None:
    calibration = CATALOG.memory_calibration
    for name in type(calibration).model_fields:
        constant = getattr(calibration, name)
        if name != "residuals":
            assert f"`{name}`" in DOCUMENT
            assert f"{constant.value:g}" in DOCUMENT
            assert constant.rows > 0
            assert 0 < constant.residual < 0.12


def test_at_most_twenty_constants_were_fitted() -> None:
    table = DOCUMENT.split("## Constants that were fitted")[1]
    values = [
        cell
        for line in table.splitlines()[4:]
        if line.startswith("|")
        for cell in line.split("|")[2].split(",")
    ]
    assert len(values) <= 20

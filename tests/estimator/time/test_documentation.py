"""Every formula of the time model has a source and a section in docs/formulas-time.md."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

from estimator.time import attention, communication, flops, kernels, optimizer_step, run, step

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formulas-time.md").read_text(encoding="utf-8")
MODULES = (flops, kernels, attention, communication, optimizer_step, step, run)


def formulas() -> Iterator[FunctionType]:
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function


@pytest.mark.parametrize("formula", list(formulas()), ids=lambda formula: formula.__name__)
def test_every_formula_says_its_source(formula: FunctionType) -> None:
    assert "Source:" in (formula.__doc__ or "")


@pytest.mark.parametrize("formula", list(formulas()), ids=lambda formula: formula.__name__)
def test_every_formula_is_documented(formula: FunctionType) -> None:
    assert f"`{formula.__name__}`" in DOCUMENT

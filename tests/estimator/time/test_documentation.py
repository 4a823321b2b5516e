"""Every formula of the time model has a source and a section in docs/formulas-time.md."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

from estimator.time import attention, communication, flops, kernels, optimizer_step, run, step

DOCUMENT = (Path(__file__).parents[3] / "docs" / "formulas-time.md").read_text(encoding="utf-8")
MODULES = (flops, kernels, attention, communication, optimizer_step, step, run)


def formulas() -> Iterator[FunctionType]:
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield function


def test_every_formula_says_its_source() -> None:
    assert [each.__name__ for each in formulas() if "Source:" not in (each.__doc__ or "")] == []


def test_every_formula_is_documented() -> None:
    assert [each.__name__ for each in formulas() if f"`{each.__name__}`" not in DOCUMENT] == []

"""A command loads `importlib.metadata` when it uses it, and finds all of it then."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bot.cli.group import main

BEGIN = "import sys; from bot.cli.metadata_later import leave_metadata_for_later as later; later(); "


def said(code: str) -> str:
    """Of a process whose lines nobody counts: what counts them loads modules of its own."""
    uncounted = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    return subprocess.run(
        [sys.executable, "-c", BEGIN + code], capture_output=True, text=True, check=True, env=uncounted
    ).stdout.strip()


@pytest.mark.parametrize(
    "code",
    [
        "from importlib.metadata import version; print(version('pydantic') > '')",
        "import importlib.metadata; print(importlib.metadata.version('pydantic') > '')",
        "import importlib.metadata as m; print(issubclass(m.PackageNotFoundError, ImportError))",
        "from importlib.metadata import entry_points; print(len(entry_points(group='console_scripts')) > 0)",
        "from importlib import metadata; print(hasattr(metadata, 'Distribution'))",
    ],
)
def test_whoever_uses_it_has_it(code: str) -> None:
    assert said(code) == "True"


def test_who_only_imports_it_does_not_load_it() -> None:
    code = "import importlib.metadata; from importlib.metadata import entry_points; "
    assert said(code + "print('email' in sys.modules)") == "False"


HEAVY = (
    "email rich yaml rapidfuzz requests slack_sdk slack_bolt redis structlog dogpile html.entities difflib"
    " bot.language.tools"
)


def test_an_answer_loads_neither_it_nor_network_nor_slack_nor_what_draws_in_colour() -> None:
    words = ["7b", "lora", "1xa100"]
    code = (
        f"import atexit; sys.argv = {['ftcost', *words]}; from bot.cli.group import main; "
        f"atexit.register(lambda: print([n for n in {HEAVY.split()} if n in sys.modules])); main()"
    )
    CliRunner().invoke(main, words)  # whoever is first reads the catalogues as YAML, and keeps what it read
    assert said(code).splitlines()[-1] == "[]"

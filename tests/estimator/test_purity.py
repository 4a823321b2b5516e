"""The core pulls in neither Slack nor Redis nor YAML, and says what it exports."""

import subprocess
import sys

import estimator

FORBIDDEN = ("slack_bolt", "slack_sdk", "redis", "yaml", "requests", "bot")


def test_importing_the_estimator_pulls_in_no_shell() -> None:
    code = f"import sys, estimator; print([name for name in {FORBIDDEN!r} if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


def test_every_exported_name_exists() -> None:
    assert [name for name in estimator.__all__ if not hasattr(estimator, name)] == []

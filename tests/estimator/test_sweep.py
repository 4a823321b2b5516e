"""A small part of `scripts/sweep.py` and `sweep_plans.py`: what must hold holds of some hundred jobs."""

import subprocess
import sys
from pathlib import Path

from draws import draws

ROOT = Path(__file__).parents[2]


def swept(script: str, count: int) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, f"scripts/{script}", str(count), "1"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)


def test_random_jobs_keep_what_must_always_hold() -> None:
    run = swept("sweep.py", draws(150, 3_000))
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_plans_of_random_requests_are_chosen_again_and_beaten_by_none_that_says_more() -> None:
    run = swept("sweep_plans.py", draws(150, 3_000))
    assert run.returncode == 0, run.stdout + run.stderr

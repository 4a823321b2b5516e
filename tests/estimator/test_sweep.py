"""A small part of `scripts/sweep.py`: what must hold of any job holds of some hundreds."""

import subprocess
import sys
from pathlib import Path

from draws import draws

ROOT = Path(__file__).parents[2]


def test_random_jobs_keep_what_must_always_hold() -> None:
    command = [sys.executable, "scripts/sweep.py", str(draws(150, 3_000)), "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr

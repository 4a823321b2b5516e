"""A command of the shell leaves garbage to its end; a server looks at what it started with once."""

import subprocess
import sys

import pytest


def said_by(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_command_of_the_shell_never_collects() -> None:
    code = """
import gc, sys
sys.argv = ["ftcost", "7b fp16 n=10000 bs=32", "--json"]
collected = []
gc.callbacks.append(lambda phase, _: collected.append(phase))
from bot.cli.group import main
collected.clear()
try:
    main(prog_name="ftcost")
except SystemExit as ended:
    print(ended.code, len(collected), gc.isenabled())
"""
    assert said_by(code).splitlines()[-1] == "0 0 False"


def test_a_batch_collects(tmp_path_factory: pytest.TempPathFactory) -> None:
    lines = tmp_path_factory.mktemp("batch") / "lines"
    lines.write_text("7b bs=0\n")
    code = f"""
import gc, sys
sys.argv = ["ftcost", "estimate", "--batch", {str(lines)!r}]
from bot.cli.group import main
try:
    main(prog_name="ftcost")
except SystemExit:
    print(gc.isenabled())
"""
    assert said_by(code).splitlines()[-1] == "True"


def test_main_with_arguments_leaves_the_collector_alone() -> None:
    code = """
import gc
from bot.cli.group import main
main(["--version"], standalone_mode=False)
print(gc.isenabled())
"""
    assert said_by(code).splitlines()[-1] == "True"


def test_a_server_sets_its_start_apart() -> None:
    code = """
import gc
from bot.cli import garbage
garbage.leave_it_to_the_end()
garbage.set_start_apart()
print(gc.isenabled(), gc.get_freeze_count() > 1000, gc.get_threshold()[0] == garbage.YOUNG)
"""
    assert said_by(code) == "True True True"

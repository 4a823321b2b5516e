"""CPU of the terminal, start of Python and all, as a ratio to `import pydantic` in the same run."""

import resource
import statistics
import subprocess
import sys
from typing import Final

BASE: Final = "import pydantic"
COMMANDS: Final = {
    "ftcost --version": ["-m", "bot", "--version"],
    "ftcost 7b fp16 n=10000 bs=32": ["-m", "bot", "7b", "fp16", "n=10000", "bs=32"],
    "ftcost 7b fp16 n=10000 bs=32 --json": ["-m", "bot", "7b", "fp16", "n=10000", "bs=32", "--json"],
    "ftcost llama-3.1-8b qlora r=16 seq=2k on 4090": ["-m", "bot", "llama-3.1-8b qlora r=16 seq=2k on 4090"],
    "ftcost 7b bs=0": ["-m", "bot", "7b bs=0"],
}
PROMISED: Final = 6.0
ROUNDS: Final = 7


def cpu_seconds(arguments: list[str]) -> float:
    """User and system time of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    nowhere = subprocess.DEVNULL
    subprocess.run([sys.executable, *arguments], check=False, stdout=nowhere, stderr=nowhere)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def measured(rounds: int = ROUNDS) -> dict[str, tuple[float, float]]:
    """Command -> milliseconds (median), and its ratio to the base; in turns, so that a load strikes all."""
    took: dict[str, list[float]] = {BASE: [], **{name: [] for name in COMMANDS}}
    for arguments in COMMANDS.values():
        cpu_seconds(arguments)  # fills the caches
    for _ in range(rounds):
        took[BASE].append(cpu_seconds(["-c", BASE]))
        for name, arguments in COMMANDS.items():
            took[name].append(cpu_seconds(arguments))
    medians = {name: statistics.median(each) for name, each in took.items()}
    return {name: (1000 * seconds, seconds / medians[BASE]) for name, seconds in medians.items()}


def main() -> None:
    """Print a line a command."""
    print(f"{'CPU':>9} {'ratio':>6}  (promised: {PROMISED:g} x `{BASE}`)")
    for name, (milliseconds, ratio) in measured().items():
        print(f"{milliseconds:6.1f} ms {ratio:5.2f}x  {name}{'  MISSED' if ratio > PROMISED else ''}")


if __name__ == "__main__":
    main()

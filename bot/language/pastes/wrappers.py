"""What stands before a command and only starts it: `srun`, `nohup`, `uv run`, a prompt, Docker's CMD."""

import json
import re
from collections.abc import Sequence
from typing import Final

from bot.language.documents import Values, scalar
from bot.language.pastes.shell import words_of
from bot.language.pastes.slurm import SLURM, slurm_values

ENVIRONMENT: Final = re.compile(r"([A-Z][A-Z0-9_]{2,40})=(\S*)")
_PROMPT: Final = re.compile(
    r"^\s*(?:\([\w.\-/ ]{1,40}\)\s*)?"
    r"(?:\[?[\w.-]{1,40}@[\w.-]{1,80}[^$#%>\n]{0,120}[$#%>]\s|PS [^>\n]{1,120}>\s|In \[\d{1,5}\]:\s"
    r"|[$%>!]\s?|!)\s*"
)
_KEPT: Final = re.compile(r"^\s*#+\s*(?:(?:[Ll]aunch|[Rr]un):\s*)?")
_LISTED: Final = re.compile(r"\['[^\[\]]{20,8000}'\]")
"""The words of a command, as the launcher prints them that saw it end."""
_DOCKER: Final = re.compile(r"^\s*(?:CMD|ENTRYPOINT|RUN)\s+(.*)")
WRAPPERS: Final = (
    *SLURM, "sudo", "nohup", "time", "env", "exec", "nice", "timeout", "setsid", "stdbuf", "unbuffer",
    "numactl", "taskset", "nsys", "ncu", "uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "pixi", "rye",
    "pipx", "conda", "mamba", "micromamba", "docker", "podman", "singularity", "apptainer", "enroot",
    "kubectl", "runai", "nvidia-docker", "nerdctl",
    "bash", "sh", "zsh", "mpirun", "mpiexec", "ssh", "pdsh", "tmux", "screen", "ray", "command", "set",
    "export",
)  # fmt: skip
"""What starts another command that stands behind it on its line."""
_COUNTING: Final = ("mpirun", "mpiexec")
"""They start as many processes as they are told to."""
_CONTAINERS: Final = ("docker", "podman", "nvidia-docker", "nerdctl")
"""They show the GPUs that they are told to; `--gpus all` says none."""
_OF_CONTAINER: Final = re.compile(r"(\d{1,3})(?:,.*)?|device=([\w,-]{1,200})")
_FARTHEST: Final = 60
_DEEPEST: Final = 3


def unprompted(line: str) -> str:
    """A line without the prompt before it; Docker's list of words as a line."""
    if (found := _DOCKER.match(line)) is not None:
        try:
            listed = json.loads(found[1])
        except (ValueError, RecursionError):
            return found[1]
        return " ".join(f"'{each}'" for each in listed) if isinstance(listed, list) else found[1]
    if "', '--" in line and (listed := _LISTED.search(line)) is not None:
        return listed[0][1:-1].replace("', '", "' '")
    return _PROMPT.sub("", line, count=1)


def is_remark(line: str) -> bool:
    """Whether a line stands behind the mark of a comment: a command that is not run, or how a file is."""
    return line.lstrip().startswith("#")


def remarked(line: str) -> str:
    """A comment without its mark, and without `Launch:`."""
    return _KEPT.sub("", line, count=1)


def unwrapped_command(
    words: Sequence[str], programs: frozenset[str], depth: int = 0
) -> tuple[list[str], Values]:
    """The words from the program on, and what those before it say: environment, nodes, processes."""
    said: Values = {}
    wrapper, at = "", 0
    while at < min(len(words), _FARTHEST):
        word = words[at]
        base = word.rpartition("/")[2]
        if (found := ENVIRONMENT.fullmatch(word)) is not None:
            said[found[1]] = scalar(found[2])
        elif base in programs or (wrapper and base.endswith(".py") and not word.startswith("-")):
            return list(words[at:]), {**_of_wrappers(words[:at]), **said}
        elif wrapper and " " in word and depth < _DEEPEST:
            inside, more = unwrapped_command(words_of(word.strip()), programs, depth + 1)
            if inside:
                return inside, {**_of_wrappers(words[:at]), **said, **more}
        elif base in WRAPPERS:
            wrapper = base
        elif not wrapper:
            return [], said
        at += 1
    return [], said


def _of_wrappers(words: Sequence[str]) -> Values:
    """What the words before a program say of GPUs, machines and processes."""
    names = frozenset(word.rpartition("/")[2] for word in words)
    said: Values = slurm_values(words) if names & {*SLURM} else {}
    if names & {*_COUNTING}:
        for option in ("-np", "-n", "--np"):
            if (count := _after(option, words)).isdigit():
                said["num_processes"] = int(count[:9])
                break
    if names & {*_CONTAINERS} and (shown := _shown_in_container(words)):
        said["container_gpus"] = shown
    return said


def _shown_in_container(words: Sequence[str]) -> int:
    """`--gpus 2`, `--gpus '"device=0,1"'`, `--device nvidia.com/gpu=0`."""
    found = _OF_CONTAINER.fullmatch(_after("--gpus", words).strip("\"'"))
    if found is None:
        return sum("nvidia.com/gpu=" in word and not word.endswith("=all") for word in words)
    return int(found[1]) if found[1] else len(found[2].split(","))


def _after(option: str, words: Sequence[str]) -> str:
    """The value of an option, behind a space or `=`; empty: it is not there."""
    for word, value in zip(words, (*words[1:], ""), strict=True):
        if word == option:
            return value
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return ""

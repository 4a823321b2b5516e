"""The steps of the Dockerfile, one by one, with directories in the place of its two stages; then its command.

No engine is needed: what is run are the file's own lines, with its absolute paths below a directory of ours.
The base image is Debian's Python; here it is the Python of the tests. As the image's user it runs where that
user may look into the place of this Python.
"""

import json
import os
import re
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

import pytest
from command_lines import command_lines
from real_redis import free_port

from bot.playground import SlackDouble
from bot.playground.state import BOT_TOKEN

ROOT = Path(__file__).parents[2]
UNPRIVILEGED = 10001
STEP_SECONDS = 400
PLACES = ("/opt/ftcost", "/src", "/data")
"""Absolute paths of the image that the steps name."""


@dataclass
class Stage:
    """One `FROM`: a directory, and what was set in it."""

    root: Path
    environ: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    command: list[str] = field(default_factory=list)
    healthcheck: list[str] = field(default_factory=list)

    def path(self, inside: str) -> Path:
        where = inside if inside.startswith("/") else f"{self.workdir}/{inside}"
        return self.root / where.strip("/")

    def outside(self, text: str) -> str:
        """`text` with the paths of the image below our directory."""
        for place in PLACES:
            text = re.sub(rf"(?<![\w./-]){re.escape(place)}(?![\w-])", str(self.path(place)), text)
        return text

    def full_environ(self) -> dict[str, str]:
        base = {
            "PATH": f"{self.root.parent}/python:{os.environ['PATH']}",
            "HOME": "/nonexistent",
            "PIP_NO_INPUT": "1",
        }
        settings = {name: self.outside(value) for name, value in self.environ.items()}
        if "PATH" in settings:
            settings["PATH"] = settings["PATH"].replace("$PATH", base["PATH"])
        passed = {name: value for name, value in os.environ.items() if name.startswith(("PIP_", "SSL_"))}
        return passed | base | settings


def instructions() -> list[tuple[str, str]]:
    lines = (ROOT / "Dockerfile").read_text().replace("\\\n", " ").splitlines()
    steps = [line for line in lines if line.strip() and not line.startswith("#")]
    return [(step.partition(" ")[0], step.partition(" ")[2].strip()) for step in steps]


def ignored(path: str) -> bool:
    patterns = [line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split() if line]
    parents = [path, *(str(parent) for parent in Path(path).parents)]
    return any(fnmatch(each, pattern.replace("**/", "*")) for pattern in patterns for each in parents)


def in_context() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [path for path in listed.stdout.splitlines() if not ignored(path) and (ROOT / path).is_file()]


def copy(stages: dict[str, Stage], stage: Stage, rest: str) -> None:
    if rest.startswith("--from="):
        source, *paths = rest.removeprefix("--from=").split()
        origin, target = stages[source].path(paths[0]), stage.path(paths[1])
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(origin)  # its scripts name the place where they were made
        return
    *names, target_name = rest.split()
    target = stage.path(target_name)
    for name in names:
        found = [path for path in in_context() if path == name or path.startswith(f"{name}/")]
        assert found, f"COPY {name}: the context has no such thing"
        for path in found:
            below = path.removeprefix(f"{name}/") if path != name else name
            goal = target / below
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / path, goal)


def run(stage: Stage, line: str) -> None:
    for part in line.split("&&"):
        words = shlex.split(part)
        if words[0] == "useradd":  # not on the machine of the tests
            assert str(UNPRIVILEGED) in words
        elif words[0] != "chown" or os.getuid() == 0:
            stage.path(stage.workdir).mkdir(parents=True, exist_ok=True)
            done = subprocess.run(
                ["/bin/sh", "-ec", stage.outside(part.strip())],
                cwd=stage.path(stage.workdir), env=stage.full_environ(), timeout=STEP_SECONDS,
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert done.returncode == 0, f"RUN {part}: {done.stderr[-1500:]}"


def step(stages: dict[str, Stage], stage: Stage, word: str, rest: str) -> None:
    if word == "COPY":
        copy(stages, stage, rest)
    elif word == "RUN":
        run(stage, rest)
    elif word == "ENV":
        stage.environ |= dict(pair.split("=", 1) for pair in shlex.split(rest))
    elif word == "WORKDIR":
        stage.workdir = rest
    elif word == "USER":
        stage.user = rest
    elif word == "CMD":
        stage.command = json.loads(rest)
    elif word == "HEALTHCHECK":
        stage.healthcheck = json.loads(rest.partition("CMD ")[2])
    else:
        assert word in ("VOLUME", "EXPOSE", "STOPSIGNAL"), f"nobody here knows {word}"


def has_index() -> bool:
    """Whether packages can be had: asked for one that the image needs, without installing it."""
    line = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--retries", "0", "--timeout", "5"]
    with tempfile.TemporaryDirectory() as there:
        found = subprocess.run([*line, "-d", there, "click"], capture_output=True, check=False)
    return found.returncode == 0


@pytest.fixture(scope="module")
def image() -> Iterator[Stage]:
    if not has_index():
        pytest.skip("needs a package index")
    home = Path(tempfile.mkdtemp(prefix="ftcost-image-"))
    home.chmod(0o755)  # the image's user looks in, too
    (home / "python").mkdir()
    (home / "python" / "python").symlink_to(base_python())
    stages: dict[str, Stage] = {}
    stage = Stage(home)
    for word, rest in instructions():
        if word == "FROM":
            base, _, name = rest.partition(" AS ")
            assert base.startswith("python:3.")
            stage = Stage(home / f"stage-{len(stages)}")
            stage.root.mkdir()
            stages[name or "last"] = stage
        else:
            step(stages, stage, word, rest)
    yield stage
    shutil.rmtree(home, ignore_errors=True)


def test_the_context_has_neither_tests_nor_history() -> None:
    assert "pyproject.toml" in in_context()
    assert not [path for path in in_context() if path.startswith(("tests/", ".git/", "docs/", ".venv/"))]


def test_what_was_built_serves_as_nobody_and_writes_to_its_volume_alone(image: Stage) -> None:
    assert image.user.split(":")[0] == str(UNPRIVILEGED)
    port = free_port()
    with SlackDouble() as slack:
        environ = image.full_environ() | {
            "PORT": str(port),
            "HOST": "127.0.0.1",
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": slack.signing_secret,
            "SLACK_API_URL": slack.api_url,
            "FTCOST_PRICE_SOURCES": "snapshot",
            "FTCOST_REQUIRE_STORE": "1",
        }
        before = written(image)
        who = UNPRIVILEGED if os.getuid() == 0 and is_open_to_all(base_python()) else None
        process = subprocess.Popen(
            image.command,
            env=environ,
            cwd=image.root,
            stderr=subprocess.PIPE,
            text=True,
            user=who,
            group=who,
        )
        try:
            until_healthy(image, environ)
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert '"event": "store works"' in log
    assert written(image) == before
    assert (image.path("/data") / "valkey").is_dir()


def test_a_machine_with_python_is_set_up_by_the_lines_of_the_documents(image: Stage) -> None:
    """With the packages of the image in place, what is left is the wheel."""
    lines = [line for line in command_lines(ROOT / "docs" / "deploy.md") if "/opt/ftcost" in line]
    assert lines[0].endswith("-m venv /opt/ftcost")
    assert "--require-hashes -r constraints.txt" in lines[2]
    source = image.root.parent / "source"
    for path in in_context():
        (source / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / path, source / path)
    said = ""
    for line in (lines[1], *lines[3:]):
        done = subprocess.run(
            ["/bin/sh", "-ec", image.outside(line)],
            cwd=source, env=image.full_environ(), timeout=STEP_SECONDS,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{line}: {done.stderr[-1500:]}"
        said = done.stdout
    assert said.startswith("ftcost ")
    [wheel] = (source / "dist").glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert {"bot/_config/gpus.yaml", "bot/playground/page/index.html", "bot/py.typed"} <= set(names)


def is_open_to_all(path: Path) -> bool:
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))


def base_python() -> Path:
    """A Python that the image's user may run, too; that of the tests where there is none."""
    ours = Path(sys.executable).resolve()
    system = Path("/usr/bin/python3")
    probe = "import ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
    if is_open_to_all(ours) or not system.exists():
        return ours
    fits = subprocess.run([system, "-c", probe], capture_output=True, check=False).returncode == 0
    return system.resolve() if fits else ours


def until_healthy(image: Stage, environ: dict[str, str]) -> None:
    """The image's own check, as an engine runs it."""
    deadline = time.monotonic() + 60
    while True:
        done = subprocess.run(image.healthcheck, env=environ, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        assert time.monotonic() < deadline, done.stderr
        time.sleep(0.2)


def written(image: Stage) -> set[str]:
    """Every file outside the volume, with its time."""
    root, data = image.root.parent, image.path("/data")
    return {
        f"{path} {found.st_mtime_ns}"
        for path in root.rglob("*")
        if data not in (path, *path.parents) and stat.S_ISREG((found := path.lstat()).st_mode)
    }

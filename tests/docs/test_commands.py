"""Every command line of the READMEs and docs/ is run as it stands, or stands on a list that says why not."""

import csv
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
import yaml
from command_lines import PAGES, ROOT, command_lines
from real_redis import DURABLE, SERVERS, free_port, running

from bot.playground import SlackDouble
from bot.playground.state import APP_TOKEN, BOT_TOKEN
from bot.settings.names import EXAMPLES
from bot.store import open_store

pytestmark = pytest.mark.untraced

ENGINE: Final = "needs a container engine; tests/docs/test_dockerfile.py runs the steps of the Dockerfile"
CLUSTER: Final = "needs a Kubernetes cluster; tests/docs/test_manifests.py holds the file to its schema"
ELSEWHERE: Final = "tests/docs/test_dockerfile.py runs it, with another directory in the place of /opt"
LONG: Final = "measures for minutes"
WHOLE: Final = "sets up or tests the whole checkout: what CI begins with"
NOT_RUN: Final = {
    "docker compose up --build --detach": ENGINE,
    "docker compose logs bot": ENGINE,
    "docker build -t registry.example.com/ftcost:0.1.0 .": ENGINE,
    "docker push registry.example.com/ftcost:0.1.0": ENGINE,
    "kubectl create secret generic ftcost --from-literal=bot-token=xoxb-… --from-literal=signing-secret=… "
    "--from-literal=redis-url=redis://:PASSWORD@redis.example.com:6379/0": CLUSTER,
    "kubectl apply -f docs/kubernetes.yaml": CLUSTER,
    "kubectl rollout status deployment/ftcost": CLUSTER,
    "kubectl set image deployment/ftcost ftcost=registry.example.com/ftcost:0.1.1": CLUSTER,
    "kubectl rollout undo deployment/ftcost": CLUSTER,
    "python3 -m venv /opt/ftcost": ELSEWHERE,
    "/opt/ftcost/bin/pip install --require-hashes -r constraints.txt": ELSEWHERE,
    "/opt/ftcost/bin/pip wheel --no-deps -w dist .": ELSEWHERE,
    "/opt/ftcost/bin/pip install --no-deps dist/ftcost-0.1.0-py3-none-any.whl": ELSEWHERE,
    "/opt/ftcost/bin/ftcost --version": ELSEWHERE,
    "ftcost prices snapshot": "asks the sellers, and rewrites the bundled prices",
    "make run": "serves until it is ended; tests/e2e open what it opens",
    "make test": WHOLE,
    "make thorough": WHOLE,
    "make check": WHOLE,
    "make install": WHOLE,
    "make calibrate": LONG,
    "make bench": LONG,
    "make bench-accuracy": LONG,
}
SUBSTITUTES: Final = (
    ("TEAM CHANNEL FILE", "T012AB3CD C012AB3CD table.csv"),
    ("TEAM CHANNEL", "T012AB3CD C012AB3CD"),
    ("T012AB3CD C012AB3CD ledger.csv", "T012AB3CD C012AB3CD table.csv"),
    ("runs.csv", "tests/published/measurements.csv"),
    ("TOOL SPEC", "sky 7b lora"),
    ("FILE", "run.yaml"),
    (" … ", " "),
)
"""What a reader puts in the place of a name."""
BOOKED_IN: Final = ("T012AB3CD", "C012AB3CD")
"""Where the reader of the page on budgets has booked something before he keeps a copy of it."""
STDIN: Final = '{"text": "7b lora n=1000"}\n'
RECIPE: Final = """model_name_or_path: meta-llama/Llama-2-7b-hf
stage: sft
finetuning_type: lora
cutoff_len: 2048
per_device_train_batch_size: 2
gradient_accumulation_steps: 8
"""
SECONDS: Final = 120


@dataclass(frozen=True)
class Place:
    """A copy of the checkout to run commands in, with a Redis that keeps a ledger."""

    home: Path
    redis_url: str

    def environ(self, **more: str) -> dict[str, str]:
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "FTCOST_STATE_DIR": str(self.home / "state"),
            "FTCOST_PRICE_SOURCES": "snapshot",
            "HF_HUB_OFFLINE": "1",
            "REDIS_URL": self.redis_url,
            "LANG": "C.UTF-8",
        } | more


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("checkout")
    for name in ("docs", "config"):
        (home / name).symlink_to(ROOT / name)
    table = home / "tests" / "published" / "measurements.csv"
    table.parent.mkdir(parents=True)
    with (ROOT / table.relative_to(home)).open(encoding="utf-8", newline="") as whole:
        names, *rows = csv.reader(whole)
    with table.open("w", encoding="utf-8", newline="") as part:
        csv.writer(part).writerows([names, *rows[::20]])
    (home / "bin").mkdir()
    command = home / "bin" / "ftcost"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m bot "$@"\n')
    command.chmod(0o755)
    (home / "run.yaml").write_text(RECIPE)
    (home / "table.csv").write_text("kind,amount,currency\nlimit,5000,CNY\n")
    with running(SERVERS[0], home / "redis", *DURABLE) as port:
        found = Place(home, f"redis://127.0.0.1:{port}/0")
        booked = [str(command), "budget", "import", *BOOKED_IN, "table.csv"]
        subprocess.run(booked, cwd=home, env=found.environ(), check=True, timeout=SECONDS)
        yield found


def everything() -> list[str]:
    return list(dict.fromkeys(line for page in PAGES for line in command_lines(page)))


def is_served(line: str) -> bool:
    return line.endswith("ftcost serve")


def test_the_list_of_what_is_not_run_has_nothing_that_is_not_shown() -> None:
    assert set(NOT_RUN) <= set(everything())
    assert len(everything()) > 40


LOCAL: Final = [
    line
    for line in everything()
    if line not in NOT_RUN and not is_served(line) and not line.startswith("redis-cli")
]


@pytest.mark.parametrize("line", LOCAL)
def test_a_command_of_the_documents_works_as_it_stands(place: Place, line: str) -> None:
    if line.startswith("python tests/"):
        assert (ROOT / line.split()[1]).is_file()
        pytest.skip(LONG)
    for said, meant in SUBSTITUTES:
        line = line.replace(said, meant)
    done = subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=place.home,
        env=place.environ(PATH=f"{place.home}/bin:{place.environ()['PATH']}"),
        input=STDIN,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, (done.stdout[-400:], done.stderr[-800:])
    assert done.stdout or ">" in line or "budget" in line
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", [line for line in everything() if is_served(line)])
def test_a_line_that_starts_the_bot_starts_it(place: Place, line: str) -> None:
    with SlackDouble() as slack:
        tokens = (
            ("xoxb-…", BOT_TOKEN),
            ("xapp-…", APP_TOKEN),
            ("SECRET=…", f"SECRET={slack.signing_secret}"),
        )
        for said, meant in tokens:
            line = line.replace(said, meant)
        port = free_port()
        environ = place.environ(
            PATH=f"{place.home}/bin:{place.environ()['PATH']}", PORT=str(port), SLACK_API_URL=slack.api_url
        )
        command = ["/bin/sh", "-c", line.replace("ftcost serve", "exec ftcost serve")]
        process = subprocess.Popen(command, cwd=place.home, env=environ, stderr=subprocess.PIPE, text=True)
        try:
            if "BOT_TOKEN" in line:
                until_ready(port)
        finally:
            if "BOT_TOKEN" in line:
                process.send_signal(signal.SIGTERM)
            _, said = process.communicate(timeout=SECONDS)
        if "BOT_TOKEN" in line:
            assert process.returncode == 0, said
        else:  # the line that shows what is wrong with a setting
            assert process.returncode == 1
            assert "SLACK_BOT_TOKEN is missing" in said


def until_ready(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                assert answer.read() == b"ok\n"
                return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.mark.skipif(shutil.which("redis-cli") is None, reason="needs redis-cli")
@pytest.mark.parametrize("program", SERVERS, ids=lambda path: Path(path).name)
def test_the_lines_of_redis_md_work_in_their_order(program: str, tmp_path: Path) -> None:
    """The user's rights, what a ledger asks, and a back-up that comes back."""
    config = tmp_path / "redis.conf"
    config.write_text("")
    lines = [line for line in everything() if line.startswith("redis-cli")]
    assert len(lines) == 7
    with running(program, tmp_path / "first", config=config) as port:
        for line in lines:
            said = subprocess.run(
                ["/bin/sh", "-c", line.replace("redis.example.com:6379", f"127.0.0.1:{port}")],
                cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            )  # fmt: skip
            assert said.returncode == 0, said.stderr
            assert "ERR" not in said.stdout, (line, said.stdout)
            if line is lines[-2]:
                url = f"redis://127.0.0.1:{port}/0"
                store = open_store(url, tmp_path)
                assert (store.examined().trouble, store.examined().ledger) == ("", "")
                assert store.append("ledger:T:C", b"entry").kept
                store.close()
    (tmp_path / "second").mkdir()
    shutil.copy(tmp_path / "backup.rdb", tmp_path / "second" / "dump.rdb")
    with running(program, tmp_path / "second", "--appendonly", "no") as port:
        again = open_store(f"redis://127.0.0.1:{port}/0", tmp_path)
        assert again.entries("ledger:T:C") == (b"entry",)
        again.close()


def test_every_setting_is_described_and_no_other() -> None:
    described = set(re.findall(r"^\| (`.+?`) \|", (ROOT / "docs" / "deploy.md").read_text(), re.MULTILINE))
    names = {name for row in described for name in re.findall(r"`([A-Z_]+)`", row)}
    assert names == set(EXAMPLES)


def test_no_document_claims_a_package_index_that_does_not_have_it() -> None:
    for page in PAGES:
        assert not re.search(r"(pip|pipx|uv) (tool )?install (-\S+ )*ftcost", page.read_text()), page


def test_every_link_inside_the_documents_leads_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
            if target.startswith(("http", "mailto:")):
                continue
            path, _, anchor = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            assert file.exists(), (page.name, target)
            if anchor and file.suffix == ".md":
                titles = re.findall(r"^#+ (.+)$", file.read_text(), re.MULTILINE)
                assert anchor in {slug(title) for title in titles}, (page.name, target)


def slug(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_the_python_of_the_readme_runs() -> None:
    [code] = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_blocks_of_other_languages_are_well_formed() -> None:
    for page in PAGES:
        for code in re.findall(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL):
            yaml.safe_load(code)
        for code in re.findall(r"```(?:nginx|caddy)\n(.*?)```", page.read_text(), re.DOTALL):
            assert code.count("{") == code.count("}")
            assert "/slack/events" in code
            assert "127.0.0.1:3000" in code

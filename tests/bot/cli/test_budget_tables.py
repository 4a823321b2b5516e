"""`ftcost budget import`, `ftcost budget export`: a table into the store and out of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from patience import PATIENCE_SECONDS

from bot.cli.group import main
from bot.store.embedded import EmbeddedStore

TABLE = "kind,amount,currency,command\nlimit,5000,CNY,\nadd,90,cny,cloud bill\n"
PLACE = ("T1", "C1")


@pytest.fixture
def environ(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A server of this machine."""
    store = EmbeddedStore(tmp_path / "state")
    store.wait_until_ready(PATIENCE_SECONDS)
    yield {"REDIS_URL": f"unix://{store.server.socket_path}", "HOME": str(tmp_path)}
    store.close()


def run(environ: dict[str, str], *words: str, text: str = "") -> Result:
    return CliRunner().invoke(main, ["budget", *words], env=environ, input=text)


def test_a_table_goes_in_once_and_comes_out(environ: dict[str, str]) -> None:
    first = run(environ, "import", *PLACE, "-", text=TABLE)
    assert first.exit_code == 0, first.output
    assert "imported 2 entries; 0 stood there already" in first.output
    assert (
        "imported 0 entries; 2 stood there already" in run(environ, "import", *PLACE, "-", text=TABLE).output
    )
    out = run(environ, "export", *PLACE)
    assert out.exit_code == 0
    lines = out.stdout.splitlines()
    assert len(lines) == 3
    assert "cloud bill" in lines[2]
    assert "imported 0 entries" in run(environ, "import", *PLACE, "-", text=out.stdout).output


def test_a_table_with_mistakes_is_refused_whole(environ: dict[str, str]) -> None:
    refused = run(environ, "import", *PLACE, "-", text="kind,amount,currency\nadd,1,CNY\nadd,much,CNY\n")
    assert refused.exit_code == 1
    assert "line 3: 'much' is no amount" in refused.output
    assert len(run(environ, "export", *PLACE).stdout.splitlines()) == 1


def test_without_a_store_it_says_where_to_ask(tmp_path: Path) -> None:
    refused = run({"REDIS_URL": "", "HOME": str(tmp_path)}, "export", *PLACE)
    assert refused.exit_code == 1
    assert "REDIS_URL" in refused.output

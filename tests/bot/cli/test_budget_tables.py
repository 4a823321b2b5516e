"""`ftcost budget import`, `ftcost budget export`: a table into the store and out of it."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from patience import PATIENCE_SECONDS

from bot.cli.group import main
from bot.store.embedded import EmbeddedServer, EmbeddedStore, is_answering

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
    return CliRunner().invoke(main, ["budget", *words], env={"LC_ALL": "C", **environ}, input=text)


def test_a_table_goes_in_once_and_comes_out(environ: dict[str, str]) -> None:
    first = run(environ, "import", *PLACE, "-", text=TABLE)
    assert first.exit_code == 0, first.output
    assert "Imported 2 entries; 0 stood here already" in first.output
    assert (
        "Imported 0 entries; 2 stood here already" in run(environ, "import", *PLACE, "-", text=TABLE).output
    )
    out = run(environ, "export", *PLACE)
    assert out.exit_code == 0
    lines = out.stdout.splitlines()
    assert len(lines) == 3
    assert "cloud bill" in lines[2]
    assert "Imported 0 entries" in run(environ, "import", *PLACE, "-", text=out.stdout).output


def test_a_table_with_mistakes_is_refused_whole(environ: dict[str, str]) -> None:
    refused = run(environ, "import", *PLACE, "-", text="kind,amount,currency\nadd,1,CNY\nadd,much,CNY\n")
    assert refused.exit_code == 1
    assert "line 3: much is no amount" in refused.output
    nothing = run(environ, "export", *PLACE)
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "nothing was booked in channel C1 of team T1" in nothing.stderr


@pytest.mark.parametrize(
    "table",
    [
        "kind,amount,currency,command\nadd,1,CNY,机器\n".encode("gbk"),
        "kind,amount,currency\nadd,1,CNY\n".encode("utf-16"),
        bytes(range(256)),
    ],
    ids=["gbk", "utf-16", "binary"],
)
def test_a_file_that_is_no_text_is_one_sentence(
    environ: dict[str, str], tmp_path: Path, table: bytes
) -> None:
    (tmp_path / "table.csv").write_bytes(table)
    refused = run(environ, "import", *PLACE, str(tmp_path / "table.csv"))
    assert refused.exit_code == 1
    assert "no UTF-8 text" in refused.output
    assert isinstance(refused.exception, SystemExit)


def test_rows_of_another_currency_take_the_rate_of_the_limit(environ: dict[str, str]) -> None:
    table = "kind,amount,currency\nlimit,5000,CNY\nadd,10,USD\n"
    assert run(environ, "import", *PLACE, "-", text=table).exit_code == 0
    rows = list(csv.DictReader(run(environ, "export", *PLACE).stdout.splitlines()))
    assert [(each["amount"], each["rate_currency"], bool(each["rate"])) for each in rows] == [
        ("5000", "", False),
        ("10", "CNY", True),
    ]


def test_in_the_language_of_the_terminal(environ: dict[str, str]) -> None:
    taken = run(environ | {"LC_ALL": "zh_CN.UTF-8"}, "import", *PLACE, "-", text=TABLE)
    assert "已导入 2 条记录" in taken.output
    refused = run(environ | {"LC_ALL": "zh_CN.UTF-8"}, "import", *PLACE, "-", text="kind,amount\nadd,much\n")
    assert refused.exit_code == 1
    assert "没有导入任何记录" in refused.output


@pytest.fixture
def embedded(tmp_path: Path) -> dict[str, str]:
    """The directory of a bot without Redis, which is not running; its own store is gone again."""
    store = EmbeddedStore(tmp_path / "state")
    assert store.wait_until_ready(PATIENCE_SECONDS)
    store.close()
    return {"FTCOST_STATE_DIR": str(tmp_path / "state"), "REDIS_URL": "", "HOME": str(tmp_path)}


def test_the_store_of_a_bot_without_redis_is_opened_where_it_lies(embedded: dict[str, str]) -> None:
    taken = run(embedded, "import", *PLACE, "-", text=TABLE)
    assert taken.exit_code == 0, taken.output
    out = run(embedded, "export", *PLACE)
    assert [each["command"] for each in csv.DictReader(out.stdout.splitlines())] == ["", "cloud bill"]
    assert not is_answering(EmbeddedServer(Path(embedded["FTCOST_STATE_DIR"])).socket_path)


def test_a_bot_that_runs_on_it_goes_on(embedded: dict[str, str]) -> None:
    bot = EmbeddedStore(Path(embedded["FTCOST_STATE_DIR"]))
    assert bot.wait_until_ready(PATIENCE_SECONDS)
    try:
        assert run(embedded, "import", *PLACE, "-", text=TABLE).exit_code == 0
        assert len(bot.entries("ledger:T1:C1") or ()) == 2
        assert len(run(embedded, "export", *PLACE).stdout.splitlines()) == 3
    finally:
        bot.close()


def test_where_no_bot_kept_anything_nothing_is_written(tmp_path: Path) -> None:
    elsewhere = {"REDIS_URL": "", "FTCOST_STATE_DIR": str(tmp_path / "elsewhere"), "HOME": str(tmp_path)}
    for words in (("export", *PLACE), ("import", *PLACE, "-")):
        refused = run(elsewhere, *words, text=TABLE)
        assert refused.exit_code == 1
        assert all(name in refused.output for name in ("FTCOST_STATE_DIR", "REDIS_URL"))
        assert not refused.stdout
    assert not (tmp_path / "elsewhere").exists()


def test_a_server_that_does_not_start_is_one_sentence(embedded: dict[str, str]) -> None:
    manifest = next(Path(embedded["FTCOST_STATE_DIR"]).rglob("*.manifest"))
    manifest.write_text("no manifest\n")
    for words in (("export", *PLACE), ("import", *PLACE, "-")):
        refused = run(embedded, *words, text=TABLE)
        assert refused.exit_code == 1
        assert "it did not start" in refused.stderr
        assert not refused.stdout


def test_a_server_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    away = {"REDIS_URL": "redis://127.0.0.1:1/0", "HOME": str(tmp_path)}
    refused = run(away, "export", *PLACE)
    assert refused.exit_code == 1
    assert "nothing listens there" in refused.stderr
    assert not refused.stdout

import os
import signal
import subprocess
import sys
from pathlib import Path

from patience import PATIENCE_SECONDS

from bot.store import open_store
from bot.store.embedded import SOCKET_PATH_LIMIT_BYTES, EmbeddedServer, EmbeddedStore, is_answering


def ready(state_dir: Path) -> EmbeddedStore:
    store = EmbeddedStore(state_dir)
    store.wait_until_ready(PATIENCE_SECONDS)
    return store


def test_what_was_appended_survives_a_restart(tmp_path: Path) -> None:
    first = ready(tmp_path)
    first.append("ledger", b"entry")
    first.close()
    second = ready(tmp_path)
    assert second.entries("ledger") == (b"entry",)
    second.close()


def test_opening_does_not_wait_for_the_server(tmp_path: Path) -> None:
    store = open_store(None, tmp_path)
    store.set("key", b"value", ttl_seconds=60)
    assert store.get("key") == b"value"
    store.close()


def test_two_processes_with_one_directory_share_its_server(tmp_path: Path) -> None:
    first, second = ready(tmp_path), ready(tmp_path)
    first.set("key", b"value", ttl_seconds=60)
    assert second.get("key") == b"value"
    second.close()
    assert first.get("key") == b"value"
    first.close()
    assert not is_answering(first.server.socket_path)


def test_a_server_whose_starter_was_killed_is_taken_over_and_stopped(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bot.store.embedded import EmbeddedServer;"
        "EmbeddedServer(Path(sys.argv[1])).start(); print('started', flush=True); sys.stdin.read()"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with starter:
        assert starter.stdout is not None
        assert starter.stdout.readline() == b"started\n"
        os.kill(starter.pid, signal.SIGKILL)
    orphan = EmbeddedServer(tmp_path)
    assert is_answering(orphan.socket_path)
    heir = ready(tmp_path)
    heir.set("key", b"value", ttl_seconds=60)
    heir.close()
    assert not is_answering(orphan.socket_path)


def test_a_deep_directory_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    store = ready(deep)
    assert len(os.fsencode(store.server.socket_path)) <= SOCKET_PATH_LIMIT_BYTES
    assert store.server.socket_path.parent.stat().st_mode & 0o077 == 0
    assert store.health().durable
    store.close()
    assert (deep / "valkey" / "appendonlydir").is_dir()


def test_stopping_twice_is_harmless(tmp_path: Path) -> None:
    store = ready(tmp_path)
    store.close()
    store.close()

"""Where workers count: each installation apart, and nothing left of those that were killed."""

from pathlib import Path

from bot.cli.counts import PREFIX, counted_in


def test_what_a_killed_one_left_is_cleared_and_what_is_in_use_is_not(tmp_path: Path) -> None:
    left = tmp_path / f"{PREFIX}left"
    left.mkdir()
    (left / "counter_7.db").write_bytes(b"1")
    with counted_in(tmp_path) as ours:
        (ours / "counter_8.db").write_bytes(b"1")
        assert not left.exists()
        with counted_in(tmp_path) as others:
            assert sorted(tmp_path.glob(f"{PREFIX}*")) == sorted([ours, others])
            assert (ours / "counter_8.db").exists()
    assert list(tmp_path.iterdir()) == []

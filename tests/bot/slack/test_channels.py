"""What is remembered of a channel is believed in its own shape only; else Slack is asked."""

import pytest

from bot.slack.channels import _facts_of


@pytest.mark.parametrize("kept", [None, b"", b"{", b"[]", b"7", b'"x"', b"{}", b'{"creator": "U1"}', b"\xff"])
def test_a_value_of_another_shape_counts_for_nothing(kept: bytes | None) -> None:
    assert _facts_of(kept) is None


def test_what_was_kept_is_what_was_known() -> None:
    facts = _facts_of(b'{"is_shared": true, "creator": "U1", "of the future": 1}')
    assert facts is not None
    assert (facts.is_shared, facts.creator) == (True, "U1")

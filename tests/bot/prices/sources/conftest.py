"""A web server of our own in the place of a source."""

from collections.abc import Iterator

import pytest
from fake_web import FakeWeb


@pytest.fixture
def web() -> Iterator[FakeWeb]:
    with FakeWeb() as running:
        yield running

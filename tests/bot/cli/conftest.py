"""Commands are invoked in the process of the tests, and leave it as they found it."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from bot.settings import LogFormat, LogLevel


@pytest.fixture(autouse=True)
def _logs_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A command says what is logged, for good: other tests look at what it would leave out."""

    def configure(_: LogFormat, level: LogLevel) -> None:
        least = logging.getLevelNamesMapping()[level.upper()]
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(least))

    monkeypatch.setattr("bot.observe.configure_logging", configure)
    before = structlog.get_config() if structlog.is_configured() else None
    yield
    if before is None:
        structlog.reset_defaults()
    else:
        structlog.configure(**before)

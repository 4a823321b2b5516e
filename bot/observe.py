"""What an operator sees: structured logs without secrets, Prometheus metrics, health."""

import logging
import os
import re
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import structlog

from bot.settings import LogFormat, LogLevel

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry, Histogram

_SECRET: Final = re.compile(
    r"xox[a-z][-.\w]+|xapp-[-\w]+|hf_\w{8,}|https://hooks\.slack\.com/\S+|(?<=://)(?!:PASSWORD@)[^/@\s]+(?=@)"
)
_QUIET_LOGGERS: Final = ("slack_sdk", "urllib3")
_ACK_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3)
_CARD_BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 15)

Log = Any
"""A structlog logger; its methods are made at run time."""


def configure_logging(log_format: LogFormat, level: LogLevel) -> None:
    """Send everything, the libraries' records too, to stderr as JSON lines or for a person to read."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_formatter(log_format, shared))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name in _QUIET_LOGGERS:  # below warnings they print tokens and what people typed
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level.upper())))


def _formatter(log_format: LogFormat, shared: list[Any]) -> logging.Formatter:
    as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
    last = as_json if log_format == "json" else _for_a_person()
    processors: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        without_secrets,
        last,
    ]
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=processors)


def _for_a_person() -> Any:
    """Traces without the values of variables: they hold what people typed, and secrets."""
    return structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def without_secrets(_logger: object, _method: str, event: dict[str, Any]) -> dict[str, Any]:
    """The event with tokens, response addresses and passwords in addresses blotted out."""
    return {
        key: _SECRET.sub("[secret]", each) if isinstance(each, str) else each for key, each in event.items()
    }


def get_log(name: str) -> Log:
    """The logger of a module."""
    return structlog.stdlib.get_logger(name)


def new_reference() -> str:
    """Eight characters that the user is shown and the log holds."""
    return secrets.token_hex(4)


_SHARED: Final = "PROMETHEUS_MULTIPROC_DIR"
"""The library's own switch: it looks at it when it is first imported."""


def share_metrics(directory: Path) -> None:
    """Count in files there, so that each worker tells what all have counted; before any `Metrics`."""
    os.environ[_SHARED] = str(directory)


def forget_worker(pid: int) -> None:
    """What a worker was doing when it ended is not being done any more; what it has counted stays."""
    from prometheus_client import multiprocess  # noqa: PLC0415  -- see `share_metrics`

    multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]  # it has no annotations


class Metrics:
    """The counters and histograms of one process; each has its own registry, so tests do not share them."""

    def __init__(self) -> None:
        from prometheus_client import CollectorRegistry  # noqa: PLC0415  -- see `share_metrics`

        self.registry = CollectorRegistry()
        self._measure_time()
        self._count()
        self._gauge()

    def _measure_time(self) -> None:
        from prometheus_client import Histogram  # noqa: PLC0415  -- likewise

        self.acknowledged = Histogram(
            "ftcost_ack_seconds",
            "From the request of Slack to our acknowledgement.",
            ["kind"],
            buckets=_ACK_BUCKETS,
            registry=self.registry,
        )
        self.answered = Histogram(
            "ftcost_answer_seconds",
            "From the acknowledgement to the posted card.",
            ["kind"],
            buckets=_CARD_BUCKETS,
            registry=self.registry,
        )

    def _count(self) -> None:
        from prometheus_client import Counter  # noqa: PLC0415  -- likewise

        new = partial(Counter, registry=self.registry)
        self.answers = new("ftcost_answers", "Replies by outcome.", ["outcome"])
        self.failures = new("ftcost_failures", "Bugs that a user was told of.")
        self.slack_errors = new("ftcost_slack_errors", "Refusals of Slack's Web API.", ["method", "error"])
        self.refused = new("ftcost_refused", "Requests that Slack did not sign.", ["reason"])
        self.turned_away = new("ftcost_turned_away", "Requests that were one too many.")
        self.duplicates = new("ftcost_duplicates", "Events delivered again.")

    def _gauge(self) -> None:
        from prometheus_client import Gauge  # noqa: PLC0415  -- likewise

        self.working = Gauge(
            "ftcost_working",
            "Acknowledged and not yet answered.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )
        self.last_envelope = Gauge(
            "ftcost_last_envelope_timestamp_seconds",
            "When Slack last sent something over a web socket; 0: never.",
            registry=self.registry,
            multiprocess_mode="max",
        )

    @property
    def exposed(self) -> "CollectorRegistry":
        """What Prometheus is told: of all workers, where there are several."""
        if _SHARED not in os.environ:
            return self.registry
        from prometheus_client import CollectorRegistry, multiprocess  # noqa: PLC0415  -- likewise

        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]  # it has no annotations
        return shared

    @contextmanager
    def timed(self, histogram: "Histogram", kind: str) -> Iterator[None]:
        """Observe how long the block takes."""
        start = perf_counter()
        try:
            yield
        finally:
            histogram.labels(kind).observe(perf_counter() - start)

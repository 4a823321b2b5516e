"""One bounded HTTP request: a time-out on each wait, a deadline for the whole, a cap on the size."""

import time
from collections.abc import Iterator, Mapping
from typing import Any, Final

import requests

from bot.prices.port import SourceDown

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
DEADLINE_SECONDS: Final = 60.0
CHUNK_BYTES: Final = 1 << 16
USER_AGENT: Final = "ftcost (GPU price look-up)"


def fetched_bytes(
    url: str,
    *,
    max_bytes: int,
    json: Mapping[str, Any] | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> bytes:
    """The body at `url`: GET, or POST of `json`.

    Raises:
        SourceDown: no answer, not a good one, too slow, or too large.
    """
    return b"".join(fetched_chunks(url, max_bytes=max_bytes, json=json, deadline_seconds=deadline_seconds))


def fetched_chunks(
    url: str,
    *,
    max_bytes: int,
    json: Mapping[str, Any] | None = None,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Iterator[bytes]:
    """The same, a piece at a time."""
    deadline = time.monotonic() + deadline_seconds
    try:
        with requests.request(
            "GET" if json is None else "POST",
            url,
            json=json,
            headers={"User-Agent": USER_AGENT},
            timeout=(min(CONNECT_SECONDS, deadline_seconds), min(READ_SECONDS, deadline_seconds)),
            stream=True,
        ) as response:
            response.raise_for_status()
            yield from _within(response.iter_content(CHUNK_BYTES), max_bytes, deadline)
    except requests.RequestException as error:
        raise SourceDown(f"{_host(url)}: {_reason(error)}") from error


def _within(chunks: Iterator[bytes], max_bytes: int, deadline: float) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes:
            raise SourceDown(f"its answer is larger than {max_bytes} bytes")
        if time.monotonic() > deadline:
            raise SourceDown("its answer did not end in time")
        yield chunk


def _host(url: str) -> str:
    return url.split("/")[2]


def _reason(error: requests.RequestException) -> str:
    if error.response is not None:
        return f"HTTP {error.response.status_code}"
    return "timed out" if isinstance(error, requests.Timeout) else type(error).__name__

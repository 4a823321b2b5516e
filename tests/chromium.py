"""A real browser for the end-to-end tests: one that is installed, never one that is downloaded."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from patience import PATIENCE_SECONDS
from playwright.sync_api import Browser, ConsoleMessage, Page, expect, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
TIMEOUT_MILLISECONDS = 1000 * PATIENCE_SECONDS
HOW = "NO BROWSER: set FTCOST_CHROMIUM to a Chromium, or `apt-get install chromium`; these tests did not run"


def chromium_path() -> str | None:
    """`FTCOST_CHROMIUM`, else the first Chromium on the path."""
    found = (shutil.which(name) for name in NAMES)
    return os.environ.get("FTCOST_CHROMIUM") or next((path for path in found if path), None)


def launched_browser() -> Iterator[Browser]:
    """A headless browser; without one tests skip, or fail where `FTCOST_REQUIRE_BROWSER` is set."""
    if (path := chromium_path()) is None:
        if os.environ.get("FTCOST_REQUIRE_BROWSER"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    expect.set_options(timeout=TIMEOUT_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Window:
    """One window on a playground; whatever the page complains about fails the test that opened it."""

    def __init__(self, browser: Browser, url: str, **look: Any) -> None:
        self.url, _, self._key = url.partition("/?")
        self.context = browser.new_context(**look)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(TIMEOUT_MILLISECONDS)
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.on("request", lambda request: self.addresses.append(request.url))

    def open(self, path: str = "/") -> Page:
        """Go to a path of the playground and wait until the channel is drawn."""
        self.page.goto(f"{self.url}{path.partition('?')[0]}?{self._key}")
        if "?" in path:  # the key is taken in first; then a cookie opens the door
            self.page.goto(f"{self.url}{path}")
        self.page.wait_for_selector(".pane-head h1")
        return self.page

    def _hear(self, line: ConsoleMessage) -> None:
        if line.type == "error":
            self.complaints.append(line.text)

    def close(self) -> None:
        """Close it, and say what was wrong."""
        self.context.close()
        elsewhere = [address for address in self.addresses if not address.startswith((self.url, "data:"))]
        assert elsewhere == []
        assert self.complaints == []

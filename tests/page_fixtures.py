"""Fixtures of the end-to-end tests: a playground of some app, and windows on it.

A module asks for them with `pytest_plugins = ("page_fixtures",)` and overrides `make_app` for another app.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import Window, launched_browser
from playwright.sync_api import Browser
from tiny_app import make_tiny_app

from bot.bootstrap import Shell, build_shell, playground_settings
from bot.http.server import WsgiApp
from bot.playground import Playground, start_playground
from bot.playground.run import MakeApp
from bot.settings import Settings
from bot.store import Store

LOOKS: dict[str, dict[str, Any]] = {
    "desktop-light": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light"},
    "chinese": {"viewport": {"width": 1280, "height": 860}, "color_scheme": "light", "locale": "zh-CN"},
    "phone-dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests."""
    yield from launched_browser()


@pytest.fixture
def make_app() -> MakeApp:
    """The app behind the page."""
    return make_tiny_app


@pytest.fixture
def real_app(tmp_path: Path) -> Iterator[Callable[..., MakeApp]]:
    """The whole bot with the prices that it ships, over a store of ours or one that it embeds."""
    shells: list[Shell] = []
    base = Settings.model_validate({"state_dir": tmp_path, "price_sources": "snapshot", "hub_offline": True})

    def over(store: Store | None = None) -> MakeApp:
        def make(**slack: str) -> WsgiApp:
            settings = playground_settings(base, tmp_path, **slack)
            shells.append(build_shell(settings, store))
            return shells[-1].wsgi

        return make

    yield over
    for shell in shells:  # their work is finished before the next test
        shell.close(3)


@pytest.fixture
def playground(browser: Browser, make_app: MakeApp) -> Iterator[Playground]:
    """A running playground of `make_app`; the browser comes first, so that without one nothing is started."""
    running = start_playground(make_app)
    yield running
    running.stop()


@pytest.fixture
def window(browser: Browser, playground: Playground) -> Iterator[Callable[..., Window]]:
    """Opens windows of a given look."""
    opened: list[Window] = []

    def open_window(look: str = "desktop-light", *, url: str = "") -> Window:
        opened.append(Window(browser, url or playground.url, **LOOKS[look]))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()


@pytest.fixture(params=["desktop-light", "phone-dark"])
def any_window(request: pytest.FixtureRequest, window: Callable[..., Window]) -> Window:
    """A window of every look in turn."""
    return window(request.param)

"""Say which browser the end-to-end tests will drive; with --install try to get one without root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
INSTALL_SECONDS = 120


def installed_browser() -> str | None:
    """Path of a Chromium: FTCOST_CHROMIUM, one on PATH, or one that Playwright downloaded before."""
    named = os.environ.get("FTCOST_CHROMIUM")
    if named:
        return named if Path(named).is_file() else None
    on_path = next((path for name in CANDIDATES if (path := shutil.which(name))), None)
    return on_path or _downloaded()


def _downloaded() -> str | None:
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    found = sorted(
        [*cache.glob("chromium*/chrome-linux*/chrome"), *cache.glob("chromium*/**/headless_shell")]
    )
    return str(found[-1]) if found else None


def _download() -> None:
    """Playwright's own download; it needs the network and gives up by itself without one."""
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    try:
        subprocess.run(command, timeout=INSTALL_SECONDS, check=False, capture_output=True)  # noqa: S603
    except subprocess.TimeoutExpired:
        return


def main() -> None:
    """Print the browser, or how to get one."""
    browser = installed_browser()
    if browser is None and "--install" in sys.argv:
        print("No Chromium found; trying to download one (no root needed) ...")
        _download()
        browser = installed_browser()
    if browser is None:
        print(
            "NO BROWSER: the tests that drive one will be SKIPPED. Install Chromium (Debian: apt-get install"
        )
        print("chromium) or name one with FTCOST_CHROMIUM=/path/to/chrome.")
    else:
        print(f"Browser for the end-to-end tests: {browser}")


if __name__ == "__main__":
    main()

"""Fixtures of browser tests: `umpire up` for real, and Debian's chromium over its pages. Skipped where there is no chromium."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from engine import embedded
from tests.browser.site import Site, Visitor
from tests.paths import ROOT

START_SECONDS = 90.0
_CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`umpire up` with the synthetic plan and its sample requests, looked at by its worker; stopped at the end."""
    home = tmp_path_factory.mktemp("browser") / "home"
    kept = {name: value for name, value in os.environ.items() if name not in ("TEMPORAL_ADDRESS", "DATABASE_URL")}
    port, web_port = embedded.find_free_port(), embedded.find_free_port()
    environment = kept | {
        "UMPIRE_HOME": str(home),
        "UMPIRE_PORT": str(port),
        "UMPIRE_WEB_PORT": str(web_port),
        "PYTHONUNBUFFERED": "1",
    }
    log = home.parent / "up.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up"], env=environment, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        until = time.monotonic() + START_SECONDS
        while "Ctrl-C stops everything." not in log.read_text():
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        site = Site(f"http://127.0.0.1:{web_port}", environment)
        site.wait_for_samples()
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A headless browser. Skips without chromium, which CI installs."""
    if _CHROMIUM is None:
        pytest.skip("there is no chromium on this machine: 'apt-get install chromium' as root brings it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=_CHROMIUM, args=list(_FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def visit(site: Site, chromium: Any) -> Iterator[Callable[..., Visitor]]:
    """Opens a browser of its own for somebody: `visit("nurse.adams", width=390, dark=True, script=False)`."""
    opened: list[Visitor] = []

    def open_browser(
        subject: str | None = None, *, width: int = 1440, height: int = 900, dark: bool = False, script: bool = True
    ) -> Visitor:
        context = chromium.new_context(
            base_url=site.address,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        visitor = Visitor(site, context)
        opened.append(visitor)
        if subject is not None:
            visitor.sign_in(subject)
        return visitor

    yield open_browser
    for visitor in opened:
        visitor.context.close()

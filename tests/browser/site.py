"""A running Umpire and its visitors, for browser tests."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from tests.paths import ROOT

SAMPLES = 18
_READY_SECONDS = 90.0


@dataclass(frozen=True)
class Site:
    """A running `umpire up`: the address of its pages, and the environment in which its commands find it."""

    address: str
    environment: dict[str, str]
    submitted: list[Any] = field(default_factory=list)

    def umpire(self, *words: str) -> Any:
        """Run a command of the command line with --json; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *words, "--json"],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in (0, 7), done.stderr + done.stdout
        return json.loads(done.stdout)

    def wait_for_samples(self) -> None:
        """Wait until the worker has looked at every sample request."""
        until = time.monotonic() + _READY_SECONDS
        while True:
            found = self.umpire("cases")
            if len(found) == SAMPLES and {one["status"] for one in found} == {"open", "approved"}:
                return
            assert time.monotonic() < until, found
            time.sleep(0.3)

    def end_sessions(self, account_id: str) -> None:
        """Let every session of the account be one in which nobody has done anything for long."""
        with sqlite3.connect(self.environment["UMPIRE_HOME"] + "/umpire.db", timeout=30) as store:
            long_ago = "2020-01-01 00:00:00.000000"
            store.execute("update sessions set last_seen_at = ? where account_id = ?", (long_ago, account_id))

    def submit(self, sample: str, **changes: Any) -> str:
        """Submit a sample request of samples/requests with other values at the top; the number of its case."""
        raw = json.loads((ROOT / "samples" / "requests" / f"{sample}.json").read_text())
        path = Path(self.environment["UMPIRE_HOME"]) / f"{sample}-{time.monotonic_ns()}.json"
        path.write_text(json.dumps(raw | changes))
        (done,) = self.umpire("submit", str(path))
        return str(done["case_id"])

    def another_fusion(self) -> str:
        """Submit the spine surgery of the samples for other days, and wait for its nurse review; the number of the new case."""
        raw = json.loads((ROOT / "samples" / "requests" / "lumbar-fusion.json").read_text())
        self.submitted.append(raw)
        shift = timedelta(days=30 * len(self.submitted))
        for line in raw["lines"]:
            for name in ("start", "end"):
                line[name] = (date.fromisoformat(line[name]) + shift).isoformat()
        raw["submission_id"] += f"-{len(self.submitted)}"
        raw["trace_numbers"] = [f"LS-FUS-9{len(self.submitted):03}"]
        path = Path(self.environment["UMPIRE_HOME"]) / f"fusion-{len(self.submitted)}.json"
        path.write_text(json.dumps(raw))
        case_id = str(self.umpire("submit", str(path))[0]["case_id"])
        until = time.monotonic() + _READY_SECONDS
        while not any(one["kind"] == "nurse_review" for one in self.umpire("show", case_id)["tasks"]):
            assert time.monotonic() < until, case_id
            time.sleep(0.3)
        return case_id


class Visitor:
    """One browser of one person, with every request that its pages made."""

    def __init__(self, site: Site, context: Any) -> None:
        self.site, self.context = site, context
        self.page = context.new_page()
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)

    def sign_in(self, subject: str) -> None:
        """Sign in by one click on the sign-in page, as somebody of the invented plan."""
        kind = "provider" if subject.isdecimal() else "reviewer"
        self.page.goto("/sign-in")
        self.page.click(f'button[value="{kind}:{subject}"]')
        self.page.wait_for_load_state()
        assert "/sign-in" not in self.page.url, self.page.content()

    def open(self, address: str) -> Any:
        """Open a page; its answer's status is returned by `.status`."""
        return self.page.goto(address)

    def send(self, button: Any) -> None:
        """Click a button that sends a form, and wait for the page that answers it."""
        with self.page.expect_navigation():
            button.click()

    def faults(self) -> list[str]:
        """The violations of WCAG that axe finds on the open page, each with its places."""
        found = Axe().run(self.page).response["violations"]
        return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]

    def overflow(self) -> int:
        """The pixels by which the page is wider than its window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def widest(self) -> str:
        """The parts of the page that reach beyond its window, by their tags and classes."""
        script = """[...document.querySelectorAll('body *')]
            .filter(part => part.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            .map(part => part.tagName.toLowerCase() + '.' + part.className).slice(0, 5).join(', ')"""
        return str(self.page.evaluate(script))

    def inline_parts(self) -> int:
        """The number of inline scripts, styles and event handlers."""
        return int(
            self.page.evaluate(
                "document.querySelectorAll('style,[style],script:not([src]),[onclick],[onload],[onsubmit]').length"
            )
        )

    def foreign_requests(self) -> list[str]:
        """The addresses that were asked for outside this site."""
        return [url for url in self.asked if not url.startswith((self.site.address, "data:", "blob:"))]

"""The worker hangs and is killed while people act: nothing is lost, the page says so, and each act is done once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.browser.site import Site, Visitor

Visit = Callable[..., Visitor]
SAID = "6 of 12 months of treatment are documented; the worker was away."
NOTE = "The clinic sends the films; said while the worker was away."
PATIENCE_SECONDS = 90.0


def worker_of(site: Site) -> int:
    """The process id of this site's own worker."""
    home = f"UMPIRE_HOME={site.environment['UMPIRE_HOME']}".encode()
    for place in Path("/proc").iterdir():
        try:
            command, given = (place / "cmdline").read_bytes(), (place / "environ").read_bytes()
        except OSError:
            continue
        if b"worker.py" in command and home in given.split(b"\0"):
            return int(place.name)
    raise AssertionError("the site has no worker")


def test_what_a_person_does_while_the_worker_hangs_and_is_killed_is_done_once_when_one_is_back(
    site: Site, visit: Visit
) -> None:
    case = site.another_fusion()
    site.umpire("claim", f"{case}-T1", "--as", "nurse.adams")
    nurse, clerk = visit("nurse.adams"), visit("intake.kim")
    nurse.open(f"/cases/{case}?task={case}-T1&outcome=refer")
    nurse.page.fill("#f-refer-recommendation", SAID)
    clerk.open(f"/cases/{case}/acts/note")
    clerk.page.locator("main textarea").first.fill(NOTE)
    worker = worker_of(site)
    os.kill(worker, signal.SIGSTOP)
    try:
        nurse.send(nurse.page.locator("button:has-text('Refer'):visible").first)
        assert "you need not send it again" in nurse.page.inner_text("main"), nurse.page.inner_text("main")
        assert nurse.open(f"/cases/{case}").status == 200, "the pages read the store while the worker is away"
        clerk.send(clerk.page.locator("main form button").last)
        assert "you need not send it again" in clerk.page.inner_text("main"), clerk.page.inner_text("main")
    finally:
        os.kill(worker, signal.SIGKILL)
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        shown = site.umpire("show", case)
        notes = [entry for entry in shown["journal"] if entry["data"].get("text") == NOTE]
        if notes and any(one["kind"] == "physician_review" for one in shown["tasks"]):
            break
        assert time.monotonic() < until, shown["sentence"]
        time.sleep(0.3)
    assert len(notes) == 1
    assert len([one for one in shown["tasks"] if one["kind"] == "physician_review"]) == 1
    assert worker_of(site) != worker
    nurse.open(f"/cases/{case}")
    assert SAID in nurse.page.content()

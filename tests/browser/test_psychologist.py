"""A psychologist at work: the own worklist, and the page on which a psychologist decides and signs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.site import Site, Visitor
from tests.paths import ROOT

Visit = Callable[..., Visitor]
PATIENCE_SECONDS = 90.0
ALMA = {"member_id": "MBR1000001", "family_name": "Whitfield", "given_name": "Alma", "birth_date": "1951-04-12"}


def referred(site: Site, case_id: str) -> dict[str, Any]:
    """Refer the nurse's task of the case; the task of who decides."""
    nurse = ("--as", "nurse.adams")
    first = wait_for(site, case_id, "nurse_review")
    site.umpire("claim", first["task_id"], *nurse)
    said = "The record does not show what the criteria ask for."
    site.umpire("complete", first["task_id"], *nurse, "--outcome", "refer", "--recommendation", said)
    return wait_for(site, case_id, "physician_review")


def wait_for(site: Site, case_id: str, kind: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        shown = site.umpire("show", case_id)
        found = [one for one in shown["tasks"] if one["kind"] == kind and one["status"] == "open"]
        if found:
            return dict(found[0])
        assert time.monotonic() < until, (shown["sentence"], [one["kind"] for one in shown["tasks"]])
        time.sleep(0.3)


@pytest.fixture(scope="module")
def therapy(site: Site) -> str:
    """A course of psychotherapy of a Medicare member, referred by a nurse."""
    lines = json.loads((ROOT / "samples" / "requests" / "behavioral-outpatient.json").read_text())["lines"]
    one = lines[0] | {"code": "H0004", "description": "Psychotherapy, 15 minutes"}
    case_id = site.submit("behavioral-outpatient", member=ALMA, lines=[one], trace_numbers=["RB-BH-9001"])
    referred(site, case_id)
    return case_id


def test_a_psychologist_finds_the_work_of_the_field_takes_it_and_writes_a_decision_without_a_word_prefilled(
    site: Site, visit: Visit, therapy: str
) -> None:
    case_id, who, another = therapy, "psy.rossi", "md.derm.novak"
    task = wait_for(site, case_id, "physician_review")["task_id"]
    signer = visit(who)
    signer.open("/worklist")
    row = signer.page.locator(f"tr.r[id='{task}']")
    assert row.count() == 1 and signer.faults() == []
    signer.send(row.get_by_role("button", name="Claim"))
    assert signer.open(f"/tasks/{task}/decision").status == 200
    assert signer.faults() == [] and signer.page.locator("form#decision").count() == 1
    assert signer.page.locator("form#decision input[type=radio]:checked").count() == 0
    assert all(not one.input_value() for one in signer.page.locator("form#decision textarea").all())
    assert signer.page.locator("[name=password]").count() == 0, "nothing holds yet, so nothing is signed"
    for width in (320, 1440):
        signer.page.set_viewport_size({"width": width, "height": 900})
        assert signer.overflow() <= 0
    assert signer.inline_parts() == 0 and signer.foreign_requests() == [] and signer.errors == []
    outside = visit(another)
    outside.open("/worklist")
    assert outside.page.locator(f"tr.r[id='{task}'] [data-key=c]").count() == 0


def test_a_case_of_psychotherapy_is_on_file_for_the_psychologist_and_for_nobody_at_the_desk_of_intake(
    visit: Visit, therapy: str
) -> None:
    assert visit("psy.rossi").open(f"/cases/{therapy}").status == 200
    assert visit("compliance.ortiz").open(f"/cases/{therapy}").status == 200
    assert visit("intake.kim").open(f"/cases/{therapy}").status == 404

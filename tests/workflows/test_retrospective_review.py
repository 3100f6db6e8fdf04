"""Each path of a retrospective review, from the receipt of the claim to what was learned, with time moved by hand."""

from __future__ import annotations

from billing import billed, claim, day, findings, oxygen_approved, review_of, reviewed, shown

from demo.lab import Lab
from domain.views import CaseStatus
from store import cases, requests


def case_ids(lab: Lab) -> set[str]:
    with lab.store.read() as s:
        return {view.case_id for view in cases.find(s)}


async def test_what_was_authorized_and_billed_as_authorized_is_approved_and_nobody_is_asked(lab: Lab) -> None:
    await oxygen_approved(lab)
    desk = await reviewed(lab, claim(billed()))
    assert findings(desk) == {"1": "authorized"}
    assert desk.view().status is CaseStatus.COMPLETED
    assert shown(desk)["review"] is None
    assert not desk.entries("task_opened")


async def test_units_beyond_the_authorization_go_to_a_case_and_those_within_stay_approved(lab: Lab) -> None:
    await oxygen_approved(lab, months=3)
    desk = await reviewed(lab, claim(billed(units=5)))
    assert findings(desk) == {"1": "differs"}
    assert shown(desk)["lines"][0]["to_be_decided"] == f"2 units, {day(0)} to {day(0)}"
    review = review_of(desk)
    with lab.store.read() as s:
        asked = requests.load(s, review.case_id).request
    assert [str(line.quantity) for line in asked.lines] == ["2"]
    assert asked.review_kind.value == "retrospective"

"""Real-shaped PAS requests from elsewhere, where they are at hand, as running cases of members whom the plan knows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from demo.time_skipping_lab import Lab
from domain.coverage.directory import Coverage, Member
from domain.errors import NotReadable
from domain.vocabulary import Channel, Lob
from intake.submission import submit
from interop.reader import read_request
from services.context import SubmissionResult, SubmissionStatus
from store import directory
from tests.intake.arrivals import context_of, journal_kinds, settle, status
from tests.paths import SHARED

DATA = SHARED / "data" / "pas"
STRANGER = "NOSUCH999"
RECEIVED = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the outside PAS examples are not at hand")

STAYS = {"own/inpatient-emergency-admission-request.json"}
NEGATIVE = sorted(path.name for path in (DATA / "own").glob("neg-*.json")) if DATA.is_dir() else []
INITIAL = (
    [
        *(f"own/{path.name}" for path in sorted((DATA / "own").glob("[!n]*-request.json"))),
        *(f"own/{path.name}" for path in sorted((DATA / "own").glob("ok-*.json"))),
        "testkit-server-v221/approval_pa_submit_request_payload.json",
        "testkit-server-v221/denial_pa_submit_request_payload.json",
        "testkit-server-v221/pended_pa_submit_request_payload.json",
    ]
    if DATA.is_dir()
    else []
)


def content(name: str) -> bytes:
    return (DATA / name).read_bytes()


def enroll(lab: Lab, raw: bytes) -> None:
    """Make whoever the request is for a member of the plan, with coverage on every day."""
    try:
        said = read_request(raw, RECEIVED, Channel.FHIR_PAS).request.member
    except NotReadable:
        return
    if said.member_id == STRANGER:
        return
    member = Member(
        member_id=said.member_id,
        family_name=said.family_name or "Example",
        given_name=said.given_name or "Ann",
        birth_date=said.birth_date or date(1950, 1, 1),
        address=("1 Example Street", "Springfield, IL 62701"),
    )
    coverage = Coverage(
        coverage_id=f"COV-{member.member_id}",
        member_id=member.member_id,
        plan_id="1888888884",
        plan_name="Example Health",
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        effective=date(2000, 1, 1),
    )
    with lab.store.begin() as s:
        directory.put_member(s, member)
        directory.put_coverage(s, coverage)


async def sent(lab: Lab, name: str) -> SubmissionResult:
    raw = content(name)
    enroll(lab, raw)
    outcome = await submit(await context_of(lab), raw, Channel.FHIR_PAS)
    await settle(lab)
    return outcome


@pytest.mark.parametrize("name", INITIAL)
async def test_every_request_that_should_go_through_runs_as_a_case(lab: Lab, name: str) -> None:
    outcome = await sent(lab, name)
    assert outcome.kind is SubmissionStatus.STARTED, outcome.problems
    # a request for days in a hospital is the first word of a stay; every other one is a case of its own
    stay = outcome.case_id is not None and outcome.case_id.startswith("ST-")
    assert stay is (name in STAYS)
    assert outcome.case_id is not None and ("stay_opened" if stay else "request_received") in journal_kinds(
        lab, outcome.case_id
    )


@pytest.mark.parametrize("name", NEGATIVE)
async def test_every_request_that_should_not_is_refused_with_its_own_reason(lab: Lab, name: str) -> None:
    outcome = await sent(lab, f"own/{name}")
    assert outcome.kind is SubmissionStatus.REFUSED
    expected = {"neg-unknown-member.json": {"intake.member_unknown"}}.get(name)
    rules = {problem.rule for problem in outcome.problems}
    assert rules == expected if expected else not any(rule.startswith("intake.") for rule in rules)


async def test_a_request_is_added_to_changed_and_cancelled_as_the_test_kit_does(lab: Lab) -> None:
    kit = "testkit-server-v221/claim_update_{}_submit_payload.json"
    first = await sent(lab, kit.format("initial"))
    assert first.kind is SubmissionStatus.STARTED and first.case_id is not None
    for step in ("add_item", "modify_cancel", "cancel_all"):
        outcome = await sent(lab, kit.format(step))
        assert (outcome.kind, outcome.case_id) == (SubmissionStatus.CHANGED, first.case_id), (step, outcome)
    assert status(lab, first.case_id) == "withdrawn"
    assert journal_kinds(lab, first.case_id).count("request_corrected") == 2


@pytest.mark.parametrize(
    "name",
    [
        "own/therapy-add-and-cancel-item-update.json",
        "testkit-server-v221/must_support_pa_submit_request_payload-1.json",
        "testkit-server-v221/must_support_pa_submit_request_payload-2.json",
    ],
)
async def test_an_update_whose_prior_request_never_came_is_taken_in_as_new(lab: Lab, name: str) -> None:
    outcome = await sent(lab, name)
    assert outcome.kind is SubmissionStatus.STARTED
    assert "intake.prior_unknown" in [note.rule for note in outcome.notes]

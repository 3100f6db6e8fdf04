"""Each path of a retrospective review, from the receipt of the claim to what was learned, with time moved by hand."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from temporalio.api.enums.v1 import ParentClosePolicy

from demo.time_skipping_lab import Lab
from domain.cases.messages import CompleteTask
from domain.cases.tasks import TaskKind, TaskOutcome
from domain.cases.views import CaseStatus
from domain.decisions.prudent_layperson import PROHIBITED_GROUNDS, DenialGround, EmergencyDenial, PresentingFacts
from domain.decisions.signed import LineDecision
from domain.journal import EntryKind
from domain.requests.request import StayReference
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance
from domain.retrospective.parts import ProcessStage, Suspicion
from domain.stays.case import StayCase
from domain.stays.on_file import stay_on_file
from domain.stays.views import case_view as stay_row
from domain.vocabulary import LineOutcome, Lob, Role
from services.context import SubmissionStatus
from store import cases, documents, letters, read_models, requests, retrospective_lessons, tables, tasks
from store.dialect import upsert
from tests.workflows.care_requests import CPAP, OXYGEN_FACTS, TODAY, request
from tests.workflows.lab_case import REASON, LabCase
from tests.workflows.lab_claims import (
    BEGAN,
    FUSION,
    NO_EMERGENCY,
    SYMPTOMS,
    approve_oxygen,
    billed_line,
    claim,
    completed_task,
    day,
    emergency_before_the_physician,
    evidence,
    findings,
    review_of,
    review_summary,
    submit_claim,
)

LONG_AGO = datetime.combine(BEGAN, time(18), UTC)
VISIT = {"code": "G0384", "unit": "visit", "place_of_service": "23"}


def open_kinds(services: LabCase) -> list[TaskKind]:
    with services.lab.store.read() as s:
        return [task.kind for task in tasks.of_case(s, services.case_id) if task.is_open]


def texts_of(services: LabCase, notice: str) -> dict[str, str]:
    """The text of each version of a notice, by audience."""
    with services.lab.store.read() as s:
        found = letters.of_case(s, services.case_id)
    return {one.letter_id.split(":")[2]: one.rendered.text for one in found if one.notice == notice}


async def learned_nothing(services: LabCase) -> None:
    await services.send(await completed_task(services, TaskKind.CLAIM_LESSONS, "nurse.adams", lessons=[], concerns=[]))


# -- what was authorized -----------------------------------------------------------------------------------------------


async def test_what_was_authorized_and_billed_as_authorized_is_approved_and_nobody_is_asked(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line()))
    assert findings(services) == {"1": "authorized"}
    assert services.view().status is CaseStatus.COMPLETED
    assert review_summary(services)["review"] is None
    assert not services.entries("task_opened")


async def test_units_beyond_the_authorization_go_to_a_case_and_those_within_stay_approved(lab: Lab) -> None:
    await approve_oxygen(lab, months=3)
    services = await submit_claim(lab, claim(billed_line(units=5)))
    assert findings(services) == {"1": "differs"}
    assert review_summary(services)["lines"][0]["to_be_decided"] == f"2 units, {day(0)} to {day(0)}"
    with lab.store.read() as s:
        asked = requests.load(s, review_of(services).case_id).request
    assert [line.quantity for line in asked.lines] == [Decimal(2)]
    assert asked.review_kind.value == "retrospective"


async def test_units_that_an_earlier_claim_used_are_not_there_for_the_next(lab: Lab) -> None:
    await approve_oxygen(lab, months=3)
    await submit_claim(lab, claim(billed_line(units=2)))
    second = await submit_claim(lab, claim(billed_line(units=2, start=day(30)), claim_number="C-2"))
    assert review_summary(second)["lines"][0]["to_be_decided"] == f"1 units, {day(30)} to {day(30)}"


async def test_care_that_needed_no_authorization_on_its_date_is_not_reviewed(lab: Lab) -> None:
    supplier = {"servicing_provider": {"npi": "1215000021"}}
    services = await submit_claim(lab, claim(billed_line("E0143", unit="unit"), **supplier))
    assert findings(services) == {"1": "not needed"}
    assert services.view().status is CaseStatus.COMPLETED


async def test_a_claim_that_is_settled_has_the_clocks_that_count_from_its_decision(lab: Lab) -> None:
    """The others stand where they were. Nothing was denied, so the notice of a denied payment is not owed."""
    supplier = {"servicing_provider": {"npi": "1215000021"}, "member": {"member_id": "MBR1000003"}}
    services = await submit_claim(lab, claim(billed_line("E0143", unit="unit"), **supplier))
    assert services.view().status is CaseStatus.COMPLETED
    before, after = (
        {clock["rule_id"]: clock["due"] for clock in entry.data["clocks"]}  # type: ignore[union-attr,index,call-overload]
        for kind in ("claim_received", "clocks_computed")
        for entry in services.entries(kind)
    )
    assert after.keys() - before.keys() == {"MCD-NOTICE-PAYMENT"} and before.items() <= after.items()
    assert not services.entries("clock_missed")


# -- what was not ------------------------------------------------------------------------------------------------------


async def test_care_without_authorization_is_decided_in_a_case_received_when_the_claim_was(lab: Lab) -> None:
    received = await lab.now()
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    assert findings(services) == {"1": "not authorized"}
    view = review_of(services).view()
    assert abs(view.received_at - received) < timedelta(seconds=2)
    assert view.review_kind.value == "retrospective"
    assert view.governing_rule == "MA-OD-PAYMENT"
    assert view.decision_due is not None
    assert timedelta(days=30) <= view.decision_due - received < timedelta(days=62)
    assert [entry.kind for entry in services.entries("review_opened")] == ["review_opened"]


async def test_what_the_records_lack_is_asked_for_within_the_clock_after_care(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    gaps = review_summary(services)["documentation_gaps"]
    assert gaps[0]["line_id"] == "1" and gaps[0]["asks"]
    review = review_of(services)
    assert "information_request/provider" in review.sent()
    waiting = review.view().waiting
    due = review.view().decision_due
    assert waiting is not None and due is not None and waiting.until is not None and waiting.until < due


async def test_an_approval_after_care_does_not_tell_the_member_to_get_the_care(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    review = review_of(services)
    await lab.advance_to((await lab.now()) + timedelta(days=45))
    await review.approve(TaskKind.NURSE_REVIEW, "nurse.adams")
    assert review.view().status is CaseStatus.APPROVED
    texts = texts_of(review, "approval")
    assert "You can get this care now" not in texts["member"]
    assert "already had this care" in texts["member"]
    assert "update before the service is given" not in texts["provider"]
    assert review_summary(services)["review_ended"] == "approved"
    await learned_nothing(services)
    assert services.view().status is CaseStatus.COMPLETED


async def test_only_a_signed_decision_in_the_case_is_adverse_and_its_letter_is_about_care_that_was_given(
    lab: Lab,
) -> None:
    services = await submit_claim(
        lab, claim(FUSION, member={"member_id": "MBR1000011"}, diagnoses=[{"code": "M41.26"}])
    )
    review = review_of(services)
    await lab.advance(days=40)
    await review.refer()
    await lab.advance(days=10)
    assert "decision.evidence" in await review.refused(await review.denial())
    with lab.store.read() as s:
        opened = tuple(record.document_id for record in documents.of_case(s, review.case_id))
    await review.send(await review.denial(evidence_opened=opened))
    assert review.view().status is CaseStatus.DENIED
    texts = texts_of(review, "adverse_determination")
    assert "fast appeal does not apply" in texts["member"]
    assert "60 calendar days" in texts["provider"]
    assert review_summary(services)["review_ended"] == "denied"
    assert not [entry for entry in services.entries() if "denied" in str(entry.data.get("outcome", ""))]


async def test_nothing_that_matches_an_approval_is_in_the_case_that_decides_the_rest(lab: Lab) -> None:
    await approve_oxygen(lab)
    rest = billed_line("E0601", unit="unit", line_id="2")
    services = await submit_claim(lab, claim(billed_line(), rest))
    assert findings(services) == {"1": "authorized", "2": "not authorized"}
    with lab.store.read() as s:
        asked = requests.load(s, review_of(services).case_id).request
    assert [line.line_id for line in asked.lines] == ["2"]


async def test_evidence_is_judged_as_it_was_on_the_date_of_service_and_a_rule_may_approve(lab: Lab) -> None:
    """The oxygen test was fresh when the equipment came, and is not today."""
    services = await submit_claim(lab, claim(billed_line(), **evidence(OXYGEN_FACTS, BEGAN - timedelta(days=3))))
    assert findings(services) == {"1": "not authorized"}
    review = review_of(services)
    assert review.view().status is CaseStatus.APPROVED, review.view().waiting
    assert review_summary(services)["documentation_gaps"] == []


async def test_evidence_from_after_the_care_counts_neither_way(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line(), **evidence(OXYGEN_FACTS, TODAY - timedelta(days=3))))
    assert review_summary(services)["documentation_gaps"]
    assert review_of(services).view().status is CaseStatus.OPEN


async def test_the_need_for_authorization_is_the_one_of_the_date_of_service(lab: Lab) -> None:
    monitor = billed_line("E2103", unit="unit")
    now = await submit_claim(lab, claim(monitor))
    then = await submit_claim(lab, claim(monitor | {"start": "2025-12-01", "end": "2025-12-01"}, claim_number="C-2"))
    assert "from 2026" in review_summary(now)["lines"][0]["in_words"]
    assert "no rule of the plan names this service" in review_summary(then)["lines"][0]["in_words"]


# -- doubts ------------------------------------------------------------------------------------------------------------


async def test_a_coder_compares_what_software_cannot_and_what_they_find_authorized_stays_so(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    assert open_kinds(services) == [TaskKind.CLAIM_COMPARISON]
    assert review_summary(services)["review"] is None
    wrong = await completed_task(
        services,
        TaskKind.CLAIM_COMPARISON,
        "coder.lindqvist",
        lines=[{"line_id": "9", "answer": "authorized", "note": "No such line."}],
    )
    assert "comparison.lines" in await services.refused(wrong)
    lines = [{"line_id": "1", "answer": "authorized", "note": "Another kind of the same equipment."}]
    await services.send(await completed_task(services, TaskKind.CLAIM_COMPARISON, "coder.lindqvist", lines=lines))
    assert findings(services) == {"1": "authorized"}
    assert review_summary(services)["lines"][0]["found_by"] == "coder.lindqvist"
    assert services.view().status is CaseStatus.COMPLETED


async def test_a_form_without_its_fields_is_refused_with_each_missing_one(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    message = await services.completion(
        TaskKind.CLAIM_COMPARISON, "coder.lindqvist", TaskOutcome.DONE, form={"lines": [{}]}
    )
    broken = await services.refused(message)
    assert {"task.form.lines.0.line_id", "task.form.lines.0.answer", "task.form.lines.0.note"} <= broken
    denied = await services.completion(TaskKind.CLAIM_COMPARISON, "coder.lindqvist", TaskOutcome.DECIDE)
    assert "task.outcome" in await services.refused(denied)


async def test_a_part_that_a_coder_finds_beyond_goes_to_a_case(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390", units=2)))
    beyond = {"units": 1, "start": BEGAN.isoformat(), "end": BEGAN.isoformat()}
    lines = [{"line_id": "1", "answer": "beyond", "beyond": beyond, "note": "One month more."}]
    await services.send(await completed_task(services, TaskKind.CLAIM_COMPARISON, "coder.lindqvist", lines=lines))
    with lab.store.read() as s:
        asked = requests.load(s, review_of(services).case_id).request
    assert [line.quantity for line in asked.lines] == [Decimal(1)]


async def test_a_request_for_the_same_care_that_is_not_answered_yet_is_shown_to_whoever_compares(lab: Lab) -> None:
    line = CPAP.model_copy(update={"start": BEGAN, "end": day(10)})
    pending = await lab.open(request(line))
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    assert open_kinds(services) == [TaskKind.CLAIM_COMPARISON]
    assert pending in review_summary(services)["lines"][0]["in_words"]


# -- emergencies -------------------------------------------------------------------------------------------------------


def visit(**more: object) -> bytes:
    return claim(billed_line(**VISIT), emergency=True, presentation={"symptoms": ["chest pain"]}, **more)


async def test_an_emergency_is_judged_by_a_clinician_and_then_needs_no_authorization(lab: Lab) -> None:
    services = await submit_claim(lab, visit())
    task = services.task(TaskKind.EMERGENCY_JUDGMENT)
    assert task.role is Role.NURSE
    assert review_summary(services)["review"] is None
    await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, "nurse.adams", **SYMPTOMS))
    assert findings(services) == {"1": "emergency care"}
    assert services.view().status is CaseStatus.COMPLETED


async def test_a_nurse_cannot_say_that_it_was_no_emergency_a_physician_has_to_look(lab: Lab) -> None:
    services = await submit_claim(lab, visit())
    await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, "nurse.adams", **NO_EMERGENCY))
    assert services.task(TaskKind.EMERGENCY_JUDGMENT).role is Role.PHYSICIAN
    assert review_summary(services)["review"] is None
    await services.send(await completed_task(services, TaskKind.EMERGENCY_JUDGMENT, "md.pulm.rivera", **NO_EMERGENCY))
    assert findings(services) == {"1": "not authorized"}
    review = review_of(services)
    assert review.view().status is CaseStatus.OPEN
    with lab.store.read() as s:
        (record,) = documents.of_case(s, review.case_id)
        text = documents.get(s, record.document_id).decode()
    assert "chest pain" in text and "Judged by a physician (md.pulm.rivera)" in text


def denied_on(stated: EmergencyDenial | None) -> tuple[LineDecision, ...]:
    reason = REASON.model_copy(update={"emergency": stated})
    return (LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),)


async def test_emergency_care_is_denied_only_by_a_physician_who_judges_the_presenting_symptoms(lab: Lab) -> None:
    review, opened = await emergency_before_the_physician(lab)
    judged = PresentingFacts.model_validate({key: NO_EMERGENCY[key] for key in NO_EMERGENCY if key != "note"})

    async def denial(stated: EmergencyDenial | None) -> CompleteTask:
        return await review.denial(evidence_opened=opened, lines=denied_on(stated))

    assert await review.refused(await denial(None)) == {"emergency.ground"}
    for ground in sorted(PROHIBITED_GROUNDS):
        stated = EmergencyDenial(grounds=(ground,), presentation=judged)
        assert await review.refused(await denial(stated)) == {f"emergency.{ground.value}"}
    unjudged = EmergencyDenial(grounds=(DenialGround.PRESENTING_SYMPTOMS,))
    assert await review.refused(await denial(unjudged)) == {"emergency.presenting_symptoms"}
    assert review.view().status is CaseStatus.OPEN
    proper = EmergencyDenial(grounds=(DenialGround.PRESENTING_SYMPTOMS,), presentation=judged)
    await review.send(await denial(proper))
    assert review.view().status is CaseStatus.DENIED
    assert "emergency" not in texts_of(review, "adverse_determination")["member"].lower()


async def test_a_denial_of_emergency_care_that_is_signaled_is_refused_like_one_that_is_sent(lab: Lab) -> None:
    review, opened = await emergency_before_the_physician(lab)
    stated = EmergencyDenial(grounds=(DenialGround.NO_PRIOR_AUTHORIZATION,))
    message = await review.denial(evidence_opened=opened, lines=denied_on(stated))
    await lab.handle(review.case_id).signal("complete_task", message)
    await lab.settle()
    (refused,) = review.entries("message_refused")
    assert "emergency.no_prior_authorization" in str(refused.data)
    assert review.view().status is CaseStatus.OPEN


async def test_a_bill_that_denies_an_emergency_is_still_judged_when_the_care_was_of_an_emergency_department(
    lab: Lab,
) -> None:
    services = await submit_claim(lab, claim(billed_line(**VISIT), emergency=False))
    assert open_kinds(services) == [TaskKind.EMERGENCY_JUDGMENT]


# -- signals, referrals, lessons ---------------------------------------------------------------------------------------


STAY = {"admitted": BEGAN.isoformat(), "discharged": day(4).isoformat(), "billed_drg": "291"}


def stay_line(**more: object) -> dict[str, object]:
    return billed_line(
        "0120",
        units=4,
        unit="days",
        code_system="other",
        end=day(3).isoformat(),
        level_of_care="inpatient_ward",
        **more,
    )


def span(first: int, last: int, answer: str, level: str = "inpatient_ward") -> dict[str, object]:
    """Days of a stay with one answer, as its journal has them."""
    return {
        "first": day(first).isoformat(), "last": day(last).isoformat(), "answer": answer, "level_of_care": level,
        "review": f"PA-DAY{first}", "decided_by": "reviewer:md.cardio.lund", "changed_by": None,
    }  # fmt: skip


def keep_stay(lab: Lab, *spans: dict[str, object]) -> None:
    """A stay of the member at the hospital that bills: admitted on the first day, with these days in its journal."""
    stay = StayCase(
        case_id="ST-1", received_at=LONG_AGO, member_id="MBR1000001", facility="Riverbend", facility_npi="1999999984",
        lob=Lob.MEDICARE_ADVANTAGE, state="IL", zone="America/Chicago",
    )  # fmt: skip
    facts = stay_on_file(stay).model_dump(mode="json")
    facts |= {"admitted_at": f"{BEGAN}T18:00:00Z", "working_drg": "292", "days": list(spans)}
    stay.note(EntryKind.STAY_CHANGED, LONG_AGO, "Some days.", stay=facts, case=stay_row(stay).model_dump(mode="json"))
    with lab.store.begin() as s:
        read_models.record_entries(s, stay.case_id, stay.pending)


async def test_a_billed_drg_is_a_signal_for_a_coder_and_changes_nothing(lab: Lab) -> None:
    services = await submit_claim(lab, claim(stay_line(), **STAY))
    assert TaskKind.DRG_REVIEW in open_kinds(services)
    before = findings(services)
    form = {"answer": "differs", "coder_drg": "292", "note": "The major complication is not in the record."}
    await services.send(await completed_task(services, TaskKind.DRG_REVIEW, "coder.lindqvist", **form))
    assert findings(services) == before
    assert review_summary(services)["coder_says"].startswith("differs")


async def test_a_readmission_is_shown_and_decides_nothing(lab: Lab) -> None:
    first = await submit_claim(lab, claim(stay_line(), **STAY))
    again = {"admitted": day(10).isoformat(), "discharged": day(12).isoformat(), "billed_drg": "291"}
    line = stay_line() | {"start": day(10).isoformat(), "end": day(11).isoformat(), "units": 2}
    second = await submit_claim(lab, claim(line, claim_number="C-2", **again))
    assert review_summary(second)["readmission_after"] == [
        {"earlier": first.case_id, "days_since": 6, "same_drg": True}
    ]
    assert findings(second) == {"1": "not authorized"}


async def test_a_lapse_of_coverage_is_compliances_to_look_into_and_takes_nothing_back(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit"), member={"member_id": "MBR1000006"}))
    assert TaskKind.COMPLIANCE_REFERRAL in open_kinds(services)
    assert review_summary(services)["covered_on_that_day"] is False
    done = {"what_was_done": "Asked enrollment; the coverage was ended by mistake."}
    await services.send(await completed_task(services, TaskKind.COMPLIANCE_REFERRAL, "compliance.ortiz", **done))
    assert review_summary(services)["referred_to_compliance"][0]["answered_by"] == "compliance.ortiz"


async def test_a_suspicion_goes_to_compliance_and_changes_no_finding(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    what = {"suspicion": Suspicion.FRAUD, "what": "The same signature on two orders."}
    await services.send(ReferToCompliance(**await services.stamp("nurse.adams"), **what))
    assert TaskKind.COMPLIANCE_REFERRAL in open_kinds(services)
    assert findings(services) == {"1": "differs"}
    unknown = ReferToCompliance(**await services.stamp("somebody"), **what)
    assert await services.refused(unknown) == {"reviewer.unknown"}


async def test_what_fell_short_is_recorded_and_listed(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    said = {
        "what_went_wrong": "Nobody asked for authorization.",
        "suggestion": "Tell the clinic which devices need it.",
    }
    await services.send(
        RecordLesson(**await services.stamp("nurse.adams"), stage=ProcessStage.PRIOR_AUTHORIZATION, **said)
    )
    with lab.store.read() as s:
        found = retrospective_lessons.all_lessons(s)
        assert retrospective_lessons.all_lessons(s, ProcessStage.DISCHARGE) == ()
    assert [(one.case_id, one.stage) for one in found] == [(services.case_id, ProcessStage.PRIOR_AUTHORIZATION)]
    assert found[0].suggestion == said["suggestion"]


async def test_the_same_claim_joins_its_review_and_its_sender_is_told(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    again = await lab.submit_claim(claim(billed_line("E0601", unit="unit")))
    assert again.kind is SubmissionStatus.JOINED
    assert again.case_id == services.case_id
    assert len(services.entries("duplicate_received")) == 1
    other = await lab.submit_claim(claim(billed_line("E0601", unit="unit", units=2)))
    assert other.kind is SubmissionStatus.REFUSED
    assert [problem.rule for problem in other.problems] == ["intake.claim_number"]


async def test_a_clock_after_care_that_runs_out_before_anybody_compared_is_told_and_harms_nobody(lab: Lab) -> None:
    await approve_oxygen(lab)
    services = await submit_claim(lab, claim(billed_line("E1390")))
    due = services.view().decision_due
    assert due is not None
    await lab.advance_to(due + timedelta(seconds=2))
    assert TaskKind.MISSED_CLOCK in open_kinds(services)
    assert review_summary(services)["review"] is None
    lines = [{"line_id": "1", "answer": "authorized", "note": "The same equipment."}]
    await services.send(await completed_task(services, TaskKind.CLAIM_COMPARISON, "director.osei", lines=lines))
    assert findings(services) == {"1": "authorized"}


async def test_a_concern_about_safety_starts_a_process_of_its_own_that_outlives_the_review(lab: Lab) -> None:
    services = await submit_claim(lab, claim(billed_line("E0601", unit="unit")))
    concern = {"kind": "safety", "what": "The device was recalled."}
    answer = await services.send(RaiseConcern(**await services.stamp("nurse.adams"), **concern))
    (raised,) = review_summary(services)["concerns"]
    assert raised["concern_id"] in answer.says and raised["handed_over"] is True
    started = await lab.client.get_workflow_handle(raised["concern_id"]).describe()
    assert started.workflow_type == "ConcernProcess"
    assert started.parent_id == services.case_id
    history = await lab.client.get_workflow_handle(services.case_id).fetch_history()
    children = [event.start_child_workflow_execution_initiated_event_attributes for event in history.events]
    (child,) = [one for one in children if one.workflow_type.name == "ConcernProcess"]
    assert child.parent_close_policy == ParentClosePolicy.PARENT_CLOSE_POLICY_ABANDON


@pytest.mark.parametrize(
    ("member", "rule", "within"),
    [("MBR1000009", "ERISA-POSTSERVICE", 30), ("MBR1000001", "MA-OD-PAYMENT", 60)],
)
async def test_the_clock_after_care_is_the_one_of_the_law_and_runs_from_the_claim(
    lab: Lab, member: str, rule: str, within: int
) -> None:
    received = await lab.now()
    services = await submit_claim(
        lab, claim(billed_line("E0601", unit="unit"), member={"member_id": member}, clean=True)
    )
    for case in (services, review_of(services)):
        with lab.store.read() as s:
            clocks = {str(clock["rule_id"]): clock for clock in cases.clocks(s, case.case_id)}
        due = datetime.fromisoformat(clocks[rule]["due"][0]["at"])
        assert timedelta(days=within - 1) < due - received <= timedelta(days=within + 1)


async def test_days_certified_of_a_stay_count_as_authorized(lab: Lab) -> None:
    """Two reviews approved days in a row, a third denied one that nobody overturned: only the approved ones are compared."""
    rounds = (span(0, 1, "certified"), span(2, 2, "certified", "icu"), span(3, 3, "denied"))
    keep_stay(lab, *rounds)
    services = await submit_claim(lab, claim(stay_line(), **STAY))
    assert findings(services) == {"1": "differs"}
    assert review_summary(services)["lines"][0]["to_be_decided"] == f"1 units, {day(3)} to {day(3)}"
    assert "292 by the authorization" in review_summary(services)["drg_signal"]


async def test_a_denied_day_that_was_overturned_is_authorized_as_billed(lab: Lab) -> None:
    overturned = span(3, 3, "denied") | {"changed_by": "PA-SECOND"}
    keep_stay(lab, span(0, 2, "certified"), overturned, span(3, 3, "certified"))
    assert findings(await submit_claim(lab, claim(stay_line(), **STAY))) == {"1": "authorized"}


async def test_approved_days_that_a_review_ended_in_advance_count_only_until_then(lab: Lab) -> None:
    ended = span(3, 5, "certified") | {"changed_by": "PA-REDUCED"}
    keep_stay(lab, span(0, 2, "certified"), ended, span(3, 5, "denied"))
    services = await submit_claim(lab, claim(stay_line(), **STAY))
    assert review_summary(services)["lines"][0]["to_be_decided"] == f"1 units, {day(3)} to {day(3)}"


async def test_an_approval_that_a_signed_reduction_ended_covers_the_days_before_it(lab: Lab) -> None:
    """The reduction was announced for a day; what was given before stays authorized."""
    case_id = await approve_oxygen(lab)
    with lab.store.read() as s:
        asked, view = requests.load(s, case_id).request, cases.get(s, case_id)
    assert view is not None
    reduction = {"process_id": case_id, "purpose": "reduction", "round": 1, "effective_on": day(20).isoformat()}
    ended = asked.model_copy(update={"stay": StayReference.model_validate(reduction)})
    with lab.store.begin() as s:
        requests.save(s, "PA-REDUCED", ended)
        row = view.model_copy(
            update={"case_id": "PA-REDUCED", "status": CaseStatus.DENIED, "authorization_number": None}
        )
        shown_row = {
            "case_id": row.case_id, "status": row.status.value, "lob": row.line_of_business, "member_id": row.member_id,
            "decision_due": None, "authorization_number": None, "view": row.model_dump(mode="json"),
        }  # fmt: skip
        upsert(s, tables.cases, [shown_row])
    before = await submit_claim(lab, claim(billed_line(start=day(19))))
    after = await submit_claim(lab, claim(billed_line(start=day(20)), claim_number="C-2"))
    assert (findings(before), findings(after)) == ({"1": "authorized"}, {"1": "not authorized"})

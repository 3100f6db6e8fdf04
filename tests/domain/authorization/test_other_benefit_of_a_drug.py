"""A drug that Part B pays for is not denied under Part D, and whoever reviews it is told what to do instead."""

from __future__ import annotations

from domain.authorization import intake_findings
from domain.authorization.assessment import LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.orders import ReviewContext
from domain.cases.tasks import TaskKind
from domain.decisions.determination import CriterionAnswer
from domain.drug_limits.outcomes import LimitKind, LimitOutcome
from domain.journal import EntryKind
from domain.pharmacy.other_benefit import find_other_benefit
from domain.three_valued import Tri
from domain.vocabulary import AskedBy, ServiceKind, Urgency
from tests.domain.authorization.casebook import START, assessment, clock, criteria, line, open_case
from tests.domain.authorization.test_care_under_way import DENIED, advanced, at_the_physician, broken

EDIT = LimitOutcome(
    rule_id="BD-TRANSPLANT",
    kind=LimitKind.BENEFIT,
    title="The part of Medicare that pays",
    state=Tri.NOT_MET,
    because="Part A at the time of the transplant",
    reason="Part B pays for drugs against rejection",
    citation="42 CFR 410.30",
)


def drug(*, same_plan: bool = False) -> LineAssessment:
    found = find_other_benefit((EDIT,), same_plan=same_plan)
    return line("1", criteria("not_met")).model_copy(update={"limits": (EDIT,), "other_benefit": found})


def said(answer: str) -> CriterionAnswer:
    return CriterionAnswer(node_id="BD-TRANSPLANT", answer=answer, note="Seen in the record.")


def test_no_physician_signs_the_denial_of_a_part_b_drug_and_the_refusal_says_what_to_do() -> None:
    case = at_the_physician(drug())
    assert broken(case, DENIED, said("not_met")) == {"decision.other_benefit"}
    assert not broken(case, DENIED, said("met")), "the physician finds that Part D pays, and has another ground"


def test_an_assessment_of_an_older_release_is_signed_as_it_was() -> None:
    case = at_the_physician(drug().model_copy(update={"other_benefit": None}))
    assert not broken(case, DENIED, said("not_met"))
    assert "other_benefit" not in line("1", None).model_dump_json()


def why(case: AuthorizationCase) -> str:
    task = case.open_task(TaskKind.NURSE_REVIEW)
    assert task is not None
    return task.why


def test_whoever_reviews_it_reads_what_to_do_instead_of_denying_it() -> None:
    assert "not denied here: tell prescriber and member that Part B pays" in why(advanced(drug()))
    assert "this plan decides it under its medical benefit" in why(advanced(drug(same_plan=True)))


def test_a_request_that_the_plan_moved_keeps_its_receipt_and_says_so_once() -> None:
    case = open_case(line("1", criteria("unknown")))
    received = case.received_at
    moved = ReviewContext(
        eligibility_answered=True,
        assessment=assessment(line("1", criteria("unknown"))),
        clocks=(clock(),),
        service_kind=ServiceKind.PART_B_DRUG,
        urgency=Urgency.STANDARD,
        urgency_asked_by=AskedBy.PROVIDER,
        physician_statement=None,
        member_id="MBR1000012",
        requesting_npi="1999999984",
        moved_version=2,
    )
    for _ in range(2):
        intake_findings.record_assessment(case, moved, START)
    assert (case.request_version, case.received_at) == (2, received)
    told = [entry for entry in case.pending if entry.kind is EntryKind.REQUEST_CORRECTED]
    assert len(told) == 1 and "under the medical benefit" in told[0].summary
    assert not [entry for entry in case.pending if entry.kind is EntryKind.MESSAGE_REFUSED]

"""A case where a law names the set of criteria: a clinician judges, told which set, and no rule approves."""

from __future__ import annotations

from domain.authorization import path
from domain.authorization.assessment import CriteriaFinding, LineAssessment
from domain.authorization.case import AuthorizationCase
from domain.authorization.intake_findings import describe_assessment
from domain.authorization.parts import Route
from domain.cases.tasks import TaskKind
from domain.criteria.required_sets import LicensedAnswer, RequiredSetFinding
from domain.three_valued import Tri
from tests.domain.authorization.casebook import START, assessment, criteria, line, open_case

ASAM = RequiredSetFinding(
    rule_ids=("IL-SUD-ASAM",), set_ids=("ASAM",), names=("The ASAM Criteria",), cites=("215 ILCS 5/370c",)
)
ANSWER = LicensedAnswer(set_id="ASAM", edition="a test edition", outcome=Tri.NOT_MET, reference="case 7")


def bound(found: CriteriaFinding | None, required_set: RequiredSetFinding | None = ASAM) -> LineAssessment:
    return line("1", found).model_copy(update={"required_set": required_set})


def case_of(asked: LineAssessment) -> AuthorizationCase:
    case = open_case(asked)
    path.advance(case, START)
    return case


def why(asked: LineAssessment) -> str:
    (task,) = case_of(asked).open_tasks(TaskKind.NURSE_REVIEW)
    return task.why


def test_a_clinician_is_told_which_set_has_to_be_used_and_that_it_is_not_connected() -> None:
    assert why(bound(None)) == (
        "Line 1: The ASAM Criteria has to be used (215 ILCS 5/370c); it is not connected here, so a clinician judges by it"
    )


def test_an_answer_of_the_set_goes_to_a_clinician_too_and_refuses_nothing() -> None:
    asked = bound(None, ASAM.model_copy(update={"answer": ANSWER}))
    assert why(asked).endswith("ASAM, a test edition, says not met (case 7)")
    assert case_of(asked).routes["1"] is Route.NURSE


def test_no_rule_approves_where_the_law_names_a_set() -> None:
    assert case_of(bound(criteria("met", auto=True))).routes["1"] is Route.NURSE
    assert case_of(bound(criteria("met", auto=True), None)).routes["1"] is Route.APPROVED_BY_RULE


def test_the_journal_tells_the_set_and_a_line_without_one_is_stored_as_before() -> None:
    assert "The ASAM Criteria has to be used" in describe_assessment(assessment(bound(None)))
    assert "required_set" not in bound(None, None).model_dump()
    assert LineAssessment.model_validate_json(bound(None).model_dump_json()).required_set == ASAM

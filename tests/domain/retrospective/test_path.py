"""The file of a retrospective review, whatever claim comes and whatever people fill in: it answers against nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.cases import steps
from domain.cases.messages import CompleteTask, ReviewAnswered
from domain.cases.tasks import ALLOWED_OUTCOMES, Task, TaskKind, TaskOutcome
from domain.cases.views import AnsweredLine, CaseStatus
from domain.clocks.engine import EventKind
from domain.decisions.decision_makers import ByLaw, ByReviewer
from domain.decisions.reviewers import License, Reviewer
from domain.journal import Actor, EntryKind
from domain.requests.request import StayPurpose
from domain.retrospective import message_effects, path, timers, views
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.comparison import Authorized, Differs, NotAuthorized
from domain.retrospective.forms import FORMS, ComparisonLineForm, EmergencyForm
from domain.retrospective.memo import memo_text
from domain.retrospective.messages import RaiseConcern
from domain.retrospective.parts import ClaimContext
from domain.retrospective.start import RetrospectiveStart
from domain.vocabulary import LineOutcome, Role
from tests.domain.retrospective.claims import NOW, case_with, claim_contexts

PEOPLE = {
    Role.NURSE: ("nurse", "registered_nurse"),
    Role.PHYSICIAN: ("physician", "physician"),
    Role.CODER: ("coder", ""),
    Role.COMPLIANCE: ("compliance", ""),
}


def reviewer(role: Role) -> Reviewer:
    who, profession = PEOPLE[role]
    held = License(
        profession=profession, state="IL", number="1", expires=NOW.date().replace(year=2030), unrestricted=True
    )
    return Reviewer(
        reviewer_id=who,
        name=who,
        roles=(role,),
        licences=(held,) if profession else (),
        training_valid_through=NOW.date().replace(year=2030),
    )


tri = st.none() | st.booleans()
emergencies = st.fixed_dictionaries(
    {
        "symptoms": st.sampled_from([[], ["chest pain"]]),
        "onset": st.none(),
        "plan_sent_patient": tri,
        "acute_and_severe": tri,
        "serious_harm_to_be_expected": tri,
        "note": st.just("From the record."),
    }
)


@st.composite
def comparisons(draw: st.DrawFn, file: RetrospectiveCase, task: Task) -> dict[str, Any]:
    answers = []
    for line_id in task.line_ids:
        line = file.require_context().claim.line(line_id)
        answer = draw(st.sampled_from(["authorized", "beyond", "not_authorized"]))
        form: dict[str, Any] = {"line_id": line_id, "answer": answer, "note": "Compared.", "authorization": "AU1"}
        if answer == "beyond":
            form["beyond"] = {"units": "1", "start": line.start.isoformat(), "end": line.end.isoformat()}
        answers.append(form)
    return {"lines": answers}


def form_for(data: st.DataObject, file: RetrospectiveCase, task: Task) -> dict[str, Any]:
    match task.kind:
        case TaskKind.CLAIM_COMPARISON:
            return data.draw(comparisons(file, task))
        case TaskKind.EMERGENCY_JUDGMENT:
            return data.draw(emergencies)
        case TaskKind.COMPLIANCE_REFERRAL:
            return {"what_was_done": "Looked into."}
        case TaskKind.CLAIM_LESSONS:
            return {"lessons": [], "concerns": []}
    return {"answer": "agrees", "coder_drg": None, "note": "Looked at."}


def complete(file: RetrospectiveCase, task: Task, form: dict[str, Any], number: int) -> None:
    who = reviewer(task.role)
    file.reviewers[who.reviewer_id] = who
    message = CompleteTask(
        message_id=f"m{number}",
        at=NOW,
        actor=Actor(kind="reviewer", id=who.reviewer_id),
        task_id=task.task_id,
        reviewer_id=who.reviewer_id,
        outcome=TaskOutcome.DONE,
        form=form,
    )
    answer = message_effects.receive_message(file, message, NOW)
    assert answer.accepted, answer.refusals


def step(file: RetrospectiveCase) -> path.RetrospectiveStep:
    return path.advance(file, NOW)


@settings(max_examples=150, deadline=None)
@given(claim_contexts(), st.data())
def test_whatever_people_fill_in_what_was_authorized_stays_so_and_the_file_answers_against_nobody(
    look: ClaimContext, data: st.DataObject
) -> None:
    file = case_with(look)
    authorized = {line_id for line_id, found in file.findings.items() if isinstance(found, Authorized)}
    for number in range(60):
        assert authorized <= {line_id for line_id, found in file.findings.items() if isinstance(found, Authorized)}
        match step(file):
            case path.OpenPostServiceReview(review_id, asked):
                assert not authorized & {question.line_id for question in asked}
                by_person = {one for one, found in file.findings.items() if isinstance(found, Authorized)}
                assert not by_person & {question.line_id for question in asked}
                file.review = review_id
                file.answer = answered(review_id)
            case path.SettleClaim():
                path.mark_settled(file, NOW)
            case steps.CloseCase(_):
                path.close_case(file, NOW)
            case steps.Wait():
                task = file.open_tasks()[0]
                complete(file, task, form_for(data, file, task), number)
            case steps.Finish():
                break
            case other:
                raise AssertionError(other)
    assert file.status is CaseStatus.COMPLETED
    assert [one.at for one in file.clock_events if one.kind is EventKind.DECISION_MADE] == [NOW]
    assert views.case_view(file).status is CaseStatus.COMPLETED
    assert views.case_summary(file).content["lines"]


def answered(review_id: str) -> ReviewAnswered:
    return ReviewAnswered(
        message_id="answered",
        at=NOW,
        actor=Actor(kind="system", id="umpire"),
        case_id=review_id,
        purpose=StayPurpose.POST_SERVICE,
        round=1,
        status=CaseStatus.APPROVED,
        lines=(),
        decided_at=NOW,
    )


def test_a_denial_gives_way_to_an_approval_by_law_and_an_approval_to_nothing() -> None:
    file = RetrospectiveCase(case_id="RR-AAAABBBBCCCC", received_at=NOW, review="PA-AAAABBBBCCCC")
    signed = AnsweredLine(line_id="1", outcome=LineOutcome.DENIED, by=ByReviewer("dr.lee"))
    by_law = AnsweredLine(line_id="1", outcome=LineOutcome.APPROVED, by=ByLaw("X-1"))
    denial = answered(file.review or "").model_copy(update={"status": CaseStatus.DENIED, "lines": (signed,)})
    approval = denial.model_copy(update={"status": CaseStatus.APPROVED, "lines": (by_law,)})
    for message, stands in ((denial, denial), (approval, approval), (approval, approval), (denial, approval)):
        assert message_effects.receive_message(file, message, NOW).accepted
        assert file.answer == stands
    assert [entry.kind for entry in file.pending] == [EntryKind.REVIEW_ANSWERED] * 2


@given(claim_contexts())
def test_a_doubt_and_an_emergency_are_looked_at_by_people_before_anything_is_asked(look: ClaimContext) -> None:
    file = case_with(look)
    if file.doubtful() or file.unjudged_emergency_lines():
        assert step(file) == steps.Wait()
        assert file.open_tasks(TaskKind.CLAIM_COMPARISON, TaskKind.EMERGENCY_JUDGMENT)


@given(claim_contexts(), emergencies)
def test_only_a_physician_ends_the_question_of_an_emergency_unless_it_was_one(
    look: ClaimContext, form: dict[str, Any]
) -> None:
    file = case_with(look)
    step(file)
    task = file.open_task(TaskKind.EMERGENCY_JUDGMENT)
    if task is None:
        return
    complete(file, task, form, 1)
    assert file.is_emergency_judged is (file.judgments[0].finding.state.value == "met")
    step(file)
    second = file.open_task(TaskKind.EMERGENCY_JUDGMENT)
    assert (second is None) is file.is_emergency_judged
    assert second is None or second.role is Role.PHYSICIAN


def test_no_task_of_a_retrospective_review_has_an_adverse_outcome() -> None:
    for kind in FORMS:
        assert ALLOWED_OUTCOMES[kind] == {TaskOutcome.DONE}


def test_the_form_on_an_emergency_has_no_place_for_the_final_diagnosis() -> None:
    assert not {"diagnosis", "final_diagnosis", "diagnoses"} & set(EmergencyForm.model_fields)


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer": "beyond"},
        {"answer": "denied"},
        {"answer": "authorized", "beyond": {"start": "2026-01-01", "end": "2026-01-02"}},
    ],
)
def test_a_comparison_says_what_is_beyond_when_it_says_beyond_and_knows_no_denial(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ComparisonLineForm.model_validate({"line_id": "1", "note": "x"} | wrong)


@given(claim_contexts())
def test_a_lapse_of_coverage_goes_to_compliance_and_changes_no_finding(look: ClaimContext) -> None:
    plain, lapsed = case_with(look), case_with(look, covered=False)
    step(lapsed)
    assert lapsed.open_task(TaskKind.COMPLIANCE_REFERRAL) is not None
    assert lapsed.findings == plain.findings


@given(claim_contexts())
def test_a_concern_leaves_for_its_own_process_before_anything_else(look: ClaimContext) -> None:
    file = case_with(look)
    file.reviewers["nurse"] = reviewer(Role.NURSE)
    told = {"message_id": "c", "at": NOW, "actor": Actor(kind="reviewer", id="nurse")}
    message_effects.receive_message(file, RaiseConcern(**told, kind="safety", what="A fall."), NOW)
    assert step(file) == path.StartConcernCase(file.concerns[0])
    assert file.concerns[0].concern_id == "QC-TESTN1"


@given(claim_contexts())
def test_time_alone_turns_no_finding_into_another(look: ClaimContext) -> None:
    file = case_with(look)
    step(file)
    before = dict(file.findings)
    for _ in range(200):
        alarm = timers.next_timer(file)
        if alarm is None or alarm > NOW + timedelta(days=90):
            break
        timers.fire_due_timers(file, alarm)
        path.advance(file, alarm)
    assert file.findings == before
    open_lines = [found for found in before.values() if isinstance(found, Differs | NotAuthorized) and found.doubtful]
    assert file.review is None and (not open_lines or file.is_open)


@given(claim_contexts())
def test_a_file_goes_on_in_a_new_run_as_it_is(look: ClaimContext) -> None:
    file = case_with(look)
    step(file)
    start = RetrospectiveStart(case_id=file.case_id, received_at=file.received_at, carried=file)
    carried = RetrospectiveStart.model_validate_json(start.model_dump_json()).carried
    assert carried == file
    assert carried is not None and path.advance(carried, NOW) == step(file)


@given(claim_contexts(), emergencies)
def test_whoever_decides_has_the_symptoms_and_the_judgments_before_them(
    look: ClaimContext, form: dict[str, Any]
) -> None:
    file = case_with(look)
    step(file)
    task = file.open_task(TaskKind.EMERGENCY_JUDGMENT)
    if task is None:
        return
    complete(file, task, form, 1)
    text = memo_text(file.case_id, look.claim, file.questions(), file.judgments)
    assert "final diagnosis" in text and "42 CFR 422.113(b)" in text
    assert text == memo_text(file.case_id, look.claim, file.questions(), file.judgments)

"""Effects of accepted messages on a retrospective review."""

from __future__ import annotations

from datetime import datetime

from domain.case_numbers import reported_concern_number
from domain.cases import receipt, review_answers, task_forms, task_messages
from domain.cases.messages import CompleteTask, MessageResult, NoteDuplicate, ReviewAnswered
from domain.cases.tasks import Task, TaskKind
from domain.decisions.decision_makers import ByReviewer
from domain.decisions.prudent_layperson import emergency_finding
from domain.errors import ImpossibleState
from domain.journal import Actor, EntryKind
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.claim_findings import finding_phrase, refer_to_compliance
from domain.retrospective.comparison import Authorized, Differs, EmergencyCare, NotAuthorized, Portion, whole_line
from domain.retrospective.forms import (
    ComparisonForm,
    ComparisonLineForm,
    ComplianceForm,
    ConcernForm,
    DrgForm,
    EmergencyForm,
    LessonForm,
    LessonsLearnedForm,
)
from domain.retrospective.message_checks import violations
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance, RetrospectiveMessage
from domain.retrospective.parts import DrgOpinion, EmergencyJudgment, Lesson, ReportedConcern
from domain.vocabulary import Role

PHYSICIANS = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR})


def receive_message(file: RetrospectiveCase, message: RetrospectiveMessage, now: datetime) -> MessageResult:
    """Carry out a message, or record it as rejected. `now` is the workflow's time (UTC)."""
    return receipt.receive_message(file, message, now, violations, _apply_message)


def _apply_message(file: RetrospectiveCase, message: RetrospectiveMessage, now: datetime) -> str:
    match message:
        case NoteDuplicate():
            says = f"The same claim was received again as INBOX-{message.inbox_id} and joined this review."
            file.note(EntryKind.DUPLICATE_RECEIVED, message.at, says, message.actor)
            return says
        case ReviewAnswered():
            return _record_review_answer(file, message)
        case RaiseConcern():
            return _raise_concern(file, ConcernForm(kind=message.kind, what=message.what), message.actor, message.at)
        case ReferToCompliance():
            refer_to_compliance(file, message.suspicion, message.what, message.actor, message.at)
            return "Referred to compliance; this review does not decide it."
        case RecordLesson():
            form = LessonForm(
                stage=message.stage, what_went_wrong=message.what_went_wrong, suggestion=message.suggestion
            )
            return _record_lesson(file, form, message.actor, message.at)
        case _:
            return task_messages.apply_task_message(file, message, now, _complete_task)


def _record_review_answer(file: RetrospectiveCase, message: ReviewAnswered) -> str:
    """Record the result of the review. It stands, but a denial gives way to an approval by law."""
    known = file.answer
    if known is not None and (known.status is message.status or not review_answers.is_approved_by_law(message)):
        return "The result of the review is on the case already."
    file.answer = message
    says = f"Review {message.case_id} ended: {message.status.value.replace('_', ' ')}."
    file.note(EntryKind.REVIEW_ANSWERED, message.decided_at or message.at, says, message.actor)
    return says


def _complete_task(file: RetrospectiveCase, task: Task, message: CompleteTask, now: datetime) -> str:
    """Record the completion of a task."""
    match task.kind:
        case TaskKind.CLAIM_COMPARISON:
            return _record_comparison(file, task_forms.read_form(ComparisonForm, message.form), message)
        case TaskKind.EMERGENCY_JUDGMENT:
            return _record_emergency_judgment(file, task, task_forms.read_form(EmergencyForm, message.form), message)
        case TaskKind.DRG_REVIEW:
            return _record_drg_opinion(file, task_forms.read_form(DrgForm, message.form), message)
        case TaskKind.COMPLIANCE_REFERRAL:
            return _record_compliance_answer(file, task, task_forms.read_form(ComplianceForm, message.form), message)
        case TaskKind.CLAIM_LESSONS:
            return _record_lessons(file, task_forms.read_form(LessonsLearnedForm, message.form), message)
        case _:
            raise ImpossibleState(f"{task.task_id} has no form")


def _record_comparison(file: RetrospectiveCase, form: ComparisonForm, message: CompleteTask) -> str:
    for line in form.lines:
        file.findings[line.line_id] = found = _reviewer_finding(file, line, ByReviewer(message.reviewer_id))
        says = f"Line {line.line_id}: {finding_phrase(found)}. {line.note}"
        file.note(EntryKind.CLAIM_COMPARED, message.at, says, message.actor)
    for concern in form.concerns:
        _raise_concern(file, concern, message.actor, message.at)
    for one in form.suspicions:
        refer_to_compliance(file, one.suspicion, one.what, message.actor, message.at)
    return "Comparison recorded; approved care stays approved."


def _reviewer_finding(
    file: RetrospectiveCase, form: ComparisonLineForm, by: ByReviewer
) -> Authorized | Differs | NotAuthorized:
    """The finding of a reviewer. `Authorized` is final here too, as it is when software finds it."""
    before, line = file.findings[form.line_id], file.require_context().claim.line(form.line_id)
    named = form.authorization or (before.authorization if isinstance(before, Differs) else "")
    if form.answer == "authorized":
        return Authorized(line_id=line.line_id, authorization=named, portion=whole_line(line), by=by)
    if form.answer == "beyond" and form.beyond is not None:
        beyond = Portion(units=form.beyond.units, start=form.beyond.start, end=form.beyond.end)
        rest = line.units - form.beyond.units if form.beyond.units is not None else None
        within = Portion(units=rest, start=line.start, end=line.end) if rest is None or rest > 0 else None
        differences = before.differences if isinstance(before, Differs) else ()
        return Differs(
            line_id=line.line_id, authorization=named, differences=differences, within=within, beyond=beyond, by=by
        )
    needed = file.require_context().needs[line.line_id]
    return NotAuthorized(
        line_id=line.line_id,
        required=True if needed.required else None,
        because=needed.because,
        citation=needed.citation,
        portion=whole_line(line),
        by=by,
    )


def _record_emergency_judgment(file: RetrospectiveCase, task: Task, form: EmergencyForm, message: CompleteTask) -> str:
    if file.lob is None:
        raise ImpossibleState(f"{file.case_id}: no line of business is known")
    found = emergency_finding(form.facts(file.require_context().claim.presentation.age_years), file.lob)
    who = file.reviewers[message.reviewer_id]
    judged = EmergencyJudgment(
        finding=found, by=message.reviewer_id, at=message.at, a_physicians=bool(PHYSICIANS & set(who.roles))
    )
    lines = file.unjudged_emergency_lines()
    file.judgments.append(judged)
    if found.state.value == "met":
        for line_id in lines:
            file.findings[line_id] = EmergencyCare(
                line_id=line_id, because=found.because, citations=found.citations, by=ByReviewer(message.reviewer_id)
            )
    state = {"met": "an emergency", "not_met": "not found to be one", "unknown": "not known to be one"}
    says = f"Emergency, by the presenting symptoms: {state[found.state.value]}; {found.because}."
    file.note(EntryKind.EMERGENCY_JUDGED, message.at, says, message.actor, lines_judged=list(lines))
    return says


def _record_drg_opinion(file: RetrospectiveCase, form: DrgForm, message: CompleteTask) -> str:
    file.drg_opinion = DrgOpinion(
        answer=form.answer, coder_drg=form.coder_drg, note=form.note, by=message.reviewer_id, at=message.at
    )
    says = f"Coder on the billed DRG: {form.answer.value.replace('_', ' ')}. A signal; no payment is changed."
    file.note(EntryKind.DRG_CHECKED, message.at, says, message.actor)
    return says


def _record_compliance_answer(file: RetrospectiveCase, task: Task, form: ComplianceForm, message: CompleteTask) -> str:
    place = int(task.about or "0") - 1
    answer = {"answer": form.what_was_done, "answered_by": message.reviewer_id}
    file.referrals[place] = file.referrals[place].model_copy(update=answer)
    return "Recorded the compliance response."


def _record_lessons(file: RetrospectiveCase, form: LessonsLearnedForm, message: CompleteTask) -> str:
    for lesson in form.lessons:
        _record_lesson(file, lesson, message.actor, message.at)
    for concern in form.concerns:
        _raise_concern(file, concern, message.actor, message.at)
    return "Recorded the lessons learned."


def _record_lesson(file: RetrospectiveCase, form: LessonForm, by: Actor, at: datetime) -> str:
    file.lessons.append(Lesson(**form.model_dump(), recorded_by=by.id, at=at))
    says = f"Lesson recorded about the {form.stage.value.replace('_', ' ')}."
    file.note(EntryKind.LESSON_RECORDED, at, says, by)
    return says


def _raise_concern(file: RetrospectiveCase, form: ConcernForm, by: Actor, at: datetime) -> str:
    number = reported_concern_number(file.case_id, len(file.concerns) + 1)
    file.concerns.append(ReportedConcern(concern_id=number, kind=form.kind, what=form.what, raised_by=by.id, at=at))
    says = f"A {form.kind} concern goes to {number}."
    file.note(EntryKind.CONCERN_RAISED, at, says, by)
    return says

"""What people may tell a retrospective review, and what it does when they do."""

from __future__ import annotations

from datetime import datetime

from domain.cases import receipt as reception
from domain.cases import task_forms as forms
from domain.cases import task_messages as task_desk
from domain.cases.messages import Answer, CompleteTask, NoteDuplicate, ReviewAnswered
from domain.cases.tasks import Task, TaskKind
from domain.journal import Actor, EntryKind
from domain.retrospective.case import RetrospectiveFile
from domain.retrospective.claim_findings import in_a_phrase, refer
from domain.retrospective.comparison import Authorized, Differs, EmergencyCare, NotAuthorized, Portion, whole
from domain.retrospective.forms import (
    ComparisonForm,
    ComplianceForm,
    ConcernForm,
    DrgForm,
    EmergencyForm,
    LessonForm,
    LessonsForm,
    LineForm,
)
from domain.retrospective.message_checks import refusals
from domain.retrospective.messages import RaiseConcern, RecordLesson, ReferToCompliance, RetrospectiveMessage
from domain.retrospective.parts import Concern, DrgOpinion, EmergencyJudgment, Lesson
from domain.retrospective.prudent_layperson import emergency_finding
from domain.vocabulary import Role

PHYSICIANS = frozenset({Role.PHYSICIAN, Role.MEDICAL_DIRECTOR})


def receive(file: RetrospectiveFile, message: RetrospectiveMessage, now: datetime) -> Answer:
    """The one entrance: carry out a message or keep it as refused. `now` is the workflow's clock (UTC)."""
    return reception.receive(file, message, now, refusals, _apply)


def _apply(file: RetrospectiveFile, message: RetrospectiveMessage, now: datetime) -> str:
    match message:
        case NoteDuplicate():
            says = f"The same claim came again as INBOX-{message.inbox_id} and joined this review."
            file.note(EntryKind.DUPLICATE_RECEIVED, message.at, says, message.actor)
            return says
        case ReviewAnswered():
            return _answered(file, message)
        case RaiseConcern():
            return _raise(file, ConcernForm(kind=message.kind, what=message.what), message.actor, message.at)
        case ReferToCompliance():
            refer(file, message.suspicion, message.what, message.actor, message.at)
            return "Compliance looks into it; nothing is decided by it here."
        case RecordLesson():
            form = LessonForm(
                stage=message.stage, what_went_wrong=message.what_went_wrong, suggestion=message.suggestion
            )
            return _learn(file, form, message.actor, message.at)
        case _:
            return task_desk.carry_out(file, message, now, _done)


def _answered(file: RetrospectiveFile, message: ReviewAnswered) -> str:
    file.answer = message
    says = f"Review {message.case_id} ended: {message.status.value.replace('_', ' ')}."
    file.note(EntryKind.REVIEW_ANSWERED, message.decided_at or message.at, says, message.actor)
    return says


def _done(file: RetrospectiveFile, task: Task, message: CompleteTask, now: datetime) -> str:
    """What the end of a task means."""
    match task.kind:
        case TaskKind.CLAIM_COMPARISON:
            return _compared(file, forms.read(ComparisonForm, message.form), message)
        case TaskKind.EMERGENCY_JUDGMENT:
            return _judged(file, task, forms.read(EmergencyForm, message.form), message)
        case TaskKind.DRG_REVIEW:
            return _coded(file, forms.read(DrgForm, message.form), message)
        case TaskKind.COMPLIANCE_REFERRAL:
            return _complied(file, task, forms.read(ComplianceForm, message.form), message)
        case TaskKind.CLAIM_LESSONS:
            return _learned(file, forms.read(LessonsForm, message.form), message)
        case _:
            raise LookupError(f"{task.task_id} has no form")


def _compared(file: RetrospectiveFile, form: ComparisonForm, message: CompleteTask) -> str:
    for line in form.lines:
        file.findings[line.line_id] = found = _finding(file, line, message.reviewer_id)
        says = f"Line {line.line_id}: {in_a_phrase(found)}. {line.note}"
        file.note(EntryKind.CLAIM_COMPARED, message.at, says, message.actor)
    for concern in form.concerns:
        _raise(file, concern, message.actor, message.at)
    for one in form.suspicions:
        refer(file, one.suspicion, one.what, message.actor, message.at)
    return "Compared; what was authorized stands."


def _finding(file: RetrospectiveFile, form: LineForm, by: str) -> Authorized | Differs | NotAuthorized:
    """The finding of a person. What they found to be authorized is an end, as it is when software finds it."""
    before, line = file.findings[form.line_id], file.looked_at().claim.line(form.line_id)
    named = form.authorization or (before.authorization if isinstance(before, Differs) else "")
    if form.answer == "authorized":
        return Authorized(line_id=line.line_id, authorization=named, portion=whole(line), by=by)
    if form.answer == "beyond" and form.beyond is not None:
        beyond = Portion(units=form.beyond.units, start=form.beyond.start, end=form.beyond.end)
        rest = line.units - form.beyond.units if form.beyond.units is not None else None
        within = Portion(units=rest, start=line.start, end=line.end) if rest is None or rest > 0 else None
        differences = before.differences if isinstance(before, Differs) else ()
        return Differs(
            line_id=line.line_id, authorization=named, differences=differences, within=within, beyond=beyond, by=by
        )
    needed = file.looked_at().needs[line.line_id]
    return NotAuthorized(
        line_id=line.line_id,
        required=True if needed.required else None,
        because=needed.because,
        citation=needed.citation,
        portion=whole(line),
        by=by,
    )


def _judged(file: RetrospectiveFile, task: Task, form: EmergencyForm, message: CompleteTask) -> str:
    if file.lob is None:
        raise LookupError(f"{file.case_id}: no line of business is known")
    found = emergency_finding(form.facts(file.looked_at().claim.presentation.age_years), file.lob)
    who = file.reviewers[message.reviewer_id]
    judged = EmergencyJudgment(
        finding=found, by=message.reviewer_id, at=message.at, a_physicians=bool(PHYSICIANS & set(who.roles))
    )
    lines = file.emergencies()
    file.judgments.append(judged)
    if found.state.value == "met":
        for line_id in lines:
            file.findings[line_id] = EmergencyCare(
                line_id=line_id, because=found.because, citations=found.citations, by=message.reviewer_id
            )
    state = {"met": "an emergency", "not_met": "not found to be one", "unknown": "not known to be one"}
    says = f"Emergency, by the presenting symptoms: {state[found.state.value]}; {found.because}."
    file.note(EntryKind.EMERGENCY_JUDGED, message.at, says, message.actor, lines_judged=list(lines))
    return says


def _coded(file: RetrospectiveFile, form: DrgForm, message: CompleteTask) -> str:
    file.drg_opinion = DrgOpinion(
        answer=form.answer, coder_drg=form.coder_drg, note=form.note, by=message.reviewer_id, at=message.at
    )
    says = f"Coder on the billed DRG: {form.answer.value.replace('_', ' ')}. A signal; no payment is changed."
    file.note(EntryKind.DRG_CHECKED, message.at, says, message.actor)
    return says


def _complied(file: RetrospectiveFile, task: Task, form: ComplianceForm, message: CompleteTask) -> str:
    place = int(task.about or "0") - 1
    answer = {"answer": form.what_was_done, "answered_by": message.reviewer_id}
    file.referrals[place] = file.referrals[place].model_copy(update=answer)
    return "Noted."


def _learned(file: RetrospectiveFile, form: LessonsForm, message: CompleteTask) -> str:
    for lesson in form.lessons:
        _learn(file, lesson, message.actor, message.at)
    for concern in form.concerns:
        _raise(file, concern, message.actor, message.at)
    return "Recorded."


def _learn(file: RetrospectiveFile, form: LessonForm, by: Actor, at: datetime) -> str:
    file.lessons.append(Lesson(**form.model_dump(), recorded_by=by.id, at=at))
    says = f"Lesson recorded about the {form.stage.value.replace('_', ' ')}."
    file.note(EntryKind.LESSON_RECORDED, at, says, by)
    return says


def _raise(file: RetrospectiveFile, form: ConcernForm, by: Actor, at: datetime) -> str:
    number = f"QC-{file.case_id.removeprefix('RR-')}N{len(file.concerns) + 1}"
    file.concerns.append(Concern(concern_id=number, kind=form.kind, what=form.what, raised_by=by.id, at=at))
    says = f"A {form.kind} concern goes to {number}."
    file.note(EntryKind.CONCERN_RAISED, at, says, by)
    return says

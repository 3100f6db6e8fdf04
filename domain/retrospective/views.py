"""Summary, list row and status of a retrospective review."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import AwareDatetime, JsonValue

from domain.cases import journal_rows, waiting
from domain.cases.views import AnsweredLine, CaseStatusSummary, CaseSummary, CaseView, Waiting
from domain.model import Model
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.claim_findings import drg_in_words, finding_phrase
from domain.retrospective.comparison import (
    COMPARISON,
    AuthorizationNotRequired,
    Differs,
    Finding,
    NotAuthorized,
    Portion,
)
from domain.retrospective.parts import ComplianceReferral, DocumentationGap, Lesson, Readmission, ReportedConcern
from domain.vocabulary import ProcessKind, ReviewKind


class ReviewedLine(Model):
    """A billed line and its finding. `to_be_decided` is the part that a review answers, if any."""

    line: str
    code: str
    units: str
    days: str
    finding: str
    in_words: str
    found_by: str
    to_be_decided: str | None = None


class RetrospectiveSummary(Model):
    """The summary of a retrospective review."""

    claim_number: str
    billed_by: str
    care_from: date
    claim_received: AwareDatetime
    covered_on_that_day: bool | None
    lines: tuple[ReviewedLine, ...]
    emergency: tuple[str, ...]
    documentation_gaps: tuple[DocumentationGap, ...]
    drg_signal: str | None
    coder_says: str | None
    readmission_after: tuple[Readmission, ...]
    same_care_billed_in: tuple[str, ...]
    review: str | None
    review_ended: str | None
    review_lines: tuple[AnsweredLine, ...]
    referred_to_compliance: tuple[ComplianceReferral, ...]
    concerns: tuple[ReportedConcern, ...]
    lessons: tuple[Lesson, ...]


def case_summary(file: RetrospectiveCase) -> CaseSummary:
    """The summary of a case whose claim context is known."""
    look, claim = file.require_context(), file.require_context().claim
    opinion, answer = file.drg_opinion, file.answer
    shown = RetrospectiveSummary(
        claim_number=claim.claim_number,
        billed_by=claim.billing_provider.name or f"NPI {claim.billing_provider.npi}",
        care_from=claim.first_day,
        claim_received=file.received_at,
        covered_on_that_day=file.member_context().covered,
        lines=tuple(_line(file, line_id) for line_id in file.findings),
        emergency=tuple(
            f"{one.finding.state.value.replace('_', ' ')}: {one.finding.because} ({one.by})" for one in file.judgments
        ),
        documentation_gaps=look.gaps,
        drg_signal=drg_in_words(look.drg) if look.drg is not None else None,
        coder_says=f"{opinion.answer.value.replace('_', ' ')}: {opinion.note}" if opinion is not None else None,
        readmission_after=look.readmissions,
        same_care_billed_in=look.billed_before,
        review=file.review,
        review_ended=answer.status.value if answer is not None else None,
        review_lines=answer.lines if answer is not None else (),
        referred_to_compliance=tuple(file.referrals),
        concerns=tuple(file.concerns),
        lessons=tuple(file.lessons),
    )
    return CaseSummary(process=ProcessKind.RETROSPECTIVE_REVIEW, content=shown.model_dump(mode="json"))


def summary_data(file: RetrospectiveCase) -> dict[str, JsonValue]:
    """The data of a journal entry about the case: its summary for people, and its lessons for the list of all lessons."""
    sheet = case_summary(file)
    return {"sheet": sheet.model_dump(mode="json"), "lessons": lessons_of_summary(file.case_id, sheet.content)}


def lessons_of_summary(case_id: str, content: Mapping[str, JsonValue]) -> JsonValue:
    """The lessons in a summary as RecordedLessons, in JSON. Entries older than the list of lessons carry nothing else."""
    lessons, known = content.get("lessons"), {"case_id": case_id, "claim_number": content.get("claim_number")}
    return (
        [known | lesson if isinstance(lesson, dict) else lesson for lesson in lessons]
        if isinstance(lessons, list)
        else None
    )


def case_view(file: RetrospectiveCase) -> CaseView:
    """The row of the case for lists."""
    claim, due = file.require_context().claim, file.due() if file.settled_at is None else None
    return journal_rows.member_case_view(
        file,
        ProcessKind.RETROSPECTIVE_REVIEW,
        f"Claim {claim.claim_number}",
        file.status,
        current_wait(file),
        review_kind=ReviewKind.RETROSPECTIVE,
        service_kind=claim.service_kind,
        requesting_npi=claim.billing_provider.npi,
        decision_due=due[1].at if due is not None else None,
        governing_rule=due[0].rule_id if due is not None else None,
        decided_at=file.settled_at,
    )


def current_wait(file: RetrospectiveCase) -> Waiting | None:
    """The current wait of the case; None when it waits for nobody."""
    if not file.is_open or file.look is None:
        return None
    task, due = waiting.next_task(file), file.due()
    if file.review is not None and file.answer is None and (task is None or task.kind in waiting.COMPLIANCE_TASKS):
        return Waiting(
            what=f"review {file.review}",
            owner="its reviewers",
            until=due[1].at if due is not None else None,
            then="the review case records the missed deadline",
        )
    return waiting.task_wait(file) or waiting.NEXT_STEP


def status_summary(file: RetrospectiveCase) -> CaseStatusSummary:
    """The status of the case, with a sentence that names the zone of its times."""
    return waiting.status_summary(file, file.status, current_wait(file))


def _line(file: RetrospectiveCase, line_id: str) -> ReviewedLine:
    line, found = file.require_context().claim.line(line_id), file.findings[line_id]
    return ReviewedLine(
        line=line_id,
        code=line.code,
        units=f"{line.units} {line.unit or ''}".strip(),
        days=f"{line.start} to {line.end}",
        finding=found.kind.replace("_", " "),
        in_words=finding_phrase(found),
        found_by=str(COMPARISON if isinstance(found, AuthorizationNotRequired) else found.by),
        to_be_decided=_to_be_decided(found),
    )


def _to_be_decided(found: Finding) -> str | None:
    if isinstance(found, Differs) and found.beyond is not None:
        return _portion(found.beyond)
    return _portion(found.portion) if isinstance(found, NotAuthorized) and not found.doubtful else None


def _portion(portion: Portion) -> str:
    units = f"{portion.units} units, " if portion.units is not None else ""
    return f"{units}{portion.start} to {portion.end}"

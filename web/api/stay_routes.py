"""Routes that act on a hospital stay, its discharge plan, and a retrospective review, as the pages and the command line do."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import AwareDatetime, Base64Bytes, Field
from sqlalchemy.orm import Session

from domain.case_numbers import kind_of
from domain.errors import NotOnFile
from domain.model import Model
from domain.retrospective.parts import ProcessStage, RecordedLesson, Suspicion
from domain.stays.avoidable_days import Attribution, AvoidableDay, DelayReason
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, ConcernKind, ProcessKind
from intake.stays import updates
from intake.stays.evidence import UpdateContents
from intake.stays.typed_facts import read_typed_facts
from intake.stays.updates import ReconsiderationRequest, UpdateRequest
from services.case_lookup import sees_case
from services.commands import retrospective_actions, stay_actions
from services.commands.api_keys import ApiScope
from services.context import CommandResult
from services.principals import Principal, Right
from store import retrospective_lessons
from web.api.callers import ApiCaller, require_scope
from web.api.case_routes import CaseId
from web.api.problems import responses
from web.api.writes import Once, post_act
from web.context import Context, WebContext
from web.security.case_views import view_case

router = APIRouter()
StayReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.STAYS))]
StayWorker = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.STAYS))]
Planner = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.DISCHARGE_PLANS))]
ReviewReader = Annotated[ApiCaller, Depends(require_scope(ApiScope.READ, Right.RETROSPECTIVE))]
ReviewWorker = Annotated[ApiCaller, Depends(require_scope(ApiScope.WRITE, Right.RETROSPECTIVE))]
_STAYS, _REVIEWS = "Stays", "Retrospective reviews"
Words = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S")]


class TypedValue(Model):
    """A value as one says it, such as yes, 3 or 2026-03-02: told by telephone, or read from the one record that is sent."""

    fact_id: str = Field(min_length=1, max_length=200, examples=["ip.expected_midnights"])
    value: str = Field(min_length=1, max_length=2000, examples=["3"])


class SentRecord(Model):
    """A record of the facility: a document, or coded records as JSON (FHIR or plain), which are read into facts."""

    name: str = Field(min_length=1, max_length=120, description="Its file name; .json for coded records.")
    content: Base64Bytes = Field(description="The bytes, base64.")
    as_document: bool = Field(default=False, description="Keep JSON as a document for people to read.")


class BroughtEvidence(Model):
    """Evidence that the facility told or sent."""

    record: SentRecord | None = None
    note: str | None = Field(default=None, max_length=20_000, description="The note of a telephone call.")
    facts: tuple[TypedValue, ...] = Field(default=(), max_length=200)
    as_of: date | None = Field(default=None, description="The day on which values without a date were true.")


class StayUpdate(BroughtEvidence):
    """A clinical update of a stay: a record, a note or facts, and what else changed. What is left out is not known."""

    through: date | None = Field(default=None, description="The last day asked for; by the plan's policy unless given.")
    level: LevelOfCare | None = Field(default=None, description="The new level of care, if it changed.")
    working_drg: str | None = Field(default=None, pattern="^[0-9]{3}$", description="A signal, never a limit.")
    expected_discharge: date | None = None
    post_stabilization: bool | None = Field(
        default=None, description="After an emergency: whether the patient is stable and the facility asks to go on."
    )


class SecondLook(BroughtEvidence):
    """A physician is asked to look at denied days again: after a peer-to-peer, or by a reopening. It is no appeal."""

    first: date = Field(description="The denied day, or the first of several.")
    last: date | None = Field(default=None, description="The last one; the first unless given.")
    held_at: AwareDatetime | None = Field(
        default=None, description="When the peer-to-peer was held; left out for a reopening."
    )


class Reduction(Model):
    """A physician's proposal that approved days end early. A signed review decides; until then they stay approved."""

    effective_on: date = Field(description="The first approved day that would end.")
    why: Words


class AvoidableDayEntry(Model):
    """A day that could have been saved, by whom and why; the plan's own delays too. It denies no day."""

    day: date
    reason: str = Field(min_length=1, max_length=100, description="One of GET /avoidable-day-reasons.")
    attribution: Attribution
    note: str = Field(default="", max_length=20_000)


class QioReport(Model):
    """News of the quality improvement organization: asked, informed, decided. Values not known count for the member."""

    about: Literal["end_of_services", "discharge"] = Field(
        description="The end of services (NOMNC), or the discharge (IM)."
    )
    what: Literal["asked", "has_information", "decided"]
    upheld: bool | None = Field(default=None, description="Decided: whether the end stands.")
    timely: bool | None = Field(default=None, description="Asked: whether it was in time.")


class ReviewConcern(Model):
    """A concern about the quality or safety of care. It becomes a case of its own."""

    kind: ConcernKind
    what: Words


class ReferralToCompliance(Model):
    """A suspicion, or a question of coverage, for compliance. The review itself does not decide it."""

    about: Suspicion
    what: Words


class ReviewFinding(Model):
    """A finding about the process: the step, what went wrong, and what would help."""

    stage: ProcessStage
    what: Words
    suggestion: Words


@router.get(
    "/avoidable-day-reasons",
    tags=[_STAYS],
    summary="Reasons of avoidable days",
    response_model=list[DelayReason],
    responses=responses(),
)
async def read_reasons(context: Context, caller: StayReader) -> tuple[DelayReason, ...]:
    """The rulebook's reasons, each with whom it may be laid to; as `umpire stay avoidable-day --reasons`."""
    return context.rulebook.stays.delays.reasons


@post_act(router, "/stays/{case_id}/updates", "Send a clinical update", _STAYS)
async def send_update(context: Context, caller: StayWorker, once: Once, case_id: CaseId, form: StayUpdate) -> Response:
    """It is kept with its receipt before the stay has it. The open days, or those asked for, are then reviewed."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.STAY)
        wanted = UpdateRequest(
            form.through, form.level, form.working_drg, form.expected_discharge, form.post_stabilization
        )
        brought = _read_evidence(context, form)
        return await updates.send_update(context.services, case_id, brought, wanted, caller.principal.actor, message_id)

    return await once.do(act)


@post_act(router, "/stays/{case_id}/second-looks", "Ask for a second look at denied days", _STAYS)
async def ask_second_look(
    context: Context, caller: StayWorker, once: Once, case_id: CaseId, form: SecondLook
) -> Response:
    """As `umpire stay reconsider`, with new information where there is some."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.STAY)
        look = ReconsiderationRequest(
            first=form.first,
            last=form.last or form.first,
            how="peer_to_peer" if form.held_at is not None else "reopening",
            held_at=form.held_at,
            note=form.note or "",
        )
        brought = _read_evidence(context, form)
        return await updates.request_reconsideration(
            context.services, case_id, brought, look, caller.principal.actor, message_id
        )

    return await once.do(act)


@post_act(router, "/stays/{case_id}/reductions", "Propose an earlier end of approved days", _STAYS)
async def propose_reduction(
    context: Context, caller: StayWorker, once: Once, case_id: CaseId, form: Reduction
) -> Response:
    """For physicians, where the law of the line of business allows it. It denies nothing."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.STAY)
        return await stay_actions.propose_reduction(
            context.services, case_id, form.effective_on, form.why, caller.principal.reviewer, message_id
        )

    return await once.do(act)


@post_act(router, "/stays/{case_id}/avoidable-days", "Record an avoidable day", _STAYS)
async def record_avoidable_day(
    context: Context, caller: StayWorker, once: Once, case_id: CaseId, form: AvoidableDayEntry
) -> Response:
    """A signal for people; no day is denied by it."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.STAY)
        entry = AvoidableDay.model_validate(form.model_dump())
        return await stay_actions.record_avoidable_day(
            context.services, case_id, entry, caller.principal.reviewer, message_id
        )

    return await once.do(act)


@post_act(router, "/discharge-plans/{case_id}/qio-updates", "Report news of the QIO", _STAYS)
async def report_qio_update(
    context: Context, caller: Planner, once: Once, case_id: CaseId, form: QioReport
) -> Response:
    """As reported by whom the credential is of. The member is protected meanwhile."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.DISCHARGE_PLAN)
        return await stay_actions.report_qio_update(
            context.services,
            case_id,
            form.about,
            form.what,
            form.upheld,
            form.timely,
            caller.principal.actor,
            message_id,
        )

    return await once.do(act)


@post_act(router, "/retrospective-reviews/{case_id}/concerns", "Report a concern about the care", _REVIEWS)
async def raise_concern(
    context: Context, caller: ReviewWorker, once: Once, case_id: CaseId, form: ReviewConcern
) -> Response:
    """It becomes a case of its own, which only those who work on it see."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.RETROSPECTIVE_REVIEW)
        return await retrospective_actions.raise_concern(
            context.services, case_id, caller.principal.reviewer, form.kind, form.what, message_id
        )

    return await once.do(act)


@post_act(router, "/retrospective-reviews/{case_id}/compliance-referrals", "Refer to compliance", _REVIEWS)
async def refer_to_compliance(
    context: Context, caller: ReviewWorker, once: Once, case_id: CaseId, form: ReferralToCompliance
) -> Response:
    """Compliance answers it; the review does not decide it."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.RETROSPECTIVE_REVIEW)
        return await retrospective_actions.refer_to_compliance(
            context.services, case_id, caller.principal.reviewer, form.about, form.what, message_id
        )

    return await once.do(act)


@post_act(router, "/retrospective-reviews/{case_id}/findings", "Record a finding about the process", _REVIEWS)
async def record_finding(
    context: Context, caller: ReviewWorker, once: Once, case_id: CaseId, form: ReviewFinding
) -> Response:
    """It is in the list of all findings."""

    async def act(message_id: str) -> CommandResult:
        await _require(context, caller, case_id, ProcessKind.RETROSPECTIVE_REVIEW)
        return await retrospective_actions.record_lesson(
            context.services,
            case_id,
            caller.principal.reviewer,
            form.stage,
            form.what,
            form.suggestion,
            message_id,
        )

    return await once.do(act)


@router.get(
    "/findings",
    tags=[_REVIEWS],
    summary="Findings about the process",
    response_model=list[RecordedLesson],
    responses=responses(),
)
async def read_findings(
    context: Context, caller: ReviewReader, stage: ProcessStage | None = None
) -> tuple[RecordedLesson, ...]:
    """Those of the reviews that you may see, the newest first, as `umpire retro finding list --json`."""
    return await context.services.read(_seen_findings, stage, caller.principal)


def _seen_findings(s: Session, stage: ProcessStage | None, reader: Principal) -> tuple[RecordedLesson, ...]:
    return tuple(one for one in retrospective_lessons.all_lessons(s, stage) if sees_case(s, reader, one.case_id))


async def _require(context: WebContext, caller: ApiCaller, case_id: str, process: ProcessKind) -> None:
    """Let the caller act on the case, whose view is recorded. Raises NotOnFile for a case of another process too."""
    if kind_of(case_id) is not process:
        raise NotOnFile(
            f"There is no {process.value.replace('_', ' ')} {case_id} for you.", "Search by member, provider or number."
        )
    await view_case(context, caller, case_id, process.value.replace("_", " "))


def _read_evidence(context: WebContext, form: BroughtEvidence) -> UpdateContents:
    """The evidence, with its facts checked against the dictionary. Raises NotReadable."""
    typed = [(one.fact_id, one.value) for one in form.facts]
    dictionary = context.rulebook.criteria.dictionary
    facts = read_typed_facts(typed, dictionary, lambda position, _name: f"body.facts.{position}")
    record = form.record
    return UpdateContents(
        content=record.content if record is not None else None,
        name=record.name if record is not None else None,
        note=form.note,
        facts=facts,
        as_document=record.as_document if record is not None else False,
        as_of=form.as_of,
        channel=Channel.API if record is not None else Channel.PHONE,
    )

"""The acts on a case that are no task: each with its form, to whom it is offered, and the command of every face.

Pages and API offer the same acts from here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from domain.authorization.messages import PartyStatement
from domain.cases.views import CaseStatus, CaseView
from domain.decisions.reviewers import Reviewer
from domain.errors import NotOnFile, refusal
from domain.follow_ups.changes import AskedChange
from domain.model import Model
from domain.requests.after_decision import AfterDecisionKind
from domain.vocabulary import MEDICARE_LOBS, AskedBy, Channel, ProcessKind, Role, StaffDuty
from intake import reinstatement
from intake.appeals import file_appeal
from intake.follow_ups import SaidAfterDecision, ask_after_decision, reduction_notice
from services.access import (
    CORRECT_AUTHORIZATIONS,
    END_EARLY,
    ENTER_APPEALS,
    ENTER_CHANGES,
    REINSTATE_REQUESTS,
    require_on_file,
)
from services.commands import act_forms, call_times, case_actions, closing_actions, desk_actions
from services.context import CommandResult, SubmissionResult
from services.principals import Principal
from store import cases
from web.context import WebContext

_DECIDED = frozenset({CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART})
_CLINICAL = frozenset({Role.NURSE, Role.PHYSICIAN, Role.PHARMACIST, Role.PSYCHOLOGIST, Role.MEDICAL_DIRECTOR})


@dataclass(frozen=True)
class ActOn:
    """The case and the person of an act: `act` is the id under which it is sent, so that twice is once."""

    context: WebContext
    who: Principal
    view: CaseView
    act: str

    @property
    def reviewer(self) -> str:
        return self.who.reviewer


Send = Callable[[ActOn, Any], Awaitable[CommandResult | SubmissionResult]]
Offer = Callable[[CaseView, Reviewer], bool]


@dataclass(frozen=True)
class CaseAct:
    """An act: its words, its form, whether it is offered on this case to this person, its command. The case checks again."""

    name: str
    title: str
    verb: str
    form: type[Model]
    offered: Offer
    send: Send

    @property
    def about(self) -> str:
        """A sentence about the act."""
        return " ".join((self.form.__doc__ or "").split())


def _is_open(view: CaseView) -> bool:
    return view.status is CaseStatus.OPEN


def _is_request(view: CaseView) -> bool:
    return view.process is ProcessKind.REQUEST


def _open_request(view: CaseView, _who: Reviewer) -> bool:
    return _is_request(view) and _is_open(view)


def _any_case(_view: CaseView, _who: Reviewer) -> bool:
    return True


def _clinician_on_open_request(view: CaseView, who: Reviewer) -> bool:
    return _open_request(view, who) and bool(_CLINICAL & set(who.roles))


def _with_duty(*duties: StaffDuty) -> Offer:
    def offered(view: CaseView, who: Reviewer) -> bool:
        return _open_request(view, who) and any(one.duty in duties for one in who.credentials)

    return offered


def _withdrawn(view: CaseView, who: Reviewer) -> bool:
    return _is_request(view) and view.status is CaseStatus.WITHDRAWN and bool(REINSTATE_REQUESTS.roles & set(who.roles))


def _dismissed(view: CaseView, who: Reviewer) -> bool:
    return view.status is CaseStatus.DISMISSED and any(one.duty is StaffDuty.DISMISSALS for one in who.credentials)


def _medicare_request(view: CaseView, _who: Reviewer) -> bool:
    return _is_request(view) and view.lob in MEDICARE_LOBS


def _authorized(roles: frozenset[Role]) -> Offer:
    def offered(view: CaseView, who: Reviewer) -> bool:
        return _is_request(view) and view.authorization_number is not None and bool(roles & set(who.roles))

    return offered


def _denied(view: CaseView, who: Reviewer) -> bool:
    return _is_request(view) and view.status in _DECIDED and bool(ENTER_CHANGES.roles & set(who.roles))


def _appealable(view: CaseView, who: Reviewer) -> bool:
    return _is_request(view) and view.status in _DECIDED and bool(ENTER_APPEALS.roles & set(who.roles))


async def _add_note(on: ActOn, form: act_forms.NoteForm) -> CommandResult:
    return await desk_actions.add_note(on.context.services, on.view.case_id, on.reviewer, form.text, on.act)


async def _log_contact(on: ActOn, form: act_forms.ContactForm) -> CommandResult:
    return await desk_actions.log_contact(on.context.services, on.view.case_id, on.reviewer, form.contact, on.act)


async def _expedite(on: ActOn, form: act_forms.ExpediteForm) -> CommandResult:
    services, case_id = on.context.services, on.view.case_id
    return await case_actions.request_expedite(
        services, case_id, form.asked_by, form.physician_statement, on.reviewer, on.act
    )


async def _extend(on: ActOn, form: act_forms.ExtensionForm) -> CommandResult:
    services = on.context.services
    return await case_actions.extend_deadline(
        services,
        on.view.case_id,
        on.reviewer,
        form.reason,
        form.justification,
        form.days_given,
        form.stated_ground(services.clock()),
        form.second_person,
        on.act,
    )


async def _withdraw(on: ActOn, form: act_forms.WithdrawalForm) -> CommandResult:
    services = on.context.services
    asked = form.statement(services.clock())
    return await case_actions.withdraw_request(services, on.view.case_id, form.by, asked, on.reviewer, form.why, on.act)


async def _reinstate(on: ActOn, form: act_forms.WithdrawalForm) -> CommandResult:
    services = on.context.services
    asked = form.statement(services.clock())
    return await reinstatement.reinstate(services, on.view.case_id, form.by, asked, on.reviewer, form.why)


async def _settle_peer_to_peer(on: ActOn, form: act_forms.PeerToPeerForm) -> CommandResult:
    services = on.context.services
    call = form.contact(services.clock(), on.reviewer)
    return await call_times.settle_call(services, on.view.case_id, form.result, on.reviewer, call, form.note, on.act)


async def _dismiss(on: ActOn, form: act_forms.DismissalForm) -> CommandResult:
    services, case_id = on.context.services, on.view.case_id
    return await closing_actions.close_undecided(services, case_id, on.reviewer, form.closing, on.act)


async def _not_filed(on: ActOn, form: act_forms.NotFiledForm) -> CommandResult:
    services, case_id = on.context.services, on.view.case_id
    return await closing_actions.close_undecided(services, case_id, on.reviewer, form.closing, on.act)


async def _close(on: ActOn, form: act_forms.NotCoveredForm | act_forms.ForwardingForm) -> CommandResult:
    services = on.context.services
    closing = form.closing(services.clock())
    return await closing_actions.close_undecided(services, on.view.case_id, on.reviewer, closing, on.act)


async def _vacate(on: ActOn, form: act_forms.VacatingForm) -> CommandResult:
    services = on.context.services
    asked = form.statement(services.clock())
    return await closing_actions.vacate_dismissal(
        services, on.view.case_id, on.reviewer, form.by, asked, form.good_cause, on.act
    )


async def _complain(on: ActOn, form: act_forms.GrievanceForm) -> CommandResult:
    services = on.context.services
    asked = form.statement(services.clock())
    return await closing_actions.file_grievance(
        services, on.view.case_id, on.reviewer, form.about, asked, form.said, on.act
    )


async def _ask_change(on: ActOn, form: act_forms.ChangeForm) -> SubmissionResult:
    ground = form.ground if isinstance(form, act_forms.ReopeningForm) else None
    said = SaidAfterDecision(
        case_id=on.view.case_id,
        by=form.by,
        asked=form.statement(on.context.services.clock()),
        entered_by=on.reviewer,
        why=form.why,
        ground=ground,
        change=form.change(),
    )
    return await ask_after_decision(on.context.services, said)


async def _appeal(on: ActOn, form: act_forms.AppealForm) -> SubmissionResult:
    services = on.context.services
    return await file_appeal(services, form.filing(on.view.case_id, on.reviewer, services.clock()))


async def _correct(on: ActOn, form: act_forms.CorrectionForm) -> SubmissionResult:
    return await ask_after_decision(on.context.services, _said_by_plan(on, form.change(), form.why))


async def _end_early(on: ActOn, form: act_forms.EarlyEndForm) -> SubmissionResult:
    lob = on.view.lob
    rule = on.context.rulebook.stays.policy.reduction_for(lob) if lob is not None else None
    notice = reduction_notice(
        rule.days_of_notice if rule is not None else None,
        rule.source if rule is not None else "no rule",
        rule.because if rule is not None else "The rulebook has no rule for it in this line of business.",
    )
    change = AskedChange(kind=AfterDecisionKind.END_EARLY, effective_on=form.effective_on, notice=notice)
    return await ask_after_decision(on.context.services, _said_by_plan(on, change, form.why))


def _said_by_plan(on: ActOn, change: AskedChange, why: str) -> SaidAfterDecision:
    asked = PartyStatement(person=on.reviewer, channel=Channel.PORTAL, at=on.context.services.clock(), note=why)
    return SaidAfterDecision(
        case_id=on.view.case_id, by=AskedBy.PLAN, asked=asked, entered_by=on.reviewer, why=why, change=change
    )


_CHANGE = _authorized(ENTER_CHANGES.roles)
_FORMS = act_forms
ACTS: tuple[CaseAct, ...] = (
    CaseAct("note", "Add a note", "Add the note", _FORMS.NoteForm, _any_case, _add_note),
    CaseAct("contact", "Log a contact", "Log it", _FORMS.ContactForm, _any_case, _log_contact),
    CaseAct("expedite", "Ask for an expedited review", "Ask", _FORMS.ExpediteForm, _open_request, _expedite),
    CaseAct("extend", "Take more time", "Take it", _FORMS.ExtensionForm, _clinician_on_open_request, _extend),
    CaseAct("withdraw", "Withdraw the request", "Withdraw", _FORMS.WithdrawalForm, _open_request, _withdraw),
    CaseAct("reinstate", "Take a withdrawal back", "Take it back", _FORMS.WithdrawalForm, _withdrawn, _reinstate),
    CaseAct(
        "dismiss", "Dismiss the request", "Dismiss", _FORMS.DismissalForm, _with_duty(StaffDuty.DISMISSALS), _dismiss
    ),
    CaseAct("vacate", "Vacate the dismissal", "Vacate", _FORMS.VacatingForm, _dismissed, _vacate),
    CaseAct(
        "not-covered",
        "Not a member on these days",
        "Record it",
        _FORMS.NotCoveredForm,
        _with_duty(StaffDuty.ENROLLMENT),
        _close,
    ),
    CaseAct("forward", "Forwarded to another plan", "Record it", _FORMS.ForwardingForm, _open_request, _close),
    CaseAct("not-filed", "Not properly filed", "Tell them", _FORMS.NotFiledForm, _open_request, _not_filed),
    CaseAct("grievance", "Enter a grievance", "Enter it", _FORMS.GrievanceForm, _medicare_request, _complain),
    CaseAct("dates", "Ask for other days", "Ask", _FORMS.DatesForm, _CHANGE, _ask_change),
    CaseAct("provider", "Ask for another provider", "Ask", _FORMS.ProviderForm, _CHANGE, _ask_change),
    CaseAct("place", "Ask for another place", "Ask", _FORMS.PlaceForm, _CHANGE, _ask_change),
    CaseAct("more", "Ask for more units", "Ask", _FORMS.MoreUnitsForm, _CHANGE, _ask_change),
    CaseAct("void", "Give the authorization back", "Give it back", _FORMS.ChangeForm, _CHANGE, _ask_change),
    CaseAct(
        "correct",
        "Correct a clerical error",
        "Correct it",
        _FORMS.CorrectionForm,
        _authorized(CORRECT_AUTHORIZATIONS.roles),
        _correct,
    ),
    CaseAct("end", "Propose an early end", "Propose it", _FORMS.EarlyEndForm, _authorized(END_EARLY.roles), _end_early),
    CaseAct("appeal", "File an appeal", "File it", _FORMS.AppealForm, _appealable, _appeal),
    CaseAct("reopen", "Ask to reopen a denial", "Ask", _FORMS.ReopeningForm, _denied, _ask_change),
)
"""Every act, in the order of the page."""


PEER_TO_PEER = CaseAct(
    "peer-to-peer", "Record a peer-to-peer", "Record it", _FORMS.PeerToPeerForm, _open_request, _settle_peer_to_peer
)
"""The act that pages offer with the calls of a case, and not among the others."""


def require_offered(s: Session, act: CaseAct, case_id: str, reviewer_id: str) -> CaseView:
    """The case, where the act is offered on it to this reviewer. Raises NotOnFile and Refused."""
    view, who = cases.get(s, case_id), require_on_file(s, reviewer_id)
    if view is None:
        raise NotOnFile(f"Case {case_id} is being opened.", "Try again in a moment.")
    if not act.offered(view, who):
        raise refusal("act.offered", "This is not offered on this case to you.", "Read the case for what it waits for.")
    return view


def offered_acts(s: Session, case_id: str, reviewer_id: str) -> tuple[CaseView, tuple[CaseAct, ...]]:
    """The case with the acts that are offered on it to this reviewer. Raises NotOnFile."""
    view, who = cases.get(s, case_id), require_on_file(s, reviewer_id)
    if view is None:
        raise NotOnFile(f"Case {case_id} is being opened.", "Try again in a moment.")
    return view, tuple(act for act in ACTS if act.offered(view, who))

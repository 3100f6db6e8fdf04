"""Updates and cancellations of requests: lookup of the prior request, the resulting version, and the messages to its case."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sqlalchemy.orm import Session

from domain.authorization.messages import (
    AddDocuments,
    AuthorizationMessage,
    CorrectRequest,
    PartyStatement,
    RequestExpedite,
    WithdrawRequest,
)
from domain.cases.views import CaseStatus, CaseView
from domain.errors import ValidationIssue
from domain.journal import Actor
from domain.requests.remarks import ReadingRemark
from domain.requests.request import AuthorizationRequest, RequestAction
from domain.vocabulary import AskedBy, CertificationType
from intake.requests.arrival_outcome import ArrivalOutcome, RejectedArrival, RepeatedRequest, RequestUpdate
from intake.requests.documents import new_document_ids, store_documents, stored_evidence, submitted_evidence
from intake.requests.merge import MergedRequest, merge_update
from intake.requests.repeats import duplicate_message
from intake.requests.versions import (
    added_document_ids,
    is_copy,
    latest_request,
    load_earlier_versions,
    was_heard,
)
from interop.submission import Submission
from store import cases, inbox, requests
from store.inbox import InboxItem
from store.requests import StoredRequest


def interpret_update(s: Session, item: InboxItem, submission: Submission) -> ArrivalOutcome:
    """Interpret an update or cancellation and store its version; the same item always makes the same version."""
    request = submission.request
    case_id = find_prior_case(s, request)
    if case_id is None:
        return RejectedArrival((_no_prior_issue(request),))
    view = cases.get(s, case_id)
    earlier, made = load_earlier_versions(s, case_id, item)
    if view is not None and view.status is not CaseStatus.OPEN:
        if made is not None and was_heard(s, case_id, item):
            return RepeatedRequest(case_id, made.version, view, False, submission.notes)
        return RejectedArrival((_case_closed_issue(view),))
    prior = latest_request(earlier)
    lines_before = frozenset(line.line_id for version in earlier for line in version.request.lines)
    merged = merge_update(prior.request, stored_evidence(prior), request, submitted_evidence(submission), lines_before)
    unproven = _sender_issues(s, item, request, earlier[0], merged)
    if unproven:
        return RejectedArrival(unproven)
    if not isinstance(merged, MergedRequest):
        return RejectedArrival(merged)
    if merged.changes_nothing or is_copy(s, item, earlier):
        joined = (duplicate_message(item, earlier[0].request, request),)
        return RepeatedRequest(case_id, prior.version, view, False, submission.notes, joined)
    if merged.what and _has_newer_change(s, item, earlier):
        return RejectedArrival((_older_change_issue(case_id, merged),))
    new = (
        new_document_ids(s, case_id, submission.attachments)
        if made is None
        else added_document_ids(prior.request, merged.request)
    )
    store_documents(s, case_id, submission.attachments)
    version = requests.save(s, case_id, merged.request, item.inbox_id, merged.evidence)
    return RequestUpdate(case_id, version, request, merged, new, submission.notes)


def update_messages(item: InboxItem, change: RequestUpdate) -> tuple[AuthorizationMessage, ...]:
    """The messages to the case. Their ids derive from the inbox item, so that sending them again changes nothing."""
    key = f"inbox-{item.inbox_id}"
    at, actor = item.received_at, Actor(kind="provider", id=change.request.requesting_provider.npi)
    if change.merged.withdrawn:
        provider, why = change.request.requesting_provider, "The sender cancelled the request."
        asked = PartyStatement(
            person=provider.name or provider.npi, channel=item.channel, at=at, inbox_id=item.inbox_id
        )
        return (WithdrawRequest(message_id=key, at=at, actor=actor, by=AskedBy.PROVIDER, why=why, asked=asked),)
    messages: list[AuthorizationMessage] = []
    if change.merged.what:
        what = "; ".join(change.merged.what)
        messages.append(
            CorrectRequest(message_id=key, at=at, actor=actor, request_version=change.request_version, what=what)
        )
    else:
        messages.append(
            AddDocuments(
                message_id=key,
                at=at,
                actor=actor,
                document_ids=change.new_documents,
                request_version=change.request_version,
            )
        )
    if change.merged.expedite:
        urgency = change.request.urgency
        messages.append(
            RequestExpedite(
                message_id=f"{key}-expedite",
                at=at,
                actor=actor,
                asked_by=urgency.asked_by,
                physician_statement=urgency.physician_statement,
            )
        )
    return tuple(messages)


def as_new_request(s: Session, submission: Submission) -> Submission | None:
    """The submission as a new request; None when it updates or cancels another request.

    An update whose prior request is not on file still asks for care: it is accepted as a new request, with a note to its
    sender. When it only cancels lines there is nothing to accept.
    """
    request = submission.request
    if request.action is RequestAction.INITIAL:
        return submission
    asked = tuple(line for line in request.lines if line.certification is not CertificationType.CANCEL)
    named = request.prior_submission_id is not None or request.prior_authorization_number is not None
    if request.action is RequestAction.CANCEL or not asked or not named or find_prior_case(s, request) is not None:
        return None
    note = _no_prior_issue(request).model_copy(update={"expected": "nothing more: it is accepted as a new request"})
    remark = ReadingRemark(path=note.path, rule=note.rule, message=note.message, expected=note.expected)
    changes = {"action": RequestAction.INITIAL, "lines": asked, "remarks": (*request.remarks, remark)}
    alone = request.model_copy(update=changes)
    return submission.model_copy(update={"request": alone, "notes": (*submission.notes, note)})


def find_prior_case(s: Session, request: AuthorizationRequest) -> str | None:
    """Find the case of the prior request. Only its own requester may change it."""
    npi = request.requesting_provider.npi
    found = None
    if request.prior_submission_id is not None:
        found = requests.find_by_submission(s, request.prior_submission_id, npi)
        found = found or requests.find_by_trace_number(s, request.prior_submission_id, npi)
    if found is None and request.prior_authorization_number is not None:
        found = requests.find_by_authorization_number(s, request.prior_authorization_number)
    if found is None or requests.load(s, found, 1).request.requesting_provider.npi != npi:
        return None
    return found


def _sender_issues(
    s: Session,
    item: InboxItem,
    change: AuthorizationRequest,
    first: StoredRequest,
    merged: MergedRequest | tuple[ValidationIssue, ...],
) -> tuple[ValidationIssue, ...]:
    """The issue that the sender of the change is not proven to be the requester: anybody can name the requester's number in a
    document, so it has to come from whom the request came, or under the requester's own number. It names the case and what
    would change, for intake and for the case's reviewers: until the requester says it, it is a proposal."""
    came_from = inbox.get(s, first.inbox_id).sender if first.inbox_id is not None else None
    if item.sender in (came_from, change.requesting_provider.npi):
        return ()
    what = "; ".join(merged.what) if isinstance(merged, MergedRequest) else ""
    message = "the change does not come from whom the request came" + (f" ({what})" if what else "")
    wanted = "the requester's word: ask the requester, and submit it again under the requester's own number (--sender)"
    issue = ValidationIssue(path="sender", rule="intake.sender", message=message, expected=wanted)
    return (issue.model_copy(update={"about_case": first.case_id}),)


def _has_newer_change(s: Session, item: InboxItem, earlier: Sequence[StoredRequest]) -> bool:
    """Whether a change that is on file already arrived after this one."""
    changes = (
        after.inbox_id
        for before, after in pairwise(earlier)
        if (after.request.action is RequestAction.CANCEL or _asked(after) != _asked(before))
    )
    return any(inbox.get(s, one).received_at > item.received_at for one in changes if one is not None)


def _asked(version: StoredRequest) -> object:
    return version.request.lines, version.request.diagnoses


def _older_change_issue(case_id: str, merged: MergedRequest) -> ValidationIssue:
    message = f"a newer change of the request is on file than this one ({'; '.join(merged.what)})"
    wanted = "the requester's word which of the two holds; submit that one again"
    issue = ValidationIssue(path="document", rule="intake.older_change", message=message, expected=wanted)
    return issue.model_copy(update={"about_case": case_id})


def _no_prior_issue(request: AuthorizationRequest) -> ValidationIssue:
    named = request.prior_submission_id is not None or request.prior_authorization_number is not None
    message = (
        "this requester has no request on file under the prior number"
        if named
        else "the request that this changes is not named"
    )
    wanted = "the number of a submission, its trace number, or an authorization number"
    return ValidationIssue(path="prior request", rule="intake.prior_unknown", message=message, expected=wanted)


def _case_closed_issue(view: CaseView) -> ValidationIssue:
    word = view.status.value.replace("_", " ")
    return ValidationIssue(
        path="prior request",
        rule="case.closed",
        message=f"the case {view.case_id} is closed ({word}) and cannot be changed",
        expected="a new request, or an appeal of the decision",
    )

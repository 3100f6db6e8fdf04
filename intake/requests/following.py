"""Updates and cancellations: finding the request that they follow, and what they make of it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseView
from domain.errors import Problem
from domain.requests.request import AuthorizationRequest, RequestAction
from domain.vocabulary import CertificationType
from intake.requests.changes import Merged, merge
from intake.requests.keeping import as_json, evidence_of, keep_documents, stored_evidence, unseen
from intake.requests.meaning import Change, Meaning, Refused, Repeat
from interop.submission import Submission
from store import cases, requests
from store.inbox import InboxItem
from store.requests import StoredRequest


def follow(s: Session, item: InboxItem, submission: Submission) -> Meaning:
    """What the change means, with its version of the request kept; the same item always makes the same version."""
    request = submission.request
    case_id = prior_case(s, request)
    if case_id is None:
        return Refused((_no_prior(request),))
    view = cases.get(s, case_id)
    if view is not None and view.status is not CaseStatus.OPEN:
        return Refused((_decided(view),))
    versions = _versions(s, case_id)
    made = next((version for version in versions if version.inbox_id == item.inbox_id), None)
    earlier = [version for version in versions if made is None or version.version < made.version]
    prior = next(v for v in reversed(earlier) if v.request.action is not RequestAction.CANCEL or v.version == 1)
    lines_before = frozenset(line.line_id for version in earlier for line in version.request.lines)
    merged = merge(prior.request, stored_evidence(prior), request, evidence_of(submission), lines_before)
    if not isinstance(merged, Merged):
        return Refused(merged)
    if merged.changes_nothing:
        return Repeat(case_id, prior.version, view, False, submission.notes)
    new = unseen(s, case_id, submission.attachments) if made is None else _added(prior.request, merged.request)
    keep_documents(s, case_id, submission.attachments)
    version = requests.save(s, case_id, merged.request, item.inbox_id, as_json(merged.evidence))
    return Change(case_id, version, request, merged, new, submission.notes)


def standing_alone(s: Session, submission: Submission) -> Submission | None:
    """The submission as a request of its own; None when it changes or cancels another one.

    An update whose prior request never came here still asks for care: what it asks for is taken in as new, and its sender is
    told. Where it only takes lines back there is nothing to take in.
    """
    request = submission.request
    if request.action is RequestAction.INITIAL:
        return submission
    asked = tuple(line for line in request.lines if line.certification is not CertificationType.CANCEL)
    named = request.prior_submission_id is not None or request.prior_authorization_number is not None
    if request.action is RequestAction.CANCEL or not asked or not named or prior_case(s, request) is not None:
        return None
    alone = request.model_copy(update={"action": RequestAction.INITIAL, "lines": asked})
    note = _no_prior(request).model_copy(
        update={"expected": "nothing more: what it asks for is taken in as a new request"}
    )
    return submission.model_copy(update={"request": alone, "notes": (*submission.notes, note)})


def prior_case(s: Session, request: AuthorizationRequest) -> str | None:
    """The case that the change is about, if it is of the same requester: nobody changes what another one asked for."""
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


def _no_prior(request: AuthorizationRequest) -> Problem:
    named = request.prior_submission_id is not None or request.prior_authorization_number is not None
    message = (
        "this requester has no request here under the number of the prior one"
        if named
        else "nothing says which request this changes"
    )
    wanted = "the number of a submission, its trace number, or an authorization number"
    return Problem(path="prior request", rule="intake.prior_unknown", message=message, expected=wanted)


def _decided(view: CaseView) -> Problem:
    word = view.status.value.replace("_", " ")
    return Problem(
        path="prior request",
        rule="case.closed",
        message=f"the case {view.case_id} is closed ({word}) and cannot be changed",
        expected="a new request, or an appeal of the decision",
    )


def _added(before: AuthorizationRequest, after: AuthorizationRequest) -> tuple[str, ...]:
    known = {document.document_id for document in before.documents}
    return tuple(document.document_id for document in after.documents if document.document_id not in known)


def _versions(s: Session, case_id: str) -> list[StoredRequest]:
    newest = requests.load(s, case_id)
    return [*(requests.load(s, case_id, number) for number in range(1, newest.version)), newest]

"""Merge of an update or cancellation into the prior request; deterministic, no I/O.

Lines match by id: a cancelled line is removed, a known line is replaced, a new line is added. Everything else is added to
the information on file; a statement under the same reference replaces the older one. Urgency is not changed here: a case is
expedited by a separate message, so that its clock starts at the time of that request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.errors import ValidationIssue
from domain.evidence.facts import Fact
from domain.requests.remarks import ReadingRemark, add_remarks, merge_remarks
from domain.requests.request import AuthorizationRequest, DocumentReference, RequestAction, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, CertificationType, Urgency

EvidenceJson = dict[str, list[dict[str, Any]]]
"""The statements and answers stored with a request, as JSON."""

_ARRIVAL_FIELDS = {"submission_id", "action", "prior_submission_id", "prior_authorization_number", "trace_numbers"}
_INHERITED_FIELDS = {
    "service_kind",
    "circumstances",
    "clean_claim",
    "servicing_provider",
    "ordering_practitioner",
    "plan_identifier",
}


@dataclass(frozen=True)
class MergedRequest:
    """The request after the update. `what` describes the changed lines and parties (empty when only records were added);
    `withdrawn` when no line remains; `expedite` when it now asks for an expedited review."""

    request: AuthorizationRequest
    evidence: EvidenceJson
    what: tuple[str, ...]
    withdrawn: bool
    expedite: bool
    changes_nothing: bool


def merge_update(
    prior: AuthorizationRequest,
    evidence: EvidenceJson,
    change: AuthorizationRequest,
    more: EvidenceJson,
    lines_before: frozenset[str] = frozenset(),
) -> MergedRequest | tuple[ValidationIssue, ...]:
    """Merge the update into the prior request, or return the issues that prevent it.

    `lines_before` are the ids of all lines that the request ever had: senders keep listing cancelled lines.
    """
    problems = _contradictions(prior, change, lines_before)
    if problems:
        return problems
    lines, said = _merge_lines(prior, change)
    if _cancels_everything(prior, change) or not lines:
        request = change.model_copy(update={"received_at": prior.received_at})
        return MergedRequest(request, evidence, ("everything is cancelled",), True, False, False)
    after = merge_evidence(evidence, more)
    kept: dict[str, Any] = {
        # A cancellation that leaves lines is a request for those: whatever comes later adds to it and not to what was before.
        "action": RequestAction.UPDATE if change.action is RequestAction.CANCEL else change.action,
        "lines": lines,
        "received_at": prior.received_at,
        "urgency": prior.urgency,
        "member": prior.member,
        "diagnoses": change.diagnoses or prior.diagnoses,
        "facts": _newest_by_key((*prior.facts, *change.facts), lambda fact: (fact.id, fact.source.reference)),
        "documents": _merge_documents(prior, change.documents),
        "remarks": merge_remarks(prior.remarks, change.remarks, frozenset(line.line_id for line in change.lines)),
    }
    for name in _INHERITED_FIELDS:
        if getattr(change, name) is None:
            kept[name] = getattr(prior, name)
    request = change.model_copy(update=kept)
    said += [
        f"{name.replace('_', ' ')} changed" for name in sorted(_INHERITED_FIELDS) if _is_different(name, prior, request)
    ]
    if set(prior.diagnoses) != set(request.diagnoses):
        said.append("diagnoses changed")
    expedite = is_more_urgent(change.urgency, prior.urgency)
    same = after == evidence and _comparable_content(request) == _comparable_content(prior) and not expedite
    same = same and {remark.key for remark in request.remarks} == {remark.key for remark in prior.remarks}
    return MergedRequest(request, after, tuple(said), False, expedite, same)


def asks_to_expedite(claim: UrgencyClaim) -> bool:
    """Whether an expedited review is asked for. A physician's statement of jeopardy asks for one, whatever else was marked."""
    return claim.urgency is Urgency.EXPEDITED or claim.physician_statement is True


def is_more_urgent(claim: UrgencyClaim, on_file: UrgencyClaim) -> bool:
    """Whether the claim asks for more than the one on file: to expedite, or with a word that weighs more."""
    before = _urgency_weight(on_file) if on_file.urgency is Urgency.EXPEDITED else 0
    return _urgency_weight(claim) > before


def _urgency_weight(claim: UrgencyClaim) -> int:
    if claim.physician_statement is True:
        return 3
    if claim.urgency is not Urgency.EXPEDITED:
        return 0
    return 1 if claim.asked_by in (AskedBy.MEMBER, AskedBy.REPRESENTATIVE) else 2


def add_records(
    prior: AuthorizationRequest,
    facts: Iterable[Fact],
    documents: Iterable[DocumentReference],
    remarks: Iterable[ReadingRemark] = (),
) -> AuthorizationRequest:
    """The same request with more facts and documents, and with the remarks of their reading."""
    return prior.model_copy(
        update={
            "facts": _newest_by_key((*prior.facts, *facts), lambda fact: (fact.id, fact.source.reference)),
            "documents": _merge_documents(prior, documents),
            "remarks": add_remarks(prior.remarks, remarks),
        }
    )


def merge_evidence(known: EvidenceJson, more: EvidenceJson) -> EvidenceJson:
    """Merge statements and answers; a new entry under the same reference and code replaces the old one."""
    statements = _merge_entries(known, more, "statements", ("reference", "code_system", "code"))
    answers = _merge_entries(known, more, "answers", ("reference", "link_id"))
    return {"statements": statements, "answers": answers}


def _merge_entries(known: EvidenceJson, more: EvidenceJson, part: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    new = more.get(part, [])
    taken = {tuple(item[name] for name in key) for item in new}
    kept = [item for item in known.get(part, []) if tuple(item[name] for name in key) not in taken]
    if not new or all(item in known.get(part, []) for item in new):
        return known.get(part, [])
    return [*kept, *new]


def _contradictions(
    prior: AuthorizationRequest, change: AuthorizationRequest, lines_before: frozenset[str]
) -> tuple[ValidationIssue, ...]:
    found = []
    if prior.member.member_id != change.member.member_id:
        message = "the update is for another member than the prior request"
        found.append(ValidationIssue(path="member.member_id", rule="intake.prior_member", message=message))
    known = {line.line_id for line in prior.lines} | lines_before
    for line in change.lines:
        if line.certification is CertificationType.CANCEL and line.line_id not in known:
            message = f"line {line.line_id} is cancelled, but the request has no such line"
            wanted = "one of: " + ", ".join(sorted(known))
            found.append(
                ValidationIssue(
                    path=f"lines[{line.line_id}]", rule="intake.line_unknown", message=message, expected=wanted
                )
            )
    return tuple(found)


def _cancels_everything(prior: AuthorizationRequest, change: AuthorizationRequest) -> bool:
    """Whether everything is cancelled: always, unless the cancellation names some lines and leaves others."""
    if change.action is not RequestAction.CANCEL:
        return False
    named = {line.line_id for line in change.lines if line.certification is CertificationType.CANCEL}
    return not named or {line.line_id for line in prior.lines} <= named


def _merge_lines(
    prior: AuthorizationRequest, change: AuthorizationRequest
) -> tuple[tuple[ServiceLine, ...], list[str]]:
    lines = {line.line_id: line for line in prior.lines}
    said = []
    for line in change.lines:
        before = lines.get(line.line_id)
        if line.certification is CertificationType.CANCEL:
            if lines.pop(line.line_id, None) is not None:
                said.append(f"line {line.line_id} cancelled")
        elif before is None:
            lines[line.line_id] = line
            said.append(f"line {line.line_id} added")
        elif changed := _changed_fields(before, line):
            lines[line.line_id] = line
            said.append(f"line {line.line_id} changed ({', '.join(changed)})")
    return tuple(lines.values()), said


def _changed_fields(before: ServiceLine, after: ServiceLine) -> list[str]:
    names = [name for name in ServiceLine.model_fields if name not in ("certification", "trace_number")]
    return [name.replace("_", " ") for name in names if getattr(before, name) != getattr(after, name)]


def _is_different(name: str, one: AuthorizationRequest, other: AuthorizationRequest) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _comparable_content(request: AuthorizationRequest) -> dict[str, Any]:
    return request.model_dump(mode="json", exclude=_ARRIVAL_FIELDS | {"channel", "remarks"})


def _merge_documents(prior: AuthorizationRequest, more: Iterable[DocumentReference]) -> tuple[DocumentReference, ...]:
    """All documents; those on file keep their first receipt time."""
    known = {document.document_id for document in prior.documents}
    return (*prior.documents, *(document for document in more if document.document_id not in known))


def _newest_by_key(items: Iterable[Any], key: Any) -> tuple[Any, ...]:
    return tuple({key(item): item for item in items}.values())

"""What an update or a cancellation makes of the request that it follows. Pure.

Lines go by their ids: one that is cancelled is removed, one that is there is replaced, a new one is added. Everything else
that comes along is added to what was known; a statement under the same reference replaces the older one. Urgency is not
changed here: a case is expedited by a message of its own, so that its clock starts when it was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from domain.errors import Problem
from domain.evidence.facts import Fact
from domain.requests.request import AuthorizationRequest, DocumentReference, RequestAction, ServiceLine
from domain.vocabulary import CertificationType, Urgency

Evidence = dict[str, list[dict[str, Any]]]
"""The statements and answers stored with a request, as JSON."""

_OF_THE_ARRIVAL = {"submission_id", "action", "prior_submission_id", "prior_authorization_number", "trace_numbers"}
_IN_WORDS = {
    "service_kind",
    "circumstances",
    "clean_claim",
    "servicing_provider",
    "ordering_practitioner",
    "plan_identifier",
}


@dataclass(frozen=True)
class Merged:
    """The request as it is from now on. `what` says in words what the service lines or parties became (empty when only
    records came); `withdrawn` when nothing is left; `expedite` when it now asks for an expedited review."""

    request: AuthorizationRequest
    evidence: Evidence
    what: tuple[str, ...]
    withdrawn: bool
    expedite: bool
    changes_nothing: bool


def merge(
    prior: AuthorizationRequest,
    evidence: Evidence,
    change: AuthorizationRequest,
    more: Evidence,
    lines_before: frozenset[str] = frozenset(),
) -> Merged | tuple[Problem, ...]:
    """The prior request under the change, or why it cannot be made.

    `lines_before` are the ids of lines that the request had at any time: senders go on listing what they cancelled.
    """
    problems = _contradictions(prior, change, lines_before)
    if problems:
        return problems
    lines, said = _lines(prior, change)
    if _cancels_everything(prior, change) or not lines:
        request = change.model_copy(update={"received_at": prior.received_at})
        return Merged(request, evidence, ("everything is cancelled",), True, False, False)
    after = merged_evidence(evidence, more)
    kept: dict[str, Any] = {
        "lines": lines,
        "received_at": prior.received_at,
        "urgency": prior.urgency,
        "member": prior.member,
        "diagnoses": change.diagnoses or prior.diagnoses,
        "facts": _keyed((*prior.facts, *change.facts), lambda fact: (fact.id, fact.source.reference)),
        "documents": _documents(prior, change.documents),
    }
    for name in _IN_WORDS:
        if getattr(change, name) is None:
            kept[name] = getattr(prior, name)
    request = change.model_copy(update=kept)
    said += [f"{name.replace('_', ' ')} changed" for name in sorted(_IN_WORDS) if _differ(name, prior, request)]
    if set(prior.diagnoses) != set(request.diagnoses):
        said.append("diagnoses changed")
    expedite = change.urgency.urgency is Urgency.EXPEDITED and prior.urgency.urgency is not Urgency.EXPEDITED
    same = after == evidence and _content(request) == _content(prior) and not expedite
    return Merged(request, after, tuple(said), False, expedite, same)


def with_records(
    prior: AuthorizationRequest, facts: Iterable[Fact], documents: Iterable[DocumentReference]
) -> AuthorizationRequest:
    """The same request with more facts and documents."""
    return prior.model_copy(
        update={
            "facts": _keyed((*prior.facts, *facts), lambda fact: (fact.id, fact.source.reference)),
            "documents": _documents(prior, documents),
        }
    )


def merged_evidence(known: Evidence, more: Evidence) -> Evidence:
    """Known statements and answers and new ones; a new one under the same reference and code takes the old one's place."""
    statements = _replaced(known, more, "statements", ("reference", "code_system", "code"))
    answers = _replaced(known, more, "answers", ("reference", "link_id"))
    return {"statements": statements, "answers": answers}


def _replaced(known: Evidence, more: Evidence, part: str, key: tuple[str, ...]) -> list[dict[str, Any]]:
    new = more.get(part, [])
    taken = {tuple(item[name] for name in key) for item in new}
    kept = [item for item in known.get(part, []) if tuple(item[name] for name in key) not in taken]
    if not new or all(item in known.get(part, []) for item in new):
        return known.get(part, [])
    return [*kept, *new]


def _contradictions(
    prior: AuthorizationRequest, change: AuthorizationRequest, lines_before: frozenset[str]
) -> tuple[Problem, ...]:
    found = []
    if prior.member.member_id != change.member.member_id:
        message = "the change is for another member than the request that it follows"
        found.append(Problem(path="member.member_id", rule="intake.prior_member", message=message))
    known = {line.line_id for line in prior.lines} | lines_before
    for line in change.lines:
        if line.certification is CertificationType.CANCEL and line.line_id not in known:
            message = f"line {line.line_id} is cancelled, but the request has no such line"
            wanted = "one of: " + ", ".join(sorted(known))
            found.append(
                Problem(path=f"lines[{line.line_id}]", rule="intake.line_unknown", message=message, expected=wanted)
            )
    return tuple(found)


def _cancels_everything(prior: AuthorizationRequest, change: AuthorizationRequest) -> bool:
    """A cancellation is of everything, unless it cancels some lines by name and leaves others."""
    if change.action is not RequestAction.CANCEL:
        return False
    named = {line.line_id for line in change.lines if line.certification is CertificationType.CANCEL}
    return not named or {line.line_id for line in prior.lines} <= named


def _lines(prior: AuthorizationRequest, change: AuthorizationRequest) -> tuple[tuple[ServiceLine, ...], list[str]]:
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
        elif changed := _changed(before, line):
            lines[line.line_id] = line
            said.append(f"line {line.line_id} changed ({', '.join(changed)})")
    return tuple(lines.values()), said


def _changed(before: ServiceLine, after: ServiceLine) -> list[str]:
    names = [name for name in ServiceLine.model_fields if name not in ("certification", "trace_number")]
    return [name.replace("_", " ") for name in names if getattr(before, name) != getattr(after, name)]


def _differ(name: str, one: AuthorizationRequest, other: AuthorizationRequest) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def _content(request: AuthorizationRequest) -> dict[str, Any]:
    return request.model_dump(mode="json", exclude=_OF_THE_ARRIVAL | {"channel"})


def _documents(prior: AuthorizationRequest, more: Iterable[DocumentReference]) -> tuple[DocumentReference, ...]:
    """What is on file keeps its first receipt."""
    known = {document.document_id for document in prior.documents}
    return (*prior.documents, *(document for document in more if document.document_id not in known))


def _keyed(items: Iterable[Any], key: Any) -> tuple[Any, ...]:
    return tuple({key(item): item for item in items}.values())

"""Repeats of a request that a case has already. A repeat does what it says: it may bring records, be more urgent than the
request on file, or come from another party; and its sender is told what became of each."""

from __future__ import annotations

from sqlalchemy.orm import Session

from domain.authorization.messages import AddDocuments, AuthorizationMessage, RequestExpedite
from domain.cases.messages import NoteDuplicate
from domain.cases.views import CaseStatus, CaseView
from domain.journal import Actor
from domain.plain_language.phrases import count_phrase
from domain.requests.request import AuthorizationRequest
from domain.vocabulary import Urgency
from intake.requests.arrival_outcome import RepeatedRequest
from intake.requests.documents import new_document_ids, store_documents, stored_evidence, submitted_evidence
from intake.requests.merge import EvidenceJson, add_records, asks_to_expedite, is_more_urgent, merge_evidence
from intake.requests.versions import added_document_ids, is_copy, latest_request, load_earlier_versions
from interop.submission import Submission
from store import cases, requests
from store.inbox import InboxItem
from store.requests import StoredRequest


def interpret_repeat(s: Session, item: InboxItem, submission: Submission, case_id: str) -> RepeatedRequest:
    """Interpret the repeat and store what it brings as a version of the request; the same item always makes the same one."""
    view = cases.get(s, case_id)
    earlier, made = load_earlier_versions(s, case_id, item)
    prior = latest_request(earlier)
    after, evidence = _with_new_records(prior, submission)
    copied = is_copy(s, item, earlier)
    brings = not copied and (after != prior.request or evidence != stored_evidence(prior))
    if view is not None and view.status is not CaseStatus.OPEN:
        return RepeatedRequest(case_id, prior.version, view, brings, submission.notes)
    new = () if copied else _new_documents(s, case_id, submission, made, prior, after)
    version = made.version if made is not None else earlier[-1].version
    if brings or new:
        store_documents(s, case_id, submission.attachments)
        renamed = {
            "submission_id": submission.request.submission_id,
            "trace_numbers": submission.request.trace_numbers,
        }
        version = requests.save(s, case_id, after.model_copy(update=renamed), item.inbox_id, evidence)
    records = (version, new) if brings or new else None
    first, repeat = earlier[0].request, submission.request
    messages, does = _messages(item, first, repeat, view, records)
    party = speaker_of(repeat).kind if speaker_of(repeat) != speaker_of(first) else None
    return RepeatedRequest(case_id, version, view, False, submission.notes, messages, does, party)


def _new_documents(
    s: Session,
    case_id: str,
    submission: Submission,
    made: StoredRequest | None,
    prior: StoredRequest,
    after: AuthorizationRequest,
) -> tuple[str, ...]:
    if made is None:
        return new_document_ids(s, case_id, submission.attachments)
    return added_document_ids(prior.request, after)


def _with_new_records(prior: StoredRequest, submission: Submission) -> tuple[AuthorizationRequest, EvidenceJson]:
    """The request on file and its evidence with the facts, documents, diagnoses and answers of the repeat."""
    repeat = submission.request
    after = add_records(prior.request, repeat.facts, repeat.documents)
    unseen = tuple(one for one in repeat.diagnoses if one not in after.diagnoses)
    after = after.model_copy(update={"diagnoses": (*after.diagnoses, *unseen)})
    return after, merge_evidence(stored_evidence(prior), submitted_evidence(submission))


def _messages(
    item: InboxItem,
    first: AuthorizationRequest,
    repeat: AuthorizationRequest,
    view: CaseView | None,
    records: tuple[int, tuple[str, ...]] | None,
) -> tuple[tuple[AuthorizationMessage, ...], tuple[str, ...]]:
    """The messages to the case, and what each but the first does. Their ids derive from the inbox item, so that sending
    them again changes nothing."""
    joined = duplicate_message(item, first, repeat)
    key, at, speaker = joined.message_id, joined.at, joined.actor
    messages: list[AuthorizationMessage] = [joined]
    does = []
    if records is not None:
        version, new = records
        messages.append(
            AddDocuments(message_id=f"{key}-records", at=at, actor=speaker, document_ids=new, request_version=version)
        )
        does.append(f"{count_phrase(len(new), 'document')} added" if new else "new facts added")
    claim = repeat.urgency
    now_standard = view is not None and view.urgency is Urgency.STANDARD
    if is_more_urgent(claim, first.urgency) or (asks_to_expedite(claim) and now_standard):
        messages.append(
            RequestExpedite(
                message_id=f"{key}-expedite",
                at=at,
                actor=speaker,
                asked_by=claim.asked_by,
                physician_statement=claim.physician_statement,
            )
        )
        does.append("its request to expedite was passed on")
    return tuple(messages), tuple(does)


def duplicate_message(item: InboxItem, first: AuthorizationRequest, repeat: AuthorizationRequest) -> NoteDuplicate:
    """The note to the case that the same request came again, and from whom."""
    return NoteDuplicate(
        message_id=f"inbox-{item.inbox_id}",
        at=max(item.received_at, first.received_at),
        actor=speaker_of(repeat),
        inbox_id=item.inbox_id,
    )


def speaker_of(request: AuthorizationRequest) -> Actor:
    """The party that speaks through this request: the one that it says asked, through this requesting provider."""
    return Actor(kind=request.urgency.asked_by.value, id=request.requesting_provider.npi)

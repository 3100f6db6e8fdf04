"""Cases as documents for programs: the JSON of `umpire show --json` and of the API, from one builder."""

from __future__ import annotations

from typing import Any

from pydantic import AwareDatetime, Field, JsonValue

from domain.cases.tasks import Task
from domain.cases.views import CaseSummary, CaseView, LineView
from domain.follow_ups.terms import AuthorizationVersion
from domain.journal import JournalEntry
from domain.model import Model
from domain.requests.after_decision import AfterDecision
from domain.requests.remarks import ReadingRemark
from domain.requests.request import DocumentReference
from domain.vocabulary import Audience, NoticeKind
from services.queries.authorization_detail import AuthorizationDetail, missed_clock_effects
from services.queries.authorizations import FollowUpRow
from services.queries.case_detail import CaseDetail
from services.queries.case_sentence import status_sentence
from store.criteria_traces import StoredCriteriaResult
from store.inbox import InboxItem
from store.letters import LetterRecord


class LetterDocument(Model):
    """A letter with its delivery: subject, text and elements under `rendered`, without its HTML. Instants are UTC."""

    letter_id: str
    case_id: str
    notice: NoticeKind
    audience: Audience
    recipient: str
    rendered: dict[str, JsonValue]
    written_at: AwareDatetime
    handed_over_at: AwareDatetime | None
    receipt: str | None
    attempts: int
    last_error: str | None


class CaseDocument(Model):
    """The parts that every case has. `sentence` is its status in one sentence, `sheet` its process's own summary, `clocks` all
    clocks as last journaled; `message` is a caller's, where the case is a callback. Instants are UTC."""

    case_id: str
    sentence: str
    case: CaseView | None
    sheet: CaseSummary | None
    clocks: tuple[dict[str, Any], ...]
    tasks: tuple[Task, ...]
    journal: tuple[JournalEntry, ...]
    letters: tuple[LetterDocument, ...]
    documents: tuple[DocumentReference, ...]
    arrivals: tuple[InboxItem, ...]
    message: dict[str, Any] | None = Field(default=None, exclude_if=lambda message: message is None)


class AuthorizationDocument(CaseDocument):
    """An authorization: also its lines, what followed, its versions, the effects of missed clocks, and the criteria traces of
    its lines."""

    lines: tuple[LineView, ...]
    remarks: tuple[ReadingRemark, ...]
    follows: AfterDecision | None
    follow_ups: tuple[FollowUpRow, ...]
    versions: tuple[AuthorizationVersion, ...]
    consequences: tuple[dict[str, Any], ...]
    criteria: tuple[StoredCriteriaResult, ...]


def case_document(detail: CaseDetail) -> CaseDocument:
    """The document of a case of any process; an AuthorizationDocument for an authorization."""
    parts: dict[str, Any] = {
        "case_id": detail.case_id,
        "sentence": status_sentence(detail.view, detail.case_id),
        "case": detail.view,
        "sheet": detail.sheet,
        "clocks": detail.clocks,
        "tasks": detail.tasks,
        "journal": detail.entries,
        "letters": tuple(letter_document(one) for one in detail.letters),
        "documents": detail.documents,
        "arrivals": detail.arrivals,
        "message": detail.message,
    }
    if not isinstance(detail, AuthorizationDetail):
        return CaseDocument(**parts)
    current = {line.verdict_id for line in detail.lines}
    return AuthorizationDocument(
        **parts,
        lines=detail.lines,
        remarks=detail.request.remarks,
        follows=detail.request.after,
        follow_ups=detail.follow_ups,
        versions=detail.versions,
        consequences=tuple(missed_clock_effects(detail)),
        criteria=tuple(one for one in detail.verdicts if one.verdict_id in current),
    )


def letter_document(one: LetterRecord) -> LetterDocument:
    """The document of a letter."""
    return LetterDocument.model_validate(one.model_dump(mode="json", exclude={"rendered": {"html"}}))

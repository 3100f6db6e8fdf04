"""Stored record of a case: its row, journal, criteria traces, tasks and letters, read from the store at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter
from sqlalchemy.orm import Session

from domain.cases.tasks import Task, TaskKind
from domain.cases.views import CaseView
from domain.criteria.trace import CriteriaResult
from domain.errors import Corrupt, NotOnFile
from domain.journal import ChainBreak, EntryKind, JournalEntry
from domain.requests.request import AuthorizationRequest, DocumentReference, ProviderReference
from domain.vocabulary import Audience, NoticeKind
from store import cases, directory, documents, journal, letters, requests, tasks
from store import criteria_traces as verdicts
from store.letters import LetterRecord
from store.session import Store

_VERDICT: TypeAdapter[CriteriaResult] = TypeAdapter(CriteriaResult)


@dataclass(frozen=True)
class CaseRecord:
    """One case as the store has it. `verdicts` are criteria results by their id; `names` gives each person's name by id.

    A stay, a plan and other processes have no request.
    """

    view: CaseView
    request: AuthorizationRequest | None
    entries: tuple[JournalEntry, ...]
    tasks: tuple[Task, ...]
    letters: tuple[LetterRecord, ...]
    verdicts: dict[str, CriteriaResult]
    documents: tuple[DocumentReference, ...]
    fault: ChainBreak | None
    names: dict[str, str]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.view.zone)

    def of_kind(self, *kinds: EntryKind) -> tuple[JournalEntry, ...]:
        return tuple(entry for entry in self.entries if entry.kind in kinds)

    def task(self, kind: TaskKind) -> Task:
        """The newest task of a kind. Raises LookupError when there was none."""
        found = [task for task in self.tasks if task.kind is kind]
        if not found:
            raise LookupError(f"{self.view.case_id} has no {kind.value.replace('_', ' ')}")
        return max(found, key=lambda task: task.opened_at)

    def letters_of(self, notice: NoticeKind, audience: Audience | None = None) -> tuple[LetterRecord, ...]:
        of_notice = (letter for letter in self.letters if letter.notice is notice)
        return tuple(letter for letter in of_notice if audience in (None, letter.audience))

    def due_instants(self) -> tuple[datetime, ...]:
        """Every decision instant that the journal ever showed, in order; a due instant that never moves appears once."""
        rows = (entry.data.get("case") for entry in self.entries)
        shown = (CaseView.model_validate(row).decision_due for row in rows if row is not None)
        return tuple(dict.fromkeys(due for due in shown if due is not None))


def read_case_record(store: Store, case_id: str) -> CaseRecord:
    """Everything of a case. Raises Corrupt while the case has not been opened yet."""
    with store.read() as s:
        view = cases.get(s, case_id)
        if view is None:
            raise Corrupt(f"{case_id} is not in the store yet")
        request = _request(s, case_id)
        names = {reviewer.reviewer_id: reviewer.name for reviewer in directory.reviewers(s)}
        for party in _parties(request):
            known = directory.provider(s, party.npi)
            names[party.npi] = known.name if known else (party.name or f"NPI {party.npi}")
        facility = directory.provider(s, view.requesting_npi)
        if facility is not None:
            names[view.requesting_npi] = facility.name
        member = directory.member(s, view.member_id)
        if member is not None:
            names[view.member_id] = f"{member.given_name} {member.family_name}"
        return CaseRecord(
            view=view,
            request=request,
            entries=journal.entries(s, case_id),
            tasks=tasks.of_case(s, case_id),
            letters=letters.of_case(s, case_id),
            verdicts={
                found.verdict_id: _VERDICT.validate_python(found.verdict) for found in verdicts.of_case(s, case_id)
            },
            documents=documents.of_case(s, case_id),
            fault=journal.verify(s, case_id),
            names=names,
        )


def _request(s: Session, case_id: str) -> AuthorizationRequest | None:
    try:
        return requests.load(s, case_id).request
    except NotOnFile:
        return None


def _parties(request: AuthorizationRequest | None) -> tuple[ProviderReference, ...]:
    if request is None:
        return ()
    parties = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
    return tuple(party for party in parties if party is not None)

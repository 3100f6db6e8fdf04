"""A case as it stood at a past instant: folded from its journal up to then, with what was on file then.

Whatever was journaled later is not known yet: no later letter, document, task or answer is in it. Only the directory's entries
of member and plan are those of today, because the directory keeps no past ones.
"""

from __future__ import annotations

from datetime import datetime
from itertools import takewhile
from typing import Any

from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.journal import JournalEntry
from services.queries.authorization_detail import AuthorizationDetail, count_data
from services.queries.authorizations import FollowUpRow, follow_up_rows
from services.queries.case_detail import CaseDetail, coverage_of, restrict_detail
from services.request_versions import load_current_version, proposed_changes
from store import cases, criteria_traces, directory, documents, inbox, journal, letters, requests
from store.letters import LetterRecord
from store.read_models import CaseFold, fold_case


def load_detail_as_of(s: Session, case_id: str, at: datetime, reader: str | None) -> CaseDetail:
    """Everything that was on file about the case at `at` (UTC), as this reader may see it.

    For a request it is an AuthorizationDetail. Raises NotOnFile where the case had not begun by then.
    """
    entries = entries_until(journal.entries(s, case_id), at)
    if not entries:
        raise NotOnFile(f"{case_id} had not begun by then.", "Choose a later moment.")
    fold = fold_case(entries)
    parts = _common_parts(s, case_id, at, entries, fold)
    if not requests.is_on_file(s, case_id):
        return restrict_detail(s, CaseDetail(**parts), reader)
    version = fold.case.request_version if fold.case is not None else None
    stored = requests.load(s, case_id, version) if version is not None else load_current_version(s, case_id)
    known = {line.verdict_id for line in fold.lines.values()}
    return AuthorizationDetail(
        **parts,
        request=stored.request,
        version=stored.version,
        lines=tuple(sorted(fold.lines.values(), key=lambda line: line.line_id)),
        verdicts=tuple(one for one in criteria_traces.of_case(s, case_id) if one.verdict_id in known),
        proposals=proposed_changes(s, case_id, at),
        follow_ups=_follow_ups(s, fold, at),
        versions=tuple(one for one in cases.authorization_versions(s, case_id) if one.at <= at)
        if stored.request.after is None and fold.case is not None and fold.case.authorization_number is not None
        else (),
        coded_data=count_data(stored),
    )


def entries_until(entries: tuple[JournalEntry, ...], at: datetime) -> tuple[JournalEntry, ...]:
    """The entries up to `at`: the beginning of the chain before the first later one, so that no later knowledge is in it."""
    return tuple(takewhile(lambda entry: entry.at <= at, entries))


def _common_parts(
    s: Session, case_id: str, at: datetime, entries: tuple[JournalEntry, ...], fold: CaseFold
) -> dict[str, Any]:
    view: Any = fold.case
    return {
        "case_id": case_id,
        "view": view,
        "member": directory.member(s, view.member_id) if view is not None else None,
        "coverage": coverage_of(s, view) if view is not None else None,
        "sheet": fold.sheet,
        "clocks": tuple(fold.clocks or ()),
        "tasks": tuple(sorted(fold.tasks.values(), key=lambda task: (task.due_at, task.task_id))),
        "entries": entries,
        "letters": tuple(_letter_then(one, at) for one in letters.of_case(s, case_id) if one.written_at <= at),
        "documents": tuple(one for one in documents.of_case(s, case_id) if one.received_at <= at),
        "arrivals": tuple(one for one in inbox.of_case(s, case_id) if one.received_at <= at),
    }


def _letter_then(one: LetterRecord, at: datetime) -> LetterRecord:
    if one.handed_over_at is None or one.handed_over_at <= at:
        return one
    return one.model_copy(update={"handed_over_at": None, "receipt": None})


def _follow_ups(s: Session, fold: CaseFold, at: datetime) -> tuple[FollowUpRow, ...]:
    """The requests after the decision that had come by then, each with its status of then."""
    found = []
    for row in follow_up_rows(s, fold.case) if fold.case is not None else ():
        entries = entries_until(journal.entries(s, row.case_id), at)
        then = fold_case(entries).case if entries else None
        if then is not None:
            found.append(row.model_copy(update={"status": then.status.value}))
    return tuple(found)

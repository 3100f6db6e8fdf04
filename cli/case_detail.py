"""Everything that the store knows of one case, for people and for programs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from sqlalchemy.orm import Session

from cli import output
from cli.office import Office
from domain.journal import EntryKind, JournalEntry
from domain.request import AuthorizationRequest, DocumentReference
from domain.standing import in_a_sentence
from domain.tasks import Task
from domain.views import CaseStatus, CaseView, LineView
from intake.keeping import current
from store import cases, documents, inbox, journal, letters, tasks, verdicts
from store.letters import LetterRecord
from store.verdicts import StoredVerdict


@dataclass(frozen=True)
class Detail:
    """Everything that the store knows of a case. `view` is None until its workflow has opened it."""

    case_id: str
    view: CaseView | None
    request: AuthorizationRequest
    version: int
    lines: tuple[LineView, ...]
    clocks: tuple[dict[str, Any], ...]
    verdicts: tuple[StoredVerdict, ...]
    tasks: tuple[Task, ...]
    entries: tuple[JournalEntry, ...]
    letters: tuple[LetterRecord, ...]
    documents: tuple[DocumentReference, ...]
    arrivals: tuple[inbox.InboxItem, ...]

    @property
    def zone(self) -> str:
        return self.view.zone if self.view is not None else "UTC"


def detail_of(s: Session, case_id: str) -> Detail:
    """Raises LookupError when there is no such case."""
    stored = current(s, case_id)
    return Detail(
        case_id=case_id,
        view=cases.get(s, case_id),
        request=stored.request,
        version=stored.version,
        lines=cases.lines(s, case_id),
        clocks=cast("tuple[dict[str, Any], ...]", cases.clocks(s, case_id)),
        verdicts=verdicts.of_case(s, case_id),
        tasks=tasks.of_case(s, case_id),
        entries=journal.entries(s, case_id),
        letters=letters.of_case(s, case_id),
        documents=documents.of_case(s, case_id),
        arrivals=inbox.of_case(s, case_id),
    )


def sentence(view: CaseView | None, case_id: str) -> str:
    """Where the case stands, in one sentence."""
    if view is None:
        return f"Case {case_id} is being opened: its request is kept and waits for a worker."
    if view.waiting is not None:
        return f"Case {case_id}: {in_a_sentence(view.waiting, view.zone)}"
    if view.status is CaseStatus.OPEN:
        return f"Case {case_id} goes on by itself."
    number = f" Authorization number {view.authorization_number}." if view.authorization_number else ""
    at = output.instant(view.closed_at, view.zone)
    return f"Case {case_id} is closed since {at}: {output.words(view.status.value)}.{number}"


def consequences(detail: Detail) -> list[dict[str, Any]]:
    """What the law made of each missed decision clock, in order: effect, rule, the instant it counts from (ISO, UTC), citation,
    words, who pays, and to whom the case file goes and went. Older entries hold the effect alone."""
    sent = [entry for entry in detail.entries if entry.kind is EntryKind.CASE_FORWARDED]
    found = []
    for entry in detail.entries:
        if entry.kind is EntryKind.CONSEQUENCE_APPLIED:
            names = ("effect", "rule", "since", "citation", "words", "liability", "forward_to", "next_rule")
            known = {name: entry.data.get(name) for name in names}
            went = [one.data["forwarded_at"] for one in sent if known["next_rule"] == one.data["rule"]]
            found.append(known | {"forwarded_at": went[0] if went and known["forward_to"] else None})
    return found


def letter_path(one: LetterRecord, here: Office) -> Path | None:
    """Where the file outbox put the letter's text, when it is there."""
    if one.receipt is None:
        return None
    path = (here.settings.outbox / one.receipt).with_suffix(".txt")
    return path if path.exists() else None


def as_data(detail: Detail, here: Office) -> dict[str, Any]:
    """The case as JSON data, with the traces that hold now."""
    current_ids = {line.verdict_id for line in detail.lines}
    return {
        "case_id": detail.case_id,
        "sentence": sentence(detail.view, detail.case_id),
        "case": detail.view,
        "lines": detail.lines,
        "clocks": detail.clocks,
        "consequences": consequences(detail),
        "criteria": [one for one in detail.verdicts if one.verdict_id in current_ids],
        "tasks": detail.tasks,
        "journal": detail.entries,
        "letters": [letter_data(one, here) for one in detail.letters],
        "documents": detail.documents,
        "arrivals": detail.arrivals,
    }


def letter_data(one: LetterRecord, here: Office) -> dict[str, Any]:
    """A letter as JSON data: its text, and where its file is."""
    data = one.model_dump(mode="json", exclude={"rendered": {"html"}})
    path = letter_path(one, here)
    return data | {"path": str(path) if path else None}

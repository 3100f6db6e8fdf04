"""Read models, folded from journal entries: an entry's `data` replaces the value stored under the same id.

`case` is a CaseView, `tasks` a list of Task, `lines` of LineView, `letters` of LetterView; `clocks` is the list of all
clocks of the case and replaces the whole list. `sheet` is the summary that a stay, a discharge plan or another process shows
in addition (a CaseSummary). `stay` is a StayOnFile, `lessons` the list of all RecordedLessons of the case; an entry with a
summary alone is older than these keys, and then they are taken from it. Other keys feed no read model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from pydantic import JsonValue, ValidationError
from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from domain.cases.tasks import Task
from domain.cases.views import CaseLetter, CaseStatus, CaseSummary, CaseView, LineView
from domain.errors import Corrupt, NotOnFile
from domain.journal import Actor, EntryDraft, EntryKind, JournalEntry
from domain.model import Model
from domain.parity.confidentiality import Confidentiality, confidentiality_of
from domain.retrospective.parts import RecordedLesson
from domain.retrospective.views import lessons_of_summary
from domain.stays import on_file
from domain.stays.on_file import StayOnFile
from domain.vocabulary import ProcessKind
from store import cases, journal, retrospective_lessons, stays_on_file, tables
from store.accounts import confidential_cases
from store.accounts import tables as account_tables
from store.dialect import acquire_named_lock, upsert
from store.oversight import duties
from store.oversight.tables import duties as duties_table
from store.worklist import rows as worklist_rows
from store.worklist import tables as worklist_tables

READ_MODELS: tuple[Table, ...] = (
    tables.cases,
    worklist_tables.tasks,
    tables.case_clocks,
    tables.case_lines,
    tables.case_letters,
    tables.sheets,
    tables.stay_courses,
    tables.decided_days,
    tables.retrospective_lessons,
    account_tables.confidential_cases,
    duties_table,
)
NOTE_ID = "note_id"
"""The key of an appended entry under which its id stands: the same id is appended once."""
M = TypeVar("M", bound=Model)


@dataclass
class CaseFold:
    """The last value under each id, of one case; `why` it is confidential since any of them; `is_new` with its first entry."""

    is_new: bool = False
    why: Confidentiality | None = None
    case: CaseView | None = None
    clocks: list[JsonValue] | None = None
    sheet: CaseSummary | None = None
    stay: StayOnFile | None = None
    lessons: list[RecordedLesson] | None = None
    tasks: dict[str, Task] = field(default_factory=dict)
    lines: dict[str, LineView] = field(default_factory=dict)
    letters: dict[str, CaseLetter] = field(default_factory=dict)


def record_entries(s: Session, case_id: str, drafts: Sequence[EntryDraft]) -> tuple[JournalEntry, ...]:
    """Append to the journal and bring the read models up to date, in the caller's transaction.

    Writing the same drafts again changes nothing, so a retry after a crash is safe at any point. Raises Corrupt as
    `journal.extend` does, and when a view in an entry's data is not one.
    """
    appended = journal.extend(s, case_id, drafts)
    apply_entries(s, appended.new)
    return appended.entries


def append_note(
    s: Session,
    case_id: str,
    note_id: str,
    *,
    kind: EntryKind,
    at: datetime,
    actor: Actor,
    summary: str,
    data: Mapping[str, JsonValue],
    status: CaseStatus | None = None,
) -> None:
    """Append an entry of `at` (UTC), once for each note id; `status` is the case's from then on (None: as it is).

    Only for a case whose workflow has ended. Raises NotOnFile while the store has the case as open.
    """
    acquire_named_lock(s, f"journal:{case_id}")
    view = _closed_view(s, case_id)
    if any(entry.data.get(NOTE_ID) == note_id for entry in journal.entries(s, case_id)):
        return
    if status is not None:
        view = view.model_copy(update={"status": status})
    content = {**data, NOTE_ID: note_id, "case": view.model_dump(mode="json")}
    seq = journal.head(s, case_id).seq + 1
    draft = EntryDraft(seq=seq, at=at, kind=kind, actor=actor, summary=summary, data=content)
    record_entries(s, case_id, (draft,))


def _closed_view(s: Session, case_id: str) -> CaseView:
    view = cases.get(s, case_id)
    if view is None or view.status is CaseStatus.OPEN:
        raise NotOnFile(f"{case_id} is not closed in the store.", "It is noted as soon as that case runs or is closed.")
    return view


def apply_entries(s: Session, entries: Sequence[JournalEntry]) -> None:
    """Fold entries into the read models. They must follow, per case and in order, what was folded before."""
    folds: dict[str, CaseFold] = {}
    for entry in entries:
        _fold_entry(folds.setdefault(entry.case_id, CaseFold()), entry)
    for case_id, fold in folds.items():
        _write(s, case_id, fold)


def fold_case(entries: Sequence[JournalEntry]) -> CaseFold:
    """The views of one case as they stood after these entries, its first ones in order. Writes nothing."""
    fold = CaseFold()
    for entry in entries:
        _fold_entry(fold, entry)
    return fold


def rebuild(s: Session) -> int:
    """Empty the read models and fold the whole journal anew; the number of cases."""
    for table in READ_MODELS:
        s.execute(delete(table))
    count = 0
    for _case_id, entries in journal.iterate_cases(s):
        apply_entries(s, entries)
        count += 1
    return count


def rebuild_case(s: Session, case_id: str) -> None:
    """Fold the journal of one case anew, while nobody else writes it."""
    acquire_named_lock(s, f"journal:{case_id}")
    for table in READ_MODELS:
        s.execute(delete(table).where(table.c.case_id == case_id))
    apply_entries(s, journal.entries(s, case_id))


def forget_unknown(s: Session) -> None:
    """Delete the views of cases of which there is no journal."""
    known = select(tables.journal_heads.c.case_id)
    for table in READ_MODELS:
        s.execute(delete(table).where(table.c.case_id.not_in(known)))


def _fold_entry(fold: CaseFold, entry: JournalEntry) -> None:
    fold.is_new = fold.is_new or entry.seq == 1
    if "sheet" in entry.data:
        fold.sheet = _view(entry, "sheet", CaseSummary, entry.data["sheet"])
        entry = entry.model_copy(update={"data": _facts_of_summary(entry.case_id, fold.sheet) | entry.data})
    data = entry.data
    if "case" in data:
        fold.case = _view(entry, "case", CaseView, data["case"])
        if fold.case.case_id != entry.case_id:
            raise Corrupt(f"{entry.case_id}: entry {entry.seq} carries the view of another case")
    if "clocks" in data:
        fold.clocks = _listed(entry, "clocks")
    if "stay" in data:
        fold.stay = _view(entry, "stay", StayOnFile, data["stay"])
    if "lessons" in data:
        fold.lessons = _views(entry, "lessons", RecordedLesson)
    for task in _views(entry, "tasks", Task):
        fold.tasks[task.task_id] = task
    for line in _views(entry, "lines", LineView):
        fold.lines[line.line_id] = line
    for letter in _views(entry, "letters", CaseLetter):
        fold.letters[letter.letter_id] = letter
    fold.why = fold.why or _confidentiality(fold)


def _confidentiality(fold: CaseFold) -> Confidentiality | None:
    """Why only those who work on it may see the case, by what is folded so far."""
    content = fold.sheet.content if fold.sheet is not None else {}
    levels: list[object] = [content.get("level_of_care"), content.get("target_setting")]
    if fold.stay is not None:
        levels += [fold.stay.level_of_care, *(span.level_of_care for span in fold.stay.days)]
    kind = fold.case.service_kind if fold.case is not None else None
    process = fold.case or fold.sheet
    codes = [*(line.code for line in fold.lines.values()), *_appealed_codes(fold.sheet)]
    return confidentiality_of(process.process if process is not None else None, kind, codes, levels)


def _appealed_codes(sheet: CaseSummary | None) -> tuple[str, ...]:
    """The codes that an appeal is about: it is as confidential as the determination, and its own lines are in its review."""
    if sheet is None or sheet.process is not ProcessKind.APPEAL:
        return ()
    lines = sheet.content.get("lines")
    return tuple(str(line.get("code")) for line in lines if isinstance(line, dict)) if isinstance(lines, list) else ()


def _facts_of_summary(case_id: str, sheet: CaseSummary) -> dict[str, JsonValue]:
    """The keys `stay` and `lessons` of an older entry, from its summary."""
    match sheet.process:
        case ProcessKind.STAY:
            return {"stay": on_file.of_summary(sheet.content)}
        case ProcessKind.RETROSPECTIVE_REVIEW:
            return {"lessons": lessons_of_summary(case_id, sheet.content)}
        case _:
            return {}


def _views(entry: JournalEntry, key: str, model: type[M]) -> list[M]:
    return [_view(entry, key, model, value) for value in _listed(entry, key)] if key in entry.data else []


def _listed(entry: JournalEntry, key: str) -> list[JsonValue]:
    values = entry.data[key]
    if not isinstance(values, list):
        raise Corrupt(f"{entry.case_id}: entry {entry.seq}: data.{key} is not a list")
    return values


def _view(entry: JournalEntry, key: str, model: type[M], value: JsonValue) -> M:
    try:
        return model.model_validate(value)
    except ValidationError as wrong:
        places = ", ".join(".".join(map(str, error["loc"])) for error in wrong.errors(include_input=False))
        raise Corrupt(f"{entry.case_id}: entry {entry.seq}: data.{key} is no {model.__name__}: {places}") from None


def _write(s: Session, case_id: str, fold: CaseFold) -> None:
    is_told = fold.case is not None and fold.clocks is not None
    was_open = is_open = None if is_told else cases.is_open(s, case_id)
    if fold.case is not None:
        is_open = fold.case.status is CaseStatus.OPEN
        upsert(s, tables.cases, [_case_row(fold.case)])
        if fold.is_new or fold.case.process is not ProcessKind.REQUEST:  # each version of a request keeps its own
            cases.put_provider_of(s, fold.case)
    if fold.clocks is not None:
        s.execute(delete(tables.case_clocks).where(tables.case_clocks.c.case_id == case_id))
        rows = [{"case_id": case_id, "position": place, "clock": clock} for place, clock in enumerate(fold.clocks)]
        upsert(s, tables.case_clocks, rows)
    if fold.clocks is not None or is_open != was_open:
        clocks = cases.clocks(s, case_id) if fold.clocks is None else fold.clocks
        duties.write(s, case_id, clocks, is_open=is_open is True)
    if fold.sheet is not None:
        shown = {"case_id": case_id, "process": fold.sheet.process.value, "sheet": fold.sheet.model_dump(mode="json")}
        upsert(s, tables.sheets, [shown])
    if fold.stay is not None:
        stays_on_file.write(s, case_id, fold.stay)
    if fold.lessons is not None:
        retrospective_lessons.write(s, case_id, fold.lessons)
    if fold.why is not None:
        confidential_cases.keep(s, case_id, fold.why)
    worklist_rows.write(s, case_id, fold.tasks.values(), fold.case, fold.clocks)
    upsert(s, tables.case_lines, [_line_row(case_id, line) for line in fold.lines.values()])
    upsert(s, tables.case_letters, [_letter_row(case_id, letter) for letter in fold.letters.values()])


def _case_row(case: CaseView) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "status": case.status.value,
        "lob": case.lob.value if case.lob is not None else "",
        "member_id": case.member_id,
        "decision_due": case.decision_due,
        "authorization_number": case.authorization_number,
        "view": case.model_dump(mode="json"),
    }


def _line_row(case_id: str, line: LineView) -> dict[str, Any]:
    return {"case_id": case_id, "line_id": line.line_id, "line": line.model_dump(mode="json")}


def _letter_row(case_id: str, letter: CaseLetter) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "letter_id": letter.letter_id,
        "written_at": letter.written_at,
        "letter": letter.model_dump(mode="json"),
    }

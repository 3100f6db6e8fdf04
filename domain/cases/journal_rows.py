"""Journal entries on their way to the store, and the rows and summaries that they carry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from domain.cases.case import Case
from domain.cases.member_case import MemberCase
from domain.cases.views import CaseStatus, CaseSummary, CaseView, Waiting
from domain.clocks.engine import Clock
from domain.journal import EntryDraft
from domain.vocabulary import ProcessKind

PORTION_BYTES = 500_000
"""The characters of entries in one order to the journal: Temporal takes no payload of more than two million bytes."""


def take_pending_entries(case: Case, row_of: Callable[[], CaseView] | None) -> tuple[EntryDraft, ...]:
    """Take the entries that are not stored yet; the last one carries the case's row for the case list, if there is one."""
    entries, case.pending = case.pending, []
    if not entries or row_of is None:
        return tuple(entries)
    last = entries[-1]
    shown = row_of().model_dump(mode="json")
    return (*entries[:-1], last.model_copy(update={"data": last.data | {"case": shown}}))


def in_portions(entries: tuple[EntryDraft, ...]) -> list[tuple[EntryDraft, ...]]:
    """The entries in portions that one order to the journal can carry; one portion, as long as they are few."""
    portions: list[tuple[EntryDraft, ...]] = []
    portion: list[EntryDraft] = []
    size = 0
    for entry in entries:
        length = len(entry.model_dump_json())
        if portion and size + length > PORTION_BYTES:
            portions.append(tuple(portion))
            portion, size = [], 0
        portion.append(entry)
        size += length
    return [*portions, tuple(portion)]


def attach_summary(case: Case, summary: CaseSummary) -> None:
    """Attach the case summary to the last journal entry that is not stored yet, so that what is shown is journaled."""
    if case.pending:
        last = case.pending[-1]
        case.pending[-1] = last.model_copy(update={"data": last.data | {"sheet": summary.model_dump(mode="json")}})


def member_case_view(
    case: MemberCase, process: ProcessKind, title: str, status: CaseStatus, waiting: Waiting | None, **own: Any
) -> CaseView:
    """The row of a case about a member; `own` are the fields that only its process has."""
    return CaseView(
        case_id=case.case_id,
        process=process,
        title=title,
        lob=case.lob,
        state=case.state,
        zone=case.zone,
        member_id=case.member_id,
        received_at=case.received_at,
        status=status,
        waiting=waiting,
        rulebook_version=case.person.rulebook_version if case.person is not None else "",
        closed_at=case.closed_at,
        **own,
    )


def clock_rows(case: Case) -> list[dict[str, Any]]:
    """Every clock as JSON for a journal entry, with the status (met, missed) of each duty."""
    return [clock.model_dump(mode="json") | {"judged": _duty_statuses(case, clock)} for clock in case.clocks]


def _duty_statuses(case: Case, clock: Clock) -> dict[str, str]:
    prefix = f"{clock.rule_id}/{clock.variant}/"
    return {key.removeprefix(prefix): word for key, word in case.judged.items() if key.startswith(prefix)}

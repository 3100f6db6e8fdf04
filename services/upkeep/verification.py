"""Verification of all journals, and the rebuilding of the lists from them: in portions, and going on after a kill."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from domain.journal import ChainBreak
from services.queries.leading import record_integrity
from services.upkeep.case_walk import begin_walk, last_heads, walk_cases
from store import journal, read_models
from store.session import Store

VERIFYING, VERIFIED = "journal-verifying.jsonl", "journal-verified.jsonl"
CHECKING, REBUILDING = "store-rebuild-checking.jsonl", "store-rebuilding.jsonl"
Progress = Callable[[str, int, int], None]
"""Told the step, and how many cases are done of how many."""


@dataclass(frozen=True)
class Verified:
    """Result of a verification: faults by case, the number of cases, and of those that were not read again."""

    faults: tuple[ChainBreak, ...]
    cases: int
    unchanged: int = 0
    went_on_after: int = 0


@dataclass(frozen=True)
class Rebuilt:
    """Result of a rebuilding: the faults that forbade it, or the number of cases whose lists are new."""

    faults: tuple[ChainBreak, ...]
    cases: int


def verify_case(s: Session, case_id: str) -> list[ChainBreak]:
    """The first fault of a case's chain, or all that contradicts a chain without fault."""
    broken = journal.verify(s, case_id)
    return [broken] if broken is not None else list(record_integrity.record_faults(s, case_id))


def verify_journals(
    store: Store, home: Path, now: datetime, started_before: datetime, tell: Progress, *, changed: bool, anew: bool
) -> Verified:
    """Verify every journal; one that was interrupted goes on unless `anew`.

    `changed` leaves out the cases whose last entry is the one that the last finished run found without fault: their older
    rows are not read again. `now` and `started_before` (cases that intake started before then have a journal) are UTC.
    """
    walk = begin_walk(store, home / VERIFYING, now, anew=anew)
    before, known = len(walk.heads), last_heads(store, home / VERIFIED) if changed else {}
    with store.read() as s:
        cases = journal.case_ids(s)
        heads = journal.heads(s) if known else {}
    same = {case_id: head for case_id, head in known.items() if heads.get(case_id) == head}
    left = [case_id for case_id in cases if case_id not in same]
    walk_cases(store, walk, left, verify_case, lambda done, of: tell("verified", done, of))
    if same:
        walk.note(same, ())
    with store.read() as s:
        missing = tuple(record_integrity.missing_cases(s, started_before))
    walk.finish(home / VERIFIED)
    return Verified((*sorted(walk.faults, key=_place), *missing), len(cases), len(same), before)


def rebuild_lists(store: Store, home: Path, now: datetime, tell: Progress) -> Rebuilt:
    """Make the lists of every case anew from its journal, case by case, so that no list is ever without one.

    Nothing is changed while a chain does not verify. One that was interrupted goes on.
    """
    with store.read() as s:
        cases = journal.case_ids(s)
    checked = begin_walk(store, home / CHECKING, now)
    walk_cases(store, checked, cases, _chain_fault, lambda done, of: tell("checked", done, of))
    if checked.faults:
        checked.finish()
        return Rebuilt(tuple(sorted(checked.faults, key=_place)), 0)
    walk = begin_walk(store, home / REBUILDING, now)
    walk_cases(store, walk, cases, _rebuild_case, lambda done, of: tell("rebuilt", done, of), writes=True)
    with store.begin() as s:
        read_models.forget_unknown(s)
    walk.finish()
    checked.finish()  # last: a run that goes on does not check again what it has begun to rebuild
    return Rebuilt((), len(cases))


def _chain_fault(s: Session, case_id: str) -> list[ChainBreak]:
    broken = journal.verify(s, case_id)
    return [] if broken is None else [broken]


def _rebuild_case(s: Session, case_id: str) -> list[ChainBreak]:
    read_models.rebuild_case(s, case_id)
    return []


def _place(fault: ChainBreak) -> tuple[str, int]:
    return fault.case_id, fault.seq

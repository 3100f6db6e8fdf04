"""The checks of requests, their changes and calls, and of claims: one case each, its receipt, and every word heard once."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus
from domain.journal import EntryKind
from domain.vocabulary import ArrivalKind
from store import cases, claims, journal, requests, tables
from store.inbox import InboxItem, InboxStatus
from tests.chaos.chronicle import Chronicle
from tests.chaos.faults import DOUBLED, LOST, MOVED, ChaosFault

KINDS_OF_CASES = (ArrivalKind.REQUEST, ArrivalKind.CLAIM, ArrivalKind.REINSTATEMENT)
CHANGES = (EntryKind.REQUEST_CORRECTED, EntryKind.INFORMATION_RECEIVED, EntryKind.WITHDRAWN)
TOO_LATE = ("case.closed", "case.decided")
_CALLS = (EntryKind.WITHDRAWN, EntryKind.REINSTATED)

Arrivals = Mapping[str, Sequence[InboxItem]]


def doubled_cases(s: Session, arrivals: Arrivals) -> Iterator[ChaosFault]:
    """Documents of which two cases were made, the first of which nobody withdrew, or two versions of one case's request."""
    made: dict[int, str] = {
        row.inbox_id: row.case_id for row in s.execute(select(tables.requests.c.case_id, tables.requests.c.inbox_id))
    }
    for group in arrivals.values():
        belongs = dict.fromkeys(item.case_id for item in group if item.case_id is not None)
        standing = [case_id for case_id in belongs if not _was_withdrawn(s, case_id)]
        versions = Counter(made[item.inbox_id] for item in group if item.inbox_id in made)
        if len(standing) > 1:
            yield ChaosFault(DOUBLED, f"INBOX-{group[0].inbox_id}", f"one document became {len(standing)} cases")
        for case_id, times in versions.items():
            if times > 1:
                yield ChaosFault(DOUBLED, case_id, f"one document made {times} versions of its request")


def moved_receipts(s: Session, arrivals: Arrivals) -> Iterator[ChaosFault]:
    """Cases that do not count from the earliest kept arrival of their request or claim. Where the same request came again
    after its withdrawal, the earliest arrival that belongs to the new case counts."""
    group_of = {item.inbox_id: group for group in arrivals.values() for item in group}
    for case_id in journal.case_ids(s):
        opener, view = _opener(s, case_id), cases.get(s, case_id)
        if opener not in group_of or view is None:
            continue
        group = group_of[opener]
        first_case = min((item for item in group if item.case_id), key=lambda item: item.received_at).case_id
        counting = [item for item in group if first_case == case_id or item.case_id == case_id]
        if not counting:
            continue  # an arrival that names another case is lost, which its own check tells
        first = min(item.received_at for item in counting)
        if view.received_at != first:
            yield ChaosFault(MOVED, case_id, f"counts from {view.received_at}, and its request arrived at {first}")
        if first_case != case_id and first <= _withdrawn_at(s, str(first_case)):
            yield ChaosFault(DOUBLED, case_id, f"was opened by an arrival from before the withdrawal of {first_case}")


def changes_out_of_order(s: Session) -> Iterator[ChaosFault]:
    """Versions of a request that an earlier arrival made on top of a later one's."""
    columns = (tables.requests.c.case_id, tables.requests.c.version, tables.inbox.c.received_at)
    joined = tables.requests.join(tables.inbox, tables.requests.c.inbox_id == tables.inbox.c.inbox_id)
    versions = defaultdict(list)
    for row in s.execute(select(*columns).select_from(joined).order_by(tables.requests.c.version)):
        versions[row.case_id].append(row.received_at)
    for case_id, instants in versions.items():
        if instants != sorted(instants):
            yield ChaosFault(MOVED, case_id, "an older change of the request was put on top of a newer one")


def unheard_changes(s: Session, chronicle: Chronicle, arrivals: Arrivals) -> Iterator[ChaosFault]:
    """Updates and cancellations that were accepted and of which their case does not tell, or which it heard twice."""
    for sent in chronicle.documents.values():
        accepted = [item for item in arrivals.get(sent.sha256, ()) if item.status is InboxStatus.ACCEPTED]
        if not sent.is_change or not accepted:
            continue
        times = [_times_heard(s, item) for item in accepted]
        if not sum(times):
            yield ChaosFault(LOST, sent.name, f"was accepted for {accepted[0].case_id}, which did not hear of it")
        if max(times) > 1:
            yield ChaosFault(DOUBLED, sent.name, f"{accepted[0].case_id} heard of it {max(times)} times")


def unheard_calls(s: Session, chronicle: Chronicle) -> Iterator[ChaosFault]:
    """Calls to withdraw a request or to take that back, which the case accepted and does not tell of once."""
    for caller, case_id in chronicle.calls.items():
        said = [entry for entry in journal.entries(s, case_id) if entry.kind in _CALLS]
        times = sum(_caller(entry.data.get("asked")) == caller for entry in said)
        if times != 1:
            yield ChaosFault(
                DOUBLED if times else LOST, case_id, f"accepted the call of {caller} and has it {times} times"
            )


def _caller(asked: object) -> object:
    return asked.get("person") if isinstance(asked, dict) else None


def _times_heard(s: Session, item: InboxItem) -> int:
    """The times that the case tells of the change. One that came after the decision is a case of its own, whose journal begins
    with it."""
    entries = journal.entries(s, str(item.case_id))
    if item.request_version == 1:
        return min(1, len(entries))
    return sum(entry.kind in CHANGES and entry.at == item.received_at for entry in entries)


def _was_withdrawn(s: Session, case_id: str) -> bool:
    view = cases.get(s, case_id)
    return view is not None and view.status is CaseStatus.WITHDRAWN


def _withdrawn_at(s: Session, case_id: str) -> datetime:
    return max(entry.at for entry in journal.entries(s, case_id) if entry.kind is EntryKind.WITHDRAWN)


def _opener(s: Session, case_id: str) -> int | None:
    """The arrival by which the case was opened; None for a case that another one opened."""
    claim = claims.find(s, case_id)
    if claim is not None:
        return claim.inbox_id
    return requests.load(s, case_id, 1).inbox_id if requests.is_on_file(s, case_id) else None

"""Requests as intake interpreted them: every version of every case's request is stored."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import Row, bindparam, func, insert, select, tuple_
from sqlalchemy.orm import Session

from domain.authorization.start import AuthorizationStart
from domain.cases.orders import CaseRun
from domain.errors import Corrupt, NotOnFile
from domain.model import Model
from domain.requests.request import AuthorizationRequest
from store import journal, tables
from store.dialect import acquire_named_lock, insert_missing
from store.portal.tables import case_providers
from store.read_cache import read_once

_R, _N = tables.requests, tables.request_trace_numbers
_json: TypeAdapter[Any] = TypeAdapter(JsonValue)
_OF_CASE = _R.c.case_id == bindparam("case_id")
_NEWEST = select(_R).where(_OF_CASE).order_by(_R.c.version.desc()).limit(1)
_VERSION = select(_R).where(_OF_CASE, _R.c.version == bindparam("version"))
_LAST = select(func.max(_R.c.version)).where(_OF_CASE)
_OF_ITEM = select(_R.c.case_id, _R.c.version).where(_R.c.inbox_id == bindparam("inbox_id"))
_NEW = insert(_R).returning(_R.c.request_id)


class StoredRequest(Model):
    """One version of a case's request. `answers` are the statements and answers that came with it, as plain JSON."""

    case_id: str
    version: int
    inbox_id: int | None
    request: AuthorizationRequest
    answers: JsonValue = None


def save(
    s: Session,
    case_id: str,
    request: AuthorizationRequest,
    inbox_id: int | None = None,
    answers: Mapping[str, Any] | JsonValue = None,
) -> int:
    """Store the request as the case's next version (from 1) and return its number.

    An inbox item makes one version only: saving it again returns that one. Raises Corrupt when it made one in another case.
    """
    acquire_named_lock(s, f"requests:{case_id}")
    if inbox_id is not None:
        known = s.execute(_OF_ITEM, {"inbox_id": inbox_id}).first()
        if known is not None:
            if known.case_id != case_id:
                raise Corrupt(f"inbox item {inbox_id} became a request of {known.case_id}, not of {case_id}")
            return int(known.version)
    last = s.execute(_LAST, {"case_id": case_id}).scalar_one()
    version = (last or 0) + 1
    values = {
        "case_id": case_id,
        "version": version,
        "inbox_id": inbox_id,
        "submission_id": request.submission_id,
        "requesting_npi": request.requesting_provider.npi,
        "request": request.model_dump(mode="json"),
        "answers": _json.dump_python(answers, mode="json"),
    }
    request_id = s.execute(_NEW, values).scalar_one()
    named = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
    npis = {one.npi for one in named if one is not None and one.npi}
    insert_missing(s, case_providers, [{"npi": npi, "case_id": case_id} for npi in sorted(npis)])
    if request.trace_numbers:
        s.execute(
            insert(_N), [{"request_id": request_id, "number": each} for each in sorted(set(request.trace_numbers))]
        )
    return version


def load(s: Session, case_id: str, version: int | None = None) -> StoredRequest:
    """This version of the case's request, or the newest. Raises NotOnFile when there is none."""
    if version is not None:
        return read_once(s, (_R, case_id, version), lambda: _load_version(s, case_id, version))
    row = s.execute(_NEWEST, {"case_id": case_id}).first()
    if row is None:
        raise NotOnFile(f"{case_id} has no request.")
    return _stored(row)


def find_diagnoses(s: Session, case_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The diagnoses (ICD-10 codes) of the newest version of each of these cases' requests, by case."""
    newest = select(_R.c.case_id, func.max(_R.c.version)).where(_R.c.case_id.in_(case_ids)).group_by(_R.c.case_id)
    query = select(_R.c.case_id, _R.c.request["diagnoses"].label("diagnoses"))
    rows = s.execute(query.where(tuple_(_R.c.case_id, _R.c.version).in_(newest)))
    return {row.case_id: tuple(row.diagnoses or ()) for row in rows}


def run_on_file(s: Session, case_id: str, review: str) -> CaseRun | None:
    """The case as it was kept with its last journal entry; before it has one its start, which its request is where no other is
    on file. `review` is the name of the workflow that reviews requests. None where nothing says how to run the case."""
    kept = journal.last_state(s, case_id)
    if kept is not None or journal.head(s, case_id).seq > 0 or not is_on_file(s, case_id):
        return kept
    received_at = load(s, case_id, 1).request.received_at
    start = AuthorizationStart(case_id=case_id, request_version=1, received_at=received_at)
    return CaseRun(workflow=review, start=start.model_dump_json())


def is_on_file(s: Session, case_id: str) -> bool:
    """Whether the case has a request."""
    return s.execute(_LAST, {"case_id": case_id}).scalar_one() is not None


def find_by_submission(s: Session, submission_id: str, requesting_npi: str | None = None) -> str | None:
    """The case of this submission (of this requester); the latest when there are several."""
    query = select(_R.c.case_id).where(_R.c.submission_id == submission_id)
    if requesting_npi is not None:
        query = query.where(_R.c.requesting_npi == requesting_npi)
    return s.scalars(query.order_by(_R.c.request_id.desc()).limit(1)).first()


def find_by_trace_number(s: Session, number: str, requesting_npi: str) -> str | None:
    """The case whose request has this trace number of this requester; the latest when there are several."""
    query = (
        select(_R.c.case_id)
        .join(_N, _N.c.request_id == _R.c.request_id)
        .where(_N.c.number == number, _R.c.requesting_npi == requesting_npi)
        .order_by(_R.c.request_id.desc())
        .limit(1)
    )
    return s.scalars(query).first()


def find_by_authorization_number(s: Session, number: str) -> str | None:
    """The case with this authorization number."""
    cases = tables.cases
    # A change of an authorization carries its number as well, under a number that begins with the first case's.
    found = select(cases.c.case_id).where(cases.c.authorization_number == number).order_by(cases.c.case_id)
    return s.scalars(found.limit(1)).first()


def cases_of_requester(s: Session, npi: str, limit: int) -> tuple[str, ...]:
    """The cases that this provider asked for, the latest first."""
    newest = func.max(_R.c.request_id)
    query = select(_R.c.case_id).where(_R.c.requesting_npi == npi, _R.c.version == 1).group_by(_R.c.case_id)
    return tuple(s.scalars(query.order_by(newest.desc()).limit(limit)))


def _load_version(s: Session, case_id: str, version: int) -> StoredRequest:
    row = s.execute(_VERSION, {"case_id": case_id, "version": version}).first()
    if row is None:
        raise NotOnFile(f"{case_id} has no request of version {version}.")
    return _stored(row)


def _stored(row: Row[Any]) -> StoredRequest:
    if not row.request:
        raise NotOnFile(f"The request of {row.case_id} was purged when its time was over.")
    return StoredRequest(
        case_id=row.case_id,
        version=row.version,
        inbox_id=row.inbox_id,
        request=AuthorizationRequest.model_validate(row.request),
        answers=row.answers,
    )

"""Criteria traces, stored under an id computed from their content."""

from __future__ import annotations

import hashlib
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from domain.journal import canonical_json
from domain.model import Model
from store import tables
from store.dialect import insert_new
from store.read_cache import read_once

_V = tables.verdicts


class StoredCriteriaResult(Model):
    """A criteria trace (as JSON) with the line and the version of the request that it is about."""

    verdict_id: str
    case_id: str
    line_id: str
    request_version: int
    guideline_id: str
    verdict: JsonValue


def save(
    s: Session,
    case_id: str,
    line_id: str,
    request_version: int,
    guideline_id: str,
    verdict: JsonValue,
) -> str:
    """Store the trace and return its id, ``V-`` and 24 hex digits; the same trace again returns the same id."""
    content = canonical_json([case_id, line_id, request_version, guideline_id, verdict])
    verdict_id = "V-" + hashlib.sha256(content).hexdigest()[:24]
    row = {
        "verdict_id": verdict_id,
        "case_id": case_id,
        "line_id": line_id,
        "request_version": request_version,
        "guideline_id": guideline_id,
        "verdict": verdict,
    }
    insert_new(s, _V, row)
    return verdict_id


def load(s: Session, verdict_id: str) -> StoredCriteriaResult:
    """The trace under this id. Raises NotOnFile when there is none."""
    row = s.execute(select(_V).where(_V.c.verdict_id == verdict_id)).first()
    if row is None:
        raise NotOnFile(f"There is no verdict {verdict_id}.")
    return _stored(row)


def guideline_versions(s: Session, case_id: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """Ids and versions of the guidelines by which each line of the case was assessed so far, by line; read once for all
    lines, as they stood when the transaction first asked."""
    return read_once(s, (_V, case_id), lambda: _guideline_versions(s, case_id))


def _guideline_versions(s: Session, case_id: str) -> dict[str, tuple[tuple[str, str], ...]]:
    version = _V.c.verdict["version"].as_string()
    query = select(_V.c.line_id, _V.c.guideline_id, version).where(_V.c.case_id == case_id)
    found: dict[str, list[tuple[str, str]]] = {}
    for line_id, guideline_id, of in s.execute(
        query.order_by(_V.c.request_version, _V.c.guideline_id, _V.c.verdict_id)
    ):
        found.setdefault(line_id, []).append((guideline_id, str(of)))
    return {line_id: tuple(pairs) for line_id, pairs in found.items()}


def of_case(s: Session, case_id: str) -> tuple[StoredCriteriaResult, ...]:
    """Every trace of the case, by line and request version."""
    order = (_V.c.line_id, _V.c.request_version, _V.c.guideline_id, _V.c.verdict_id)
    return tuple(_stored(row) for row in s.execute(select(_V).where(_V.c.case_id == case_id).order_by(*order)))


def _stored(row: Row[Any]) -> StoredCriteriaResult:
    return StoredCriteriaResult.model_validate(row._asdict())

"""Summaries of stays, discharge plans and other cases, as folded from the journal."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseSummary, CaseView
from domain.model import Model
from domain.vocabulary import ProcessKind
from store import tables
from store.cases import read_views

_S, _C = tables.sheets, tables.cases
_NOT_OPENED = "9999"


class SummarizedCase(Model):
    """A case with its summary. `place` is where it stands in the order of what is due first."""

    view: CaseView
    summary: CaseSummary
    place: str


def get(s: Session, case_id: str) -> CaseSummary | None:
    """The summary of one case, or None."""
    found = s.execute(select(_S.c.sheet).where(_S.c.case_id == case_id)).scalar_one_or_none()
    return None if found is None else CaseSummary.model_validate(found)


def of_process(s: Session, process: ProcessKind) -> dict[str, CaseSummary]:
    """Every summary of one kind of process, by case."""
    query = select(_S.c.case_id, _S.c.sheet).where(_S.c.process == process.value).order_by(_S.c.case_id)
    return {row.case_id: CaseSummary.model_validate(row.sheet) for row in s.execute(query)}


def list_due(
    s: Session,
    process: ProcessKind,
    limit: int,
    after: str | None = None,
    *,
    is_open: bool | None = None,
    member_id: str | None = None,
    also: tuple[ColumnElement[bool], ...] = (),
) -> tuple[SummarizedCase, ...]:
    """At most `limit` cases of one kind of process, the least time left first; open or ended ones (None: both), of one member
    or of all (None). `after` is the `place` of the last one seen; `also` are further conditions on the case."""
    until = waits_until()
    conditions = [_S.c.process == process.value, *also]
    if member_id is not None:
        conditions.append(_C.c.member_id == member_id)
    if is_open is not None:
        has_status = _C.c.status == CaseStatus.OPEN.value
        conditions.append(has_status if is_open else ~has_status)
    if after is not None:
        at, _, case_id = after.rpartition("/")
        conditions.append(tuple_(until, _S.c.case_id) > (at, case_id))
    query = select(_C.c.view, _S.c.sheet, until.label("until"), _S.c.case_id).join(_C, _C.c.case_id == _S.c.case_id)
    ordered = query.where(*conditions).order_by(until, _S.c.case_id).limit(limit)
    rows = s.execute(ordered).all()
    return tuple(
        SummarizedCase(
            view=view,
            summary=CaseSummary.model_validate(row.sheet),
            place=f"{row.until}/{row.case_id}",
        )
        for row, view in zip(rows, read_views(s, [row.view for row in rows]), strict=True)
    )


def waits_until() -> ColumnElement[str]:
    """The instant until which a case waits, else that of its receipt, as ISO 8601 text in UTC, whose order is that of time;
    what is no case yet comes after all others."""
    return func.coalesce(_C.c.view["waiting"]["until"].as_string(), _C.c.view["received_at"].as_string(), _NOT_OPENED)

"""Selections that lists of cases and of work share, as conditions of a query over the cases and their requests."""

from __future__ import annotations

from datetime import datetime

from pydantic import AwareDatetime
from sqlalchemy import ColumnElement, func, or_, select

from domain.cases.views import CaseStatus
from domain.model import Model
from domain.vocabulary import Lob, ProcessKind, Urgency
from store import tables

_C, _R = tables.cases, tables.requests


class CaseSelection(Model):
    """What a list shows: every field that is given must match. `provider` is the NPI of who requested, provides or ordered the
    service, or of the facility of a stay; `process` None means every kind of case. `due_before` is UTC and excludes itself."""

    status: CaseStatus | None = None
    lob: Lob | None = None
    urgency: Urgency | None = None
    process: ProcessKind | None = None
    member: str | None = None
    provider: str | None = None
    due_before: AwareDatetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions on the row of a case, but for the time."""
        found: list[ColumnElement[bool]] = []
        if self.status is not None:
            found.append(_C.c.status == self.status.value)
        if self.lob is not None:
            found.append(_C.c.lob == self.lob.value)
        if self.urgency is not None:
            found.append(_C.c.view["urgency"].as_string() == self.urgency.value)
        if self.process is not None:
            # Views written before there were other processes name none.
            named = func.coalesce(_C.c.view["process"].as_string(), ProcessKind.REQUEST.value)
            found.append(named == self.process.value)
        if self.member is not None:
            found.append(_C.c.member_id == self.member)
        if self.provider is not None:
            found.append(names_provider(self.provider))
        return found


def names_provider(npi: str) -> ColumnElement[bool]:
    """Whether a case names the provider: as requester or facility, or in any version of its request."""
    named = [_R.c.request[role]["npi"].as_string() == npi for role in ("servicing_provider", "ordering_practitioner")]
    in_request = select(_R.c.case_id).where(or_(_R.c.requesting_npi == npi, *named))
    return or_(_C.c.view["requesting_npi"].as_string() == npi, _C.c.case_id.in_(in_request))


def falls_before(due: ColumnElement[datetime], limit: datetime | None) -> list[ColumnElement[bool]]:
    """The condition that something is due before then (UTC), or none."""
    return [] if limit is None else [due < limit]

"""Confidential cases: kept beside the read models, so that lists can leave them out within their query."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.case_numbers import kind_of, plan_number
from domain.parity.confidentiality import Confidentiality
from domain.vocabulary import ProcessKind
from store.accounts import tables
from store.dialect import insert_new

_T = tables.confidential_cases


def keep(s: Session, case_id: str, why: Confidentiality) -> None:
    """Keep that the case is confidential from now on; with a stay its discharge plan, which tells the same."""
    also = (plan_number(case_id),) if kind_of(case_id) is ProcessKind.STAY else ()
    for one in (case_id, *also):
        insert_new(s, _T, {"case_id": one, "why": why.value})


def reasons(s: Session, case_ids: Collection[str]) -> dict[str, Confidentiality]:
    """Why those of these cases that are confidential are, by number."""
    query = select(_T.c.case_id, _T.c.why).where(_T.c.case_id.in_(case_ids))
    return {row.case_id: Confidentiality(row.why) for row in s.execute(query)}

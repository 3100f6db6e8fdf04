"""Conditions of a query by which a list leaves out the cases that its reader may not see."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from domain.case_numbers import CasePrefix
from domain.cases.tasks import TaskStatus
from domain.parity.confidentiality import Confidentiality
from domain.vocabulary import Role
from store.accounts.tables import confidential_cases
from store.portal.tables import case_providers
from store.worklist import tables as worklist_tables
from store.worklist.selection import names_one

# An alias, because the query around it may be over the same table.
_T = worklist_tables.tasks.alias("works_on")
_OF_PROVIDERS = (CasePrefix.REQUEST, CasePrefix.STAY, CasePrefix.RETROSPECTIVE_REVIEW, CasePrefix.APPEAL)


def is_open_to(
    case_id: ColumnElement[str], reviewer_id: str, roles: Collection[Role], opened_to: Collection[Confidentiality]
) -> ColumnElement[bool]:
    """Whether staff may see the case of this column: it is not confidential, or only for reasons in `opened_to`, or a task of
    it is or was theirs, or an open one is for one of their roles."""
    closed = confidential_cases.c
    others = closed.why.not_in([why.value for why in opened_to])
    # A number (one or none, by the table's key) and not another "exists": PostgreSQL would make a join of that one, and find
    # every confidential case of the plan and who works on it, where a page asks about a few dozen. And "not one" instead of
    # "none", because it takes an inequality to hold for nearly every row, as this one does, and an equality for hardly any.
    works_on_it = _works_on(closed.case_id, reviewer_id, roles)
    hidden = select(func.count()).where(closed.case_id == case_id, others, ~works_on_it).scalar_subquery()
    return hidden != 1


def is_closed_to(
    case_id: ColumnElement[str], reviewer_id: str, roles: Collection[Role], opened_to: Collection[Confidentiality]
) -> ColumnElement[bool]:
    """The opposite of `is_open_to`, by which a query begins with the confidential cases."""
    confidential = select(confidential_cases.c.case_id).where(
        confidential_cases.c.why.not_in([why.value for why in opened_to])
    )
    return and_(case_id.in_(confidential), ~_works_on(case_id, reviewer_id, roles))


def _works_on(case_id: ColumnElement[str], reviewer_id: str, roles: Collection[Role]) -> ColumnElement[bool]:
    """Whether a task of the case is or was theirs, or an open one is for one of their roles."""
    free = and_(_T.c.status == TaskStatus.OPEN.value, names_one(_T.c.roles, roles))
    return exists().where(_T.c.case_id == case_id, or_(_T.c.assignee == reviewer_id, free))


def names_npi(case_id: ColumnElement[str], npi: str) -> ColumnElement[bool]:
    """Whether the case of this column is of a kind that providers see, and names them: as requester, facility or provider of a
    claim, or as who provides or orders the service in any version of its request."""
    named = select(case_providers.c.case_id).where(case_providers.c.npi == npi)
    return and_(or_(*(case_id.startswith(prefix.value) for prefix in _OF_PROVIDERS)), case_id.in_(named))

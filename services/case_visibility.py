"""Rules of which cases a person sees at all, as data, and the condition by which every list and search keeps to them.

Minimum necessary (45 CFR 164.502(b), 164.514(d)(2)): a behavioral health case and a concern are seen by who works on them, and
by the roles named here; a provider sees the cases that name them. For everybody else such a case is not on file.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement

from domain.errors import ImpossibleState
from domain.parity.confidentiality import Confidentiality
from domain.vocabulary import Role
from services.principals import Principal
from store import tables
from store.accounts import visibility

SEEN_BY: Mapping[Confidentiality, frozenset[Role]] = {
    Confidentiality.BEHAVIORAL: frozenset({Role.SUPERVISOR, Role.MEDICAL_DIRECTOR, Role.COMPLIANCE}),
    Confidentiality.CONCERN: frozenset({Role.MEDICAL_DIRECTOR, Role.COMPLIANCE}),
}
"""The roles that see confidential cases without working on them: who lead or audit the work."""
BEFORE_OPENING = frozenset({Role.INTAKE})
"""The roles that also see a behavioral health request until its case is opened and has tasks: who receive it."""


def visible_to(
    reader: Principal | None, case_id: ColumnElement[str] = tables.cases.c.case_id
) -> tuple[ColumnElement[bool], ...]:
    """The conditions on a query's case number under which this reader may see the case; none for None, the operator of the
    installation at the command line. Give the column of your own query, such as that of the table of tasks."""
    if reader is None:
        return ()
    if reader.npi is not None:
        return (visibility.names_npi(case_id, reader.npi),)
    opened_to = _opened_to(reader)
    if len(opened_to) == len(Confidentiality):
        return ()
    return (visibility.is_open_to(case_id, reader.reviewer, reader.roles, opened_to),)


def hidden_from(reader: Principal | None, case_id: ColumnElement[str]) -> ColumnElement[bool] | None:
    """The condition under which staff may not see the case; None where nothing is hidden from this reader. A sum over all cases
    less the sum over these costs as much as there are confidential cases, and not a look at each case. Raises ImpossibleState
    for a provider, to whom no sum over cases is shown."""
    if reader is None:
        return None
    if reader.npi is not None:
        raise ImpossibleState("a sum over all cases was asked for a provider")
    opened_to = _opened_to(reader)
    if len(opened_to) == len(Confidentiality):
        return None
    return visibility.is_closed_to(case_id, reader.reviewer, reader.roles, opened_to)


def _opened_to(reader: Principal) -> list[Confidentiality]:
    return [why for why, roles in SEEN_BY.items() if roles & reader.roles]

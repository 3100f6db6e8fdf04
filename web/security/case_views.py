"""The view of a case by a person: allowed or not on file for them, and recorded."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from domain.errors import NotOnFile
from services.case_lookup import is_on_file, sees_case
from services.principals import Principal
from store.accounts import case_views
from store.accounts.case_views import CaseSight
from web.context import WebContext

_WAY_OUT = "Search by member, provider or number."
_PROVIDER_WAY_OUT = "Your requests are listed on your first page."


class Viewer(Protocol):
    """The sender of one request: a person at a browser, or a program."""

    @property
    def principal(self) -> Principal: ...

    @property
    def request_id(self) -> str: ...


async def view_case(context: WebContext, who: Viewer, case_id: str, what: str) -> None:
    """Let this person see `what` of the case ('case', 'journal', 'letter', ...), and record it: one row for each request.

    Raises NotOnFile for a case that is none, or that is not for them. The latter is recorded too.
    """
    services = context.services
    if not await services.write(_view, who, case_id, what, services.clock()):
        raise _not_on_file(who, case_id)


async def require_case(context: WebContext, who: Viewer, case_id: str) -> None:
    """Raise NotOnFile unless this person may see the case; for a request that shows nothing of it, such as a draft that is kept
    as one types. Nothing is recorded."""
    if not await context.services.read(sees_case, who.principal, case_id):
        raise _not_on_file(who, case_id)


def _not_on_file(who: Viewer, case_id: str) -> NotOnFile:
    way_out = _PROVIDER_WAY_OUT if who.principal.npi is not None else _WAY_OUT
    return NotOnFile(f"There is no case {case_id} for you.", way_out)


def _view(s: Session, who: Viewer, case_id: str, what: str, now: datetime) -> bool:
    if not is_on_file(s, case_id):
        return False
    allowed = sees_case(s, who.principal, case_id)
    case_views.record(
        s,
        CaseSight(
            request_id=who.request_id,
            case_id=case_id,
            at=now,
            account_id=who.principal.account_id,
            subject=who.principal.reviewer_id or who.principal.npi or "",
            what=what,
            allowed=allowed,
        ),
    )
    return allowed

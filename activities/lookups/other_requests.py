"""The other requests of a member on file, each read once for all lines of a request that is looked at."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property

from sqlalchemy.orm import Session

from domain.cases.views import CaseView, LineView
from domain.requests.request import AuthorizationRequest, ServiceLine
from domain.vocabulary import ProcessKind
from store import cases, requests
from store.read_cache import read_once


class OtherRequests:
    """The requests of a member beside the one that is looked at, as they stood when they were first asked for."""

    def __init__(self, s: Session, case_id: str, member_id: str) -> None:
        self._s, self._case_id, self._member_id = s, case_id, member_id
        self._lines: dict[str, tuple[LineView, ...]] = {}

    @cached_property
    def views(self) -> tuple[CaseView, ...]:
        """The cases, the earliest decision due first."""
        found = cases.find(self._s, member_id=self._member_id)
        return tuple(one for one in found if one.process is ProcessKind.REQUEST and one.case_id != self._case_id)

    def lines_of(self, view: CaseView) -> tuple[LineView, ...]:
        """The lines of a case as they stand."""
        if view.case_id not in self._lines:
            self._lines[view.case_id] = cases.lines(self._s, view.case_id)
        return self._lines[view.case_id]

    def request_of(self, view: CaseView) -> AuthorizationRequest:
        """The request of a case, in the version of its view."""
        return requests.load(self._s, view.case_id, view.request_version).request

    def asking_for(self, code: str) -> Iterator[tuple[CaseView, AuthorizationRequest, ServiceLine]]:
        """The lines with this code, with case and request; of those of a case that are for the same days, one."""
        yield from self._by_code.get(code, {}).values()

    @cached_property
    def _by_code(self) -> dict[str, dict[Hashable, tuple[CaseView, AuthorizationRequest, ServiceLine]]]:
        found: dict[str, dict[Hashable, tuple[CaseView, AuthorizationRequest, ServiceLine]]] = {}
        for view in self.views:
            request = self.request_of(view)
            for line in request.lines:
                found.setdefault(line.code, {})[view.case_id, line.start, line.end] = view, request, line
        return found


def other_requests(s: Session, case_id: str, member_id: str) -> OtherRequests:
    """The other requests of the member, the same object for every line within one transaction."""
    return read_once(s, (OtherRequests, case_id, member_id), lambda: OtherRequests(s, case_id, member_id))

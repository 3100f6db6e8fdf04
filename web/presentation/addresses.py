"""Addresses of pages: the page of a case by its number."""

from __future__ import annotations

from domain.case_numbers import kind_of
from domain.vocabulary import ProcessKind

_FOLDERS = {
    ProcessKind.REQUEST: "/cases",
    ProcessKind.STAY: "/stays",
    ProcessKind.DISCHARGE_PLAN: "/discharge",
    ProcessKind.RETROSPECTIVE_REVIEW: "/retrospective",
    ProcessKind.CONCERN: "/concerns",
    ProcessKind.CALLBACK: "/calls",
    ProcessKind.APPEAL: "/cases",
}


def process_address(case_id: str) -> str:
    """The address of the page that shows this case: each process has its own, and a request the page of cases."""
    return f"{_FOLDERS[kind_of(case_id) or ProcessKind.REQUEST]}/{case_id}"

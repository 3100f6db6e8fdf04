"""Cases that belong together, seen from either of them: a stay, its rounds and its discharge plan, a request and what followed
it, a claim's review, a concern or a call about a case."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from sqlalchemy.orm import Session

from domain.case_numbers import CasePrefix, kind_of
from domain.cases.views import CaseView
from domain.model import Model
from domain.vocabulary import ProcessKind
from services.case_lookup import sees_case
from services.principals import Principal
from services.queries.case_lists import load_subjects
from services.queries.case_sentence import case_noun
from store import case_summaries, cases

_NUMBER = re.compile(rf"\b(?:{'|'.join(CasePrefix)})[A-Z0-9]{{8,}}(?:-[A-Z0-9]+)*\b")
_FOLLOW_UP = "Request after the decision"
_FOLLOWED = "Decided request"
_ROUND = "Review of days"


class RelatedCase(Model):
    """A case that belongs to another: its number, what it is in words, what it is about, and its status."""

    case_id: str
    relation: str
    about: str
    status: str
    received_at: datetime


def list_related(s: Session, view: CaseView, reader: Principal | None) -> tuple[RelatedCase, ...]:
    """The cases of the same member that name this one, that it names, or that share its code; in order of receipt.

    Only those that this reader sees are among them (None: the operator at the command line).
    """
    if not view.member_id:
        return ()
    others = [one for one in cases.find(s, member_id=view.member_id) if one.case_id != view.case_id]
    named = set(_numbers(_content(s, view)))
    found = [
        (one, words)
        for one in others
        if (words := _relation(s, view, one, named)) and sees_case(s, reader, one.case_id)
    ]
    subjects = load_subjects(s, [one for one, _ in found])
    rows = (
        RelatedCase(
            case_id=one.case_id,
            relation=words,
            about=subjects[one.case_id].service,
            status=one.status.value,
            received_at=one.received_at,
        )
        for one, words in found
    )
    return tuple(sorted(rows, key=lambda row: (row.received_at, row.case_id)))


def _relation(s: Session, view: CaseView, other: CaseView, named: set[str]) -> str:
    """The other case in words, as it belongs to this one; empty for one that does not."""
    if other.follows == view.case_id:
        return _FOLLOW_UP
    if view.follows == other.case_id:
        return _FOLLOWED
    is_kin = _code(view.case_id) == _code(other.case_id)
    if not (is_kin or other.case_id in named or view.case_id in set(_numbers(_content(s, other)))):
        return ""
    is_round = is_kin and kind_of(other.case_id) is ProcessKind.REQUEST
    return _ROUND if is_round else "Request" if other.process is ProcessKind.REQUEST else case_noun(other.case_id)


def _content(s: Session, view: CaseView) -> dict[str, JsonValue]:
    if view.process is ProcessKind.REQUEST:
        return {}
    sheet = case_summaries.get(s, view.case_id)
    return sheet.content if sheet is not None else {}


def _numbers(value: Any) -> Iterator[str]:
    """The case numbers in a summary, also those within its sentences."""
    if isinstance(value, str):
        yield from _NUMBER.findall(value)
    elif isinstance(value, dict):
        for one in value.values():
            yield from _numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from _numbers(one)


def _code(case_id: str) -> str:
    """The code that a case shares with those that it started."""
    for prefix in CasePrefix:
        if case_id.startswith(prefix):
            return case_id.removeprefix(prefix).partition("-")[0]
    return case_id

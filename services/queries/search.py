"""Search over everything on file by what a person has in hand: a number, a name, a date of birth."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from domain.cases.views import CaseStatus, CaseView
from domain.coverage.directory import Member, Provider
from domain.model import Model
from services.case_lookup import normalize_case_number, sees_case
from services.case_visibility import visible_to
from services.principals import Principal
from services.queries.case_lists import CaseRow, case_rows
from store import cases, claims, directory, requests, stays
from store.cases import CaseSelection

MOST_PEOPLE = 25
"""So many members and as many providers are looked at; more than that is no answer, and the search asks for more words."""


class Found(Model):
    """Result of a search. `cases` are the cases of the number, of the members and of the providers, each once, open and early
    deadlines first; `more_people` tells that more members or providers match than were looked at."""

    cases: tuple[CaseRow, ...] = ()
    members: tuple[Member, ...] = ()
    providers: tuple[Provider, ...] = ()
    more_people: bool = False


def find(s: Session, text: str, limit: int, reader: Principal | None = None) -> Found:
    """Search by the number of a case, authorization, submission, claim, visit, account or patient; by a member's id, name or
    date of birth (YYYY-MM-DD); by a provider's NPI or name. Only cases that the reader may see are found (None: all)."""
    words = " ".join(text.split())
    members = directory.find_members(s, words, MOST_PEOPLE + 1)
    providers = directory.find_providers(s, words, MOST_PEOPLE + 1)
    return Found(
        cases=case_rows(s, _cases(s, words, members[:MOST_PEOPLE], providers[:MOST_PEOPLE], limit, reader)),
        members=members[:MOST_PEOPLE],
        providers=providers[:MOST_PEOPLE],
        more_people=max(len(members), len(providers)) > MOST_PEOPLE,
    )


def find_cases(s: Session, text: str, limit: int, reader: Principal | None = None) -> tuple[CaseView, ...]:
    """The cases alone that `find` finds."""
    words = " ".join(text.split())
    members = directory.find_members(s, words, MOST_PEOPLE)
    return _cases(s, words, members, directory.find_providers(s, words, MOST_PEOPLE), limit, reader)


def _cases(
    s: Session,
    words: str,
    members: Iterable[Member],
    providers: Iterable[Provider],
    limit: int,
    reader: Principal | None,
) -> tuple[CaseView, ...]:
    seen = visible_to(reader)
    views = _by_id(view for view in _by_number(s, words) if sees_case(s, reader, view.case_id))
    for member in members:
        views |= _by_id(cases.select_cases(s, CaseSelection(member=member.member_id), limit, seen))
    for npi in dict.fromkeys((*(provider.npi for provider in providers), words)):
        if npi.isdecimal():
            views |= _by_id(_of_provider(s, npi, limit, seen))
    return tuple(sorted(views.values(), key=_open_and_early_first)[:limit])


def _of_provider(s: Session, npi: str, limit: int, seen: tuple[ColumnElement[bool], ...]) -> tuple[CaseView, ...]:
    """The provider's open cases, and others only where there is room: a large provider has more than a page of each."""
    opened = cases.select_cases(s, CaseSelection(provider=npi, status=CaseStatus.OPEN), limit, seen)
    return opened if len(opened) == limit else cases.select_cases(s, CaseSelection(provider=npi), limit, seen) + opened


def _by_number(s: Session, words: str) -> list[CaseView]:
    """The cases that the text is a number of."""
    numbers = {
        normalize_case_number(words),
        requests.find_by_authorization_number(s, words.upper()),
        requests.find_by_submission(s, words),
        *(stay.stay_id for stay in stays.of_number(s, words)),
        *(claim.case_id for claim in claims.of_number(s, words)),
    }
    found = (cases.get(s, number) for number in sorted(number for number in numbers if number is not None))
    return [view for view in found if view is not None]


def _by_id(views: Iterable[CaseView]) -> dict[str, CaseView]:
    return {view.case_id: view for view in views}


def _open_and_early_first(view: CaseView) -> tuple[bool, bool, str, str]:
    due = view.decision_due
    return (view.closed_at is not None, due is None, due.isoformat() if due is not None else "", view.case_id)

"""Authorizations by number, member, provider or claim: their versions, what was used of them, and what is left."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from domain.cases.views import CaseView
from domain.errors import NotOnFile
from domain.follow_ups.terms import AuthorizationVersion, LineTerms
from domain.model import Model
from domain.requests.request import AuthorizationRequest
from domain.retrospective.claim import Claim
from domain.retrospective.comparison import billed_units
from domain.vocabulary import ProcessKind
from store import cases, claims, requests

NONE_FOUND = "There is no authorization for that."


class LineUse(Model):
    """One authorized line with the units that claims billed against it. None: no limit of units is recorded."""

    terms: LineTerms
    used: Decimal
    left: Decimal | None


class FollowUpRow(Model):
    """A request that came after the decision: its case, what was asked, and its status."""

    case_id: str
    asked: str
    status: str


class AuthorizationSheet(Model):
    """An authorization with all its versions, the newest last; the lines as they are now with their use, and what followed.

    `state` is active, ended (its last day is past), to_come or voided, as of the day of the query in the case's zone.
    """

    number: str
    case_id: str
    member_id: str
    requesting_npi: str
    servicing_npi: str | None
    state: str
    lines: tuple[LineUse, ...]
    versions: tuple[AuthorizationVersion, ...]
    follow_ups: tuple[FollowUpRow, ...] = ()


@dataclass(frozen=True)
class AuthorizationFilter:
    """Which authorizations are asked for: by number or case, member, provider (NPI), or the claim that billed them."""

    number: str | None = None
    member_id: str | None = None
    npi: str | None = None
    claim: str | None = None


def find_authorizations(s: Session, wanted: AuthorizationFilter, now: datetime) -> tuple[AuthorizationSheet, ...]:
    """Every authorization that meets each given criterion, the newest case first. `claim` is the number of a claim's case
    (RR-...), `now` the instant of the query. Raises NotOnFile where there is none."""
    claim = claims.load(s, wanted.claim).claim if wanted.claim is not None else None
    found = []
    for view in _views(s, wanted, claim):
        request = requests.load(s, view.case_id, view.request_version).request
        if request.after is not None and request.after.kind.keeps_units:
            continue  # it stands among the versions of the authorization that it changed
        if wanted.number is not None and wanted.number not in (view.case_id, view.authorization_number):
            continue
        sheet = _load_sheet(s, view, request, now.astimezone(ZoneInfo(view.zone)).date())
        if _is_of_provider(sheet, request, wanted.npi) and _is_billed(sheet, request, claim):
            found.append(sheet)
    if not found:
        raise NotOnFile(NONE_FOUND, "List approved cases with 'umpire cases --status approved'.")
    return tuple(sorted(found, key=lambda sheet: sheet.versions[0].at, reverse=True))


def _load_sheet(s: Session, view: CaseView, request: AuthorizationRequest, today: date) -> AuthorizationSheet:
    """The authorization of one case, which has one."""
    versions = cases.authorization_versions(s, view.case_id)
    terms = versions[-1].terms
    providers = _providers(request, terms.servicing_npi)
    billed = [stored.claim for stored in claims.of_member(s, view.member_id)]
    return AuthorizationSheet(
        number=view.authorization_number or "",
        case_id=view.case_id,
        member_id=view.member_id,
        requesting_npi=view.requesting_npi,
        servicing_npi=terms.servicing_npi,
        state="voided" if terms.voided else _state(terms.lines, today),
        lines=tuple(_use(line, billed, providers) for line in terms.lines),
        versions=versions,
        follow_ups=follow_up_rows(s, view),
    )


def follow_up_rows(s: Session, view: CaseView) -> tuple[FollowUpRow, ...]:
    """The requests that came after the decision of this case, in the order of their numbers."""
    rows = []
    for other in cases.find(s, member_id=view.member_id, process=ProcessKind.REQUEST):
        if other.follows == view.case_id:
            asked = requests.load(s, other.case_id, 1).request.after
            rows.append(
                FollowUpRow(
                    case_id=other.case_id,
                    asked=asked.kind.value if asked is not None else "",
                    status=other.status.value,
                )
            )
    return tuple(sorted(rows, key=lambda row: row.case_id))


def _views(s: Session, wanted: AuthorizationFilter, claim: Claim | None) -> Iterable[CaseView]:
    member_id = claim.member.member_id if claim is not None else wanted.member_id
    if wanted.number is not None and member_id is None:
        number = requests.find_by_authorization_number(s, wanted.number) or wanted.number
        view = cases.get(s, number)
        found: tuple[CaseView, ...] = () if view is None else (view,)
    else:
        found = cases.find(s, member_id=member_id, process=ProcessKind.REQUEST)
    return (view for view in found if view.authorization_number is not None)


def _is_of_provider(sheet: AuthorizationSheet, request: AuthorizationRequest, npi: str | None) -> bool:
    return npi is None or npi in _providers(request, sheet.servicing_npi)


def _is_billed(sheet: AuthorizationSheet, request: AuthorizationRequest, claim: Claim | None) -> bool:
    providers = _providers(request, sheet.servicing_npi)
    return claim is None or any(_billed(line.terms, (claim,), providers) for line in sheet.lines)


def _providers(request: AuthorizationRequest, servicing_npi: str | None) -> frozenset[str]:
    named = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
    npis = {provider.npi for provider in named if provider is not None}
    return frozenset(npis | ({servicing_npi} if servicing_npi is not None else set()))


def _use(line: LineTerms, billed: Iterable[Claim], providers: frozenset[str]) -> LineUse:
    used = _billed(line, billed, providers)
    left = None if line.quantity is None else max(line.quantity - used, Decimal(0))
    return LineUse(terms=line, used=used, left=left)


def _billed(line: LineTerms, billed: Iterable[Claim], providers: frozenset[str]) -> Decimal:
    return billed_units(billed, line.code, line.start, line.end, providers)


def _state(lines: tuple[LineTerms, ...], today: date) -> str:
    if lines and all(line.start is not None and line.start > today for line in lines):
        return "to_come"
    return "ended" if all(line.end is not None and line.end < today for line in lines) else "active"

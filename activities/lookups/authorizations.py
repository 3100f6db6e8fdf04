"""Current authorizations of a member: approved lines of cases, and certified days of stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from activities.lookups.certified_days import certified_days
from domain.cases.views import CaseStatus, CaseView
from domain.follow_ups.terms import LineTerms
from domain.requests.request import AuthorizationRequest, ServiceLine, StayPurpose
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.comparison import ApprovedLine, billed_units
from domain.vocabulary import ProcessKind
from rulebook.rulebook import Rulebook
from store import cases, claims, requests

_DAY = timedelta(days=1)


class AuthorizationFinder:
    """Finds approvals; decides nothing about them."""

    def __init__(self, rulebook: Rulebook) -> None:
        self._map = rulebook.code_map

    def find_for_member(self, s: Session, member_id: str, claim_case: str) -> tuple[ApprovedLine, ...]:
        """Find every numbered approval of the member, shortened where a later signed decision ended it in advance, with the
        units that earlier claims billed against it."""
        views = [view for view in cases.find(s, member_id=member_id) if view.process is ProcessKind.REQUEST]
        asked = {view.case_id: requests.load(s, view.case_id, view.request_version).request for view in views}
        ends = _reduction_dates(views, asked)
        earlier = _earlier_claims(s, member_id, claim_case)
        found: list[ApprovedLine] = []
        for view in views:
            request = asked[view.case_id]
            if view.authorization_number is None or (request.after is not None and request.after.kind.keeps_units):
                continue  # a change stands among the versions of the authorization that it changed
            versions = cases.authorization_versions(s, view.case_id)
            terms = versions[-1].terms
            lines = {line.line_id: line for line in request.lines}
            for line in () if terms.voided else terms.lines:
                one = self._authorization(view, request, lines[line.line_id], line, terms.servicing_npi)
                stay = request.stay.process_id if request.stay is not None else view.case_id
                found.extend(_apply_reductions_and_claims(one, ends.get(stay), earlier))
        return (*found, *certified_days(s, member_id))

    def _authorization(
        self,
        view: CaseView,
        request: AuthorizationRequest,
        line: ServiceLine,
        now: LineTerms,
        servicing_npi: str | None,
    ) -> ApprovedLine:
        providers = (request.requesting_provider, request.servicing_provider, request.ordering_practitioner)
        npis = {provider.npi for provider in providers if provider is not None}
        return ApprovedLine(
            case_id=view.case_id,
            line_id=line.line_id,
            number=view.authorization_number or "",
            code=line.code,
            service_groups=self._map.line_codes(line).service_groups,
            level_of_care=line.level_of_care,
            quantity=now.quantity,
            unit=line.unit,
            start=now.start,
            end=now.end,
            providers=frozenset(npis | ({servicing_npi} if servicing_npi is not None else set())),
        )


def find_open_requests(s: Session, claim: Claim, line: ClaimLine) -> tuple[str, ...]:
    """Find the member's undecided requests for the same code on the line's days."""
    found = []
    for view in cases.find(s, member_id=claim.member.member_id, status=CaseStatus.OPEN):
        if view.process is not ProcessKind.REQUEST or view.authorization_number is not None:
            continue
        request = requests.load(s, view.case_id, view.request_version).request
        if request.stay is not None and request.stay.purpose is StayPurpose.POST_SERVICE:
            continue
        if any(one.code == line.code and _overlaps(one.start, one.end or one.start, line) for one in request.lines):
            found.append(view.case_id)
    return tuple(sorted(found))


def _overlaps(start: date | None, end: date | None, line: ClaimLine) -> bool:
    return (start is None or start <= line.end) and (end is None or line.start <= end)


def _reduction_dates(views: Iterable[CaseView], asked: dict[str, AuthorizationRequest]) -> dict[str, date]:
    """By stay, the first day from which a signed decision reduced or terminated an approval."""
    ends: dict[str, date] = {}
    for view in views:
        stay = asked[view.case_id].stay
        if asked[view.case_id].after is not None:
            continue  # an authorization that ended early shows it in its versions, line by line
        if stay is None or stay.purpose is not StayPurpose.REDUCTION or stay.effective_on is None:
            continue
        if view.status in (CaseStatus.DENIED, CaseStatus.APPROVED_IN_PART):
            ends[stay.process_id] = min(stay.effective_on, ends.get(stay.process_id, stay.effective_on))
    return ends


def _apply_reductions_and_claims(
    one: ApprovedLine, ended_on: date | None, earlier: list[Claim]
) -> Iterator[ApprovedLine]:
    end = one.end
    if ended_on is not None and (end is None or end >= ended_on):
        end = ended_on - _DAY
    if one.start is not None and end is not None and end < one.start:
        return
    billed = billed_units(earlier, one.code, one.start, end, one.providers)
    yield one.model_copy(update={"end": end, "billed_before": billed})


def _earlier_claims(s: Session, member_id: str, case_id: str) -> list[Claim]:
    """Claims for the member that arrived before this one."""
    found: list[Claim] = []
    for stored in claims.of_member(s, member_id):
        if stored.case_id == case_id:
            break
        found.append(stored.claim)
    return found

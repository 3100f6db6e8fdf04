"""Claims and authorizations made by Hypothesis, and the retrospective case after its lookups."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from domain.cases.member_case import MemberContext
from domain.coverage.requirements import Requirement
from domain.decisions.prudent_layperson import PresentingSymptoms
from domain.requests.request import MemberReference, ProviderReference
from domain.retrospective.case import RetrospectiveCase
from domain.retrospective.claim import Claim, ClaimLine
from domain.retrospective.claim_findings import open_journal, record_context
from domain.retrospective.comparison import (
    ApprovedLine,
    AuthorizationNotRequired,
    Finding,
    NotAuthorized,
    compare_claim,
    whole_line,
)
from domain.retrospective.drg_check import BilledDiagnosis
from domain.retrospective.parts import ClaimContext, RetrospectivePolicy
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, CodeSystem, Lob, ServiceKind
from rulebook.escalations import load_escalation_ladders

NOW = datetime(2026, 3, 2, 15, tzinfo=UTC)
FIRST = date(2026, 1, 1)
GROUPS = {"E0424": frozenset({"home_oxygen"}), "E1390": frozenset({"home_oxygen"})}
POLICY = RetrospectivePolicy(
    comparison_hours=72, emergency_hours=72, drg_hours=120, compliance_hours=72, lessons_hours=240, share_of_time=0.3
)

days = st.integers(0, 40).map(lambda n: FIRST + timedelta(days=n))
codes = st.sampled_from(["E0424", "E1390", "E0601", "G0384", "0120"])
npis = st.sampled_from(["1999999984", "1215000021", "1215000013"])
levels = st.none() | st.sampled_from(LevelOfCare)
units = st.integers(1, 12).map(Decimal)
names = st.sampled_from(["days", "months", None])


@st.composite
def lines(draw: st.DrawFn, line_id: str) -> ClaimLine:
    start = draw(days)
    return ClaimLine(
        line_id=line_id,
        code=draw(codes),
        code_system=CodeSystem.OTHER,
        units=draw(units),
        unit=draw(names),
        start=start,
        end=start + timedelta(days=draw(st.integers(0, 10))),
        level_of_care=draw(levels),
        place_of_service=draw(st.sampled_from([None, "12", "21", "23"])),
    )


@st.composite
def claims(draw: st.DrawFn) -> Claim:
    count = draw(st.integers(1, 4))
    return Claim(
        claim_number="C-1",
        received_at=NOW,
        channel=Channel.API,
        service_kind=ServiceKind.MEDICAL,
        member=MemberReference(member_id="MBR1"),
        billing_provider=ProviderReference(npi=draw(npis)),
        emergency=draw(st.none() | st.booleans()),
        presentation=PresentingSymptoms(symptoms=draw(st.sampled_from([(), ("chest pain",)]))),
        admitted=draw(st.none() | days),
        diagnoses=(BilledDiagnosis(code="J44.9"),),
        authorization_number=draw(st.sampled_from([None, "AU1", "AU2"])),
        lines=tuple(draw(lines(str(number))) for number in range(1, count + 1)),
    )


@st.composite
def authorizations(draw: st.DrawFn) -> tuple[ApprovedLine, ...]:
    found = []
    for number in range(1, draw(st.integers(0, 3)) + 1):
        code, start = draw(codes), draw(st.none() | days)
        found.append(
            ApprovedLine(
                case_id=f"PA-{number}",
                line_id="1",
                number=f"AU{number}",
                code=code,
                service_groups=GROUPS.get(code, frozenset()),
                level_of_care=draw(st.sampled_from([None, "inpatient", "observation", "snf"])),
                quantity=draw(st.none() | units),
                unit=draw(names),
                start=start,
                end=start + timedelta(days=draw(st.integers(0, 30))) if start is not None else None,
                providers=frozenset({draw(npis)}),
                billed_before=Decimal(draw(st.integers(0, 4))),
            )
        )
    return tuple(found)


@st.composite
def claim_contexts(draw: st.DrawFn) -> ClaimContext:
    """A claim context, composed as the activity does."""
    claim = draw(claims())
    groups = {line.line_id: GROUPS.get(line.code, frozenset[str]()) for line in claim.lines}
    compared = compare_claim(claim, groups, draw(authorizations()))
    needs = {
        line.line_id: Requirement(
            required=draw(st.sampled_from([True, None, False])), because="the list", citation="L1"
        )
        for line in claim.lines
    }
    found = tuple(_finding(draw, line, compared.get(line.line_id), needs[line.line_id]) for line in claim.lines)
    return ClaimContext(claim=claim, day=claim.first_day, findings=found, needs=needs, policy=POLICY)


def _finding(draw: st.DrawFn, line: ClaimLine, compared: Any, need: Requirement) -> Finding:
    if compared is not None and compared.kind == "authorized":
        return compared  # type: ignore[no-any-return]
    if need.required is False:
        return AuthorizationNotRequired(line_id=line.line_id, because=need.because, citation=need.citation)
    if compared is not None:
        return compared  # type: ignore[no-any-return]
    return NotAuthorized(
        line_id=line.line_id,
        required=True if need.required else None,
        because=need.because,
        citation=need.citation,
        portion=whole_line(line),
        open_requests=draw(st.sampled_from([(), ("PA-9",)])),
    )


@cache
def _person() -> MemberContext:
    return MemberContext(
        known=True,
        covered=True,
        lob=Lob.MEDICARE_ADVANTAGE,
        state="IL",
        zone="America/Chicago",
        plan_id="1888888884",
        ladders=load_escalation_ladders(),
        letter_repair_hours=4,
        missed_clock_hours=24,
        nurse_professions=("registered_nurse",),
        rulebook_version="test",
    )


def case_with(look: ClaimContext, **person: Any) -> RetrospectiveCase:
    """The retrospective case with this claim context."""
    file = RetrospectiveCase(case_id="RR-TEST", received_at=NOW)
    record_context(file, look, _person().model_copy(update=person))
    open_journal(file, (), NOW)
    return file

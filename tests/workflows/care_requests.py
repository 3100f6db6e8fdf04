"""Requests for care for workflow tests. Dates of service are a month after the lab's today."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select

from demo.time_skipping_lab import Lab
from domain.coverage.directory import Coverage, Member
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.request import AuthorizationRequest, MemberReference, ProviderReference, ServiceLine, UrgencyClaim
from domain.vocabulary import AskedBy, Channel, CodeSystem, Lob, ServiceKind, Urgency
from store import directory, tables

TODAY = datetime.now(ZoneInfo("America/Los_Angeles")).date()
"""The lab's first day, and no later one in any zone of the tests: the time-skipping server starts at the machine's own time."""

OXYGEN_FACTS: dict[str, Any] = {
    "o2.ordered_and_reviewed": True,
    "o2.tester_qualified": True,
    "o2.home_benefit_expected": True,
    "o2.tested_inpatient": False,
    "o2.tested_during_illness": True,
    "o2.sat_rest": 86,
    "o2.angina_without_hypoxemia": False,
    "o2.dyspnea_without_hypoxemia": False,
    "o2.pvd_without_systemic_hypoxemia": False,
    "o2.terminal_not_respiratory": False,
}
CPAP_FACTS: dict[str, Any] = {
    "pap.eval_before_test": True,
    "pap.earlier_trial_failed": False,
    "pap.scored_with_4_percent": True,
    "pap.ahi": 22,
    "pap.events": 150,
    "pap.instruction_given": True,
    "pap.test_valid": True,
}
FUSION_NOT_MET: dict[str, Any] = {
    "sp.instability_cause": "none",
    "sp.deformity_functional_limit": True,
    "sp.nonop_months": 6,
    "sp.cobb_deg": 35,
    "sp.pseudarthrosis_imaging": False,
    "sp.compression_needs_discectomy": False,
}
JUDGED = frozenset({"ip.hospital_care_needed"})
STRUCTURED = {"o2.sat_rest", "o2.tested_inpatient", "pap.ahi", "sp.nonop_months", "sp.cobb_deg"}
UNITS = {"o2.sat_rest": "%", "pap.ahi": "/h", "pap.events": "{events}", "sp.cobb_deg": "deg", "sp.nonop_months": "mo"}


def facts(values: Mapping[str, Any], day: date | None = None) -> tuple[Fact, ...]:
    """Each value with the source that its fact asks for."""
    seen = day or TODAY - timedelta(days=3)
    return tuple(
        Fact(
            id=name,
            value=value,
            unit=UNITS.get(name),
            effective=seen,
            source=FactSource(
                kind=SourceKind.CLINICIAN_JUDGMENT
                if name in JUDGED
                else SourceKind.STRUCTURED_RESOURCE
                if name in STRUCTURED
                else SourceKind.DOCUMENT,
                reference=f"doc/{name}",
                recorded_by="md.hosp.laurent" if name in JUDGED else None,
            ),
        )
        for name, value in values.items()
    )


def line(code: str, system: CodeSystem, description: str, line_id: str = "1", **more: Any) -> ServiceLine:
    start = TODAY + timedelta(days=30)
    return ServiceLine(
        line_id=line_id,
        code=code,
        code_system=system,
        description=description,
        start=more.pop("start", start),
        end=more.pop("end", start + timedelta(days=90)),
        **more,
    )


OXYGEN = line("E0424", CodeSystem.HCPCS, "Home oxygen, stationary", quantity=Decimal(12), unit="months")
CPAP = line("E0601", CodeSystem.HCPCS, "CPAP device", quantity=Decimal(1), unit="unit")
FUSION = line("0SG00A0", CodeSystem.ICD10PCS, "Fusion of one lumbar joint", service_group="lumbar_fusion")
TABLETS = line("99999-0001-30", CodeSystem.NDC, "An invented drug, 30 tablets", quantity=Decimal(30), unit="unit")
WALKER = line("E0143", CodeSystem.HCPCS, "Folding wheeled walker", quantity=Decimal(1), unit="unit")


def add_member(lab: Lab, lob: Lob, **changes: Any) -> str:
    """Another member of Example Health, under the law of `lob`; `changes` are of the coverage. Their member number."""
    member_id = "MBR2000001"
    who = Member(
        member_id=member_id,
        family_name="Specimen",
        given_name="Ada",
        birth_date=date(1950, 6, 1),
        address=("5 Proof Court", "Peoria, IL 61602"),
    )
    content: dict[str, Any] = {
        "coverage_id": "COV2000001",
        "member_id": member_id,
        "lob": lob,
        "state": "IL",
        "zone": "America/Chicago",
        "effective": date(2024, 1, 1),
    }
    with lab.store.begin() as s:
        known = directory.coverages(s, "MBR1000001")[0]
        content |= {"plan_id": known.plan_id, "plan_name": known.plan_name}
        directory.put_member(s, who)
        directory.put_coverage(s, Coverage(**(content | changes)))
    return member_id


def request(
    *lines: ServiceLine,
    known: Mapping[str, Any] | None = None,
    member: str | None = None,
    urgency: Urgency = Urgency.STANDARD,
    asked_by: AskedBy = AskedBy.PROVIDER,
    physician_statement: bool | None = None,
    kind: ServiceKind = ServiceKind.MEDICAL,
    servicing: str | None = None,
) -> AuthorizationRequest:
    """A request of Riverbend Clinic for a member of Example Health; for spine fusion one who lives where its LCD governs."""
    fusion = any(item.code_system is CodeSystem.ICD10PCS for item in lines)
    return AuthorizationRequest(
        submission_id="test|1",
        received_at=datetime.now(UTC),
        channel=Channel.PORTAL,
        service_kind=kind,
        urgency=UrgencyClaim(urgency=urgency, asked_by=asked_by, physician_statement=physician_statement),
        member=MemberReference(member_id=member or ("MBR1000011" if fusion else "MBR1000001")),
        requesting_provider=ProviderReference(npi="1999999984"),
        servicing_provider=ProviderReference(npi=servicing) if servicing else None,
        lines=lines,
        facts=facts(known or {}),
    )


@contextmanager
def without_plan_contact(lab: Lab) -> Iterator[None]:
    """The directory loses the plan's phone and address for a while."""
    with lab.store.begin() as s:
        kept = {
            row.plan_id: directory.plan_contact(s, row.plan_id) for row in s.execute(select(tables.plans.c.plan_id))
        }
        s.execute(delete(tables.plans))
    yield
    with lab.store.begin() as s:
        for plan_id, contact in kept.items():
            if contact is not None:
                directory.put_plan(s, plan_id, contact)

"""Protections of a line are read from facts of the tier that they need, and never from what somebody might have meant."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from activities.lookups.criteria import LineEvidence
from activities.lookups.protections import least_length
from domain.coverage.directory import Coverage
from domain.evidence.facts import Fact, FactSource, SourceKind
from domain.requests.request import ServiceLine
from domain.vocabulary import CodeSystem, Lob, ReviewKind
from rulebook.rulebook import load_rulebook
from tests.workflows.care_requests import request

BOOK = load_rulebook({})
NOW = datetime(2026, 11, 2, 15, tzinfo=UTC)
INSURED = Coverage(
    coverage_id="C", member_id="M", plan_id="P", plan_name="P", lob=Lob.COMMERCIAL_ACA, state="IL",
    zone="America/Chicago", effective=date(2024, 1, 1),
)  # fmt: skip


def months(known: Any = None, kind: SourceKind = SourceKind.ATTESTATION, **changes: Any) -> int | None:
    line = ServiceLine(line_id="1", code="E0143", code_system=CodeSystem.HCPCS, **changes.pop("line", {}))
    source = FactSource(kind=kind, reference="doc/1")
    facts = () if known is None else (Fact(id="condition.chronic", value=known, source=source),)
    asked = request(line).model_copy(update=changes)
    found = least_length(BOOK, asked, LineEvidence(facts, ()), line, INSURED, NOW, NOW.date())
    return found.months if found is not None else None


@pytest.mark.parametrize(("known", "least"), [(None, 12), (True, 12), (False, 6), ("no", 12)])
def test_only_a_plain_no_makes_a_condition_one_that_is_not_chronic(known: Any, least: int) -> None:
    assert months(known) == least


def test_an_approval_of_days_at_a_level_of_care_is_not_one_of_months() -> None:
    assert months(line={"level_of_care": "inpatient"}) is None


def test_care_that_was_given_needs_no_time_to_come() -> None:
    assert months(review_kind=ReviewKind.RETROSPECTIVE) is None

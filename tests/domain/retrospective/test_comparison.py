"""A billed line beside what was authorized, in sentences of the policy."""

from __future__ import annotations

import inspect
import typing
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.requests.request import MemberReference, ProviderReference
from domain.retrospective import questions
from domain.retrospective.claim import Claim, ClaimLine, is_clean_noncontract
from domain.retrospective.comparison import (
    ApprovedLine,
    AuthorizationNotRequired,
    Authorized,
    DifferenceKind,
    Differs,
    EmergencyCare,
    NotAuthorized,
    compare_claim,
)
from domain.retrospective.drg_check import BilledDiagnosis
from domain.retrospective.questions import post_service_request, question_of, review_questions
from domain.stays.levels_of_care import LevelOfCare
from domain.vocabulary import Channel, CodeSystem, ReviewKind, ServiceKind
from tests.domain.retrospective.claims import FIRST, NOW, authorizations, claim_contexts, claims


def line(**more: Any) -> ClaimLine:
    given: dict[str, Any] = {
        "line_id": "1",
        "code": "E0424",
        "code_system": CodeSystem.HCPCS,
        "units": Decimal(3),
        "unit": "months",
        "start": FIRST,
        "end": FIRST,
    }
    return ClaimLine(**given | more)


def bill(*lines: ClaimLine, **more: Any) -> Claim:
    given: dict[str, Any] = {
        "claim_number": "C-1",
        "received_at": NOW,
        "channel": Channel.API,
        "service_kind": ServiceKind.MEDICAL,
        "member": MemberReference(member_id="MBR1"),
        "billing_provider": ProviderReference(npi="1999999984"),
        "diagnoses": (BilledDiagnosis(code="J44.9"),),
        "lines": lines or (line(),),
    }
    return Claim(**given | more)


def approved(**more: Any) -> ApprovedLine:
    given: dict[str, Any] = {
        "case_id": "PA-1",
        "line_id": "1",
        "number": "AU1",
        "code": "E0424",
        "quantity": Decimal(3),
        "unit": "months",
        "start": FIRST - timedelta(days=1),
        "end": FIRST + timedelta(days=89),
        "providers": frozenset({"1999999984"}),
    }
    return ApprovedLine(**given | more)


def found(claim: Claim, *known: ApprovedLine, groups: frozenset[str] = frozenset()) -> Authorized | Differs | None:
    return compare_claim(claim, {one.line_id: groups for one in claim.lines}, known).get("1")


def kinds(finding: Authorized | Differs | None) -> set[DifferenceKind]:
    assert isinstance(finding, Differs)
    return {difference.kind for difference in finding.differences}


def test_what_is_billed_as_it_was_authorized_matches() -> None:
    assert isinstance(found(bill(), approved()), Authorized)


def test_less_than_was_authorized_matches_too() -> None:
    assert isinstance(found(bill(line(units=Decimal(1))), approved()), Authorized)


def test_units_above_the_authorization_are_beyond_it_and_the_others_within() -> None:
    finding = found(bill(line(units=Decimal(5))), approved())
    assert kinds(finding) == {DifferenceKind.UNITS}
    assert isinstance(finding, Differs) and finding.within is not None and finding.beyond is not None
    assert (finding.within.units, finding.beyond.units) == (Decimal(3), Decimal(2))


def test_two_lines_of_a_claim_do_not_use_the_same_units() -> None:
    claim = bill(line(units=Decimal(2)), line(line_id="2", units=Decimal(2)))
    both = compare_claim(claim, {}, (approved(),))
    assert isinstance(both["1"], Authorized)
    second = both["2"]
    assert isinstance(second, Differs) and second.beyond is not None and second.beyond.units == Decimal(1)


def test_days_after_the_authorization_are_beyond_it() -> None:
    days = line(units=Decimal(5), unit="days", end=FIRST + timedelta(days=4))
    finding = found(bill(days), approved(quantity=None, end=FIRST + timedelta(days=2)))
    assert isinstance(finding, Differs) and finding.within is not None and finding.beyond is not None
    assert finding.beyond.start == FIRST + timedelta(days=3) and finding.beyond.units == Decimal(2)
    assert finding.within.end == FIRST + timedelta(days=2) and finding.within.units == Decimal(3)


def test_days_that_cannot_be_told_from_units_are_left_to_a_person() -> None:
    finding = found(bill(line(end=FIRST + timedelta(days=4))), approved(end=FIRST + timedelta(days=2)))
    assert isinstance(finding, Differs) and finding.doubtful and question_of(finding) is None


@pytest.mark.parametrize(
    ("billed", "authorized", "kind"),
    [
        ({"code": "E1390"}, {"service_groups": frozenset({"oxygen"})}, DifferenceKind.CODE),
        ({"level_of_care": LevelOfCare.INPATIENT_WARD}, {"level_of_care": "observation"}, DifferenceKind.LEVEL_OF_CARE),
        ({}, {"level_of_care": "inpatient"}, DifferenceKind.LEVEL_OF_CARE),
        ({"unit": "days"}, {}, DifferenceKind.UNITS),
        ({}, {"providers": frozenset({"1215000013"})}, DifferenceKind.PROVIDER),
    ],
)
def test_what_only_a_person_can_tell_is_doubtful_and_no_question_yet(
    billed: dict[str, Any], authorized: dict[str, Any], kind: DifferenceKind
) -> None:
    finding = found(bill(line(**billed)), approved(**authorized), groups=frozenset({"oxygen"}))
    assert kinds(finding) == {kind}
    assert isinstance(finding, Differs) and finding.doubtful and question_of(finding) is None


def test_days_in_a_ward_and_in_intensive_care_are_one_acute_stay() -> None:
    authorized = approved(code="128", unit="days", level_of_care="inpatient")
    for code, level in (("0200", LevelOfCare.ICU), ("0120", LevelOfCare.INPATIENT_WARD)):
        stay = line(code=code, unit="days", units=Decimal(1), level_of_care=level)
        assert isinstance(found(bill(stay), authorized), Authorized)


def test_care_on_other_days_is_not_what_was_authorized() -> None:
    assert found(bill(), approved(start=FIRST + timedelta(days=30))) is None


def test_an_authorization_that_the_claim_names_is_looked_at_whatever_it_is_for() -> None:
    named = bill(authorization_number="AU1")
    finding = found(named, approved(start=FIRST + timedelta(days=30), quantity=None))
    assert kinds(finding) == {DifferenceKind.DATES}
    assert isinstance(finding, Differs) and finding.within is None and finding.beyond is not None


@pytest.mark.parametrize(
    ("clean", "noncontract", "both"),
    [(True, True, True), (True, False, False), (False, None, False), (None, True, None), (True, None, None)],
)
def test_a_claim_is_clean_and_noncontract_only_when_both_are_known(
    clean: bool | None, noncontract: bool | None, both: bool | None
) -> None:
    assert is_clean_noncontract(clean, noncontract) is both


# -- whatever claim comes ----------------------------------------------------------------------------------------------


@given(claims(), authorizations())
def test_what_is_within_and_what_is_beyond_are_never_more_than_the_line(
    claim: Claim, known: tuple[ApprovedLine, ...]
) -> None:
    for line_id, finding in compare_claim(claim, {}, known).items():
        billed = claim.line(line_id)
        portions = (finding.portion,) if isinstance(finding, Authorized) else (finding.within, finding.beyond)
        told = [portion for portion in portions if portion is not None]
        assert sum((portion.units or Decimal(0) for portion in told), Decimal(0)) <= billed.units
        assert all(billed.start <= portion.start <= portion.end <= billed.end for portion in told)


@given(claim_contexts(), st.just("RR-TEST"))
def test_nothing_authorized_and_matching_ends_in_a_question_of_necessity(look: Any, process_id: str) -> None:
    asked = review_questions(look.findings)
    settled = {
        one.line_id for one in look.findings if isinstance(one, Authorized | AuthorizationNotRequired | EmergencyCare)
    }
    assert not settled & {question.line_id for question in asked}
    if asked:
        request = post_service_request(look.claim, asked, process_id)
        assert request.review_kind is ReviewKind.RETROSPECTIVE
        assert not settled & {service.line_id for service in request.lines}
        assert request.received_at == look.claim.received_at


@given(claim_contexts())
def test_no_finding_by_itself_is_an_adverse_answer(look: Any) -> None:
    """No finding holds an outcome at all, and none is called one."""
    for finding in look.findings:
        assert not {"outcome", "decision", "denied", "approved_quantity"} & set(type(finding).model_fields)


def test_only_what_differs_or_was_not_authorized_can_become_a_question() -> None:
    """The types say it: no public function makes a question of any other finding."""
    taken = typing.get_type_hints(question_of)["finding"]
    assert set(typing.get_args(taken)) == {Differs, NotAuthorized}
    makers = [
        name
        for name, function in inspect.getmembers(questions, inspect.isfunction)
        if function.__module__ == questions.__name__ and not name.startswith("_")
    ]
    assert sorted(makers) == ["post_service_request", "question_of", "review_questions", "service_line"]


def test_a_line_ends_no_earlier_than_it_starts() -> None:
    with pytest.raises(ValueError, match="end lies before start"):
        line(end=date(2025, 12, 31))

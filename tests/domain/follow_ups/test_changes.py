"""Changes of an authorization: what may be asked, what takes something away, and the versions that they make."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.follow_ups.changes import AskedChange, LineChange, ReductionNotice, change_violations, classify_update
from domain.follow_ups.terms import (
    AuthorizationTerms,
    AuthorizationVersion,
    LineTerms,
    describe_difference,
    end_terms,
    make_versions,
    merge_terms,
)
from domain.requests.after_decision import AfterDecisionKind
from domain.requests.request import (
    AuthorizationRequest,
    MemberReference,
    ProviderReference,
    ServiceLine,
    UrgencyClaim,
)
from domain.vocabulary import AskedBy, Channel, CodeSystem, ServiceKind, Urgency

TODAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 15, 0, tzinfo=UTC)
LINE = LineTerms(
    line_id="1",
    code="E1390",
    description="Oxygen concentrator",
    quantity=Decimal(2),
    unit="month",
    start=date(2026, 12, 10),
    end=date(2027, 2, 9),
    place_of_service="12",
)
TERMS = AuthorizationTerms(lines=(LINE,), servicing_npi="1215000021", servicing_name="Breathe Easy")


def rules(kind: AfterDecisionKind, **change: Any) -> list[str]:
    line = LineChange(line_id="1", **change)
    broken = change_violations(TERMS, AskedChange(kind=kind, lines=(line,)), TODAY)
    return [one.rule for one in broken]


def test_days_may_be_extended_or_moved() -> None:
    assert rules(AfterDecisionKind.DATES, end=date(2027, 3, 31)) == []
    assert rules(AfterDecisionKind.DATES, start=date(2027, 1, 10), end=date(2027, 3, 12)) == []


def test_fewer_days_are_no_change_of_dates_but_an_early_end_with_its_own_rule() -> None:
    assert rules(AfterDecisionKind.DATES, end=date(2027, 1, 9)) == ["change.less"]
    assert rules(AfterDecisionKind.DATES, start=date(2027, 1, 10)) == ["change.less"]


def test_other_units_are_a_request_of_their_own() -> None:
    assert rules(AfterDecisionKind.DATES, quantity=Decimal(3)) == ["change.units"]
    assert rules(AfterDecisionKind.MORE_UNITS, quantity=Decimal(1)) == []
    assert rules(AfterDecisionKind.MORE_UNITS) == ["change.units"]


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"end": date(2027, 2, 1)}, "change.less"),
        ({"start": date(2026, 12, 11)}, "change.less"),
        ({"quantity": Decimal(1)}, "change.units"),
        ({"quantity": Decimal(3)}, "change.units"),
    ],
    ids=["an earlier end", "a later start", "fewer units", "more units"],
)
def test_a_correction_takes_nothing_away_and_brings_no_units(change: dict[str, Any], rule: str) -> None:
    assert rules(AfterDecisionKind.CORRECTION, **change) == [rule]


def test_what_is_so_already_and_what_is_not_said_is_told() -> None:
    assert rules(AfterDecisionKind.DATES, end=LINE.end) == ["change.nothing"]
    assert rules(AfterDecisionKind.DATES, start=date(2027, 3, 1), end=date(2027, 2, 1)) == ["change.days"]
    unknown = AskedChange(kind=AfterDecisionKind.DATES, lines=(LineChange(line_id="7", end=date(2027, 3, 1)),))
    assert [one.rule for one in change_violations(TERMS, unknown, TODAY)] == ["change.line"]
    same = AskedChange(kind=AfterDecisionKind.PROVIDER, servicing_provider=ProviderReference(npi="1215000021"))
    assert [one.rule for one in change_violations(TERMS, same, TODAY)] == ["change.nothing"]


def test_a_voided_authorization_takes_no_change() -> None:
    voided = TERMS.model_copy(update={"voided": True})
    asked = AskedChange(kind=AfterDecisionKind.VOID)
    assert [one.rule for one in change_violations(voided, asked, TODAY)] == ["change.voided"]


def test_an_early_end_needs_a_rule_and_its_days_of_notice() -> None:
    ten = ReductionNotice(days_of_notice=10, citation="42 CFR 438.404(c)(1)")
    asked = AskedChange(kind=AfterDecisionKind.END_EARLY, effective_on=TODAY + timedelta(days=11), notice=ten)
    assert change_violations(TERMS, asked, TODAY) == ()
    early = asked.model_copy(update={"effective_on": TODAY + timedelta(days=10)})
    assert [one.rule for one in change_violations(TERMS, early, TODAY)] == ["change.notice"]
    without = asked.model_copy(update={"notice": None})
    assert [one.rule for one in change_violations(TERMS, without, TODAY)] == ["change.end"]
    after = asked.model_copy(update={"effective_on": date(2027, 3, 1)})
    assert [one.rule for one in change_violations(TERMS, after, TODAY)] == ["change.nothing"]


# -- versions --------------------------------------------------------------------------------------------------------------


def test_a_version_never_overwrites_the_one_before() -> None:
    longer = LINE.model_copy(update={"end": date(2027, 3, 31)})
    after = merge_terms(TERMS, AuthorizationTerms(lines=(longer,)))
    change = AuthorizationVersion(
        version=0, terms=after, at=NOW, by="reviewer:nurse", why="The member was ill.", case_id="PA-X-F1"
    )
    first, second = make_versions(TERMS, NOW - timedelta(days=3), "rule:criteria", "PA-X", (change,))
    assert (first.version, first.terms) == (1, TERMS)
    assert (second.version, second.by, second.why, second.case_id) == (
        2,
        "reviewer:nurse",
        "The member was ill.",
        "PA-X-F1",
    )
    assert second.terms.servicing_npi == "1215000021"
    assert describe_difference(first.terms, second.terms) == "line 1: until 2027-03-31 instead of 2027-02-09"


def test_an_early_end_cuts_the_days_and_drops_what_had_not_begun() -> None:
    later = LINE.model_copy(update={"line_id": "2", "start": date(2027, 2, 1), "end": date(2027, 4, 1)})
    both = TERMS.model_copy(update={"lines": (LINE, later)})
    left = end_terms(both, date(2027, 1, 15), ("1", "2"))
    assert [(line.line_id, line.end) for line in left.lines] == [("1", date(2027, 1, 14))]


# -- updates by the requester ------------------------------------------------------------------------------------------------


def request(servicing: str = "1215000021", **line: Any) -> AuthorizationRequest:
    content = {
        "line_id": "1",
        "code": "E1390",
        "code_system": CodeSystem.HCPCS,
        "quantity": Decimal(2),
        "unit": "month",
        "start": date(2026, 12, 10),
        "end": date(2027, 2, 9),
        "place_of_service": "12",
    }
    return AuthorizationRequest(
        submission_id="S-1",
        received_at=NOW,
        channel=Channel.API,
        service_kind=ServiceKind.MEDICAL,
        urgency=UrgencyClaim(urgency=Urgency.STANDARD, asked_by=AskedBy.PROVIDER),
        member=MemberReference(member_id="M"),
        requesting_provider=ProviderReference(npi="1215000013"),
        servicing_provider=ProviderReference(npi=servicing),
        lines=(ServiceLine.model_validate(content | line),),
    )


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (request(end=date(2027, 3, 9)), AfterDecisionKind.DATES),
        (request(place_of_service="31"), AfterDecisionKind.PLACE),
        (request(servicing="1215000047"), AfterDecisionKind.PROVIDER),
        (request(quantity=Decimal(3)), AfterDecisionKind.MORE_UNITS),
        (request(quantity=Decimal(1)), None),
        (request(code="E0431"), None),
        (request(line_id="2"), None),
        (request(), None),
    ],
    ids=["days", "place", "provider", "more units", "fewer units", "another service", "another line", "nothing"],
)
def test_an_update_of_an_approved_request_asks_for_the_change_that_it_shows(
    after: AuthorizationRequest, kind: AfterDecisionKind | None
) -> None:
    asked = classify_update(TERMS, request(), after)
    assert (asked.kind if asked is not None else None) == kind


def test_more_units_are_those_beyond_what_is_authorized() -> None:
    asked = classify_update(TERMS, request(), request(quantity=Decimal(5)))
    assert asked is not None and asked.lines[0].quantity == 3


def test_a_change_takes_back_nothing_that_took_effect_since_it_was_asked() -> None:
    other = TERMS.model_copy(update={"servicing_npi": "1215000013", "servicing_name": "Other"})
    now = other.model_copy(update={"lines": (LINE.model_copy(update={"end": date(2027, 6, 30)}),)})
    place = TERMS.model_copy(update={"lines": (LINE.model_copy(update={"place_of_service": "11"}),)})
    after = merge_terms(now, place, TERMS)
    assert (after.lines[0].end, after.lines[0].place_of_service) == (date(2027, 6, 30), "11")
    assert (after.servicing_npi, after.servicing_name) == ("1215000013", "Other")


def test_of_two_changes_of_the_same_days_all_approved_days_stand() -> None:
    now = TERMS.model_copy(update={"lines": (LINE.model_copy(update={"end": date(2027, 6, 30)}),)})
    moved = LINE.model_copy(update={"start": date(2026, 12, 1), "end": date(2027, 3, 31)})
    (line,) = merge_terms(now, TERMS.model_copy(update={"lines": (moved,)}), TERMS).lines
    assert (line.start, line.end) == (date(2026, 12, 1), date(2027, 6, 30))


def test_a_change_that_is_approved_in_part_takes_no_unit_and_no_day_away() -> None:
    part = LINE.model_copy(update={"quantity": Decimal(1), "end": date(2027, 1, 9)})
    assert merge_terms(TERMS, TERMS.model_copy(update={"lines": (part,)}), TERMS) == TERMS
    moved = LINE.model_copy(update={"start": date(2027, 1, 10), "end": date(2027, 3, 12)})
    assert merge_terms(TERMS, TERMS.model_copy(update={"lines": (moved,)}), TERMS).lines == (moved,)

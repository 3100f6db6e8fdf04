"""A case that continues in a new run reads what an earlier release carried, and writes it so that either release reads it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.authorization.case import AuthorizationCase
from domain.authorization.parts import CasePhase, Route
from domain.authorization.start import AuthorizationStart
from domain.cases.views import CaseStatus
from domain.vocabulary import Urgency
from tests.domain.authorization.casebook import START, criteria, line, open_case

CARRIED = json.loads(Path(__file__).with_name("carried_by_an_older_release.json").read_text())


def test_what_an_older_release_carried_flat_is_found_in_the_parts_of_the_case() -> None:
    case = AuthorizationCase.model_validate(CARRIED)
    assert case.determinations.routes["1"] is Route.DECIDED
    assert [made.signed.reviewer_id for made in case.determinations.adverse] == ["md.fit"]
    assert [each.line_id for each in case.determinations.reserved] == ["2"]
    assert case.determinations.nurse_recommendation == "Not documented."
    assert (case.ending.concluded, case.ending.status) == (CaseStatus.APPROVED_IN_PART, CaseStatus.DENIED)
    assert (case.ending.withdrawal, case.ending.reported, case.ending.authorization_number) == ("provider", True, "AU1")
    assert case.expediting.urgency is Urgency.EXPEDITED and case.expediting.asked is not None
    assert case.expediting.refusal == "not urgent"
    assert case.extending.taken is not None and case.extending.until is not None
    assert case.miss_notices.current is not None
    assert [missed.rule_id for missed in case.miss_notices.untold] == ["R2"]


def test_a_case_is_written_as_an_older_release_wrote_it() -> None:
    """During a release old and new workers run beside each other: the wire has one shape, and it is flat."""
    case = AuthorizationCase.model_validate_json(json.dumps(CARRIED))
    assert json.loads(case.model_dump_json()) == CARRIED
    start = AuthorizationStart(case_id="PA-TEST", request_version=1, received_at=START, carried=case)
    assert json.loads(start.model_dump_json())["carried"] == CARRIED
    assert AuthorizationStart.model_validate_json(start.model_dump_json()) == start


def test_a_determination_on_the_wire_that_nobody_signed_is_not_read_into_a_case() -> None:
    forged = json.loads(json.dumps(CARRIED))
    forged["adverse"][0]["signed"]["attestation"] = "I signed this elsewhere."
    with pytest.raises(ValueError, match=r"adverse\.0"):
        AuthorizationCase.model_validate(forged)


def test_a_case_ends_in_one_order_under_review_answered_concluded_closed() -> None:
    case = open_case(line("1", criteria("not_met")))
    seen = [case.phase]
    case.withdraw("provider")
    seen.append(case.phase)
    case.conclude(CaseStatus.WITHDRAWN)
    seen.append(case.phase)
    case.close(CaseStatus.WITHDRAWN, START)
    assert (*seen, case.phase) == tuple(sorted(CasePhase))
    assert case.authorization_number is None, "what was not approved has no number"


def test_what_the_parts_own_cannot_be_set_past_them() -> None:
    case = open_case(line("1", criteria("not_met")))
    for name in ("routes", "approvals", "adverse", "decided_at", "concluded", "withdrawal", "status", "urgency"):
        with pytest.raises(AttributeError):
            setattr(case, name, None)

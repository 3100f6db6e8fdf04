"""A state that cannot happen is a mistake in the code: it never looks like something that is not on file."""

from __future__ import annotations

import pytest

from domain.authorization.case import AuthorizationCase
from domain.errors import ImpossibleState, UmpireError
from domain.retrospective.case import RetrospectiveCase
from domain.stays.case import StayCase
from tests.domain.authorization.casebook import START
from tests.paths import ROOT

CASES = (
    AuthorizationCase(case_id="PA-1", request_version=1, received_at=START),
    RetrospectiveCase(case_id="RR-1", received_at=START),
    StayCase(case_id="ST-1", received_at=START, facility="General"),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: type(case).__name__)
def test_a_case_is_never_decided_on_before_it_was_looked_into(case: AuthorizationCase) -> None:
    with pytest.raises(ImpossibleState, match=case.case_id):
        case.require_context()


def test_an_impossible_state_is_caught_neither_as_not_on_file_nor_as_a_refusal() -> None:
    assert not issubclass(ImpossibleState, LookupError | UmpireError)


def test_the_domain_never_says_that_something_is_not_on_file() -> None:
    said = [path for path in (ROOT / "domain").rglob("*.py") if "raise LookupError" in path.read_text()]
    assert said == []

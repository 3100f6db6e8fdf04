"""A rule, the law or a reviewer decides; only a reviewer signs what is adverse, and every journal reads as before."""

from __future__ import annotations

import pytest

from domain.cases.messages import ReviewAnswered
from domain.cases.review_answers import unsigned_violations
from domain.cases.views import AnsweredLine, CaseStatus
from domain.decisions.decision_makers import ByLaw, ByReviewer, ByRule, read_decision_maker
from domain.decisions.determination import Approval
from domain.journal import UMPIRE
from domain.requests.request import StayPurpose
from domain.vocabulary import ADVERSE_OUTCOMES, LineOutcome
from tests.domain.authorization.casebook import START

WRITTEN = {
    "rule:OXY@2023-04-01.1": ByRule("OXY@2023-04-01.1"),
    "rule:comparison": ByRule("comparison"),
    "law:IL-STD": ByLaw("IL-STD"),
    "md.ortho.chen": ByReviewer("md.ortho.chen"),
    "system:umpire": ByRule("umpire", "system"),
    "rule:a:b": ByRule("a:b"),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_decision_maker_is_written_as_the_string_that_it_was_read_from(written: str) -> None:
    approval = Approval.model_validate({"line_id": "1", "by": written})
    assert approval.by == read_decision_maker(written) == WRITTEN[written]
    assert approval.model_dump(mode="json")["by"] == approval.model_dump()["by"] == str(approval.by) == written
    assert Approval.model_validate_json(approval.model_dump_json()) == approval


@pytest.mark.parametrize("by", ["rule:OXY@1", "law:IL-STD", "system:umpire", ":", "", " ", None])
@pytest.mark.parametrize("outcome", sorted(ADVERSE_OUTCOMES))
def test_an_adverse_answer_is_taken_only_from_a_reviewer(outcome: LineOutcome, by: str | None) -> None:
    assert [broken.rule for broken in unsigned_violations(_answered(outcome, by))] == ["answer.unsigned"]
    assert not list(unsigned_violations(_answered(outcome, "md.ortho.chen")))


def test_software_and_the_law_may_approve() -> None:
    for by in WRITTEN:
        assert not list(unsigned_violations(_answered(LineOutcome.APPROVED, by)))


def test_a_decision_maker_is_never_something_else_than_a_string() -> None:
    with pytest.raises(ValueError, match="string"):
        Approval.model_validate({"line_id": "1", "by": 7})


def _answered(outcome: LineOutcome, by: str | None) -> ReviewAnswered:
    return ReviewAnswered(
        message_id="m",
        at=START,
        actor=UMPIRE,
        case_id="PA-1",
        purpose=StayPurpose.POST_SERVICE,
        round=1,
        status=CaseStatus.DENIED,
        lines=(AnsweredLine.model_validate({"line_id": "1", "outcome": outcome, "by": by}),),
        decided_at=START,
    )

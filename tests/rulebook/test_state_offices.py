"""Letters name the offices of the member's State: what the plan names goes first, then the rulebook."""

from __future__ import annotations

import pytest

from domain.letters.context import ConsumerHelp, HearingOffice, PlanConsumerHelp, PlanHearingOffice
from domain.vocabulary import Audience, Lob, NoticeKind
from rulebook.notice_rules import NoticeBook
from tests.templates.letter_contexts import PLAN

BOOK = NoticeBook.load()
OFFICES = BOOK.offices


@pytest.mark.parametrize("state", ["CA", "IL", "NY", "TX", "WA", "PR", "WY"])
def test_every_state_has_somebody_who_helps_consumers(state: str) -> None:
    assert OFFICES.consumer_help(state, PLAN) is not None


def test_the_office_that_the_plan_names_goes_before_that_of_the_rulebook() -> None:
    own = PlanConsumerHelp(state="IL", name="Ours", phone="1")
    hearing = PlanHearingOffice(state="TX", agency="Hearings", phone="2", address=("x",))
    plan = PLAN.model_copy(update={"consumer_help": (own,), "hearing_offices": (hearing,)})
    assert OFFICES.consumer_help("IL", plan) == ConsumerHelp(name="Ours", phone="1")
    assert OFFICES.consumer_help("CA", plan) == OFFICES.consumer_help("CA", PLAN)
    assert OFFICES.hearing_office("TX", Lob.MEDICAID, plan) == HearingOffice(
        agency="Hearings", phone="2", address=("x",)
    )


def test_only_lines_with_a_fair_hearing_name_its_office() -> None:
    assert OFFICES.hearing_office("IL", Lob.MEDICAID, PLAN) is not None
    assert OFFICES.hearing_office("IL", Lob.QHP, PLAN) is None
    assert OFFICES.hearing_office("WY", Lob.MEDICAID, PLAN) is None


def test_a_withdrawn_part_d_request_has_its_letters() -> None:
    assert BOOK.audiences(NoticeKind.WITHDRAWN, Lob.PART_D) == (Audience.MEMBER, Audience.PROVIDER)
    keys = {element.key for element in BOOK.rule(NoticeKind.WITHDRAWN, Audience.MEMBER, Lob.PART_D).elements}
    assert {"vacate_right", "review_of_dismissal"} <= keys


@pytest.mark.parametrize("lob", [Lob.MEDICARE_ADVANTAGE, Lob.PART_D])
@pytest.mark.parametrize("audience", [Audience.MEMBER, Audience.PROVIDER])
def test_a_withdrawal_under_medicare_is_a_dismissal_with_its_two_ways_out_and_their_times(
    lob: Lob, audience: Audience
) -> None:
    said = {one.key: one.words for one in BOOK.rule(NoticeKind.WITHDRAWN, audience, lob).elements}
    assert "notice of dismissal" in (said["dismissal_name"] or "")
    assert "within 6 months" in (said["vacate_right"] or "")
    assert "within 65 days" in " ".join((said["review_of_dismissal"] or "").split())


def test_a_withdrawal_elsewhere_is_not_called_a_dismissal() -> None:
    for lob in (Lob.MEDICAID, Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA):
        rule = BOOK.rule(NoticeKind.WITHDRAWN, Audience.MEMBER, lob)
        assert "dismissal_name" not in {one.key for one in rule.elements}

"""Letters name the offices of the member's State: what the plan names goes first, then the rulebook."""

from __future__ import annotations

import pytest

from domain.clocks.rules import Confidence
from domain.letters.context import (
    ConsumerHelp,
    HearingOffice,
    PlanConsumerHelp,
    PlanHearingOffice,
    PlanReviewOrganization,
)
from domain.letters.stay_facts import ReviewOrganization
from domain.vocabulary import Audience, Lob, NoticeKind
from rulebook.notice_rules import NoticeBook
from rulebook.review_organizations import StateOffices, name_review_organization
from tests.templates.letter_contexts import PLAN

BOOK = NoticeBook.load()
OFFICES = BOOK.offices


@pytest.mark.parametrize("state", ["CA", "IL", "NY", "TX", "WA", "PR", "WY"])
def test_an_office_that_nobody_has_confirmed_is_not_printed_as_a_fact(state: str) -> None:
    """The shipped numbers are from general knowledge, and marked so."""
    assert OFFICES.help_by_state.get(state, OFFICES.help_by_state["everywhere"]).confidence is Confidence.UNSURE
    assert OFFICES.consumer_help(state, PLAN) is None
    assert name_review_organization(state, PLAN, BOOK.qio(state)) is None


def test_an_office_that_was_compared_with_its_source_is_printed() -> None:
    known = OFFICES.help_by_state["IL"].model_copy(update={"confidence": Confidence.CONFIRMED})
    offices = StateOffices({"IL": known}, {})
    assert offices.consumer_help("IL", PLAN) == ConsumerHelp(name=known.name, phone=known.phone)
    region = BOOK.qio("IL")
    assert region is not None
    sure = region.model_copy(update={"confidence": Confidence.KNOWN})
    assert name_review_organization("IL", PLAN, sure) == region.organization


def test_the_review_organization_that_the_plan_names_is_that_of_the_state_of_care() -> None:
    own = PlanReviewOrganization(name="Ours", phone="1", tty="711", states=("IL", "WI"))
    plan = PLAN.model_copy(update={"review_organizations": (own,)})
    assert name_review_organization("WI", plan, None) == ReviewOrganization(name="Ours", phone="1", tty="711")
    assert name_review_organization("NY", plan, None) is None and name_review_organization(None, plan, None) is None


def test_the_office_that_the_plan_names_goes_before_that_of_the_rulebook() -> None:
    own = PlanConsumerHelp(state="IL", name="Ours", phone="1")
    hearing = PlanHearingOffice(state="TX", agency="Hearings", phone="2", address=("x",))
    plan = PLAN.model_copy(update={"consumer_help": (own,), "hearing_offices": (hearing,)})
    assert OFFICES.consumer_help("IL", plan) == ConsumerHelp(name="Ours", phone="1")
    assert OFFICES.consumer_help("CA", plan) is None
    assert OFFICES.hearing_office("TX", Lob.MEDICAID, plan) == HearingOffice(
        agency="Hearings", phone="2", address=("x",)
    )


def test_only_lines_with_a_fair_hearing_name_its_office() -> None:
    hearing = PlanHearingOffice(state="IL", agency="Hearings", phone="2", address=("x",))
    plan = PLAN.model_copy(update={"hearing_offices": (hearing,)})
    assert OFFICES.hearing_office("IL", Lob.MEDICAID, plan) is not None
    assert OFFICES.hearing_office("IL", Lob.MEDICAID, PLAN) is None, "what is unsure is not printed"
    assert OFFICES.hearing_office("IL", Lob.QHP, plan) is None
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

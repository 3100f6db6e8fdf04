from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from domain.errors import LetterIncomplete
from domain.letters.context import LetterContext, RenderedLetter
from domain.letters.stay_facts import Medicine, StayFacts
from domain.vocabulary import STAY_NOTICES, Audience, Lob, NoticeKind
from rulebook.notice_rules import NoticeBook
from templates.rendering import render_letter
from tests.templates.letter_contexts import MEMBER as PATIENT
from tests.templates.letter_contexts import context, context_for_rule
from tests.templates.stay_samples import CHOICES, QIO, STAY, choice, stay_of

BOOK = NoticeBook.load()
RULES = [rule for rule in BOOK.rules() if rule.kind in STAY_NOTICES]
MA, MEDICAID = Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID
MEMBER, PROVIDER, PCP = Audience.MEMBER, Audience.PROVIDER, Audience.PCP


def made(letter: LetterContext) -> RenderedLetter:
    rule = BOOK.rule(letter.notice, letter.audience, letter.lob)
    return render_letter(letter, rule, BOOK.rights(letter.lob, letter.service_kind) if letter.service_kind else None)


def text(kind: NoticeKind, audience: Audience = MEMBER, lob: Lob = MA, **facts: Any) -> str:
    return " ".join(made(of(kind, audience, lob, **facts)).text.split())


def of(kind: NoticeKind, audience: Audience = MEMBER, lob: Lob = MA, **facts: Any) -> LetterContext:
    return context(kind, audience, lob, stay=stay_of(kind, **facts))


def refused(letter: LetterContext) -> LetterIncomplete:
    with pytest.raises(LetterIncomplete) as caught:
        made(letter)
    return caught.value


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.audience}-{rule.lob}")
def test_a_letter_about_a_stay_of_which_nothing_is_known_is_not_made(rule: Any) -> None:
    assert refused(context_for_rule(rule, stay=StayFacts(member_id="PHP4471902"))).missing


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind}-{rule.audience}-{rule.lob}")
def test_a_refusal_of_a_letter_about_a_stay_holds_no_health_information(rule: Any) -> None:
    said = str(refused(context_for_rule(rule, case_number=" ", member_id="123-45-6789")))
    for secret in (PATIENT.name, "Maple Grove", "Apixaban", "123-45", "walker", "Amy Park"):
        assert secret not in said


@pytest.mark.parametrize(
    ("kind", "form", "omb"),
    [
        (NoticeKind.NOMNC, "CMS-10123", "0938-0953"),
        (NoticeKind.DENC, "CMS-10124", "0938-0953"),
        (NoticeKind.DND, "CMS-10066", "0938-1019"),
        (NoticeKind.IMPORTANT_MESSAGE, "CMS-10065", "0938-1019"),
        (NoticeKind.MOON, "CMS-10611", "0938-1308"),
    ],
)
def test_a_medicare_notice_says_which_form_it_stands_for_and_that_it_is_not_the_form(
    kind: NoticeKind, form: str, omb: str
) -> None:
    letter = made(of(kind))
    assert letter.form == form
    assert form in letter.text and omb in letter.text and "not the form itself" in " ".join(letter.text.split())


def test_the_notice_of_non_coverage_tells_the_day_the_appeal_its_noon_and_whom_to_call() -> None:
    said = text(NoticeKind.NOMNC)
    for words in (
        "The last day we cover is Tuesday, March 10, 2026.",
        "From Wednesday, March 11, 2026 on you may have to pay",
        "You can call until noon on Monday, March 9, 2026 (Central Daylight Time).",
        QIO.name,
        QIO.phone,
        QIO.tty,
        "Did you miss that time? Call the reviewer all the same.",
        "Signature of the member or representative",
    ):
        assert words in said


def test_the_facility_is_told_to_give_the_notice_two_days_ahead_and_to_send_the_signed_one_back() -> None:
    said = text(NoticeKind.NOMNC, PROVIDER)
    assert "no later than two calendar days before the last covered day" in said
    assert "signed and dated" in said and "fax the signed notice" in said


@pytest.mark.parametrize(
    ("at", "fits"),
    [
        (datetime(2026, 3, 9, 17, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 10, 17, 0, tzinfo=UTC), True),  # the reviewer takes no calls before
        (datetime(2026, 3, 8, 17, 0, tzinfo=UTC), False),  # a day too early
        (datetime(2026, 3, 9, 18, 0, tzinfo=UTC), False),  # one in the afternoon
        (datetime(2026, 3, 9, 12, 0, tzinfo=UTC), False),  # noon in London
    ],
)
def test_a_member_is_never_told_less_time_for_the_fast_appeal_than_until_noon_of_the_day_before(
    at: datetime, fits: bool
) -> None:
    letter = of(NoticeKind.NOMNC, qio_request_by=at)
    if fits:
        assert made(letter)
    else:
        assert refused(letter).missing == ("qio_deadline",)


@pytest.mark.parametrize("kind", [NoticeKind.NOMNC, NoticeKind.DENC, NoticeKind.DND, NoticeKind.IMPORTANT_MESSAGE])
def test_without_a_review_organization_no_letter_about_its_review_is_made(kind: NoticeKind) -> None:
    assert "qio_contact" in refused(of(kind).model_copy(update={"qio": None})).missing


@pytest.mark.parametrize("kind", [NoticeKind.DENC, NoticeKind.DND, NoticeKind.REDUCTION_NOTICE])
@pytest.mark.parametrize("changes", [{"signed_by": None}, {"reason": None}, {"facts_of_case": ()}, {"basis": None}])
def test_a_reason_to_end_care_is_signed_and_names_facts_and_rule(kind: NoticeKind, changes: dict[str, Any]) -> None:
    assert refused(of(kind, lob=MEDICAID if kind is NoticeKind.REDUCTION_NOTICE else MA, **changes)).missing


@pytest.mark.parametrize("kind", [NoticeKind.DENC, NoticeKind.DND])
def test_a_stock_phrase_one_fact_or_a_code_is_no_detailed_explanation(kind: NoticeKind) -> None:
    assert refused(of(kind, reason="Skilled care is not medically necessary.")).missing == ("specific_reason",)
    assert refused(of(kind, facts_of_case=("You walk 150 feet.",))).missing == ("case_facts",)
    assert refused(of(kind, reason=f"{STAY.reason}. See code 97110")).missing == ("specific_reason",)
    long = "You walk " + "and you walk again " * 9 + "on your own"
    assert refused(of(kind, facts_of_case=(long, "Your wound has closed."))).missing == ("case_facts",)


@pytest.mark.parametrize(
    "words", ["You are not improving any more", "You have reached a plateau", "There is no further progress"]
)
def test_medicare_care_does_not_end_because_somebody_makes_no_progress(words: str) -> None:
    found = refused(of(NoticeKind.DENC, reason=f"{words}. {STAY.reason}"))
    assert found.missing == ("specific_reason",) and "409.32" in str(found)


def test_what_changed_is_told_when_the_reviewer_found_for_the_member_before() -> None:
    assert "change" not in made(of(NoticeKind.DENC)).elements
    assert "This is what has changed since then: Your wound was open then." in text(
        NoticeKind.DENC, qio_ruled_before=True
    )
    assert refused(of(NoticeKind.DENC, qio_ruled_before=True, changed_since=None)).missing == ("change",)


def test_only_the_second_copy_of_the_important_message_names_the_day_to_leave() -> None:
    first, second = text(NoticeKind.IMPORTANT_MESSAGE, discharge_on=None), text(NoticeKind.IMPORTANT_MESSAGE)
    assert "Tuesday, March 10, 2026" not in first
    assert "This is your copy before you leave. Your planned day to leave is Tuesday, March 10, 2026." in second
    assert all("Signature of the member" in copy and "midnight of the day" in copy for copy in (first, second))


def test_the_observation_notice_says_outpatient_why_and_what_it_costs() -> None:
    said = text(NoticeKind.MOON, reason="Your doctor wants to see first if your heart settles")
    assert "You are not an inpatient." in said and "Tuesday, February 17, 2026 at 2:15 p.m." in said
    assert "if your heart settles." in said and "three days in a row as an inpatient" in said


def test_each_medicine_says_what_to_do_with_it() -> None:
    said = text(NoticeKind.DISCHARGE_SUMMARY)
    assert "Apixaban: New" in said and "Metformin: Keep taking" in said and "Ibuprofen: Stop taking" in said
    changed = (Medicine(name="Lisinopril", action="change", how="20 mg instead of 10 mg"),)
    assert "Lisinopril: Changed" in text(NoticeKind.DISCHARGE_SUMMARY, medicines=changed)
    halved = (Medicine(name="Lisinopril", action="halve", how="10 mg"),)
    assert "medicines" in refused(of(NoticeKind.DISCHARGE_SUMMARY, medicines=halved)).missing


@pytest.mark.parametrize("audience", [MEMBER, PCP])
def test_no_medicines_is_something_that_somebody_has_to_say(audience: Audience) -> None:
    assert refused(of(NoticeKind.DISCHARGE_SUMMARY, audience, medicines=())).missing == ("medicines",)
    assert "is empty" in text(NoticeKind.DISCHARGE_SUMMARY, audience, medicines=(), takes_no_medicines=True)
    assert refused(of(NoticeKind.DISCHARGE_SUMMARY, audience, takes_no_medicines=True)).missing == ("medicines",)


def test_visits_and_equipment_that_nobody_knows_of_are_said_to_be_unknown() -> None:
    said = text(NoticeKind.DISCHARGE_SUMMARY, appointments=(), equipment=())
    assert "We do not know of a visit that is booked for you." in said
    assert "We do not know of anything that was ordered for you" in said
    assert "No follow-up visit is known to us." in text(NoticeKind.DISCHARGE_SUMMARY, PCP, appointments=())


def test_the_practice_learns_what_is_still_open() -> None:
    assert "The discharge list had no dose for apixaban." in text(NoticeKind.DISCHARGE_SUMMARY, PCP)
    assert "gaps" not in made(of(NoticeKind.DISCHARGE_SUMMARY, PCP, gaps=())).elements


def test_a_choice_of_two_is_no_choice() -> None:
    assert refused(of(NoticeKind.CHOICE_LIST, choices=CHOICES[:2])).missing == ("choices",)
    thrice = (CHOICES[0],) * 3
    assert refused(of(NoticeKind.CHOICE_LIST, choices=thrice)).missing == ("choices",)


def test_what_is_not_known_of_a_choice_is_said_to_be_unknown() -> None:
    unknown = choice(3, in_network=None, accepts=None, quality=None, plan_has_interest=None)
    said = text(NoticeKind.CHOICE_LIST, choices=(*CHOICES[:2], unknown)).split("Home Care 3")[1]
    for words in (
        "We do not know if it is in our network",
        "We do not know if it has room",
        "We have no quality data for this place",
        "We do not know if our plan or the hospital earns money from this place",
    ):
        assert words in said


def test_a_financial_interest_is_disclosed() -> None:
    second = text(NoticeKind.CHOICE_LIST).split("Home Care 2")[1].split("Home Care 3")[0]
    assert "Our plan or the hospital earns money from this place" in second and "Not in our network" in second


@pytest.mark.parametrize(
    "gap",
    [
        "The dose was missing. The visit was late.",
        "The nurse failed to book the visit.",
        "It was the hospital's fault that no visit was booked.",
        "The ward should have called.",
    ],
)
def test_feedback_is_one_sentence_for_each_gap_and_blames_nobody(gap: str) -> None:
    assert refused(of(NoticeKind.PROVIDER_FEEDBACK, PROVIDER, gaps=(gap,))).missing == ("gaps",)


def test_feedback_says_that_it_decides_nothing() -> None:
    assert "no decision and changes no payment" in text(NoticeKind.PROVIDER_FEEDBACK, PROVIDER)


def test_a_day_is_not_both_approved_and_undecided() -> None:
    letter = of(NoticeKind.CLINICAL_UPDATE_REQUEST, PROVIDER, review_from=date(2026, 3, 5))
    assert refused(letter).missing == ("days_at_stake",)
    said = text(NoticeKind.CLINICAL_UPDATE_REQUEST, PROVIDER)
    assert "Approved: through Thursday, March 5, 2026." in said and "Please send it by Thursday, March 5, 2026" in said


@pytest.mark.parametrize("audience", [MEMBER, PROVIDER])
def test_medicaid_care_that_was_approved_ends_ten_days_after_the_notice_at_the_earliest(audience: Audience) -> None:
    assert made(of(NoticeKind.REDUCTION_NOTICE, audience, MEDICAID, last_covered_day=date(2026, 3, 13)))
    early = of(NoticeKind.REDUCTION_NOTICE, audience, MEDICAID, last_covered_day=date(2026, 3, 12))
    found = refused(early)
    assert found.missing == ("advance_notice",) and "431.211" in str(found)


def test_less_notice_names_its_exception() -> None:
    facts = {"last_covered_day": date(2026, 3, 6), "advance_exception": "42 CFR 431.213(a)"}
    assert "The law lets us give less time here: 42 CFR 431.213(a)." in text(
        NoticeKind.REDUCTION_NOTICE, MEMBER, MEDICAID, **facts
    )


def test_a_reduction_tells_all_that_an_adverse_determination_tells() -> None:
    for lob in (MEDICAID, Lob.CHIP, Lob.COMMERCIAL_ERISA, Lob.COMMERCIAL_ACA, Lob.QHP):
        denial = {e.key for e in BOOK.rule(NoticeKind.ADVERSE_DETERMINATION, MEMBER, lob).elements}
        reduction = {e.key for e in BOOK.rule(NoticeKind.REDUCTION_NOTICE, MEMBER, lob).elements}
        of_lines = {"service_lines", "requesting_provider", "auth_number", "auth_dates"}
        assert denial - of_lines <= reduction


def test_an_adverse_determination_that_ends_current_care_tells_the_day() -> None:
    plain = context(NoticeKind.ADVERSE_DETERMINATION, MEMBER, MA)
    assert "effective_date" not in made(plain).elements
    cut = context(NoticeKind.ADVERSE_DETERMINATION, MEMBER, MA, effective_on=date(2026, 3, 21))
    assert "The change starts on Saturday, March 21, 2026." in " ".join(made(cut).text.split())


def test_a_letter_about_a_stay_names_the_place_and_no_requester() -> None:
    letter = made(of(NoticeKind.NOMNC))
    assert "Place of care: Maple Grove Nursing Center" in letter.text and "Asked for by" not in letter.text
    request = made(context(NoticeKind.ACKNOWLEDGMENT, MEMBER, MA))
    assert "Place of care" not in request.text and "Asked for by" in request.text


def test_a_hostile_fact_is_shown_as_it_is() -> None:
    hostile = "<script>alert(1)</script> {plan_phone} <b>"
    letter = made(of(NoticeKind.DISCHARGE_SUMMARY, equipment=(hostile,), facility=hostile))
    assert hostile in " ".join(letter.text.split()) and "<script>" not in letter.html and "<b>" not in letter.html


def test_a_placeholder_in_a_fact_stops_the_letter() -> None:
    assert refused(of(NoticeKind.DISCHARGE_SUMMARY, setting="TBD")).missing == ("decision_statement",)
    assert refused(of(NoticeKind.DISCHARGE_SUMMARY, warning_signs=("{{sign}}",))).missing == ("warning_signs",)

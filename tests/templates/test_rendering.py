from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from html.parser import HTMLParser

import pytest
from jinja2 import UndefinedError

from domain.errors import LetterIncomplete
from domain.letters.context import LetterContext, Party, RenderedLetter
from domain.letters.notice_rules import NoticeRule
from domain.letters.reachable_notices import reachable_notices
from domain.vocabulary import STAY_NOTICES, AskedBy, Audience, LineOutcome, Lob, NoticeKind, ServiceKind
from rulebook.notice_rules import NoticeBook
from templates.rendered_check import extract_text
from templates.rendering import environment, render_letter
from tests.templates.letter_contexts import APPROVED_LINE, DENIED_LINE, PLAN, REASON, context, context_for_rule, line

BOOK = NoticeBook.load()
NOW_WORKING = (Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.COMMERCIAL_ERISA)
ADVERSE, MISSED = NoticeKind.ADVERSE_DETERMINATION, NoticeKind.MISSED_DEADLINE
MEMBER, PROVIDER = Audience.MEMBER, Audience.PROVIDER


def made(letter: LetterContext) -> RenderedLetter:
    rule = BOOK.rule(letter.notice, letter.audience, letter.lob)
    return render_letter(letter, rule, BOOK.rights(letter.lob, letter.service_kind))


@cache
def full(kind: NoticeKind, audience: Audience, lob: Lob) -> RenderedLetter:
    """The letter of the full context, made once for all tests."""
    return made(context_for_rule(BOOK.rule(kind, audience, lob)))


def id_of(rule: NoticeRule) -> str:
    return f"{rule.kind}-{rule.audience}-{rule.lob}"


def numbers_and_dates(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,./:-]*\d|\d", text))


@pytest.mark.parametrize(
    ("kind", "lob"), [pair for pair in reachable_notices(NOW_WORKING) if pair[0] not in STAY_NOTICES]
)
def test_every_notice_goes_to_its_audiences_under_the_working_lines_of_business(kind: NoticeKind, lob: Lob) -> None:
    for audience in BOOK.audiences(kind, lob):
        letter = made(context(kind, audience, lob))
        assert letter.subject and letter.html.startswith("<!DOCTYPE html>") and letter.text


@pytest.mark.parametrize("rule", BOOK.rules(), ids=id_of)
def test_page_and_plain_text_tell_the_same_numbers_and_dates(rule: NoticeRule) -> None:
    letter = full(rule.kind, rule.audience, rule.lob)
    assert numbers_and_dates(extract_text(letter.html).text) == numbers_and_dates(letter.text)


@pytest.mark.parametrize("rule", BOOK.rules(), ids=id_of)
def test_pages_are_well_formed_and_built_for_screen_readers(rule: NoticeRule) -> None:
    page = _Outline()
    page.feed(full(rule.kind, rule.audience, rule.lob).html)
    assert page.open == []
    assert page.headings[0] == "h1" and page.headings.count("h1") == 1
    assert all(int(b[1]) - int(a[1]) <= 1 for a, b in zip(page.headings, page.headings[1:], strict=False))
    assert page.language == "en" and page.header_cells_without_scope == 0


@pytest.mark.parametrize("rule", BOOK.rules(), ids=id_of)
def test_plain_text_fits_a_page(rule: NoticeRule) -> None:
    text = full(rule.kind, rule.audience, rule.lob).text
    assert "\n\n\n" not in text and not re.search(r"[ \t]\n", text)
    latin = [row for row in text.splitlines() if row.isascii()]
    assert max(map(len, latin)) <= 76


@pytest.mark.parametrize("lob", NOW_WORKING)
def test_a_denial_to_the_member_opens_with_the_decision(lob: Lob) -> None:
    letter = made(context(ADVERSE, MEMBER, lob))
    body = letter.html.split("</h1>")[1]
    first = extract_text(f"<body>{body[: body.index('</p>')]}</p></body>").text
    assert first.startswith("We did not approve MRI of the lower back.")
    after_title = letter.text.split("=\n", 1)[1].strip()
    assert after_title.startswith("We did not approve MRI of the lower back.")


def test_a_partial_approval_says_first_what_was_approved_and_has_all_that_a_denial_has() -> None:
    partly = context(ADVERSE, MEMBER, Lob.MEDICAID, lines=(APPROVED_LINE, DENIED_LINE), authorization_number="A-1")
    letter = made(partly)
    assert letter.subject == "We approved part of your request"
    assert "We approved X-ray of the lower back. We did not approve MRI of the lower back." in " ".join(
        letter.text.split()
    )
    denial = made(context(ADVERSE, MEMBER, Lob.MEDICAID))
    assert set(denial.elements) < set(letter.elements)
    assert set(letter.elements) - set(denial.elements) == {"auth_number", "auth_dates"}


def test_fewer_units_than_asked_for_are_told_as_what_was_and_what_was_not_approved() -> None:
    visits = line(
        description="physical therapy",
        code="97110",
        quantity=Decimal(24),
        unit="visit",
        outcome=LineOutcome.APPROVED_IN_PART,
        approved_quantity=Decimal(12),
        approved_start=date(2026, 3, 9),
        approved_end=date(2026, 5, 30),
        reason=REASON,
    )
    letter = made(context(ADVERSE, MEMBER, Lob.COMMERCIAL_ERISA, lines=(visits,), authorization_number="A-1"))
    text = " ".join(letter.text.split())
    assert "We approved 12 visits of physical therapy." in text
    assert "We did not approve the other 12 visits of physical therapy." in text
    assert "Decision code A6" in text


def test_a_partial_approval_by_days_says_which_days_were_not_approved() -> None:
    stay = line(
        description="hospital care",
        start=date(2026, 12, 1),
        end=date(2026, 12, 3),
        outcome=LineOutcome.APPROVED_IN_PART,
        approved_start=date(2026, 12, 2),
        approved_end=date(2026, 12, 2),
        reason=REASON,
    )
    letter = made(context(ADVERSE, MEMBER, Lob.MEDICARE_ADVANTAGE, lines=(stay,), authorization_number="A-1"))
    text = " ".join(letter.text.split())
    assert "We approved hospital care (December 2, 2026)." in text
    assert "We did not approve hospital care (December 1, 2026 and December 3, 2026)." in text


def test_a_partial_approval_without_an_authorization_number_is_not_made() -> None:
    with pytest.raises(LetterIncomplete) as refused:
        made(context(ADVERSE, MEMBER, Lob.MEDICAID, lines=(APPROVED_LINE, DENIED_LINE)))
    assert refused.value.missing == ("auth_number",)


def test_every_line_that_was_not_approved_has_its_own_reason() -> None:
    second = line(line_id="2", description="CT of the lower back", code="72131", outcome=LineOutcome.DENIED)
    with pytest.raises(LetterIncomplete) as refused:
        made(context(ADVERSE, MEMBER, Lob.MEDICAID, lines=(DENIED_LINE, second)))
    assert {"specific_reason", "criteria_reference", "missing_info"} <= set(refused.value.missing)
    both = second.model_copy(update={"reason": REASON.model_copy(update={"gap": "Another gap."})})
    letter = made(context(ADVERSE, PROVIDER, Lob.MEDICAID, lines=(DENIED_LINE, both)))
    assert "Another gap." in letter.html and letter.html.count('class="clinical"') == 2


@pytest.mark.parametrize("rule", BOOK.rules(), ids=id_of)
def test_a_hostile_name_is_shown_as_it_is(rule: NoticeRule) -> None:
    name = '<script>alert(1)</script> {{ 7*7 }} {% raw %} O\'Neil & "Sons" <b>'
    letter = made(
        context_for_rule(
            rule,
            member_name=name,
            requesting_provider=Party(name=name, address=("1 Road",)),
            recipient=Party(name=name, address=(name,)),
        )
    )
    assert name in " ".join(letter.text.split())
    assert name in extract_text(letter.html).text
    assert "<script>" not in letter.html and "<b>" not in letter.html and "49" not in letter.text


def test_lines_with_the_same_reason_are_told_together() -> None:
    second = line(
        line_id="2", description="CT of the lower back", code="72131", outcome=LineOutcome.DENIED, reason=REASON
    )
    letter = made(context(ADVERSE, MEMBER, Lob.MEDICAID, lines=(DENIED_LINE, second)))
    assert letter.html.count('data-el="specific_reason"') == 1
    assert "We did not approve MRI of the lower back and CT of the lower back." in " ".join(letter.text.split())


def test_words_of_the_case_are_never_read_as_blanks() -> None:
    letter = made(
        context(NoticeKind.NOT_REQUIRED, MEMBER, Lob.MEDICAID, not_required_because="See {plan_phone} <i>x</i>")
    )
    assert "See {plan_phone} <i>x</i>." in letter.text
    assert "See {plan_phone} &lt;i&gt;x&lt;/i&gt;." in letter.html


@pytest.mark.parametrize("form", ["html", "text"])
def test_a_template_that_uses_what_is_not_there_fails(form: str) -> None:
    with pytest.raises(UndefinedError):
        environment(form).from_string("{{ nobody.knows }}").render()
    with pytest.raises(ValueError, match="does not have"):
        environment(form).from_string("{{ value }}").render(value=None)


@pytest.mark.parametrize("lob", NOW_WORKING)
@pytest.mark.parametrize("audience", [MEMBER, PROVIDER])
def test_a_missed_deadline_names_no_reviewer_and_no_clinical_reason(lob: Lob, audience: Audience) -> None:
    letter = made(context(MISSED, audience, lob))
    assert not {"reviewer_identity", "criteria_reference", "p2p_contact", "missing_info"} & set(letter.elements)
    assert "Miriam Stone" not in letter.html and "reviewer_identity" not in letter.html
    assert "our time ran out" in letter.text or "the time ran out" in letter.text
    assert "still working on" in " ".join(letter.text.split())
    assert "appeal_deadline" in letter.elements


def test_a_missed_deadline_with_a_reviewer_is_not_made() -> None:
    decided = context(ADVERSE, MEMBER, Lob.MEDICARE_ADVANTAGE).decided_by
    with pytest.raises(LetterIncomplete, match="no reviewer"):
        made(context(MISSED, MEMBER, Lob.MEDICARE_ADVANTAGE, decided_by=decided))
    with pytest.raises(LetterIncomplete, match="no decision on a line"):
        made(context(MISSED, MEMBER, Lob.MEDICARE_ADVANTAGE, lines=(DENIED_LINE,)))


@pytest.mark.parametrize(
    ("lob", "consequence"),
    [(Lob.MEDICARE_ADVANTAGE, "deemed_exhausted"), (Lob.MEDICAID, "deemed_approved")],
)
def test_a_missed_deadline_tells_only_the_consequence_of_its_own_law(lob: Lob, consequence: str) -> None:
    with pytest.raises(LetterIncomplete) as refused:
        made(context(MISSED, MEMBER, lob, consequence=consequence))
    assert refused.value.missing == ("legal_effect",)


@pytest.mark.parametrize(
    ("lob", "issued", "last_day"),
    [
        (Lob.MEDICARE_ADVANTAGE, date(2026, 3, 4), "Friday, May 8, 2026"),
        (Lob.MEDICARE_ADVANTAGE, date(2028, 1, 1), "Monday, March 6, 2028"),  # over a leap day
        (
            Lob.MEDICARE_ADVANTAGE,
            date(2026, 10, 30),
            "Sunday, January 3, 2027",
        ),  # over the end of summer time and the year
        (Lob.MEDICAID, date(2028, 1, 1), "Wednesday, March 1, 2028"),
        (Lob.MEDICAID, date(2027, 1, 1), "Tuesday, March 2, 2027"),
        (Lob.COMMERCIAL_ERISA, date(2026, 3, 4), "Monday, August 31, 2026"),
    ],
)
def test_the_last_day_to_appeal_is_counted_from_the_date_on_the_letter(lob: Lob, issued: date, last_day: str) -> None:
    for audience in (MEMBER, PROVIDER):
        letter = made(context(ADVERSE, audience, lob, issue_date=issued))
        assert last_day in " ".join(letter.text.split())
        assert f"<strong>{last_day}</strong>" in letter.html


@pytest.mark.parametrize(
    ("kind", "standard"), [(ServiceKind.MEDICAL, "30 calendar days"), (ServiceKind.PART_B_DRUG, "7 calendar days")]
)
def test_a_part_b_drug_appeal_is_decided_in_seven_days_and_a_fast_one_in_72_hours(
    kind: ServiceKind, standard: str
) -> None:
    text = made(context(ADVERSE, MEMBER, Lob.MEDICARE_ADVANTAGE, service_kind=kind)).text
    assert f"Standard appeal: we will decide within {standard} after we get it." in text
    assert "Fast appeal: we will decide within 72 hours" in text


def test_instants_are_shown_in_the_zone_of_the_case() -> None:
    due = datetime(2026, 3, 10, 3, 59, 59, tzinfo=UTC)
    for zone, shown in (
        ("America/New_York", "the end of Monday, March 9, 2026 (Eastern Time)"),
        ("America/Chicago", "Monday, March 9, 2026 at 10:59 p.m. (Central Daylight Time)"),
        ("Pacific/Honolulu", "Monday, March 9, 2026 at 5:59 p.m. (Hawaii Standard Time)"),
    ):
        text = made(context(NoticeKind.ACKNOWLEDGMENT, MEMBER, Lob.MEDICAID, zone=zone, decision_due=due)).text
        assert shown in " ".join(text.split())


def test_the_medicaid_member_learns_of_the_fair_hearing_and_of_keeping_benefits() -> None:
    letter = made(context(ADVERSE, MEMBER, Lob.MEDICAID))
    text = " ".join(letter.text.split())
    assert re.search(r"State fair hearing.{0,400}120", text) and "may have to pay" in text
    assert "Saturday, March 14, 2026" in text


def test_the_erisa_member_learns_of_court_external_review_codes_and_help() -> None:
    text = " ".join(made(context(ADVERSE, MEMBER, Lob.COMMERCIAL_ERISA)).text.split())
    for words in ("section 502(a)", "external review", "diagnosis and treatment codes", "1-866-444-3272", "180 days"):
        assert words in text


def test_the_medicare_denial_carries_form_and_omb_number() -> None:
    letter = made(context(ADVERSE, MEMBER, Lob.MEDICARE_ADVANTAGE))
    assert letter.form == "CMS-10003-NDMCP"
    assert "0938-0829" in letter.text and "not the form itself" in letter.text


def test_a_provider_without_an_address_is_reached_by_fax_or_identifier_but_a_member_is_not() -> None:
    faxed = Party(name="Dr. Lee", fax="1-217-555-0178")
    assert "Fax 1-217-555-0178" in made(context(ADVERSE, PROVIDER, Lob.MEDICAID, recipient=faxed)).text
    with pytest.raises(LetterIncomplete) as refused:
        made(context(ADVERSE, MEMBER, Lob.MEDICAID, recipient=faxed))
    assert refused.value.missing == ("recipient_address",)


@pytest.mark.parametrize(
    ("who", "member", "provider"),
    [("member", "by you.", "by the member."), ("provider", "by Dr. Daniel Lee.", "by Dr. Daniel Lee.")],
)
def test_a_withdrawal_says_who_took_the_request_back(who: str, member: str, provider: str) -> None:
    to_member = made(context(NoticeKind.WITHDRAWN, MEMBER, Lob.MEDICAID, withdrawn_by=who)).text
    assert f"It was taken back {member}" in to_member
    assert (
        f"It was withdrawn {provider}"
        in made(context(NoticeKind.WITHDRAWN, PROVIDER, Lob.MEDICAID, withdrawn_by=who)).text
    )


def test_the_plan_is_reached_at_its_own_numbers_where_appeals_have_none() -> None:
    plain = PLAN.model_copy(update={"appeals_phone": None, "appeals_fax": None, "appeals_address": ()})
    text = made(context(ADVERSE, MEMBER, Lob.MEDICAID, plan=plain)).text
    assert f"Phone: {PLAN.phone}" in text and f"Fax: {PLAN.fax}" in text


def test_the_same_letter_is_made_twice_the_same() -> None:
    letter = context(ADVERSE, MEMBER, Lob.MEDICARE_ADVANTAGE)
    assert made(letter) == made(letter)


class _Outline(HTMLParser):
    """Open tags, headings in order, and what a screen reader needs."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[str] = []
        self.language: str | None = None
        self.header_cells_without_scope = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in ("meta", "br"):
            return
        self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(tag)
        if tag == "html":
            self.language = values.get("lang")
        self.header_cells_without_scope += tag == "th" and values.get("scope") != "col"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("asked_by", "says", "label"),
    [
        (AskedBy.MEMBER, "You asked us to cover", "Provider:"),
        (AskedBy.REPRESENTATIVE, "Somebody who says that they act for you asked us to cover", "Provider:"),
        (AskedBy.PROVIDER, "Dr. Lee asked us to cover", "Asked for by:"),
        (None, "Dr. Lee asked us to cover", "Asked for by:"),
    ],
)
def test_a_letter_never_says_that_the_provider_asked_where_somebody_else_did(
    asked_by: AskedBy | None, says: str, label: str
) -> None:
    received = context(
        NoticeKind.ACKNOWLEDGMENT,
        MEMBER,
        Lob.MEDICARE_ADVANTAGE,
        asked_by=asked_by,
        requesting_provider=Party(name="Dr. Lee"),
    )
    text = " ".join(made(received).text.split())
    assert says in text and f"{label} Dr. Lee" in text


@pytest.mark.parametrize("audience", [MEMBER, PROVIDER])
def test_the_acknowledgment_of_a_change_or_a_reopening_says_what_it_is_about(audience: Audience) -> None:
    def text(follows: str | None) -> str:
        received = context(NoticeKind.ACKNOWLEDGMENT, audience, Lob.MEDICARE_ADVANTAGE)
        facts = received.facts.model_copy(update={"follows": follows})
        return " ".join(made(received.model_copy(update={"facts": facts})).text.split())

    assert "It stands as it is until we write to you." in text("change")
    assert "We were asked to look at it again." in text("reopening")
    assert "This is about" not in text(None)

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from domain.clocks.rules import Confidence
from domain.letters.notice_rules import NoNoticeRule, RecipientNeed
from domain.vocabulary import STAY_NOTICES, Audience, Lob, NoticeKind
from rulebook.notice_rules import NOTICES_FOLDER, NoticeBook
from rulebook.yamlfile import RulebookErrors

BOOK = NoticeBook.load()
MEDICARE_FORMS = (
    NoticeKind.NOMNC,
    NoticeKind.DENC,
    NoticeKind.DND,
    NoticeKind.IMPORTANT_MESSAGE,
    NoticeKind.MOON,
)
FOR_ALL = tuple(kind for kind in NoticeKind if kind in STAY_NOTICES - {*MEDICARE_FORMS, NoticeKind.REDUCTION_NOTICE})
MEMBER, PROVIDER = (Audience.MEMBER,), (Audience.PROVIDER,)
STATES = (
    *("AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA"),
    *("ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR"),
    *("PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "PR", "VI", "GU", "AS", "MP"),
)
NO_REDUCTION = {Lob.MEDICARE_ADVANTAGE, Lob.PART_D}


@pytest.mark.parametrize("kind", MEDICARE_FORMS)
def test_medicare_notices_are_for_medicare_advantage_alone(kind: NoticeKind) -> None:
    assert Audience.MEMBER in BOOK.audiences(kind, Lob.MEDICARE_ADVANTAGE)
    for lob in set(Lob) - {Lob.MEDICARE_ADVANTAGE}:
        with pytest.raises(NoNoticeRule, match=f"law/{lob}.yaml has no set"):
            BOOK.audiences(kind, lob)


@pytest.mark.parametrize("lob", list(Lob))
@pytest.mark.parametrize("kind", FOR_ALL)
def test_what_follows_a_stay_is_told_under_every_line_of_business(kind: NoticeKind, lob: Lob) -> None:
    assert BOOK.audiences(kind, lob)


@pytest.mark.parametrize(
    ("kind", "audiences"),
    [
        (NoticeKind.CLINICAL_UPDATE_REQUEST, PROVIDER),
        (NoticeKind.NOMNC, MEMBER + PROVIDER),
        (NoticeKind.DENC, MEMBER),
        (NoticeKind.DND, MEMBER),
        (NoticeKind.IMPORTANT_MESSAGE, MEMBER),
        (NoticeKind.MOON, MEMBER),
        (NoticeKind.DISCHARGE_SUMMARY, MEMBER),
        (NoticeKind.APPOINTMENT_REMINDER, MEMBER),
        (NoticeKind.PROVIDER_FEEDBACK, PROVIDER),
        (NoticeKind.CHOICE_LIST, MEMBER),
    ],
)
def test_each_letter_about_a_stay_goes_to_whom_it_is_for(kind: NoticeKind, audiences: tuple[Audience, ...]) -> None:
    assert BOOK.audiences(kind, Lob.MEDICARE_ADVANTAGE) == audiences


def test_the_practice_gets_the_discharge_summary_when_it_is_known() -> None:
    rule = BOOK.rule(NoticeKind.DISCHARGE_SUMMARY, Audience.PCP, Lob.MEDICAID)
    assert rule.need is RecipientNeed.WHEN_NEEDED
    assert BOOK.audiences_when_needed(NoticeKind.DISCHARGE_SUMMARY, Lob.MEDICAID) == (Audience.PCP,)


def test_medicare_advantage_has_no_reduction_notice_besides_its_forms() -> None:
    for lob in NO_REDUCTION:
        with pytest.raises(NoNoticeRule):
            BOOK.audiences(NoticeKind.REDUCTION_NOTICE, lob)
    assert BOOK.audiences(NoticeKind.REDUCTION_NOTICE, Lob.MEDICAID) == MEMBER + PROVIDER


def test_ten_days_ahead_are_medicaids() -> None:
    days = {
        lob: BOOK.rule(NoticeKind.REDUCTION_NOTICE, Audience.MEMBER, lob).advance_days
        for lob in set(Lob) - NO_REDUCTION
    }
    assert days.pop(Lob.MEDICAID) == 10 and set(days.values()) == {None}


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_one_review_organization(state: str) -> None:
    region = BOOK.qio(state)
    assert region is not None and region.citations
    assert region.organization.phone.startswith("1-8") and region.organization.tty
    assert region.confidence is Confidence.UNSURE


def test_a_state_that_is_none_has_no_review_organization() -> None:
    assert BOOK.qio("XX") is None and BOOK.qio("") is None


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(NOTICES_FOLDER, tmp_path / "notices"))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("qio.yaml", "states: [NJ,", "states: [IL, NJ,", "IL has an organization already"),
        ("qio.yaml", 'phone: "1-866-815-5440"', 'phone: ""', ": phone: "),
        ("qio.yaml", "confidence: unsure", "confidence: guessed", "expected one of"),
        ("nomnc.yaml", "{last_covered_day}", "{last_day}", "{last_day} is not a blank"),
        ("reduction_notice.yaml", "advance_days: 10", "advance_days: 0", "advance_days"),
    ],
)
def test_a_mistake_in_the_rules_of_stays_is_refused(folder: Path, file: str, old: str, new: str, said: str) -> None:
    path = folder / file
    written = path.read_text(encoding="utf-8")
    assert old in written
    path.write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(RulebookErrors) as refused:
        NoticeBook.load(folder)
    assert any(file in str(error) and said in str(error) for error in refused.value.errors)

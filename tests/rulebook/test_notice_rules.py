from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from domain.clocks.rules import MissedClockEffect
from domain.letters.notice_rules import CountedFrom, NoNoticeRule, RecipientNeed
from domain.letters.reachable_notices import reachable_notices
from domain.vocabulary import STAY_NOTICES, Audience, Lob, NoticeKind, ServiceKind
from rulebook.notice_rules import NOTICES_FOLDER, NoticeBook
from rulebook.yamlfile import RulebookErrors

BOOK = NoticeBook.load()
NOW_WORKING = (Lob.MEDICARE_ADVANTAGE, Lob.MEDICAID, Lob.COMMERCIAL_ERISA)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the rulebook's notices, to be spoilt."""
    return Path(shutil.copytree(NOTICES_FOLDER, tmp_path / "notices"))


def spoil(folder: Path, file: str, old: str, new: str) -> int:
    """Replaces the first occurrence in a file and tells its line."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def refusals(folder: Path) -> list[str]:
    with pytest.raises(RulebookErrors) as refused:
        NoticeBook.load(folder)
    return [str(error) for error in refused.value.errors]


@pytest.mark.parametrize(
    ("kind", "lob"), [pair for pair in reachable_notices(NOW_WORKING) if pair[0] not in STAY_NOTICES]
)
def test_a_provider_hears_of_every_notice_under_the_working_lines_of_business(kind: NoticeKind, lob: Lob) -> None:
    assert Audience.PROVIDER in BOOK.audiences(kind, lob)
    assert BOOK.rule(kind, Audience.PROVIDER, lob).elements


@pytest.mark.parametrize("lob", NOW_WORKING)
@pytest.mark.parametrize("kind", [NoticeKind.ADVERSE_DETERMINATION, NoticeKind.MISSED_DEADLINE, NoticeKind.EXTENSION])
def test_the_member_always_hears_what_touches_their_rights(kind: NoticeKind, lob: Lob) -> None:
    assert BOOK.audiences(kind, lob) == (Audience.MEMBER, Audience.PROVIDER)


def test_a_peer_to_peer_offer_goes_to_the_provider_alone() -> None:
    assert BOOK.audiences(NoticeKind.PEER_TO_PEER_OFFER, Lob.MEDICAID) == (Audience.PROVIDER,)
    with pytest.raises(NoNoticeRule, match="no version for this audience"):
        BOOK.rule(NoticeKind.PEER_TO_PEER_OFFER, Audience.MEMBER, Lob.MEDICAID)


def test_the_claimant_under_erisa_is_always_asked_for_information_and_others_when_needed() -> None:
    asked = NoticeKind.INFORMATION_REQUEST
    assert BOOK.audiences(asked, Lob.COMMERCIAL_ERISA) == (Audience.MEMBER, Audience.PROVIDER)
    assert BOOK.audiences(asked, Lob.MEDICARE_ADVANTAGE) == (Audience.PROVIDER,)
    assert BOOK.rule(asked, Audience.MEMBER, Lob.MEDICARE_ADVANTAGE).need is RecipientNeed.WHEN_NEEDED


@pytest.mark.parametrize(
    ("lob", "kind", "days", "counted_from", "standard", "expedited"),
    [
        (Lob.MEDICARE_ADVANTAGE, ServiceKind.MEDICAL, 65, CountedFrom.NOTICE_DATE, "30 calendar days", "72 hours"),
        (Lob.MEDICARE_ADVANTAGE, ServiceKind.PART_B_DRUG, 65, CountedFrom.NOTICE_DATE, "7 calendar days", "72 hours"),
        (Lob.MEDICAID, ServiceKind.BEHAVIORAL, 60, CountedFrom.NOTICE_DATE, "30 calendar days", "72 hours"),
        (Lob.COMMERCIAL_ERISA, ServiceKind.MEDICAL, 180, CountedFrom.RECEIPT, "30 calendar days", "72 hours"),
        (Lob.COMMERCIAL_ACA, ServiceKind.MEDICAL, 180, CountedFrom.RECEIPT, "30 calendar days", "72 hours"),
        (Lob.QHP, ServiceKind.MEDICAL, 180, CountedFrom.RECEIPT, "30 calendar days", "72 hours"),
        (Lob.CHIP, ServiceKind.MEDICAL, 60, CountedFrom.NOTICE_DATE, "30 calendar days", "72 hours"),
        (Lob.PART_D, ServiceKind.PHARMACY_DRUG, 65, CountedFrom.NOTICE_DATE, "7 calendar days", "72 hours"),
    ],
)
def test_rights_to_appeal_are_those_of_the_law(
    lob: Lob, kind: ServiceKind, days: int, counted_from: CountedFrom, standard: str, expedited: str
) -> None:
    rights = BOOK.rights(lob, kind)
    assert rights is not None and rights.file_within.citations
    assert (rights.file_within.days, rights.file_within.counted_from) == (days, counted_from)
    assert (str(rights.standard_decision), str(rights.expedited_decision)) == (standard, expedited)


def test_only_medicaid_keeps_benefits_going_during_an_appeal() -> None:
    for lob in Lob:
        rights = BOOK.rights(lob, ServiceKind.PHARMACY_DRUG)
        assert rights is not None
        assert (rights.continuation is not None) == (lob is Lob.MEDICAID)


def test_part_d_has_no_rights_for_what_it_does_not_cover() -> None:
    assert BOOK.rights(Lob.PART_D, ServiceKind.MEDICAL) is None


def test_a_part_d_decision_is_never_extended_so_there_is_no_letter_for_it() -> None:
    with pytest.raises(NoNoticeRule, match=r"law/part_d.yaml has no set extension_law_member"):
        BOOK.rule(NoticeKind.EXTENSION, Audience.MEMBER, Lob.PART_D)
    with pytest.raises(NoNoticeRule, match="extension letter to the provider under part_d"):
        BOOK.audiences(NoticeKind.EXTENSION, Lob.PART_D)


def test_each_law_tells_its_own_consequence_of_a_missed_clock() -> None:
    def told(lob: Lob) -> tuple[MissedClockEffect, ...]:
        return BOOK.rule(NoticeKind.MISSED_DEADLINE, Audience.MEMBER, lob).consequences

    assert told(Lob.MEDICARE_ADVANTAGE) == (MissedClockEffect.DEEMED_ADVERSE,)
    assert told(Lob.MEDICAID) == (MissedClockEffect.DEEMED_DENIED,)
    assert told(Lob.COMMERCIAL_ERISA) == (MissedClockEffect.DEEMED_EXHAUSTED, MissedClockEffect.DEEMED_ADVERSE), (
        "federal law, and New York's"
    )
    assert all(told(lob) for lob in Lob)


def test_every_line_of_business_has_its_law_in_its_own_words() -> None:
    for rule in BOOK.rules():
        words = " ".join(element.words or "" for element in rule.elements)
        assert ("State fair hearing" in words) <= (rule.lob is Lob.MEDICAID)
        assert ("502(a)" in words) <= (rule.lob is Lob.COMMERCIAL_ERISA)
        assert ("Medicare Appeals Council" in words) <= (rule.lob in (Lob.MEDICARE_ADVANTAGE, Lob.PART_D))


def test_a_line_of_business_without_a_law_file_has_no_letters(folder: Path) -> None:
    (folder / "law" / "chip.yaml").unlink()
    book = NoticeBook.load(folder)
    with pytest.raises(NoNoticeRule, match=r"law/chip.yaml is missing"):
        book.rule(NoticeKind.APPROVAL, Audience.MEMBER, Lob.CHIP)
    assert book.rights(Lob.CHIP, ServiceKind.MEDICAL) is None


def test_the_version_changes_with_the_words(folder: Path) -> None:
    assert NoticeBook.load(folder).version == BOOK.version
    spoil(folder, "approval.yaml", "We approved {services}.", "We have approved {services}.")
    changed = NoticeBook.load(folder)
    assert changed.version != BOOK.version
    assert {rule.version for rule in changed.rules()} == {changed.version}


@pytest.mark.parametrize(
    ("file", "old", "new", "key", "said"),
    [
        ("approval.yaml", "{services}", "{servces}", "elements[0].words", "{servces} is not a blank"),
        ("approval.yaml", "{services}", "{services!r}", "elements[0].words", "is not a blank"),
        ("approval.yaml", "We approved {services}.", "We approved {services.", "elements[0].words", "'}'"),
        ("approval.yaml", "kind: approval", "kind: aproval", "kind", "aproval"),
        ("approval.yaml", "kind: approval", "kind: extension", "kind", "expected approval, as the file is named"),
        ("approval.yaml", "confidence: known", "confidence: certain", "elements[0].confidence", "expected one of"),
        ("approval.yaml", "- key: auth_number", "- key: Auth-Number", "elements[6].key", "pattern"),
        ("approval.yaml", "head, request", "heads, request", "uses[0]", "no set is named heads"),
        ("approval.yaml", "audience: provider", "audience: member", "audience", "a second approval for the member"),
        ("approval.yaml", "when: decided_by_rule", "when: sometimes", "elements[8].when", "expected one of"),
        ("shared.yaml", "- name: request", "- name: head", "name", "a second set head"),
        ("law/medicaid.yaml", "days: 60", "days: sixty", "file_within.days", "sixty"),
        ("law/medicaid.yaml", "lob: medicaid", "lob: chip", "lob", "expected medicaid, as the file is named"),
        ("law/medicaid.yaml", "{value: 72, unit: hours", "{value: 72, unit: calendar_days", "", "takes longer"),
        (
            "law/medicaid.yaml",
            "confidence: confirmed",
            "confidnce: confirmed",
            "file_within.confidnce",
            "did you mean that?",
        ),
        ("law/medicare_advantage.yaml", "[part_b_drug]", "[medical]", "service_kinds", "medical has rights already"),
        ("languages.yaml", "{plan_phone}", "{phone}", "words", "{phone} is not a blank"),
    ],
)
def test_a_mistake_is_refused_with_file_line_key_and_what_was_expected(
    folder: Path, file: str, old: str, new: str, key: str, said: str
) -> None:
    spoil(folder, file, old, new)
    found = refusals(folder)
    assert any(f"notices/{file}:" in one and f"{key}: " in one and said in one for one in found), found


def test_the_line_of_a_mistake_is_told(folder: Path) -> None:
    line = spoil(folder, "approval.yaml", "{services}", "{servces}")
    assert any(f"approval.yaml:{line}: " in one for one in refusals(folder))


def test_an_element_that_can_never_be_reached_is_refused(folder: Path) -> None:
    spoil(folder, "withdrawn.yaml", "- key: what_next", "- key: help_phone")
    assert any("the element help_phone comes again" in one for one in refusals(folder))


def test_all_mistakes_are_told_at_once(folder: Path) -> None:
    spoil(folder, "approval.yaml", "{services}", "{servces}")
    spoil(folder, "law/chip.yaml", "days: 60", "days: 0")
    found = refusals(folder)
    assert any("approval.yaml" in one for one in found) and any("law/chip.yaml" in one for one in found)


def test_a_file_that_is_not_there_is_named(folder: Path) -> None:
    (folder / "shared.yaml").unlink()
    assert any("shared.yaml:1: the file does not exist" in one for one in refusals(folder))

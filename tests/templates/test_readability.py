from __future__ import annotations

import pytest

from domain.letters.notice_rules import NoticeRule
from domain.plain_language.readability import split_sentences, split_words
from domain.plain_language.reading_grade import reading_grade
from domain.vocabulary import Audience
from rulebook.notice_rules import NoticeBook
from templates.required_elements import Letter
from tests.templates.letter_contexts import REASON, context_for_rule

BOOK = NoticeBook.load()
FOR_MEMBERS = [rule for rule in BOOK.rules() if rule.audience is Audience.MEMBER]
HARDEST_GRADE = 8.0
LONGEST_SENTENCE = 30
NAMES_OF_LAW = frozenset({"erisa_502a", "outside_help", "consumer_assistance"})
"""Statements whose hard words are names that the law wants to see."""

FROM_THE_CASE = frozenset(
    {"appeal_how", "appointment_where", "criteria_reference", "plan_provision", "decided_by", "qio_contact"}
)
"""Statements that are little else than addresses, and names of rules, people and offices."""


def test_sentences_end_at_points_and_lines_but_not_at_abbreviations_and_decimals() -> None:
    text = "Dr. Lee came at 5 p.m. on Monday. He said no. See No. 4 for 2.5 mg.\nNext"
    assert split_sentences(text) == ["Dr Lee came at 5 pm on Monday.", "He said no.", "See No 4 for 25 mg.", "Next"]
    assert split_words("It's 12.5 mg, isn't it?") == ["It's", "12.5", "mg", "isn't", "it"]


def test_clinical_prose_is_harder_than_plain_words() -> None:
    clinical = (
        "Documentation submitted does not substantiate failure of conservative therapeutic modalities of adequate duration "
        "prior to consideration of advanced diagnostic imaging."
    )
    assert reading_grade(clinical) > 15
    assert reading_grade(REASON.plain_words) < HARDEST_GRADE


def test_a_text_without_sentences_has_no_grade() -> None:
    with pytest.raises(ValueError, match="no sentence"):
        reading_grade("12 34")


@pytest.mark.parametrize("rule", FOR_MEMBERS, ids=lambda rule: f"{rule.kind}-{rule.lob}")
def test_what_members_read_is_plain(rule: NoticeRule) -> None:
    context = context_for_rule(rule)
    letter = Letter.of(context, rule, BOOK.rights(rule.lob, context.service_kind))
    ours = {e.key: letter.shown[e.key][0] for e in letter.required if e.words and e.key not in NAMES_OF_LAW}
    assert reading_grade("\n".join(ours.values())) <= HARDEST_GRADE - 2
    for key, statement in ours.items():
        if key not in FROM_THE_CASE:
            assert reading_grade(statement) <= HARDEST_GRADE + 1, key
            assert max(len(split_words(sentence)) for sentence in split_sentences(statement)) <= LONGEST_SENTENCE, key

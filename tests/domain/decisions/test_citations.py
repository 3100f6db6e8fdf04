"""A member is refused by the rules of the member's own plan: which citations belong to which line of business."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from activities.lookups.citations import find_citable_rules
from domain.authorization.task_checks import decision_circumstances
from domain.decisions.citations import CitableRules, text_violations
from domain.decisions.determination import LineDecision, decision_violations
from domain.vocabulary import LineOutcome, Lob
from rulebook.rulebook import load_rulebook
from tests.domain.authorization.casebook import PHYSICIAN, REASON, RULE, START, criteria, denial, line
from tests.domain.decisions.test_never_says_no import at_the_physician

BOOK = load_rulebook()
TODAY = date(2026, 11, 30)


def rules_of(lob: Lob, day: date = TODAY) -> CitableRules:
    return find_citable_rules(BOOK, (line("1", None),), lob, day)


def broken(lob: Lob, cite: str, *, of_finding: str | None = None, citable: CitableRules | None = None) -> Sequence[str]:
    """The rules that a denial broke which cites this, in a case of that line of business."""
    case, task_id = at_the_physician()
    assert case.assessment is not None
    case.assessment = case.assessment.model_copy(update={"lob": lob, "citable": citable or rules_of(lob)})
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    finding = REASON.findings[0].model_copy(update={"citation": of_finding or cite})
    reason = REASON.model_copy(update={"rule_citation": cite, "findings": (finding,)})
    lines = (LineDecision(line_id="1", outcome=LineOutcome.DENIED, reason=reason),)
    rule = RULE.model_copy(update={"lob": lob})
    found = decision_violations(denial(case, task_id, lines=lines), PHYSICIAN, rule, at)
    return [one.rule for one in found if one.rule.startswith("decision.rule")]


@pytest.mark.parametrize("lob", sorted(set(Lob) - {Lob.MEDICARE_ADVANTAGE, Lob.PART_D}))
@pytest.mark.parametrize("cite", ["LCD L37848", "CMS NCD 20.32", "42 CFR 409.31(b)", "Medicare Benefit Policy Manual"])
def test_a_rule_of_medicare_is_no_reason_where_the_plan_is_not_of_medicare(lob: Lob, cite: str) -> None:
    assert broken(lob, cite) == ["decision.rule_of_other_business", "decision.rule_of_medicare"]


def test_local_coverage_of_medicare_is_no_reason_in_part_d_either() -> None:
    assert broken(Lob.PART_D, "LCD L37848") == ["decision.rule_of_other_business"]


@pytest.mark.parametrize(
    ("lob", "cite"),
    [
        (Lob.MEDICARE_ADVANTAGE, "CMS LCD L37848, Lumbar Spinal Fusion"),
        (Lob.MEDICARE_ADVANTAGE, "42 C.F.R. § 422.101(b)(6)"),
        (Lob.PART_D, "42 CFR 423.578(b)"),
        (Lob.MEDICAID, "42 CFR 438.210(a)(5)(i)"),
        (Lob.MEDICAID, "Member Handbook, chapter 4"),
        (Lob.CHIP, "42 CFR 457.1230(d)"),
        (Lob.COMMERCIAL_ERISA, "Plan document, section 5.2"),
        (Lob.COMMERCIAL_ACA, "Certificate of Coverage, page 31"),
        (Lob.QHP, "Certificate of Coverage, page 31"),
        (Lob.MEDICAID, "Example Health drug policy 1, omalizumab for asthma (an example)"),
    ],
)
def test_a_rule_of_the_line_of_business_is_a_reason(lob: Lob, cite: str) -> None:
    assert broken(lob, cite) == []


def test_every_line_of_business_has_something_lawful_to_cite_without_a_guideline() -> None:
    assert all(any(lob in rule.lobs for rule in BOOK.review.denial_rules) for lob in Lob)


def test_a_number_that_only_begins_alike_is_another_rule() -> None:
    only = CitableRules(of_lob=("NCD 20.3",))
    assert broken(Lob.MEDICARE_ADVANTAGE, "CMS NCD 20.32", citable=only) == ["decision.rule_of_other_business"]
    assert broken(Lob.MEDICARE_ADVANTAGE, "CMS NCD 20.3, Valves", citable=only) == []


def test_a_finding_may_not_cite_medicare_elsewhere_either() -> None:
    found = broken(Lob.MEDICAID, "42 CFR 438.210(a)(5)", of_finding="LCD L37848")
    assert found == ["decision.rule_of_medicare"]


def test_a_rule_of_medicare_that_the_guideline_of_the_line_adopts_is_a_reason() -> None:
    assessed = line("1", criteria("not_met"))
    citable = find_citable_rules(BOOK, (assessed,), Lob.MEDICAID, TODAY)
    assert citable.of_lines == {"1": ("LCD L37848",)}
    assert broken(Lob.MEDICAID, "LCD L37848", citable=citable) == []


def test_a_source_counts_from_its_first_day_on() -> None:
    assert "42 CFR 438.210(a)" in rules_of(Lob.MEDICAID).of_lob
    assert "42 CFR 438.210(a)" not in rules_of(Lob.MEDICAID, date(2016, 7, 4)).of_lob


def test_an_assessment_of_a_release_that_did_not_look_is_judged_as_before() -> None:
    case, task_id = at_the_physician()
    at = decision_circumstances(case, case.tasks[task_id], START + timedelta(hours=2))
    assert at.citable is None and "citable" not in at.model_dump(mode="json")
    assert decision_violations(denial(case, task_id), PHYSICIAN, RULE, at) == ()


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("Medicare covers this surgery after 12 months of other treatment.", True),
        ("The local coverage determination asks for 12 months.", True),
        ("Your plan covers this surgery after 12 months of other treatment.", False),
        ("Medicare is the first payer for this care.", False),
        ("Under the Member Handbook, as under Medicare, 12 months are needed.", False),
    ],
)
def test_a_member_of_medicaid_is_not_told_what_medicare_covers(text: str, is_refused: bool) -> None:
    reason = REASON.model_copy(update=dict.fromkeys(("rule", "plain_words", "gap", "what_would_change"), text))
    found = [one.rule for one in text_violations(reason, "1", Lob.MEDICAID, ("Member Handbook",))]
    assert found == (["decision.text_of_medicare"] if is_refused else [])
    assert not list(text_violations(reason, "1", Lob.MEDICARE_ADVANTAGE, ()))

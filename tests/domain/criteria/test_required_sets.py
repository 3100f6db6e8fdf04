"""No guideline of another set judges where a law names the set of criteria, and the finding names set and law."""

from __future__ import annotations

from datetime import date

import pytest

from domain.criteria.model import Guideline
from domain.criteria.required_sets import LicensedAnswer, RequiredSet, describe_required, may_judge
from domain.criteria.selection import LineCodes, select_guidelines
from domain.three_valued import Tri
from domain.vocabulary import Lob
from rulebook.rulebook import load_rulebook

BOOK = load_rulebook({})
DAY = date(2026, 3, 10)
RULES = BOOK.review.required_sets
RESIDENTIAL = frozenset({"substance_use_residential"})
PROGRAM = frozenset({"partial_hospital_program"})


def sets_for(
    state: str | None,
    groups: frozenset[str],
    *diagnoses: str,
    lob: Lob = Lob.COMMERCIAL_ACA,
    age: int | None = 40,
    self_funded: bool | None = None,
    day: date = DAY,
    level: str | None = None,
) -> set[str]:
    codes = LineCodes(service_groups=groups, lob=lob, age=age, level_of_care=level)
    bound = [rule for rule in RULES if rule.binds(codes, state, self_funded, day, diagnoses)]
    return {set_id for rule in bound for set_id in rule.set_ids}


@pytest.mark.parametrize(("state", "expected"), [("IL", "ASAM"), ("NY", "LOCADTR"), ("CA", "ASAM")])
def test_each_state_names_its_set_for_substance_use(state: str, expected: str) -> None:
    assert sets_for(state, RESIDENTIAL, "F10.20") == {expected}
    assert sets_for(state, PROGRAM, "F11.20") == {expected}


@pytest.mark.parametrize(
    ("age", "expected"), [(18, "LOCUS"), (17, "CALOCUS-CASII"), (6, "CALOCUS-CASII"), (5, "ECSII")]
)
def test_california_names_the_set_of_the_age_for_mental_disorders(age: int, expected: str) -> None:
    assert sets_for("CA", PROGRAM, "F33.2", age=age) == {expected}


def test_an_age_or_a_disorder_that_is_not_known_frees_from_no_set() -> None:
    assert sets_for("CA", PROGRAM, "F33.2", age=None) == {"LOCUS", "CALOCUS-CASII", "ECSII"}
    assert sets_for("CA", PROGRAM) == sets_for("CA", PROGRAM, "Z63.0") == {"ASAM", "LOCUS"}
    assert sets_for("CA", PROGRAM, "F33.2", "F10.20") == {"ASAM", "LOCUS"}


def test_a_stay_is_bound_by_its_level_of_care_whatever_its_code() -> None:
    assert sets_for("NY", frozenset(), "F20.0", level="psych_ip") == {"OMH-APPROVED"}
    assert sets_for("NY", frozenset(), "F10.231", level="residential") == {"LOCADTR"}


def test_only_a_plan_known_to_be_funded_by_the_employer_another_line_state_day_or_service_is_free() -> None:
    assert sets_for("IL", RESIDENTIAL, self_funded=True) == set()
    assert sets_for("IL", RESIDENTIAL, self_funded=False) == sets_for("IL", RESIDENTIAL) == {"ASAM"}
    assert sets_for("IL", RESIDENTIAL, lob=Lob.MEDICARE_ADVANTAGE) == set()
    assert sets_for("NC", RESIDENTIAL) == sets_for(None, RESIDENTIAL) == set()
    assert sets_for("CA", RESIDENTIAL, day=date(2020, 12, 31)) == set()
    assert sets_for("IL", frozenset({"home_oxygen"})) == set()


def guideline(name: str) -> Guideline:
    return next(found for found in BOOK.criteria.guidelines if found.id == name)


def rule(name: str) -> RequiredSet:
    return next(found for found in RULES if found.rule_id == name)


def test_a_guideline_judges_only_as_the_set_that_every_law_names() -> None:
    own = guideline("EXRES")
    written = own.model_copy(update={"source": own.source.model_copy(update={"criteria_set": "ASAM"})})
    asam, locus = rule("CA-SUD-ASAM-PROGRAMS"), rule("CA-MENTAL-ADULT")
    assert may_judge(own, ()) and not may_judge(own, (asam,))
    assert may_judge(written, (asam,)) and not may_judge(written, (asam, locus))
    assert may_judge(guideline("EPSDT"), (asam,)), "the federal standard for members under 21 stands beside every set"


def test_a_guideline_is_set_aside_in_the_states_that_it_leaves_out() -> None:
    codes = LineCodes(hcpcs=frozenset({"H0018"}), service_groups=RESIDENTIAL, lob=Lob.COMMERCIAL_ACA, age=40)
    assert [found.id for found in select_guidelines(BOOK.criteria.guidelines, codes, DAY, "NC").governing] == ["EXRES"]
    left_out = select_guidelines(BOOK.criteria.guidelines, codes, DAY, "IL")
    assert left_out.governing == ()
    because = {aside.guideline.id: aside.because for aside in left_out.set_aside}
    assert "not used in IL, whose law names" in because["EXRES"]


def test_the_finding_names_set_and_law_and_says_when_the_slot_is_empty() -> None:
    found = describe_required((rule("IL-SUD-ASAM"), rule("IL-SUD-ASAM-PROGRAMS")), BOOK.review.licensed_sets)
    assert found is not None and found.set_ids == ("ASAM",) and found.cites == ("215 ILCS 5/370c(b)(3)",)
    assert found.in_words == (
        "The ASAM Criteria has to be used (215 ILCS 5/370c(b)(3)); it is not connected here, so a clinician judges by it"
    )
    answer = LicensedAnswer(set_id="ASAM", edition="a test edition", outcome=Tri.NOT_MET, reference="case 7")
    said = found.model_copy(update={"answer": answer}).in_words
    assert said.endswith("ASAM, a test edition, says not met (case 7)")
    assert describe_required((), BOOK.review.licensed_sets) is None

"""Medically accepted indications: a label or a compendium says yes, and nothing ever says no."""

from __future__ import annotations

from datetime import date
from itertools import product

import pytest
from pydantic import ValidationError

from domain.drug_limits.rules import DrugSelector
from domain.pharmacy.indications import (
    DIAGNOSIS_QUESTION,
    CompendiumAnswer,
    CompendiumFinding,
    IndicationRule,
    LabelEntry,
    evaluate_indication,
)
from domain.three_valued import Tri
from domain.vocabulary import Lob, ServiceKind

RULE = IndicationRule(
    rule_id="PD-INDICATION",
    drug=DrugSelector(codes=("*",)),
    lobs=(Lob.PART_D,),
    service_kinds=(ServiceKind.PHARMACY_DRUG,),
    first_day=date(2026, 1, 1),
    because="a medically accepted indication",
    cite="42 CFR 423.100",
    confidence="known",
    compendia=("DRUGDEX",),
)
LABELS = (
    LabelEntry(
        drug_code="99999-0123-*",
        indication="Rheumatoid arthritis",
        diagnoses=("M05", "M06"),
        source="Label",
        version_day=date(2026, 1, 1),
    ),
)
SUPPORTED = CompendiumFinding(answer=CompendiumAnswer.SUPPORTED, citation="DRUGDEX, class IIa")
NOT_LISTED = CompendiumFinding(answer=CompendiumAnswer.NOT_LISTED, citation="DRUGDEX")


def test_a_diagnosis_of_the_label_is_an_accepted_indication_however_the_code_is_written() -> None:
    for code in ("99999-0123-45", "99999012345", "99999-123-45"):
        for diagnosis in ("M05.79", "M0579", "m06"):
            found = evaluate_indication(RULE, code, (diagnosis,), LABELS, None)
            assert found.state is Tri.MET and "Rheumatoid arthritis" in found.because


def test_a_use_outside_the_label_that_a_compendium_supports_is_accepted() -> None:
    found = evaluate_indication(RULE, "99999-0123-45", ("H20.9",), LABELS, SUPPORTED)
    assert found.state is Tri.MET and "DRUGDEX, class IIa" in found.because


def test_a_request_without_a_diagnosis_is_asked_for_it() -> None:
    found = evaluate_indication(RULE, "99999-0123-45", (), LABELS, SUPPORTED)
    assert (found.state, found.missing_facts) == (Tri.UNKNOWN, (DIAGNOSIS_QUESTION,))


def test_what_neither_label_nor_compendium_holds_is_a_question_for_a_person_and_not_for_the_provider() -> None:
    for answer in (None, NOT_LISTED):
        found = evaluate_indication(RULE, "99999-0123-45", ("H20.9",), LABELS, answer)
        assert (found.state, found.missing_facts) == (Tri.UNKNOWN, ())


def test_no_indication_ever_comes_out_as_not_met() -> None:
    for code, diagnoses, answer in product(
        ("99999-0123-45", "11111-1111-11"), ((), ("M05.9",), ("Z99",)), (None, SUPPORTED, NOT_LISTED)
    ):
        assert evaluate_indication(RULE, code, diagnoses, LABELS, answer).state is not Tri.NOT_MET


@pytest.mark.parametrize(
    "wide",
    [{"diagnoses": ("",)}, {"diagnoses": (".",)}, {"diagnoses": ("M",)}, {"drug_code": "*"}, {"drug_code": "9*"}],
)
def test_a_label_so_wide_that_it_would_hold_every_drug_or_illness_is_no_label(wide: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LabelEntry.model_validate(LABELS[0].model_dump() | wide)


def test_a_label_for_another_illness_or_none_leaves_the_line_to_a_person_and_never_to_a_rule() -> None:
    for code, said in (("99999-0123-45", "stands in the label"), ("11111-1111-11", "no label")):
        found = evaluate_indication(RULE, code, ("L40.0",), LABELS, None)
        assert found.state is Tri.UNKNOWN and said in found.because and not found.allows_approval
